"""The order of a page's sections and pins in the database, held by one curator at a time.

The lock is an update of the page's row that changes nothing: it holds on SQLite and on PostgreSQL
until the transaction ends. What is read after it is what is there now.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.models import Pin, RolePage, Section

Layout = dict[int, list[Pin]]
GONE = "Somebody has removed this from the page in the meantime."


def lock(session: Session, page_id: Any) -> int:
    """Hold the page until the transaction ends and return its id; raise Conflict if it is gone."""
    held = session.execute(
        update(RolePage)
        .where(RolePage.id == page_id)
        .values(reviewed_on=RolePage.reviewed_on)
        .returning(RolePage.id)
        .execution_options(synchronize_session=False, changes_nothing=True)
    ).scalar()
    if held is None:
        raise Conflict(GONE)
    return held


def sections_of(session: Session, page_id: int) -> list[Section]:
    """Return the page's sections in order, as they are now."""
    return list(
        session.scalars(
            select(Section)
            .where(Section.page_id == page_id)
            .order_by(Section.position, Section.id)
            .execution_options(populate_existing=True)
        )
    )


def layout_of(session: Session, page_id: int) -> Layout:
    """Return the pins of each of the page's sections, both in order, as they are now."""
    rows = session.execute(
        select(Section.id, Pin)
        .outerjoin(Pin, Pin.section_id == Section.id)
        .where(Section.page_id == page_id)
        .order_by(Section.position, Section.id, Pin.position, Pin.id)
        .execution_options(populate_existing=True)
    )
    layout: Layout = {}
    for section_id, pin in rows:
        pins = layout.setdefault(section_id, [])
        if pin is not None:
            pins.append(pin)
    return layout


def pins_in(layout: Layout, section_id: int) -> list[Pin]:
    """Return the section's pins; raise Conflict if it went while we waited for the lock."""
    if section_id not in layout:
        raise Conflict(GONE)
    return layout[section_id]


def pin_in(layout: Layout, pin_id: int) -> Pin:
    """Return the pin; raise Conflict if it went while we waited for the lock."""
    for pins in layout.values():
        for pin in pins:
            if pin.id == pin_id:
                return pin
    raise Conflict(GONE)


def write(session: Session, layout: Layout) -> None:
    """Store every pin's section and place."""
    for section_id, pins in layout.items():
        for pin in pins:
            pin.section_id = section_id
        number(pins)
    session.flush()


def number(rows: Iterable[Section | Pin]) -> None:
    """Give the rows their places in this order, from 0."""
    for place, row in enumerate(rows):
        row.position = place


def cross(layout: Layout, pin: Pin, step: int) -> None:
    """Move a pin over the edge of its section, if there is one beyond that can take it."""
    order = list(layout)
    beyond = order.index(pin.section_id) + step
    if not 0 <= beyond < len(order) or not _can_take(layout[order[beyond]], pin):
        return
    layout[pin.section_id].remove(pin)
    neighbours = layout[order[beyond]]
    neighbours.insert(len(neighbours) if step < 0 else 0, pin)


def bring(layout: Layout, here: list[Pin], wanted: Collection[int]) -> None:
    """Move the wanted pins of the page's other sections here, to the end."""
    for pins in layout.values():
        for pin in [pin for pin in pins if pins is not here and pin.id in wanted]:
            if _can_take(here, pin):
                pins.remove(pin)
                here.append(pin)


def _can_take(pins: Sequence[Pin], pin: Pin) -> bool:
    """Tell whether the section does not have the pin's item yet, as loaded pages may."""
    return all(each.item_id != pin.item_id for each in pins)
