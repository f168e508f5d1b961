"""Drafts: what curators change. A draft is a copy of the published page, made when it is needed.

Whatever names a section or a pin of the published page is taken to mean its like in the draft, so
that a page that stands open in a browser since before the draft was made goes on working.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.curation import rights
from app.curation.laying import content_of, lay
from app.curation.layout import GONE, lock
from app.errors import Conflict
from app.models import Change, PageChange, Pin, Role, RolePage, Section


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a draft: the page's id and the part's."""

    page_id: int
    id: int


def draft_of(session: Session, role_id: int) -> int | None:
    """Return the id of the draft of a role's page, or None."""
    return session.scalar(
        select(RolePage.id).where(RolePage.role_id == role_id, ~RolePage.published)
    )


def make_draft(session: Session, page_id: int, *, by: int, now: datetime) -> int:
    """Return the id of the draft beside a page, made now if there is none.

    Raises NotAllowed for who may not change the page, Conflict if it is gone.
    """
    lock(session, page_id)
    kept = (RolePage.role_id, RolePage.published, RolePage.title, RolePage.curator_id)
    page = session.execute(
        select(*kept, RolePage.reviewed_on, RolePage.audience_id).where(RolePage.id == page_id)
    ).one()
    rights.check(session, page.role_id, by, on=now.date())
    known = draft_of(session, page.role_id) if page.published else page_id
    if known is not None:
        return known
    draft = RolePage(
        role_id=page.role_id,
        published=False,
        revision=1,
        changed_at=now,
        changed_by_id=by,
        title=page.title,
        curator_id=page.curator_id,
        reviewed_on=page.reviewed_on,
        audience_id=page.audience_id,
    )
    session.add(draft)
    session.flush()
    lay(session, draft.id, content_of(session, page_id))
    note(session, draft.id, 1, Change.MADE, by=by, now=now)
    return draft.id


def hold(
    session: Session,
    page_id: int,
    what: Change,
    *,
    by: int | None,
    now: datetime,
    item_id: int | None = None,
    text: str = "",
) -> int:
    """Hold a draft until the transaction ends, count the change, and note who makes it.

    Returns the draft's id. Raises Conflict if it is gone or has been published meanwhile.
    """
    held = session.execute(
        update(RolePage)
        .where(RolePage.id == page_id, ~RolePage.published)
        .values(revision=RolePage.revision + 1, changed_at=now, changed_by_id=by)
        .returning(RolePage.revision)
        .execution_options(synchronize_session=False, changes_nothing=True)
    ).scalar()
    if held is None:
        raise Conflict(GONE)
    note(session, page_id, held, what, by=by, now=now, item_id=item_id, text=text)
    return page_id


def note(
    session: Session,
    page_id: int,
    revision: int,
    what: Change,
    *,
    by: int | None,
    now: datetime,
    item_id: int | None = None,
    text: str = "",
) -> None:
    """Note what gave a draft this revision."""
    session.add(
        PageChange(
            page_id=page_id,
            revision=revision,
            person_id=by,
            at=now,
            what=what.value,
            item_id=item_id,
            text=text[:200],
        )
    )


def section_in_draft(
    session: Session, section_id: int, *, by: int, now: datetime, role: str = "", key: str = ""
) -> Place:
    """Return where a section stands in the draft, which is made if there is none.

    With `role` (a slug) and `key`, the section is found by them where the id names it no more.
    Raises Conflict if it is gone, NotAllowed for who may not change the page.
    """
    found = session.execute(
        select(RolePage.id, RolePage.role_id, RolePage.published, Section.key)
        .join(Section, Section.page_id == RolePage.id)
        .where(Section.id == section_id)
    ).one_or_none()
    if found is None or (key and found.key != key):
        return _section_by_key(session, role, key, by=by, now=now)
    if not found.published:
        rights.check(session, found.role_id, by, on=now.date())
        return Place(found.id, section_id)
    draft_id = make_draft(session, found.id, by=by, now=now)
    return _section_with_key(session, draft_id, found.key)


def pin_in_draft(
    session: Session,
    pin_id: int,
    *,
    by: int,
    now: datetime,
    role: str = "",
    item_id: int | None = None,
) -> Place:
    """Return where a pin stands in the draft, which is made if there is none.

    With `role` (a slug) and `item_id`, the pin is found by them where the id names it no more.
    Raises Conflict if it is gone, NotAllowed for who may not change the page.
    """
    found = session.execute(
        select(RolePage.id, RolePage.role_id, RolePage.published, Pin.item_id)
        .join(Section, Section.page_id == RolePage.id)
        .join(Pin, Pin.section_id == Section.id)
        .where(Pin.id == pin_id)
    ).one_or_none()
    if found is None or (item_id is not None and found.item_id != item_id):
        return _pin_by_item(session, role, item_id, by=by, now=now)
    if not found.published:
        rights.check(session, found.role_id, by, on=now.date())
        return Place(found.id, pin_id)
    draft_id = make_draft(session, found.id, by=by, now=now)
    return _pin_with_item(session, draft_id, found.item_id)


def _section_by_key(session: Session, role: str, key: str, *, by: int, now: datetime) -> Place:
    page_id = _page_to_change(session, role) if key else None
    if page_id is None:
        raise Conflict(GONE)
    return _section_with_key(session, make_draft(session, page_id, by=by, now=now), key)


def _section_with_key(session: Session, draft_id: int, key: str) -> Place:
    found = session.scalar(
        select(Section.id).where(Section.page_id == draft_id, Section.key == key)
    )
    if found is None:
        raise Conflict(GONE)
    return Place(draft_id, found)


def _pin_by_item(
    session: Session, role: str, item_id: int | None, *, by: int, now: datetime
) -> Place:
    page_id = _page_to_change(session, role) if item_id is not None else None
    if page_id is None or item_id is None:
        raise Conflict(GONE)
    return _pin_with_item(session, make_draft(session, page_id, by=by, now=now), item_id)


def _pin_with_item(session: Session, draft_id: int, item_id: int) -> Place:
    found = session.scalar(
        select(Pin.id)
        .join(Section, Section.id == Pin.section_id)
        .where(Section.page_id == draft_id, Pin.item_id == item_id)
        .order_by(Section.position, Pin.position)
        .limit(1)
    )
    if found is None:
        raise Conflict(GONE)
    return Place(draft_id, found)


def _page_to_change(session: Session, role: str) -> int | None:
    """Return the id of the draft of a role's page, else of the published one."""
    return session.scalar(
        select(RolePage.id)
        .join(Role, Role.id == RolePage.role_id)
        .where(Role.slug == role)
        .order_by(RolePage.published)
        .limit(1)
    )
