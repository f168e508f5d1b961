"""What curators do to the pins of a role's page. All of it is done to the draft.

An id of a pin or section of the published page stands for its like in the draft, which is made when
there is none; so does an id that is gone, where the caller says role and item. Every change first
holds its draft, so that two curators at once cannot tear it. Positions of pins are always
0, 1, 2, … without gaps.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.catalogue.queries import live_items
from app.curation.drafts import Place, hold, pin_in_draft, section_in_draft
from app.curation.layout import (
    GONE,
    Layout,
    bring,
    cross,
    layout_of,
    pin_in,
    pins_in,
    write,
)
from app.curation.order import merged, moved
from app.curation.seen import merged as texts_merged
from app.curation.texts import checked
from app.errors import Conflict, Invalid, NotFound, Wording
from app.models import (
    Audience,
    Change,
    Item,
    Pin,
    Role,
    RolePage,
    Section,
    audience_of,
)

NOTE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A pin, and whether it is new or had been on the page already."""

    pin: Pin
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpinned:
    """What an unpinned item needs to be put back as it was."""

    page_id: int
    section_id: int
    item_id: int
    note: str
    position: int
    starts_on: date | None
    ends_on: date | None
    audience: tuple[str, ...]


def pin_item(
    session: Session,
    section_id: int,
    item_id: int,
    *,
    by: int,
    tokens: Collection[str],
    now: datetime,
    note: str = "",
    position: int | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    audience: Collection[str] = (),
) -> Pinned:
    """Pin an item to a section of the draft, at its end unless a position is given.

    An item stands once on a page: if it is there already, that pin stays as it is and is returned.
    `tokens` are the curator's; what the page's role may see can be pinned too. `audience` narrows
    who sees the pin. Raises NotFound for an item that the curator may not see or that is retired,
    Invalid for a note that is too long or dates that end before they start, Conflict if the section
    is gone, NotAllowed for who may not change the page.
    """
    note = checked("note", note, longest=NOTE)
    _check_dates(starts_on, ends_on)
    place = section_in_draft(session, section_id, by=by, now=now)
    if (known := _pin_of(session, place.page_id, item_id)) is not None:
        return Pinned(pin=known, is_new=False)
    _check_item(session, item_id, place.page_id, tokens)
    hold(session, place.page_id, Change.PINNED, by=by, now=now, item_id=item_id)
    if (known := _pin_of(session, place.page_id, item_id)) is not None:
        return Pinned(pin=known, is_new=False)
    layout = layout_of(session, place.page_id)
    pins = pins_in(layout, place.id)
    pin = Pin(
        section_id=place.id,
        item_id=item_id,
        note=note,
        pinned_by_id=by,
        pinned_at=now,
        starts_on=starts_on,
        ends_on=ends_on,
        audience_id=_audience_id(session, audience),
    )
    session.add(pin)
    pins.insert(len(pins) if position is None else max(position, 0), pin)
    write(session, layout)
    return Pinned(pin=pin, is_new=True)


def edit_note(
    session: Session,
    pin_id: int,
    note: str,
    *,
    seen: str = "",
    by: int,
    now: datetime,
    role: str = "",
    item_id: int | None = None,
) -> Place:
    """Change the note of a pin and return where the pin stands.

    `seen` says what note the curator saw. Raises Conflict if the pin is gone, Overtaken if somebody
    else changed the note, Invalid for a note that is too long, NotAllowed.
    """
    note = checked("note", note, longest=NOTE)
    place = pin_in_draft(session, pin_id, by=by, now=now, role=role, item_id=item_id)
    pin = _held_pin(session, place, Change.NOTE, by=by, now=now)
    pin.note = texts_merged({"note": note}, {"note": pin.note}, seen, of=place.id)["note"]
    session.flush()
    return place


