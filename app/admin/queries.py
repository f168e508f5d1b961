"""Reads for the administrator: counts, when things last changed, and how one person comes in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.queries import item_counts
from app.models import (
    Identity,
    IdentityProvider,
    IndexOutbox,
    LoginSession,
    Person,
    ScimClient,
    ScimUser,
    Status,
    Tool,
)


@dataclass(frozen=True, slots=True)
class ToolFacts:
    """What the catalogue holds of one tool; `changed_at` is None for a tool without items."""

    tool_id: int
    slug: str
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
    counts = item_counts()
    live = func.sum(case((counts.c.status == Status.LIVE.value, counts.c.number), else_=0))
    rows = session.execute(
        select(Tool.id, Tool.slug, Tool.name, live, func.sum(counts.c.number))
        .add_columns(func.max(counts.c.changed_at))
        .outerjoin(counts, counts.c.tool_id == Tool.id)
        .group_by(Tool.id, Tool.slug, Tool.name)
        .order_by(func.lower(Tool.name))
    )
    return [
        ToolFacts(tool_id, slug, name, found or 0, (count or 0) - (found or 0), at)
        for tool_id, slug, name, found, count, at in rows
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


def identities(session: Session, person_id: int) -> list[Identity]:
    """Return the names that providers have for the person, the one used last first."""
    return list(
        session.scalars(
            select(Identity)
            .where(Identity.person_id == person_id)
            .order_by(Identity.last_used_at.desc(), Identity.id)
            .options(joinedload(Identity.provider))
        )
    )


def identity_of(session: Session, person_id: int, identity_id: int) -> Identity | None:
    """Return this identity if it is the person's."""
    wanted = select(Identity).where(Identity.id == identity_id, Identity.person_id == person_id)
    return session.scalar(wanted.options(joinedload(Identity.provider)))


def scim_source(session: Session, person_id: int) -> tuple[str, str, datetime] | None:
    """Return the client that keeps the person up to date: its name, their userName there, when."""
    wanted = (
        select(ScimClient.name, ScimUser.user_name, ScimUser.updated_at)
        .join(ScimClient, ScimClient.id == ScimUser.client_id)
        .where(ScimUser.person_id == person_id)
    )
    row = session.execute(wanted).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def source_named(session: Session, slug: str) -> str:
    """Return the name of the provider or SCIM client with this slug; the slug if it is gone."""
    names = (
        select(source.name).where(source.slug == slug) for source in (IdentityProvider, ScimClient)
    )
    return next((name for one in names if (name := session.scalar(one))), slug)
