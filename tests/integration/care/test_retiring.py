"""Retiring: all that pointed to the item follows, nothing revives it; it can be brought back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.care import retiring
from app.catalogue import service as catalogue
from app.catalogue.records import ItemRecord, ToolRecord
from app.catalogue.successors import line_of, successor_of
from app.errors import Conflict, Invalid, NotFound
from app.models import (
    Activity,
    IndexOutbox,
    Item,
    ItemState,
    Notice,
    Pin,
    ProblemReport,
    Progress,
    Section,
    Step,
)
from tests.support.factories import NOW

EVERYBODY = ["everyone"]


@pytest.fixture
def curator(make):
    """Return a curator."""
    return make.person(access="curator")


@pytest.fixture
def retire(session, curator):
    """Return a function that retires an item."""

    def retired(item, successor=None, *, tokens=EVERYBODY, at=NOW):
        return retiring.retire(
            session,
            item.id,
            successor_id=successor.id if successor else None,
            by=curator.id,
            tokens=tokens,
            now=at,
        )

    return retired


@pytest.fixture
def bring_back(session, curator):
    """Return a function that brings an item back."""
    return lambda item: retiring.bring_back(
        session, item.id, by=curator.id, tokens=EVERYBODY, now=NOW + timedelta(minutes=1)
    )


@pytest.fixture
def pinned(make, session):
    """Return a function that pins an item to a page of its own."""

    def pins(item, *, published=True):
        page = make.role_page(published=published)
        section = session.scalar(select(Section).where(Section.page_id == page.id))
        return make.pin(section, item, note="Read this first")

    return pins


def at(session, row):
    session.expire(row)
    return row.item_id


def test_pins_and_steps_follow_to_the_successor(make, session, retire, pinned):
    old, new = make.item(), make.item()
    pin, draft = pinned(old), pinned(old, published=False)
    make.playlist([make.item(), old])
    step = session.scalar(select(Step).where(Step.item_id == old.id))
    followed = retire(old, new)
    assert (followed.pins, followed.steps) == (2, 1)
    assert [at(session, row) for row in (pin, draft, step)] == [new.id] * 3
    assert pin.note == "Read this first"


def test_a_step_whose_successor_is_there_already_becomes_one_with_it(make, session, retire):
    old, new = make.item(), make.item()
    playlist = make.playlist([old, new])
    given = make.assignment(playlist, make.person())
    first, second = session.scalars(select(Step).order_by(Step.position)).all()
    session.add(Progress(assignment_id=given.id, step_id=first.id, done_at=NOW))
    session.flush()
    retire(old, new)
    assert session.scalars(select(Step.item_id)).all() == [new.id]
    assert session.scalars(select(Progress.step_id)).all() == [second.id]


def test_saved_lists_follow_and_keep_what_they_had(make, session, retire, bring_back):
    old, new, one, other = make.item(), make.item(), make.person(), make.person()
    earlier = NOW - timedelta(days=9)
    session.add_all(
        [
            ItemState(person_id=one.id, item_id=old.id, saved_at=earlier),
            ItemState(person_id=other.id, item_id=old.id, saved_at=earlier),
            ItemState(person_id=other.id, item_id=new.id, saved_at=NOW),
        ]
    )
    session.flush()
    retire(old, new)
    saved = {
        row.person_id: row.saved_at
        for row in session.scalars(select(ItemState).where(ItemState.item_id == new.id))
    }
    assert saved == {one.id: earlier, other.id: NOW}
    bring_back(old)
    assert session.get(ItemState, (one.id, new.id)).saved_at is None
    assert session.get(ItemState, (other.id, new.id)).saved_at == NOW


def test_the_index_is_told_of_both(make, session, retire):
    old, new = make.item(), make.item()
    retire(old, new)
    assert set(session.scalars(select(IndexOutbox.item_id))) == {old.id, new.id}


def test_no_reading_of_the_tool_revives_it(make, session, retire):
    record = ItemRecord(
        tool=ToolRecord(slug="moodle", name="Moodle"),
        external_id="7",
        kind="course",
        title="Pumps",
        url="https://learn.example.org/7",
    )
    [change] = catalogue.upsert(session, [record], now=NOW)
    item = session.scalar(select(Item).where(Item.external_id == "7"))
    retire(item)
    [change] = catalogue.plan(session, [record])
    assert (item.status, item.locked, change.comes_back) == ("retired", ["status"], False)


def test_a_successor_of_a_successor_is_followed_to_the_end(make, session, retire):
    first, second, third = make.item(), make.item(), make.item()
    retire(first, second)
    retire(second, third)
    assert line_of(session, first.id) == [second.id, third.id]
    assert successor_of(session, first, tokens=EVERYBODY).id == third.id


def test_who_chooses_a_retired_successor_gets_the_one_at_the_end(make, session, retire):
    first, second, third = make.item(), make.item(), make.item()
    retire(second, third)
    retire(first, second)
    assert first.successor_id == third.id


def test_there_are_no_rings(make, session, retire, bring_back):
    first, second = make.item(), make.item()
    retire(first, second)
    with pytest.raises(Invalid):
        retire(second, first)
    with pytest.raises(Invalid):
        retire(second, second)
    first.successor_id, second.successor_id = second.id, first.id
    session.flush()
    assert line_of(session, first.id) == [second.id]


def test_a_successor_that_the_reader_may_not_see_is_not_named(make, session, retire):
    old, new = make.item(), make.item(audience=["role:pilot"])
    retire(old, new, tokens=["everyone", "role:pilot"])
    assert successor_of(session, old, tokens=EVERYBODY) is None
    assert successor_of(session, old, tokens=["role:pilot"]).id == new.id


def test_a_curator_chooses_none_that_they_may_not_see(make, retire):
    with pytest.raises(Invalid):
        retire(make.item(), make.item(audience=["role:pilot"]))
    with pytest.raises(NotFound):
        retire(make.item(audience=["role:pilot"]))


def test_it_is_retired_once(make, retire):
    old = make.item()
    retire(old)
    with pytest.raises(Conflict):
        retire(old)


def test_what_a_tool_has_retired_can_be_given_a_successor(make, session, retire):
    old, new = make.item(status="retired"), make.item()
    retire(old, new)
    assert (old.successor_id, old.locked) == (new.id, ["status"])


def test_people_who_have_it_or_are_under_way_are_told(make, session, retire):
    old, new = make.item("Pumps"), make.item("Better pumps")
    saved, begun, opened, done = (make.person() for _ in range(4))
    session.add_all(
        [
            ItemState(person_id=saved.id, item_id=old.id, saved_at=NOW),
            ItemState(person_id=begun.id, item_id=old.id, progress=0.4),
            ItemState(person_id=done.id, item_id=old.id, saved_at=NOW, done_at=NOW),
            Activity(person_id=opened.id, item_id=old.id, verb="launched", at=NOW),
        ]
    )
    session.flush()
    followed = retire(old, new)
    told = {notice.person_id: notice for notice in session.scalars(select(Notice))}
    assert (followed.people, set(told)) == (3, {saved.id, begun.id, opened.id})
    assert told[saved.id].sentence == "“Pumps” has been retired. “Better pumps” takes its place."
    assert told[saved.id].item_id == new.id


def test_a_successor_for_fewer_readers_is_not_named_to_them(make, session, retire):
    old, new = make.item("Pumps"), make.item("Secret pumps", audience=["role:pilot"])
    session.add(ItemState(person_id=make.person().id, item_id=old.id, saved_at=NOW))
    session.flush()
    retire(old, new, tokens=["everyone", "role:pilot"])
    [notice] = session.scalars(select(Notice))
    assert (notice.sentence, notice.item_id) == ("“Pumps” has been retired.", old.id)


def test_readers_who_called_it_outdated_hear_that_it_is_gone(make, session, retire, bring_back):
    old, reader = make.item(), make.person()
    report = ProblemReport(
        item_id=old.id, problem="outdated", reporter_id=reader.id, reported_at=NOW
    )
    session.add(report)
    session.flush()
    retire(old)
    assert report.accepted is True
    bring_back(old)
    assert (report.accepted, report.resolved_at) == (None, None)


def test_bringing_it_back_puts_back_what_had_followed(make, session, retire, bring_back, pinned):
    old, new = make.item(), make.item()
    old.locked = ["title"]
    pin, own = pinned(old), pinned(new)
    make.playlist([old])
    step = session.scalar(select(Step).where(Step.item_id == old.id))
    retire(old, new)
    back = bring_back(old)
    assert (old.status, old.locked, old.successor_id) == ("live", ["title"], None)
    assert (back.pins, back.steps) == (1, 1)
    assert [at(session, row) for row in (pin, step, own)] == [old.id, old.id, new.id]


def test_what_was_changed_since_stays_changed(make, session, retire, bring_back, pinned):
    old, new, other = make.item(), make.item(), make.item()
    pin = pinned(old)
    retire(old, new)
    session.get(Pin, pin.id).item_id = other.id
    session.flush()
    bring_back(old)
    assert at(session, pin) == other.id


def test_a_live_item_is_not_brought_back(make, bring_back):
    with pytest.raises(Conflict):
        bring_back(make.item())