def edit_settings(
    session: Session,
    pin_id: int,
    *,
    starts_on: date | None,
    ends_on: date | None,
    audience: Collection[str],
    seen: str = "",
    by: int,
    now: datetime,
    role: str = "",
    item_id: int | None = None,
) -> Place:
    """Change the days and the audience of a pin and return where the pin stands.

    An empty audience adds nothing to the page's. `seen` says what the curator saw of the three, in
    this order, as `settings_texts` writes them. Raises as `edit_note` does.
    """
    _check_dates(starts_on, ends_on)
    place = pin_in_draft(session, pin_id, by=by, now=now, role=role, item_id=item_id)
    pin = _held_pin(session, place, Change.SETTINGS, by=by, now=now)
    present = settings_texts(pin.starts_on, pin.ends_on, _tokens(session, pin.audience_id))
    kept = texts_merged(settings_texts(starts_on, ends_on, audience), present, seen, of=place.id)
    first, last = _day(kept["starts_on"]), _day(kept["ends_on"])
    _check_dates(first, last)
    pin.starts_on, pin.ends_on = first, last
    pin.audience_id = _audience_id(session, kept["audience"].split())
    session.flush()
    return place


def settings_texts(
    starts_on: date | None, ends_on: date | None, audience: Collection[str]
) -> dict[str, str]:
    """Return a pin's days and audience as texts that can be compared."""
    return {
        "starts_on": starts_on.isoformat() if starts_on else "",
        "ends_on": ends_on.isoformat() if ends_on else "",
        "audience": " ".join(sorted(audience)),
    }


def move_pin(session: Session, pin_id: int, step: int, *, by: int, now: datetime) -> Place:
    """Move a pin one place up (-1) or down (+1) and return where it stands.

    From the top of a section it goes to the end of the one above, from the bottom to the top of
    the one below. Raises Conflict if the pin is gone, NotAllowed.
    """
    place = pin_in_draft(session, pin_id, by=by, now=now)
    layout, pin = _held(session, place, Change.MOVED, by=by, now=now)
    pins = layout[pin.section_id]
    if 0 <= pins.index(pin) + step < len(pins):
        layout[pin.section_id] = moved(pins, pin, step)
    else:
        cross(layout, pin, step)
    write(session, layout)
    return place


def reorder(
    session: Session, section_id: int, pin_ids: Sequence[int], *, by: int, now: datetime
) -> Place:
    """Put a section's pins into the order of `pin_ids` and return where the section stands.

    Pins of the page's other sections that are named come along. Pins of the section that are not
    named stay, at the end; ids that are not of this page are passed over. Raises Conflict only if
    the section is gone, NotAllowed.
    """
    place = section_in_draft(session, section_id, by=by, now=now)
    wanted = list(pin_ids)
    if place.id != section_id:
        wanted = _ids_in_draft(session, place.page_id, wanted)
    hold(session, place.page_id, Change.ORDERED, by=by, now=now)
    layout = layout_of(session, place.page_id)
    bring(layout, pins_in(layout, place.id), set(wanted))
    pins = {pin.id: pin for pin in layout[place.id]}
    layout[place.id] = [pins[pin_id] for pin_id in merged(pins, wanted)]
    write(session, layout)
    return place


def unpin(
    session: Session,
    pin_id: int,
    *,
    by: int,
    now: datetime,
    role: str = "",
    item_id: int | None = None,
) -> Unpinned:
    """Take a pin off the draft; raise Conflict if it is gone, NotAllowed."""
    place = pin_in_draft(session, pin_id, by=by, now=now, role=role, item_id=item_id)
    layout, pin = _held(session, place, Change.UNPINNED, by=by, now=now)
    audience = _tokens(session, pin.audience_id)
    session.execute(delete(Pin).where(Pin.id == pin.id))
    layout[pin.section_id].remove(pin)
    gone = Unpinned(
        page_id=place.page_id,
        section_id=pin.section_id,
        item_id=pin.item_id,
        note=pin.note,
        position=pin.position,
        starts_on=pin.starts_on,
        ends_on=pin.ends_on,
        audience=audience,
    )
    write(session, layout)
    return gone


