"""What readers and curators see of role pages, on both databases."""

from datetime import date, timedelta

import pytest

from app.curation import desk, queries
from app.models import ItemState, Section
from tests.support.factories import NOW

TODAY = NOW.date()
EVERYONE = frozenset({"everyone"})


def shelves(published, tokens=EVERYONE, today=TODAY):
    return queries.shelves_of(
        published.session,
        published.page.id,
        person_id=published.curator.id,
        tokens=tokens,
        today=today,
    )


def test_it_gives_cards_with_notes_and_the_readers_state(session, published):
    published.pins[0].note = "Begin here."
    session.add(
        ItemState(person_id=published.curator.id, item_id=published.items[0].id, saved_at=NOW)
    )
    session.flush()
    (shelf,) = shelves(published)
    assert (shelf.title, [card.title for card in shelf.cards]) == (
        "One",
        ["Item a", "Item b", "Item c"],
    )
    assert (shelf.cards[0].note, shelf.cards[0].saved) == ("Begin here.", True)


def test_it_shows_what_the_reader_may_see(published, make):
    make.pin(published.two, make.item("Pilots only", audience=("group:pilot",)))
    assert [shelf.title for shelf in shelves(published)] == ["One"]
    assert [shelf.title for shelf in shelves(published, {"group:pilot"})] == ["Two"]


@pytest.mark.parametrize(("distance", "seen"), [(-1, 0), (0, 1), (5, 1), (6, 0)])
def test_it_keeps_to_first_and_last_day(published, make, distance, seen):
    make.pin(
        published.two,
        published.items[3],
        starts_on=TODAY,
        ends_on=TODAY + timedelta(5),
    )
    found = shelves(published, today=TODAY + timedelta(distance))
    assert len([shelf for shelf in found if shelf.title == "Two"]) == seen


def test_it_finds_the_page_of_the_first_role_that_has_one(session, published):
    roles = ("astronaut", "field-engineer")
    page = queries.page_of_main_role(session, roles=roles, tokens=EVERYONE)
    assert page.id == published.page.id


def test_it_finds_no_page_that_the_reader_may_not_see(session, make):
    make.role_page(make.role("pilot"), audience=("group:pilot",))
    assert queries.page_to_read(session, slug="pilot", tokens=EVERYONE) is None
    assert queries.page_of_main_role(session, roles=("pilot",), tokens=EVERYONE) is None
    assert queries.pages_to_read(session, tokens=EVERYONE) == []


def test_it_gives_the_first_pins_to_other_pages(session, published):
    pins = queries.pinned_for_roles(
        session,
        roles=("field-engineer",),
        person_id=published.curator.id,
        tokens=EVERYONE,
        today=TODAY,
        limit=2,
    )
    assert [card.title for card in pins.cards] == ["Item a", "Item b"]


def test_the_first_role_that_has_a_page_gives_the_pins(session, published, make):
    page = make.role_page(make.role("pilot"))
    section = session.query(Section).filter_by(page_id=page.id).one()
    make.pin(section, make.item("For pilots"))

    def titles(*roles):
        wanted = {"person_id": published.curator.id, "tokens": EVERYONE, "today": TODAY, "limit": 1}
        found = queries.pinned_for_roles(session, roles=roles, **wanted)
        return [card.title for card in found.cards] if found else None

    assert titles("planner", "pilot", "field-engineer") == ["For pilots"]
    assert titles("field-engineer", "pilot") == ["Item a"]
    assert titles() is titles("planner") is None


def test_it_knows_what_is_pinned_for_a_role(session, published, make):
    make.pin(published.two, published.items[4], ends_on=TODAY - timedelta(1))
    found = queries.pinned_item_ids(
        session, roles=("field-engineer",), tokens=EVERYONE, today=TODAY
    )
    assert found == {item.id for item in published.items[:3]}


@pytest.mark.parametrize(
    ("page_audience", "item_audience", "trouble"),
    [
        (("everyone",), ("everyone",), None),
        (("everyone",), ("role:field-engineer",), None),
        (("everyone",), ("group:pilot",), desk.Trouble.LIMITED),
        (("group:pilot",), ("group:pilot", "dept:sales"), None),
        (("group:pilot", "dept:sales"), ("group:pilot",), desk.Trouble.LIMITED),
    ],
)
def test_it_tells_when_a_reader_of_the_page_may_not_see_an_item(
    session, make, page_audience, item_audience, trouble
):
    role = make.role("field-engineer")
    page = make.role_page(role, audience=page_audience, sections=("One",))
    section = session.query(Section).filter_by(page_id=page.id).one()
    make.pin(section, make.item(audience=item_audience))
    (found,) = desk.sections_to_edit(session, page.id, tokens=EVERYONE)
    assert found.pins[0].trouble is trouble
    assert len(desk.troubled_pins(session, tokens=EVERYONE)) == (trouble is not None)


def test_it_gives_a_search_the_section_to_fill(session, published):
    found = desk.section_to_fill(session, published.two.id)
    assert (found.title, found.role_slug) == ("Two", "field-engineer")
    assert found.item_ids == {item.id for item in published.items[:3]}


def test_it_gives_a_search_nothing_once_the_section_is_gone(session, published):
    assert desk.section_to_fill(session, 999_999) is None


def test_it_lists_roles_with_and_without_a_page(session, published, make):
    make.role("designer", "Designer")
    with_none, with_page = desk.pages_to_tend(session, person_id=0, today=TODAY)
    assert (with_none.title, with_none.sections, with_none.pins) == (None, 0, 0)
    assert (with_page.sections, with_page.pins, with_page.review_due) == (3, 3, True)


@pytest.mark.parametrize(
    ("reviewed_on", "due"),
    [(None, True), (date(2026, 8, 13), True), (date(2026, 8, 14), False)],
)
def test_it_asks_for_a_review_after_ninety_days(reviewed_on, due):
    assert desk.is_review_due(reviewed_on, today=TODAY) is due
