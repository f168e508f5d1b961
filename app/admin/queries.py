"""Reads for the administrator's overview: counts, and when things last changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.models import IndexOutbox, Item, LoginSession, Person, Status, Tool


@dataclass(frozen=True, slots=True)
class ToolFacts:
    """What the catalogue holds of one tool; `changed_at` is None for a tool without items."""

    name: str
    live: int
    retired: int
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PeopleFacts:
    """How many people may sign in, how many have left, and how many browsers are signed in."""

    active: int
    left: int
    sessions: int


def tools(session: Session) -> list[ToolFacts]:
    """Return each tool by name with its items counted."""
    live = func.sum(case((Item.status == Status.LIVE.value, 1), else_=0))
    rows = session.execute(
        select(Tool.name, live, func.count(Item.id), func.max(Item.updated_at))
        .outerjoin(Item, Item.tool_id == Tool.id)
        .group_by(Tool.id, Tool.name)
        .order_by(func.lower(Tool.name))
    )
    return [
        ToolFacts(name, found or 0, count - (found or 0), at) for name, found, count, at in rows
    ]


def people(session: Session, *, now: datetime) -> PeopleFacts:
    """Return the people counted, and the sessions that are open at `now`."""
    active = func.sum(case((Person.active, 1), else_=0))
    found, everybody = session.execute(select(active, func.count(Person.id))).one()
    sessions = (
        select(func.count())
        .select_from(LoginSession)
        .join(LoginSession.person)
        .where(LoginSession.expires_at > now, Person.active)
    )
    return PeopleFacts(found or 0, everybody - (found or 0), session.scalar(sessions) or 0)


def waiting_for_index(session: Session) -> tuple[int, datetime | None]:
    """Return how many changes the search index has still to follow, and since when."""
    counted = select(func.count(IndexOutbox.id), func.min(IndexOutbox.queued_at))
    waiting, since = session.execute(counted).one()
    return waiting, since
