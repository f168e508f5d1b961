"""What curators do to role pages. Any curator may edit any page; `by` says who did it where kept.

Every change first takes its page's lock (an update of the page's row, which holds on SQLite and on
PostgreSQL until the transaction ends), so that two curators at once cannot tear an order apart.
Positions of sections and pins are always 0, 1, 2, … without gaps.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ScalarSelect, delete, select, update
from sqlalchemy.orm import Session

from app.catalogue.queries import live_items
from app.curation.order import merged, moved
from app.curation.texts import checked
from app.errors import Conflict, Invalid, NotFound
from app.models import (
    EVERYONE,
    Item,
    Pin,
    Role,
    RolePage,
    Section,
    audience_of,
)

TITLE, INTRO, NOTE = 120, 1000, 500
_Layout = dict[int, list[Pin]]


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


def create_page(
    session: Session,
    role_slug: str,
    *,
    by: int,
    title: str = "",
    intro: str = "",
    audience: Collection[str] = EVERYONE,
) -> RolePage:
    """Make the page of a job role, kept by its maker; without a title it carries the role's name.

    Raises NotFound for an unknown role, Conflict if the role has a page.
    """
    role = session.scalar(select(Role).where(Role.slug == role_slug).with_for_update())
    if role is None:
        raise NotFound("There is no such role.")
    if session.scalar(select(RolePage.id).where(RolePage.role_id == role.id)):
        raise Conflict("This role has a page already.")
    page = RolePage(
        role_id=role.id,
        title=checked("title", title or role.name, longest=TITLE),
        intro=checked("intro", intro, longest=INTRO),
        curator_id=by,
        audience_id=audience_of(session, audience).id,
    )
    session.add(page)
    session.flush()
    return page


def edit_details(session: Session, page: RolePage, *, title: str, intro: str) -> None:
    """Change a page's title and introduction; raise Invalid for one that is too long or missing."""
    page.title = checked("title", title, longest=TITLE, required=True)
    page.intro = checked("intro", intro, longest=INTRO)
    session.flush()


def mark_reviewed(session: Session, page: RolePage, *, by: int, on: date) -> None:
    """Note that everything on the page was looked at; a page without a curator gets this one."""
    page.reviewed_on = on
    page.curator_id = page.curator_id or by
    session.flush()


def add_section(session: Session, page_id: int, *, title: str, intro: str = "") -> Section:
    """Add a section at the end of the page.

    Raises Conflict if the page is gone, Invalid for a title or intro that is no good.
    """
    section = Section(
        page_id=page_id,
        title=checked("title", title, longest=TITLE, required=True),
        intro=checked("intro", intro, longest=INTRO),
    )
    _lock(session, page_id)
    section.position = len(_sections(session, page_id))
    session.add(section)
    session.flush()
    return section


def edit_section(session: Session, section_id: int, *, title: str, intro: str) -> int:
    """Change title and introduction of a section and return the page's id.

    Raises Conflict if the section is gone, Invalid for a title or intro that is no good.
    """
    title = checked("title", title, longest=TITLE, required=True)
    intro = checked("intro", intro, longest=INTRO)
    change = update(Section).where(Section.id == section_id).values(title=title, intro=intro)
    page_id = session.execute(change.returning(Section.page_id)).scalar()
    if page_id is None:
        raise Conflict(_GONE)
    return page_id


def move_section(session: Session, section_id: int, step: int) -> int:
    """Move a section by `step` places among its page's; return the page's id.

    Raises Conflict if the section is gone.
    """
    page_id = _lock(session, _page_of_section(section_id))
    sections = _sections(session, page_id)
    one = next(each for each in sections if each.id == section_id)
    _number(moved(sections, one, step))
    session.flush()
    return page_id


