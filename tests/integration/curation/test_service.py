"""What curators do to role pages, on both databases."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.curation import pages, service
from app.curation.seen import seen_of
from app.errors import Conflict, Invalid, NotFound
from app.models import Pin
from tests.support.factories import NOW

EVERYONE = frozenset({"everyone"})


def pin(world, section, item, **values):
    """Pin an item as the page's curator."""
    options = {"by": world.curator.id, "tokens": EVERYONE, "now": NOW} | values
    return service.pin_item(world.session, section.id, item.id, **options)


def test_it_makes_a_page_for_a_role(session, make):
    role, curator = make.role("designer", "Designer"), make.person(access="curator")
    page = pages.create_page(session, "designer", by=curator.id, now=NOW)
    assert (page.role_id, page.title, page.curator_id) == (role.id, "Designer", curator.id)
    assert not page.published


def test_it_makes_no_second_page(session, world):
    with pytest.raises(Conflict):
        pages.create_page(session, "field-engineer", **world.by)


def test_it_makes_no_page_for_an_unknown_role(session, world):
    with pytest.raises(NotFound):
        pages.create_page(session, "astronaut", **world.by)


def test_it_changes_title_and_introduction(session, world):
    saw = seen_of(world.page.title, "", "everyone")
    pages.edit_details(
        session, world.page.id, title=" New ", intro="Two\r\nlines", seen=saw, **world.by
    )
    session.expire_all()
    assert (world.page.title, world.page.intro) == ("New", "Two\nlines")


def test_it_gives_a_page_without_curator_the_one_who_reviews(session, world):
    pages.mark_reviewed(session, world.role.id, by=world.curator.id, on=date(2026, 11, 12))
    session.refresh(world.page)
    assert world.page.curator_id == world.curator.id
    assert world.page.reviewed_on == date(2026, 11, 12)


def test_it_keeps_the_curator_when_another_reviews(session, world, make):
    world.page.curator_id = world.curator.id
    admin = make.person(access="admin")
    pages.mark_reviewed(session, world.role.id, by=admin.id, on=date(2026, 11, 12))
    assert world.page.curator_id == world.curator.id


def test_it_adds_a_section_at_the_end(session, world):
    pages.add_section(session, world.page.id, title="Four", **world.by)
    assert [each.title for each in world.sections()] == ["One", "Two", "Three", "Four"]


@pytest.mark.parametrize("title", ["", " ", "x" * 121])
def test_it_wants_a_title_that_fits(session, world, title):
    with pytest.raises(Invalid):
        pages.add_section(session, world.page.id, title=title, **world.by)


@pytest.mark.parametrize(("step", "after"), [(-1, "Two One Three"), (1, "One Three Two")])
def test_it_moves_a_section(session, world, step, after):
    pages.move_section(session, world.two.id, step, **world.by)
    assert " ".join(each.title for each in world.sections()) == after


def test_it_removes_a_section_with_its_pins(session, world):
    pages.remove_section(session, world.one.id, **world.by)
    assert [each.title for each in world.sections()] == ["Two", "Three"]
    assert session.query(Pin).count() == 0


def test_it_pins_at_the_end(session, world):
    new = pin(world, world.one, world.items[3], note="why")
    assert (new.is_new, new.pin.note, new.pin.pinned_by_id) == (True, "why", world.curator.id)
    assert world.orders() == ["abcd", "", ""]


@pytest.mark.parametrize(("position", "after"), [(0, "dabc"), (1, "adbc"), (99, "abcd")])
def test_it_pins_where_it_is_told(world, position, after):
    pin(world, world.one, world.items[3], position=position)
    assert world.orders() == [after, "", ""]


@pytest.mark.parametrize("section", ["one", "two"])
def test_it_keeps_the_first_pin_of_an_item(world, section):
    again = pin(world, getattr(world, section), world.items[1], note="another")
    assert (again.is_new, again.pin.id, again.pin.note) == (False, world.pins[1].id, "")
    assert world.orders() == ["abc", "", ""]


@pytest.mark.parametrize("values", [{"status": "retired"}, {"audience": ("group:pilot",)}])
def test_it_pins_nothing_retired_or_for_others(world, make, values):
    with pytest.raises(NotFound):
        pin(world, world.one, make.item(**values))


def test_it_pins_what_only_the_role_sees(world, make):
    assert pin(world, world.two, make.item(audience=("role:field-engineer",))).is_new


def test_it_refuses_dates_that_end_before_they_start(world):
    with pytest.raises(Invalid) as refused:
        pin(
            world,
            world.one,
            world.items[3],
            starts_on=date(2026, 11, 2),
            ends_on=date(2026, 11, 1),
        )
    assert set(refused.value.fields) == {"ends_on"}


def test_it_keeps_a_note_of_the_full_length(session, world):
    service.edit_note(session, world.pins[0].id, "\r\n".join("x" * 250), **world.by)
    session.expire_all()
    assert len(world.pins[0].note) == 499


