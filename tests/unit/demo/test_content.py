"""The sample company is what was promised: enough of everything, in sentences of our own."""

import json
import re
from collections import Counter

import pytest

from app.demo.checks import SUMMARY_LENGTH
from app.models import Group, Person, PersonRole, Role
from app.models.catalogue import Kind
from app.people.audiences import audience_tokens

ROLES = {
    "field-engineer",
    "software-engineer",
    "data-analyst",
    "cloud-engineer",
    "product-manager",
    "designer",
}


def kinds(sample):
    return Counter(item.kind for item in sample.items)


def sentences(text):
    return [part.strip() for part in re.split(r"(?<=[.!?]) ", text)]


def test_it_holds_about_three_hundred_items(sample):
    assert 300 <= len(sample.items) <= 400


@pytest.mark.parametrize("kind", Kind)
def test_it_has_at_least_eight_items_of_each_kind(sample, kind):
    assert kinds(sample)[kind] >= 8


def test_it_has_sixty_simulations_and_twenty_five_channels(sample):
    assert kinds(sample)["simulation"] >= 60
    assert kinds(sample)["channel"] >= 25


def test_it_speaks_mostly_english_and_some_german_french_and_spanish(sample):
    languages = Counter(item.language for item in sample.items)
    assert languages["en"] > 0.8 * len(sample.items)
    assert languages["de"] >= 12
    assert languages["fr"] >= 3
    assert languages["es"] >= 3


def test_it_uses_every_tool_and_every_skill(sample):
    assert {item.tool for item in sample.items} == {tool.slug for tool in sample.tools}
    taught = {skill for item in sample.items for skill in item.skills}
    assert taught == {skill.slug for skill in sample.skills}


def test_it_limits_about_a_dozen_items_to_some_readers(sample):
    limited = [item for item in sample.items if item.audience != ("everyone",)]
    kinds_of_token = {token.split(":")[0] for item in limited for token in item.audience}
    assert 10 <= len(limited) <= 16
    assert kinds_of_token == {"role", "dept", "loc", "group"}


def test_it_names_a_channel_for_whatever_is_not_one(sample):
    assert all(item.channel for item in sample.items if item.kind != "channel")
    assert not any(item.channel for item in sample.items if item.kind == "channel")


def test_it_never_hides_the_channel_of_an_item(sample):
    channels = [item for item in sample.items if item.kind == "channel"]
    assert {item.audience for item in channels} == {("everyone",)}


def test_it_keeps_summaries_to_one_or_two_sentences(sample):
    long = [i.external_id for i in sample.items if len(sentences(i.summary)) > 2]
    assert long == []
    assert all(len(item.summary) in SUMMARY_LENGTH for item in sample.items)


def test_it_shares_no_sentence_between_two_summaries(sample):
    used = Counter(s for item in sample.items for s in set(sentences(item.summary)))
    assert [sentence for sentence, n in used.items() if n > 1] == []


def test_it_opens_summaries_in_many_ways(sample):
    openings = Counter(" ".join(item.summary.split()[:2]) for item in sample.items)
    assert openings.most_common(1)[0][1] <= 5


def test_it_repeats_no_note(sample):
    pins = [pin.note for page in sample.role_pages for part in page.sections for pin in part.pins]
    steps = [step.note for playlist in sample.playlists for step in playlist.steps]
    notes = [note for note in pins + steps if note]
    assert len(set(notes)) == len(notes) > 80


def test_it_employs_six_to_ten_people_in_each_role(sample):
    held = Counter(person.roles[0] for person in sample.people)
    assert set(held) == ROLES
    assert all(6 <= n <= 10 for n in held.values())
    assert 44 <= len(sample.people) <= 60


def test_it_works_at_three_sites_in_several_countries(sample):
    assert {person.location for person in sample.people} == {site.name for site in sample.sites}
    assert len(sample.sites) == 3
    assert len({site.country for site in sample.sites}) >= 2


def test_it_offers_five_people_on_the_sign_in_page(sample):
    offered = [person for person in sample.people if person.sign_in]
    assert Counter(p.access for p in offered) == {"employee": 3, "curator": 1, "admin": 1}
    assert [person.started for person in offered if person.started < 30] == [8]
    assert len({person.roles[0] for person in offered if person.access == "employee"}) == 3


def test_it_lets_managers_lead_up_to_one_person_without_circles(sample):
    managers = {person.email: person.manager for person in sample.people}
    for person in sample.people:
        chain, email = set(), person.email
        while email:
            assert email not in chain
            chain.add(email)
            email = managers[email]
    assert list(managers.values()).count(None) == 1


def test_it_has_a_page_for_each_role_with_three_or_four_sections(sample):
    assert {page.role for page in sample.role_pages} == ROLES
    assert all(3 <= len(page.sections) <= 4 for page in sample.role_pages)
    assert all(3 <= len(s.pins) <= 5 for page in sample.role_pages for s in page.sections)


def test_it_onboards_with_twelve_steps_across_at_least_four_tools(sample):
    tools = {item.external_id: item.tool for item in sample.items}
    onboarding = sample.playlists[0]
    assert len(sample.playlists) == 4
    assert len(onboarding.steps) == 12
    assert len(onboarding.weeks) == 5
    assert len({tools[step.item] for step in onboarding.steps}) >= 4


def test_it_shows_the_new_hire_five_steps_done_one_late_and_one_due_soon(sample):
    newcomer = next(p.email for p in sample.people if p.sign_in and p.started == 8)
    onboarding = sample.playlists[0]
    given = next(a for a in onboarding.assignments if a.person == newcomer)
    today, done = given.start + 1, {d.step for d in given.done}
    due = [s.due_day for n, s in enumerate(onboarding.steps, start=1) if n not in done]
    assert (today, len(done)) == (9, 5)
    assert sum(day < today for day in due) == 1
    assert sum(today <= day <= today + 3 for day in due) == 1


def test_it_has_playlists_finished_under_way_and_late(sample):
    shares = {
        len(given.done) / len(playlist.steps)
        for playlist in sample.playlists
        for given in playlist.assignments
    }
    assert 1.0 in shares
    assert len(shares) > 5


def test_it_gives_people_the_tokens_that_the_directory_will(sample):
    for person in sample.people:
        row = Person(department=person.department, location=person.location)
        row.roles = [PersonRole(role=Role(slug=role)) for role in person.roles]
        row.groups = [Group(slug=group) for group in person.groups]
        assert person.tokens == audience_tokens(row)


def test_it_takes_facts_from_the_catalogue_but_no_summary(sample, shared):
    lines = (shared / "catalogue" / "catalogue.jsonl").read_text(encoding="utf-8").splitlines()
    known = {record["url"]: record for record in map(json.loads, lines)}
    summaries = {record["summary"].strip() for record in known.values()}
    theirs = {part for text in summaries for part in sentences(text)}
    for item in sample.items:
        assert known[item.url]["minutes"] == item.minutes
        assert known[item.url]["attribution"] == item.attribution
        assert item.summary not in summaries
        assert not theirs & set(sentences(item.summary)), item.external_id
