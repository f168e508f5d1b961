"""Drafts beside published pages, versions, and the way back, on both databases."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.curation import drafts, pages, publishing, queries, service
from app.curation.laying import content_of
from app.curation.replacing import replace_everywhere
from app.curation.seen import Overtaken, seen_of
from app.errors import Conflict, NotFound
from app.models import PageChange, Pin, RolePage, RolePageVersion, Section, audience_of
from tests.support.factories import NOW

EVERYONE = frozenset({"everyone"})


def begin(world):
    """Make the draft and return its id."""
    return drafts.make_draft(world.session, world.page.id, **world.by)


def publish(world, note="", revision=None):
    """Publish the draft as it is now."""
    draft_id = drafts.draft_of(world.session, world.role.id)
    now = world.session.scalar(select(RolePage.revision).where(RolePage.id == draft_id))
    seen = now if revision is None else revision
    return publishing.publish(world.session, world.role.id, revision=seen, note=note, **world.by)


def seen_by_readers(world):
    """Return the items that readers see, section by section."""
    world.session.expire_all()
    page = queries.page_to_read(world.session, slug="field-engineer", tokens=EVERYONE)
    shelves = queries.shelves_of(
        world.session, page.id, person_id=None, tokens=EVERYONE, today=NOW.date()
    )
    return ["".join(card.title[-1] for card in shelf.cards) for shelf in shelves]


def test_a_draft_is_a_copy_that_readers_do_not_see(session, published):
    published.pins[0].note, published.pins[0].starts_on = "Why", date(2026, 11, 1)
    published.pins[1].audience_id = audience_of(session, {"group:pilot"}).id
    session.flush()
    draft_id = begin(published)
    assert content_of(session, draft_id) == content_of(session, published.page.id)
    service.unpin(session, published.pins[2].id, **published.by)
    assert seen_by_readers(published) == ["ac"]
    assert content_of(session, published.page.id).item_ids() == {
        item.id for item in published.items[:3]
    }


def test_there_is_one_draft_however_often_it_is_asked_for(session, published):
    assert begin(published) == begin(published)


def test_publishing_keeps_the_id_of_a_pin_whose_item_stays(session, published):
    ids = {pin.item_id: pin.id for pin in published.pins}
    service.move_pin(session, published.pins[0].id, 1, **published.by)
    service.unpin(session, published.pins[2].id, **published.by)
    new = service.pin_item(
        session, published.two.id, published.items[4].id, tokens=EVERYONE, **published.by
    )
    assert new.pin.section_id != published.two.id
    publish(published)
    assert seen_by_readers(published) == ["ba", "e"]
    found = dict(session.execute(select(Pin.item_id, Pin.id)).all())
    kept = [item.id for item in published.items[:2]]
    assert [found[one] for one in kept] == [ids[one] for one in kept]
    assert drafts.draft_of(session, published.role.id) is None


def test_publishing_keeps_who_why_and_what_was_before(session, published, make):
    begin(published)
    other = make.person(access="curator")
    service.edit_note(session, published.pins[0].id, "New", seen=seen_of(""), by=other.id, now=NOW)
    version = publish(published, note="For the autumn")
    assert (version.number, version.note, version.published_by_id) == (
        2,
        "For the autumn",
        published.curator.id,
    )
    assert version.content["makers"] == [published.curator.id, other.id]
    first = publishing.version(session, published.role.id, 1)
    assert first.content["sections"][0]["pins"][0]["note"] == ""


def test_the_first_publishing_makes_the_page(session, world):
    version = publish(world)
    assert version.number == 1
    assert seen_by_readers(world) == ["abc"]
    assert session.scalars(select(PageChange)).all() == []


def test_publishing_what_is_the_same_makes_no_version(session, published):
    begin(published)
    assert publish(published) is None
    assert drafts.draft_of(session, published.role.id) is None
    assert session.scalars(select(RolePageVersion)).all() == []


def test_publishing_refuses_what_somebody_changed_meanwhile(session, published, make):
    begin(published)
    service.move_pin(session, published.pins[0].id, 1, by=make.person().id, now=NOW)
    with pytest.raises(publishing.ChangedMeanwhile):
        publish(published, revision=1)
    assert seen_by_readers(published) == ["abc"]


def test_publishing_twice_says_that_it_is_done(session, published):
    begin(published)
    publish(published)
    with pytest.raises(Conflict):
        publish(published, revision=1)


def test_a_draft_that_is_thrown_away_leaves_the_page_as_it_was(session, published):
    before = content_of(session, published.page.id)
    pages.remove_section(session, published.one.id, **published.by)
    publishing.discard(session, published.role.id, **published.by)
    assert content_of(session, published.page.id) == before
    assert drafts.draft_of(session, published.role.id) is None


def test_going_back_shows_the_earlier_page_at_once_and_can_be_undone(session, published):
    begin(published)
    service.unpin(session, published.pins[1].id, **published.by)
    publish(published)
    back = publishing.roll_back(session, published.role.id, 1, latest=2, **published.by)
    assert (back.number, seen_by_readers(published)) == (3, ["abc"])
    publishing.roll_back(session, published.role.id, 2, latest=3, **published.by)
    assert seen_by_readers(published) == ["ac"]


def test_going_back_leaves_a_draft_alone(session, published):
    begin(published)
    service.unpin(session, published.pins[1].id, **published.by)
    publish(published)
    draft_id = begin(published)
    service.edit_note(session, published.pins[0].id, "Mine", seen=seen_of(""), **published.by)
    before = content_of(session, draft_id)
    publishing.roll_back(session, published.role.id, 1, latest=2, **published.by)
    assert content_of(session, draft_id) == before


def test_going_back_is_refused_when_somebody_has_published_meanwhile(session, published):
    begin(published)
    service.unpin(session, published.pins[1].id, **published.by)
    publish(published)
    with pytest.raises(Conflict):
        publishing.roll_back(session, published.role.id, 1, latest=1, **published.by)


def test_there_is_no_way_back_to_a_version_that_never_was(session, published):
    with pytest.raises(NotFound):
        publishing.roll_back(session, published.role.id, 9, latest=0, **published.by)


def test_going_back_follows_what_was_retired_to_its_successor(session, published):
    begin(published)
    service.unpin(session, published.pins[0].id, **published.by)
    publish(published)
    gone = published.items[0]
    gone.status, gone.successor_id = "retired", published.items[5].id
    session.flush()
    publishing.roll_back(session, published.role.id, 1, latest=2, **published.by)
    assert seen_by_readers(published) == ["fbc"]


def test_a_form_of_the_published_page_changes_the_draft(session, published):
    place = service.edit_note(
        session, published.pins[0].id, "New", seen=seen_of(""), **published.by
    )
    assert place.id != published.pins[0].id
    assert session.get(Pin, published.pins[0].id).note == ""


def test_a_form_of_a_draft_that_is_published_meanwhile_is_not_lost(session, published):
    draft_id = begin(published)
    own = session.scalar(
        select(Pin.id)
        .join(Section, Section.id == Pin.section_id)
        .where(Section.page_id == draft_id, Pin.item_id == published.items[1].id)
    )
    service.unpin(session, published.pins[0].id, **published.by)
    publish(published)
    place = service.edit_note(
        session,
        own,
        "Typed long ago",
        seen=seen_of(""),
        role="field-engineer",
        item_id=published.items[1].id,
        **published.by,
    )
    assert session.get(Pin, place.id).item_id == published.items[1].id


def test_two_notes_at_once_are_a_conflict_that_loses_neither(session, world, make):
    seen, pin = seen_of(""), world.pins[0]
    service.edit_note(session, pin.id, "Theirs", seen=seen, by=make.person().id, now=NOW)
    with pytest.raises(Overtaken) as refused:
        service.edit_note(session, pin.id, "Mine", seen=seen, **world.by)
    assert refused.value.theirs == {"note": "Theirs"}
    session.refresh(pin)
    assert pin.note == "Theirs"


def test_replacing_everywhere_takes_over_place_note_and_dates(session, published):
    draft_id = begin(published)
    old, new = published.items[1], published.items[5]
    published.pins[1].note, published.pins[1].ends_on = "Why", NOW.date() + timedelta(9)
    session.flush()
    assert replace_everywhere(session, old.id, new.id, now=NOW) == 2
    assert seen_by_readers(published) == ["afc"]
    pin = session.get(Pin, published.pins[1].id)
    assert (pin.item_id, pin.note, pin.ends_on) == (new.id, "Why", NOW.date() + timedelta(9))
    assert new.id in content_of(session, draft_id).item_ids()
    assert session.get(RolePage, draft_id).revision == 2


def test_replacing_everywhere_puts_no_item_twice_on_a_page(session, published):
    published.pins[0].note = "Why"
    session.flush()
    replace_everywhere(session, published.items[0].id, published.items[2].id, now=NOW)
    assert seen_by_readers(published) == ["bc"]
    assert session.get(Pin, published.pins[2].id).note == "Why"


def test_replacing_everywhere_can_be_taken_back_in_the_history(session, published):
    replace_everywhere(session, published.items[1].id, published.items[5].id, now=NOW)
    versions = session.scalars(select(RolePageVersion).order_by(RolePageVersion.number)).all()
    assert [one.content.get("replaced") for one in versions] == [
        None,
        [published.items[1].id, published.items[5].id],
    ]


places = st.integers(0, 5)
kinds = ["pin", "unpin", "move", "reorder", "section", "note", "publish", "back", "discard"]
edits = st.lists(st.tuples(st.booleans(), st.sampled_from(kinds), places, places), max_size=14)


def _edit(world, who, kind, one, other):
    """Let one of the two curators do something with whatever rows the numbers happen to name.

    They work on what they saw last: ids of rows that may be gone, of draft or published page.
    """
    session, by = world.session, {"by": who.id, "now": NOW}
    pins = session.scalars(select(Pin.id).order_by(Pin.id)).all()
    sections = session.scalars(select(Section.id).order_by(Section.id)).all()
    pin, section = pins[one % len(pins)] if pins else 0, sections[other % len(sections)]
    if kind == "pin":
        item = world.items[other].id
        service.pin_item(session, section, item, tokens=EVERYONE, position=one, **by)
    elif kind == "unpin":
        service.unpin(session, pin, **by)
    elif kind == "move":
        service.move_pin(session, pin, 1 if other % 2 else -1, **by)
    elif kind == "reorder":
        service.reorder(session, section, pins[other:][::-1], **by)
    elif kind == "section":
        pages.move_section(session, section, 1 if one % 2 else -1, **by)
    elif kind == "note":
        service.edit_note(session, pin, f"{who.id} {one}", seen=seen_of(""), **by)
    elif kind == "publish":
        publish(world)
    elif kind == "discard":
        publishing.discard(session, world.role.id, **by)
    else:
        latest = session.scalars(select(RolePageVersion.number)).all()
        publishing.roll_back(session, world.role.id, one, latest=max(latest, default=0), **by)


def _pages(world):
    found = world.session.scalars(select(RolePage.id).order_by(RolePage.id))
    return {page_id: content_of(world.session, page_id) for page_id in found}


def _check(world):
    """Every page holds each item once, and places are 0, 1, 2, … without gaps."""
    for content in _pages(world).values():
        items = [pin.item_id for _section, pin in content.pins()]
        assert len(items) == len(set(items))
    rows = world.session.execute(select(Pin.section_id, Pin.position).order_by(Pin.position))
    orders = {}
    for section_id, position in rows:
        orders.setdefault(section_id, []).append(position)
    assert all(order == list(range(len(order))) for order in orders.values())


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20
)
@given(edits)
def test_two_curators_lose_nothing_in_any_interleaving(published, many):
    session = published.session
    two = [published.curator, published.other]
    with session.begin_nested() as attempt:
        for is_first, kind, one, other in many:
            before = _pages(published)
            try:
                with session.begin_nested():
                    _edit(published, two[is_first], kind, one, other)
            except (Conflict, NotFound):
                assert _pages(published) == before
                continue
            finally:
                session.expire_all()
            _check(published)
            _check_that_nothing_is_lost(published, before, kind)
        attempt.rollback()
    session.expire_all()


def _check_that_nothing_is_lost(world, before, kind):
    """What nobody took away is still there, on the draft or, published, on the page."""
    after = _pages(world)
    if kind not in {"publish", "back"}:
        assert after[world.page.id] == before[world.page.id]
    if kind in {"move", "reorder", "section", "note"}:
        old = before[max(before)]
        new = after[max(after)]
        assert new.item_ids() == old.item_ids()
        notes = {pin.item_id: pin.note for _section, pin in new.pins()}
        for _section, pin in old.pins():
            assert not pin.note or notes[pin.item_id] == pin.note
    if kind == "publish":
        assert after == {world.page.id: before[max(before)]}


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=10
)
@given(edits)
def test_publishing_and_going_back_gives_the_same_page(published, many):
    session = published.session
    with session.begin_nested() as attempt:
        before = content_of(session, published.page.id)
        for _is_first, kind, one, other in many:
            if kind in {"publish", "back", "discard"}:
                continue
            try:
                with session.begin_nested():
                    _edit(published, published.curator, kind, one, other)
            except (Conflict, NotFound):
                continue
            finally:
                session.expire_all()
        if drafts.draft_of(session, published.role.id) and publish(published):
            publishing.roll_back(session, published.role.id, 1, latest=2, **published.by)
        assert content_of(session, published.page.id) == before
        attempt.rollback()
    session.expire_all()
