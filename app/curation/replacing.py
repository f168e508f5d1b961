"""Lets pins follow an item to the one that takes its place, on every page and draft at once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.curation.drafts import hold
from app.curation.laying import content_of
from app.curation.layout import layout_of, lock, write
from app.curation.publishing import keep_as_it_is
from app.models import Change, Pin, RolePage, Section


def replace_everywhere(
    session: Session,
    item_id: int,
    successor_id: int,
    *,
    now: datetime,
    only: Collection[int] | None = None,
) -> int:
    """Let every pin of an item be one of its successor; return how many pins that were.

    Note, place, dates and audience stay. Where the successor is on the page already, the item's
    pin goes, and leaves its note to one that has none. Published pages keep a version of what they
    are then; a draft notes the change, so that nobody publishes it unseen. With `only`, it happens
    on the pages with these ids.
    """
    if item_id == successor_id:
        return 0
    rows = session.execute(
        select(RolePage.id, RolePage.published)
        .join(Section, Section.page_id == RolePage.id)
        .join(Pin, Pin.section_id == Section.id)
        .where(Pin.item_id == item_id)
        .group_by(RolePage.id, RolePage.role_id, RolePage.published)
        .order_by(RolePage.role_id, RolePage.published.desc())
    ).all()
    return sum(
        _replace(session, page_id, item_id, successor_id, published=published, now=now)
        for page_id, published in rows
        if only is None or page_id in only
    )


def _replace(
    session: Session,
    page_id: int,
    item_id: int,
    successor_id: int,
    *,
    published: bool,
    now: datetime,
) -> int:
    lock(session, page_id)
    before = content_of(session, page_id) if published else None
    count = _follow(session, page_id, item_id, successor_id)
    if before is not None:
        said = {"replaced": [item_id, successor_id]}
        keep_as_it_is(session, page_id, before, said, now=now)
    else:
        hold(session, page_id, Change.REPLACED, by=None, now=now, item_id=item_id)
        session.flush()
    return count


def _follow(session: Session, page_id: int, item_id: int, successor_id: int) -> int:
    """Put the successor in the item's place on one page; return how many pins were touched."""
    layout = layout_of(session, page_id)
    pins = [pin for pins in layout.values() for pin in pins]
    there = next((pin for pin in pins if pin.item_id == successor_id), None)
    old = [pin for pin in pins if pin.item_id == item_id]
    for pin in old:
        if there is None:
            pin.item_id = successor_id
            there = pin
            continue
        there.note = there.note or pin.note
        layout[pin.section_id].remove(pin)
        session.delete(pin)
    session.flush()
    write(session, layout)
    return len(old)