def remove_section(session: Session, section_id: int) -> int:
    """Remove a section and the pins in it; return the page's id.

    Raises Conflict if the section is gone.
    """
    page_id = _lock(session, _page_of_section(section_id))
    session.execute(delete(Section).where(Section.id == section_id))
    _number(_sections(session, page_id))
    session.flush()
    return page_id


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
) -> Pinned:
    """Pin an item to a section, at its end unless a position is given.

    An item stands once on a page: if it is there already, that pin stays as it is and is returned.
    `tokens` are the curator's; what the page's role may see can be pinned too. Raises NotFound for
    an item that the curator may not see or that is retired, Invalid for a note that is too long or
    dates that end before they start, Conflict if the section is gone.
    """
    note = checked("note", note, longest=NOTE)
    if starts_on and ends_on and ends_on < starts_on:
        raise Invalid({"ends_on": "This is before the first day."})
    page_id = _lock(session, _page_of_section(section_id))
    layout = _layout(session, page_id)
    for known in (pin for pins in layout.values() for pin in pins if pin.item_id == item_id):
        return Pinned(pin=known, is_new=False)
    _check_item(session, item_id, page_id, tokens)
    pins = layout.setdefault(section_id, [])
    pin = Pin(
        section_id=section_id,
        item_id=item_id,
        note=note,
        pinned_by_id=by,
        pinned_at=now,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    session.add(pin)
    pins.insert(len(pins) if position is None else max(position, 0), pin)
    _write(session, layout)
    return Pinned(pin=pin, is_new=True)


def edit_note(session: Session, pin_id: int, note: str) -> int:
    """Change the note of a pin and return the page's id.

    Raises Conflict if the pin is gone, Invalid for a note that is too long.
    """
    note = checked("note", note, longest=NOTE)
    page_id = _lock(session, _page_of_pin(pin_id))
    session.execute(update(Pin).where(Pin.id == pin_id).values(note=note))
    return page_id


def move_pin(session: Session, pin_id: int, step: int) -> int:
    """Move a pin one place up (-1) or down (+1) and return the page's id.

    From the top of a section it goes to the end of the one above, from the bottom to the top of
    the one below. Raises Conflict if the pin is gone.
    """
    page_id = _lock(session, _page_of_pin(pin_id))
    layout = _layout(session, page_id)
    section_id, pin = next(
        (section_id, pin) for section_id, pins in layout.items() for pin in pins if pin.id == pin_id
    )
    pins = layout[section_id]
    if 0 <= pins.index(pin) + step < len(pins):
        layout[section_id] = moved(pins, pin, step)
    else:
        _cross(layout, section_id, pin, step)
    _write(session, layout)
    return page_id


def reorder(session: Session, section_id: int, pin_ids: Sequence[int]) -> int:
    """Put a section's pins into the order of `pin_ids` and return the page's id.

    Pins of the page's other sections that are named come along. Pins of the section that are not
    named stay, at the end; ids that are not of this page are passed over. Raises Conflict only if
    the section is gone.
    """
    page_id = _lock(session, _page_of_section(section_id))
    layout = _layout(session, page_id)
    _bring(layout, section_id, set(pin_ids))
    pins = {pin.id: pin for pin in layout[section_id]}
    layout[section_id] = [pins[pin_id] for pin_id in merged(pins, pin_ids)]
    _write(session, layout)
    return page_id


def unpin(session: Session, pin_id: int) -> Unpinned:
    """Take a pin off its page; raise Conflict if it is gone."""
    page_id = _lock(session, _page_of_pin(pin_id))
    layout = _layout(session, page_id)
    pin = next(pin for pins in layout.values() for pin in pins if pin.id == pin_id)
    session.execute(delete(Pin).where(Pin.id == pin_id))
    layout[pin.section_id].remove(pin)
    gone = Unpinned(
        page_id=page_id,
        section_id=pin.section_id,
        item_id=pin.item_id,
        note=pin.note,
        position=pin.position,
        starts_on=pin.starts_on,
        ends_on=pin.ends_on,
    )
    _write(session, layout)
    return gone


_GONE = "Somebody has removed this from the page in the meantime. Load the page again to see it."


def _page_of_section(section_id: int) -> ScalarSelect[int]:
    return select(Section.page_id).where(Section.id == section_id).scalar_subquery()


def _page_of_pin(pin_id: int) -> ScalarSelect[int]:
    of_pin = select(Section.page_id).join(Pin, Pin.section_id == Section.id)
    return of_pin.where(Pin.id == pin_id).scalar_subquery()


def _lock(session: Session, page_id: Any) -> int:
    """Hold the page until the transaction ends and return its id; raise Conflict if it is gone."""
    held = session.execute(
        update(RolePage)
        .where(RolePage.id == page_id)
        .values(reviewed_on=RolePage.reviewed_on)
        .returning(RolePage.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if held is None:
        raise Conflict(_GONE)
    return held


def _sections(session: Session, page_id: int) -> list[Section]:
    return list(
        session.scalars(
            select(Section)
            .where(Section.page_id == page_id)
            .order_by(Section.position, Section.id)
            .execution_options(populate_existing=True)
        )
    )


def _layout(session: Session, page_id: int) -> _Layout:
    """Return the pins of each of the page's sections, both in order, as they are now."""
    rows = session.execute(
        select(Section.id, Pin)
        .outerjoin(Pin, Pin.section_id == Section.id)
        .where(Section.page_id == page_id)
        .order_by(Section.position, Section.id, Pin.position, Pin.id)
        .execution_options(populate_existing=True)
    )
    layout: _Layout = {}
    for section_id, pin in rows:
        pins = layout.setdefault(section_id, [])
        if pin is not None:
            pins.append(pin)
    return layout


def _write(session: Session, layout: _Layout) -> None:
    for section_id, pins in layout.items():
        for pin in pins:
            pin.section_id = section_id
        _number(pins)
    session.flush()


def _number(rows: Iterable[Section | Pin]) -> None:
    for place, row in enumerate(rows):
        row.position = place


def _cross(layout: _Layout, section_id: int, pin: Pin, step: int) -> None:
    """Move a pin over the edge of its section, if there is one beyond that can take it."""
    order = list(layout)
    beyond = order.index(section_id) + step
    if not 0 <= beyond < len(order) or not _can_take(layout[order[beyond]], pin):
        return
    layout[section_id].remove(pin)
    neighbours = layout[order[beyond]]
    neighbours.insert(len(neighbours) if step < 0 else 0, pin)


def _bring(layout: _Layout, section_id: int, wanted: set[int]) -> None:
    """Move the wanted pins of the page's other sections to this one."""
    for other, pins in layout.items():
        for pin in [pin for pin in pins if other != section_id and pin.id in wanted]:
            if _can_take(layout[section_id], pin):
                pins.remove(pin)
                layout[section_id].append(pin)


def _can_take(pins: Sequence[Pin], pin: Pin) -> bool:
    """Tell whether the section does not have the pin's item yet, as loaded pages may."""
    return all(each.item_id != pin.item_id for each in pins)


def _check_item(session: Session, item_id: int, page_id: int, tokens: Collection[str]) -> None:
    role = session.scalar(
        select("role:" + Role.slug)
        .join(RolePage, RolePage.role_id == Role.id)
        .where(RolePage.id == page_id)
    )
    seen = live_items({*tokens, str(role)}).where(Item.id == item_id)
    if session.scalar(seen) is None:
        raise NotFound("There is no such item to pin.")
