"""Reads of the audit log: a page of it, newest first, and the whole of it in batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.models import AuditEntry, AuditHead

_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries are wanted; what is empty does not matter.

    `rooms` are beginnings of actions such as `auth`; `person` is a part of the name of whoever
    acted or was acted upon; `since` counts in, `until` does not.
    """

    rooms: Sequence[str] = ()
    person: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None


def count(session: Session) -> int:
    """Return how many entries there are, which is the newest one's number."""
    return session.scalar(select(AuditHead.number)) or 0


def newest(
    session: Session, wanted: Filter, *, before: int | None = None, limit: int
) -> list[AuditEntry]:
    """Return the newest entries that fit, those before the numbered one if there is a number."""
    statement = _filtered(select(AuditEntry), wanted)
    if before is not None:
        statement = statement.where(AuditEntry.number < before)
    return list(session.scalars(statement.order_by(AuditEntry.number.desc()).limit(limit)))


def oldest_first(session: Session, since: datetime | None = None) -> Iterator[AuditEntry]:
    """Give every entry in its order, a batch in memory at a time."""
    statement = _filtered(select(AuditEntry), Filter(since=since))
    after = 0
    while True:
        following = statement.where(AuditEntry.number > after)
        batch = session.scalars(following.order_by(AuditEntry.number).limit(_BATCH)).all()
        if not batch:
            return
        yield from batch
        after = batch[-1].number
        session.expunge_all()


def _filtered(statement: Select[AuditEntry], wanted: Filter) -> Select[AuditEntry]:
    if wanted.rooms:
        rooms = (AuditEntry.action.startswith(f"{room}.", autoescape=True) for room in wanted.rooms)
        statement = statement.where(or_(*rooms))
    if wanted.person:
        named = (AuditEntry.actor, AuditEntry.subject)
        held = (column.icontains(wanted.person, autoescape=True) for column in named)
        statement = statement.where(or_(*held))
    if wanted.outcome:
        statement = statement.where(AuditEntry.outcome == wanted.outcome)
    if wanted.since:
        statement = statement.where(AuditEntry.at >= wanted.since)
    if wanted.until:
        statement = statement.where(AuditEntry.at < wanted.until)
    return statement
