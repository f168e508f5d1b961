"""The generated past: the same each time, within bounds, and with something in it to learn."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest

from app.demo.world import generate
from app.models.activity import Verb

RANK = {None: 0, "beginner": 0, "intermediate": 1, "advanced": 2}
NOW = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def items(sample):
    return {item.external_id: item for item in sample.items}


@pytest.fixture(scope="module")
def people(sample):
    return {person.email: person for person in sample.people}


@pytest.fixture(scope="module")
def events(sample):
    return generate(sample.people, sample.items, NOW)


@pytest.fixture(scope="module")
def launches(events):
    return [event for event in events if event.verb == Verb.LAUNCHED]


def in_a_row(events):
    """Return the pairs of items that one person met one after the other."""
    grouped = defaultdict(list)
    for event in events:
        grouped[event.person_email].append(event.item_external_id)
    return [pair for items in grouped.values() for pair in pairwise(items)]


def test_it_gives_the_same_past_for_the_same_seed(sample, events):
    assert generate(sample.people, sample.items, NOW) == events


def test_it_gives_another_past_for_another_seed(sample, events):
    assert generate(sample.people, sample.items, NOW, seed=1) != events


def test_it_changes_nobody_elses_past_when_a_person_leaves(sample, events):
    gone = sample.people[0].email
    rest = generate(sample.people[1:], sample.items, NOW)
    assert rest == [event for event in events if event.person_email != gone]


def test_it_is_in_the_order_of_time_and_not_in_the_future(events):
    moments = [event.at for event in events]
    assert moments == sorted(moments)
    assert moments[-1] <= NOW
    assert {moment.utcoffset() for moment in moments} == {timedelta(0)}


def test_it_stays_within_the_months_asked_for(sample):
    recent = generate(sample.people, sample.items, NOW, months=2)
    assert min(event.at for event in recent) >= NOW - timedelta(days=61)


def test_it_starts_nobody_before_their_first_day(events, people):
    for event in events:
        person = people[event.person_email]
        day = NOW.date() - timedelta(days=person.started)
        assert event.at >= datetime.combine(day, time(0), ZoneInfo(person.time_zone))


def test_it_uses_only_known_verbs_each_once_for_an_item(events):
    assert {event.verb for event in events} == set(Verb) - {Verb.RATED, Verb.SPENT}
    done = Counter((e.person_email, e.item_external_id, e.verb) for e in events)
    assert max(done.values()) == 1


def test_it_shows_people_only_what_they_may_see(events, people, items):
    for event in events:
        audience = set(items[event.item_external_id].audience)
        assert people[event.person_email].tokens & audience


def test_it_respects_audiences_even_where_nearly_all_is_hidden(sample):
    hidden = [replace(item, audience=("group:pilot-lab",)) for item in sample.items]
    shown = generate(sample.people, hidden, NOW)
    insiders = {person.email for person in sample.people if "pilot-lab" in person.groups}
    assert {event.person_email for event in shown} == insiders


def test_it_gives_the_established_twenty_five_to_sixty_events(events, people):
    counts = Counter(event.person_email for event in events)
    old = [counts[email] for email, person in people.items() if person.started > 182]
    assert min(old) >= 20
    assert max(old) <= 60
    assert sum(25 <= n <= 60 for n in old) >= 0.95 * len(old)


def test_it_gives_newcomers_far_fewer(events, people):
    counts = Counter(event.person_email for event in events)
    new = [counts[email] for email, person in people.items() if person.started <= 20]
    assert all(0 < n <= 15 for n in new)


def test_it_gives_nothing_to_somebody_who_starts_later_today(sample):
    early = NOW.replace(hour=2)
    newcomer = replace(sample.people[0], started=0)
    assert generate([newcomer], sample.items, early) == []


@pytest.mark.parametrize(
    "role", ["field-engineer", "software-engineer", "cloud-engineer", "designer"]
)
def test_it_lets_a_role_take_its_own_items_three_times_as_often(launches, people, items, role):
    taken = {True: [], False: []}
    for event in launches:
        meant_for_it = role in items[event.item_external_id].roles
        taken[people[event.person_email].roles[0] == role].append(meant_for_it)
    assert fmean(taken[True]) > 3 * fmean(taken[False])


def test_it_has_a_few_favourites_and_a_long_tail(launches):
    counts = sorted(Counter(e.item_external_id for e in launches).values(), reverse=True)
    top = len(counts) // 10
    assert sum(counts[:top]) > 0.2 * sum(counts)
    assert counts.count(1) + counts.count(2) > 0.4 * len(counts)


def test_it_goes_on_in_one_skill_from_lower_to_higher_levels(launches, items):
    steps = Counter()
    for before, after in in_a_row(launches):
        if items[before].skills[0] == items[after].skills[0]:
            steps[RANK[items[after].level] >= RANK[items[before].level]] += 1
    assert steps[True] > 0.25 * len(launches)
    assert steps[True] > 5 * steps[False]


def test_it_repeats_itself_in_what_people_take_next(launches):
    following = Counter(in_a_row(launches))
    assert sum(n >= 2 for n in following.values()) > 30


def test_it_weighs_recent_weeks_more(launches):
    recent = sum(event.at > NOW - timedelta(days=61) for event in launches)
    older = sum(event.at < NOW - timedelta(days=122) for event in launches)
    assert recent > 2 * older > 0


def test_it_completes_only_what_was_launched_before(events):
    launched = {(e.person_email, e.item_external_id): e.at for e in events if e.verb == "launched"}
    completed = [e for e in events if e.verb == "completed"]
    assert len(completed) > 0.4 * len(launched)
    assert all(launched[e.person_email, e.item_external_id] < e.at for e in completed)


def test_it_saves_some_and_dismisses_few(events):
    verbs = Counter(event.verb for event in events)
    assert verbs["launched"] > 3 * verbs["saved"] > 9 * verbs["dismissed"] / 2 > 0


def test_it_never_takes_what_was_dismissed_later_on(events):
    dismissed = {(e.person_email, e.item_external_id) for e in events if e.verb == "dismissed"}
    taken = {(e.person_email, e.item_external_id) for e in events if e.verb == "launched"}
    assert not dismissed & taken


def test_it_works_on_weekdays(launches, people):
    days = {e.at.astimezone(ZoneInfo(people[e.person_email].time_zone)).weekday() for e in launches}
    assert days == {0, 1, 2, 3, 4}
