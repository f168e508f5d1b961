"""What curators do to role pages. Any curator may edit any page; `by` says who did it where kept.

Every change of order first takes its page's lock, so that two curators at once cannot tear it.
Positions of sections and pins are always 0, 1, 2, … without gaps.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.catalogue.queries import live_items
from app.curation.layout import (
    GONE,
    bring,
    cross,
    layout_of,
    lock,
    number,
    page_of_pin,
    page_of_section,
    pin_in,
    pins_in,
    sections_of,
    write,
)
from app.curation.order import merged, moved
from app.curation.texts import checked
from app.errors import Conflict, Invalid, NotFound, Wording
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
    lock(session, page_id)
    section.position = len(sections_of(session, page_id))
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
        raise Conflict(GONE)
    return page_id


def move_section(session: Session, section_id: int, step: int) -> int:
    """Move a section by `step` places among its page's; return the page's id.

    Raises Conflict if the section is gone.
    """
    page_id = lock(session, page_of_section(section_id))
    sections = sections_of(session, page_id)
    one = next((each for each in sections if each.id == section_id), None)
    if one is None:
        raise Conflict(GONE)
    number(moved(sections, one, step))
    session.flush()
    return page_id


def remove_section(session: Session, section_id: int) -> int:
    """Remove a section and the pins in it; return the page's id.

    Raises Conflict if the section is gone.
    """
    page_id = lock(session, page_of_section(section_id))
    session.execute(delete(Section).where(Section.id == section_id))
    number(sections_of(session, page_id))
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
        raise Invalid({"ends_on": Wording("This is before the first day.")})
    page_id = lock(session, page_of_section(section_id))
    layout = layout_of(session, page_id)
    for known in (pin for pins in layout.values() for pin in pins if pin.item_id == item_id):
        return Pinned(pin=known, is_new=False)
    _check_item(session, item_id, page_id, tokens)
    pins = pins_in(layout, section_id)
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
    write(session, layout)
    return Pinned(pin=pin, is_new=True)


def edit_note(session: Session, pin_id: int, note: str) -> int:
    """Change the note of a pin and return the page's id.

    Raises Conflict if the pin is gone, Invalid for a note that is too long.
    """
    note = checked("note", note, longest=NOTE)
    page_id = lock(session, page_of_pin(pin_id))
    change = update(Pin).where(Pin.id == pin_id).values(note=note).returning(Pin.id)
    if session.execute(change).one_or_none() is None:
        raise Conflict(GONE)
    return page_id


def move_pin(session: Session, pin_id: int, step: int) -> int:
    """Move a pin one place up (-1) or down (+1) and return the page's id.

    From the top of a section it goes to the end of the one above, from the bottom to the top of
    the one below. Raises Conflict if the pin is gone.
    """
    page_id = lock(session, page_of_pin(pin_id))
    layout = layout_of(session, page_id)
    pin = pin_in(layout, pin_id)
    pins = layout[pin.section_id]
    if 0 <= pins.index(pin) + step < len(pins):
        layout[pin.section_id] = moved(pins, pin, step)
    else:
        cross(layout, pin, step)
    write(session, layout)
    return page_id


def reorder(session: Session, section_id: int, pin_ids: Sequence[int]) -> int:
    """Put a section's pins into the order of `pin_ids` and return the page's id.

    Pins of the page's other sections that are named come along. Pins of the section that are not
    named stay, at the end; ids that are not of this page are passed over. Raises Conflict only if
    the section is gone.
    """
    page_id = lock(session, page_of_section(section_id))
    layout = layout_of(session, page_id)
    bring(layout, pins_in(layout, section_id), set(pin_ids))
    pins = {pin.id: pin for pin in layout[section_id]}
    layout[section_id] = [pins[pin_id] for pin_id in merged(pins, pin_ids)]
    write(session, layout)
    return page_id


def unpin(session: Session, pin_id: int) -> Unpinned:
    """Take a pin off its page; raise Conflict if it is gone."""
    page_id = lock(session, page_of_pin(pin_id))
    layout = layout_of(session, page_id)
    pin = pin_in(layout, pin_id)
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
    write(session, layout)
    return gone


def _check_item(session: Session, item_id: int, page_id: int, tokens: Collection[str]) -> None:
    role = session.scalar(
        select("role:" + Role.slug)
        .join(RolePage, RolePage.role_id == Role.id)
        .where(RolePage.id == page_id)
    )
    seen = live_items({*tokens, str(role)}).where(Item.id == item_id)
    if session.scalar(seen) is None:
        raise NotFound("There is no such item to pin.")
