"""Reads of notices: the reader's own, and who is to be sent a digest.

A notice about an item is there only while the item may be seen: that stands in every statement.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.models import Item, Notice, NoticeChoice, Person, PersonRole, visible_to


def notices_of(
    session: Session, person_id: int, *, tokens: Collection[str], offset: int, limit: int
) -> list[Notice]:
    """Return a person's notices, the latest first."""
    wanted = _of(person_id, tokens).order_by(Notice.at.desc(), Notice.id.desc())
    return list(session.scalars(wanted.offset(offset).limit(limit)))


def notice_count(session: Session, person_id: int, *, tokens: Collection[str]) -> int:
    """Return how many notices a person has."""
    return session.scalar(select(func.count()).select_from(_of(person_id, tokens).subquery())) or 0


def choice_of(session: Session, person_id: int) -> NoticeChoice | None:
    """Return how a person wants to be told; None where they have not said."""
    return session.get(NoticeChoice, person_id)


def people_to_write_to(session: Session) -> list[int]:
    """Return the ids of active people for whom something is neither seen nor mailed."""
    waiting = select(Notice.person_id).where(_is_waiting())
    return list(
        session.scalars(
            select(Person.id).where(Person.active, Person.id.in_(waiting)).order_by(Person.id)
        )
    )


def reader_of_mail(session: Session, person_id: int) -> Person | None:
    """Return an active person with what decides what they may see."""
    return session.scalar(
        select(Person)
        .where(Person.id == person_id, Person.active)
        .options(
            selectinload(Person.roles).joinedload(PersonRole.role), selectinload(Person.groups)
        )
    )


def waiting(
    session: Session, person_id: int, *, tokens: Collection[str], muted: Collection[str]
) -> list[Notice]:
    """Return what a person has neither seen nor been sent, the oldest first."""
    wanted = _of(person_id, tokens).where(_is_waiting(), Notice.kind.not_in(list(muted)))
    return list(session.scalars(wanted.order_by(Notice.at, Notice.id)))


def _of(person_id: int, tokens: Collection[str]) -> Select[Notice]:
    seen = select(Item.id).where(Item.id == Notice.item_id, visible_to(Item.audience_id, tokens))
    return select(Notice).where(
        Notice.person_id == person_id, or_(Notice.item_id.is_(None), seen.exists())
    )


def _is_waiting() -> ColumnElement[bool]:
    return Notice.seen_at.is_(None) & Notice.mailed_at.is_(None)