def test_it_refuses_a_note_that_is_too_long(session, world):
    with pytest.raises(Invalid):
        service.edit_note(session, world.pins[0].id, "x" * 501, **world.by)


@pytest.mark.parametrize(
    ("place", "step", "after"),
    [
        (0, 1, ["bac", "", ""]),
        (2, -1, ["acb", "", ""]),
        (0, -1, ["abc", "", ""]),
        (2, 1, ["ab", "c", ""]),
    ],
)
def test_it_moves_a_pin(session, world, place, step, after):
    service.move_pin(session, world.pins[place].id, step, **world.by)
    assert world.orders() == after


def test_it_moves_a_pin_to_the_end_of_the_section_above(session, world):
    below = pin(world, world.two, world.items[3]).pin
    service.move_pin(session, below.id, -1, **world.by)
    assert world.orders() == ["abcd", "", ""]


def test_it_takes_over_an_order(session, world):
    service.reorder(session, world.one.id, [p.id for p in reversed(world.pins)], **world.by)
    assert world.orders() == ["cba", "", ""]


def test_it_keeps_pins_that_a_stale_order_does_not_name(session, world):
    stale = [world.pins[2].id, 999_999]
    service.reorder(session, world.one.id, stale, **world.by)
    assert world.orders() == ["cab", "", ""]


def test_it_brings_pins_of_other_sections_along(session, world):
    service.reorder(session, world.two.id, [world.pins[1].id], **world.by)
    assert world.orders() == ["ac", "b", ""]


def test_it_leaves_the_pins_of_other_pages_alone(session, world, make):
    other = make.role_page(make.role("designer"), sections=(), published=False)
    section = pages.add_section(session, other.id, title="There", **world.by)
    foreign = pin(world, section, world.items[5]).pin
    service.reorder(session, world.one.id, [foreign.id], **world.by)
    assert (world.orders(), foreign.section_id) == (["abc", "", ""], section.id)


def test_it_never_puts_an_item_twice_into_a_section(session, world, make):
    double = make.pin(world.two, world.items[0], position=0)
    service.reorder(session, world.one.id, [double.id], **world.by)
    service.move_pin(session, double.id, -1, **world.by)
    assert world.orders() == ["abc", "a", ""]


def test_it_puts_an_unpinned_item_back_as_it_was(session, world):
    world.pins[1].note, world.pins[1].ends_on = "why", date(2026, 12, 1)
    gone = service.unpin(session, world.pins[1].id, **world.by)
    assert world.orders() == ["ac", "", ""]
    back = pin(world, world.one, world.items[1], note=gone.note, position=gone.position).pin
    assert (world.orders(), back.note, gone.ends_on) == (["abc", "", ""], "why", date(2026, 12, 1))


@pytest.mark.parametrize(
    "change",
    [
        lambda s, by: service.reorder(s, 999_999, [], **by),
        lambda s, by: pages.move_section(s, 999_999, 1, **by),
        lambda s, by: pages.edit_section(s, 999_999, title="x", intro="", **by),
        lambda s, by: pages.remove_section(s, 999_999, **by),
        lambda s, by: service.move_pin(s, 999_999, 1, **by),
        lambda s, by: service.edit_note(s, 999_999, "", **by),
        lambda s, by: service.unpin(s, 999_999, **by),
        lambda s, by: pages.add_section(s, 999_999, title="x", **by),
    ],
)
def test_it_says_that_the_thing_is_gone(session, world, change):
    with pytest.raises(Conflict):
        change(session, world.by)


places = st.integers(0, 5)
changes = st.lists(
    st.tuples(st.sampled_from(["pin", "unpin", "move", "reorder", "section"]), places, places),
    max_size=12,
)


def _apply(world, kind, one, other):
    """Make one change with whatever rows the numbers happen to name."""
    session, sections = world.session, world.sections()
    pins = session.query(Pin).order_by(Pin.id).all()
    section = sections[one % len(sections)]
    if kind == "pin":
        pin(world, section, world.items[other], position=one)
    elif kind == "section":
        pages.move_section(session, section.id, -1 if other % 2 else 1, **world.by)
    elif pins and kind == "unpin":
        service.unpin(session, pins[one % len(pins)].id, **world.by)
    elif pins and kind == "move":
        service.move_pin(session, pins[one % len(pins)].id, -1 if other % 2 else 1, **world.by)
    elif pins and kind == "reorder":
        service.reorder(session, section.id, [each.id for each in pins[other:]][::-1], **world.by)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes)
def test_it_loses_no_pin_and_leaves_no_gap(world, many):
    with world.session.begin_nested() as attempt:
        held = set("abc")
        for kind, one, other in many:
            _apply(world, kind, one, other)
            now = "".join(world.orders())
            assert len(now) == len(set(now))
            assert kind in {"pin", "unpin"} or set(now) == held
            assert kind != "pin" or set(now) == held | {"abcdef"[other]}
            assert kind != "unpin" or len(held - set(now)) == bool(held)
            held = set(now)
        attempt.rollback()
    world.session.expire_all()