def replace_pin(
    session: Session,
    pin_id: int,
    item_id: int,
    *,
    by: int,
    tokens: Collection[str],
    now: datetime,
) -> Place:
    """Let another item take over a pin's place, note, days and audience.

    Where that item is on the page already, its pin comes to this place instead. Raises NotFound for
    an item that may not be pinned, Conflict if the pin is gone, NotAllowed.
    """
    place = pin_in_draft(session, pin_id, by=by, now=now)
    _check_item(session, item_id, place.page_id, tokens)
    layout, pin = _held(session, place, Change.REPLACED, by=by, now=now)
    there = [one for pins in layout.values() for one in pins if one.item_id == item_id]
    for one in there:
        if one is not pin:
            layout[one.section_id].remove(one)
            session.delete(one)
    session.flush()
    pin.item_id, pin.pinned_by_id, pin.pinned_at = item_id, by, now
    write(session, layout)
    return place


def _held(
    session: Session, place: Place, what: Change, *, by: int, now: datetime
) -> tuple[Layout, Pin]:
    """Hold the draft for a change of a pin; return all its pins, and this one."""
    item_id = session.scalar(select(Pin.item_id).where(Pin.id == place.id))
    hold(session, place.page_id, what, by=by, now=now, item_id=item_id)
    layout = layout_of(session, place.page_id)
    return layout, pin_in(layout, place.id)


def _held_pin(session: Session, place: Place, what: Change, *, by: int, now: datetime) -> Pin:
    item_id = session.scalar(select(Pin.item_id).where(Pin.id == place.id))
    hold(session, place.page_id, what, by=by, now=now, item_id=item_id)
    pin = session.get(Pin, place.id, populate_existing=True)
    if pin is None:
        raise Conflict(GONE)
    return pin


def _ids_in_draft(session: Session, draft_id: int, pin_ids: Sequence[int]) -> list[int]:
    """Return the draft's pins of the items that these pins of the published page have."""
    rows = session.execute(select(Pin.id, Pin.item_id).where(Pin.id.in_(list(pin_ids))))
    items = {row[0]: row[1] for row in rows}
    layout = layout_of(session, draft_id)
    by_item = {pin.item_id: pin.id for pins in layout.values() for pin in pins}
    found = (by_item.get(items.get(pin_id, 0)) for pin_id in pin_ids)
    return [pin_id for pin_id in found if pin_id is not None]


def _pin_of(session: Session, page_id: int, item_id: int) -> Pin | None:
    return session.scalar(
        select(Pin)
        .join(Section, Section.id == Pin.section_id)
        .where(Section.page_id == page_id, Pin.item_id == item_id)
        .order_by(Section.position, Pin.position)
        .limit(1)
        .execution_options(populate_existing=True)
    )


def _check_dates(starts_on: date | None, ends_on: date | None) -> None:
    if starts_on and ends_on and ends_on < starts_on:
        raise Invalid({"ends_on": Wording("This is before the first day.")})


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _audience_id(session: Session, tokens: Collection[str]) -> int | None:
    return audience_of(session, tokens).id if tokens else None


def _tokens(session: Session, audience_id: int | None) -> tuple[str, ...]:
    if audience_id is None:
        return ()
    key = session.scalar(select(Audience.key).where(Audience.id == audience_id))
    return tuple(key.split(" ")) if key else ()


def _check_item(session: Session, item_id: int, page_id: int, tokens: Collection[str]) -> None:
    role = session.scalar(
        select("role:" + Role.slug)
        .join(RolePage, RolePage.role_id == Role.id)
        .where(RolePage.id == page_id)
    )
    seen = live_items({*tokens, str(role)}).where(Item.id == item_id)
    if session.scalar(seen) is None:
        raise NotFound(Wording("There is no such item to pin."))
