"""Suggestions beside the editor, replacements for what went, and who is told, on both databases."""

from datetime import timedelta

import pytest

from app.curation import beside, missing, replacements
from app.models import Activity, ItemCare, ItemState, LinkCheck, Notice, Pin
from tests.support.factories import NOW

TOKENS = frozenset({"everyone", "role:field-engineer"})
TODAY = NOW.date()


@pytest.fixture
def five(published, make):
    """Return five people who hold the page's role."""
    return [make.person(roles=[published.role]) for _ in range(5)]


def finish(session, people, item):
    session.add_all(
        ItemState(person_id=one.id, item_id=item.id, done_at=NOW - timedelta(9)) for one in people
    )
    session.flush()


@pytest.mark.parametrize(("people", "found"), [(4, []), (5, ["Item d"])])
def test_it_suggests_what_five_of_the_role_have_finished(session, published, five, people, found):
    finish(session, five[:people], published.items[3])
    finish(session, five, published.items[0])
    popular = beside.popular(session, published.page, tokens=TOKENS, now=NOW)
    assert [one.title for one in popular] == found


@pytest.mark.parametrize("values", [{"status": "retired"}, {"audience": ("group:pilot",)}])
def test_it_suggests_nothing_that_readers_do_not_see(session, published, five, make, values):
    finish(session, five, make.item(**values))
    tokens = TOKENS | {"group:pilot"}
    assert beside.popular(session, published.page, tokens=tokens, now=NOW) == []


@pytest.mark.parametrize(("holders", "days", "found"), [(5, 30, 2), (4, 30, 0), (5, 29, 0)])
def test_it_names_pins_that_nobody_has_opened(session, published, make, holders, days, found):
    people = [make.person(roles=[published.role]) for _ in range(holders)]
    for pin in published.pins:
        pin.pinned_at = NOW - timedelta(days)
    opened = published.items[0]
    session.add(
        Activity(person_id=people[0].id, item_id=opened.id, verb="launched", at=NOW - timedelta(1))
    )
    session.flush()
    unopened = beside.never_opened(session, published.page, tokens=TOKENS, now=NOW)
    assert len(unopened) == found


def test_it_names_what_is_broken_due_leaving_or_old(session, published):
    one, two, three = published.items[:3]
    session.add(LinkCheck(item_id=one.id, state="gone", next_at=NOW))
    session.add(ItemCare(item_id=two.id, review_on=TODAY))
    three.published_on = TODAY - timedelta(1200)
    session.flush()
    found = beside.stale(session, published.page, tokens=TOKENS, today=TODAY)
    assert [(each.title, each.stale.value) for each in found] == [
        ("Item a", "broken"),
        ("Item b", "review-due"),
        ("Item c", "old"),
    ]


def test_it_finds_nothing_stale_in_what_was_reviewed(session, published):
    item = published.items[0]
    item.published_on = TODAY - timedelta(2000)
    session.add(ItemCare(item_id=item.id, reviewed_on=TODAY - timedelta(30)))
    session.flush()
    assert beside.stale(session, published.page, tokens=TOKENS, today=TODAY) == []


@pytest.fixture
def gone(session, published, make):
    """Return a retired item on the page that taught two skills."""
    skills = [make.skill("pumps"), make.skill("valves")]
    item = make.item("Old pumps", skills=skills, status="retired")
    make.pin(published.two, item, "Read this")
    item.taught = skills
    return item


def test_it_offers_three_that_are_most_like_what_went(session, published, gone, make):
    pumps, valves = gone.taught
    make.item("Other kind", skills=[pumps], kind="video")
    make.item("Both", skills=[pumps, valves])
    popular = make.item("Popular", skills=[valves])
    make.item("Unknown", skills=[valves])
    make.item("For others", skills=[pumps, valves], audience=("group:pilot",))
    finish(session, [make.person()], popular)
    (hole,) = replacements.holes(session, published.page, tokens=TOKENS | {"group:pilot"})
    assert hole.title == "Old pumps"
    assert [one.title for one in hole.candidates] == ["Both", "Popular", "Unknown"]


def test_it_offers_nothing_that_is_on_the_page(session, published, gone, make):
    make.pin(published.one, make.item("There", skills=gone.taught))
    (hole,) = replacements.holes(session, published.page, tokens=TOKENS)
    assert hole.candidates == ()


def test_it_tells_the_curators_once_of_what_readers_no_longer_see(session, published, gone, make):
    published.page.curator_id = published.curator.id
    session.flush()
    assert missing.tell_curators(session, now=NOW) == 1
    assert missing.tell_curators(session, now=NOW + timedelta(1)) == 0
    (notice,) = session.query(Notice).all()
    assert notice.person_id == published.curator.id
    assert "“Old pumps” can no longer be seen" in str(notice.sentence)


def test_it_names_no_item_that_the_pages_readers_may_not_know_of(session, published, make):
    published.page.curator_id = published.curator.id
    make.pin(published.two, make.item("Secret", audience=("group:pilot",)))
    missing.tell_curators(session, now=NOW)
    (notice,) = session.query(Notice).all()
    assert "Secret" not in str(notice.sentence)


def test_it_tells_nobody_of_a_page_without_curator(session, published, gone):
    assert missing.tell_curators(session, now=NOW) == 0
    assert session.query(Pin).filter_by(item_id=gone.id).count() == 1
