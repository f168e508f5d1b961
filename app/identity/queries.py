"""Reads for the pages about identity providers and SCIM clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from app.models import (
    Identity,
    IdentityProvider,
    LoginSession,
    ScimClient,
    ScimGroup,
    ScimUser,
    SignInRecord,
)


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider, how many people it has named, and when somebody last came in through it."""

    provider: IdentityProvider
    people: int
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A SCIM client with its tokens, and how many users and groups it has given us."""

    client: ScimClient
    users: int
    groups: int


def providers(session: Session) -> list[ProviderRow]:
    """Return every provider in the order of the sign-in page."""
    rows = session.execute(
        select(IdentityProvider, func.count(Identity.id), func.max(Identity.last_used_at))
        .outerjoin(Identity, Identity.provider_id == IdentityProvider.id)
        .group_by(IdentityProvider.id)
        .order_by(IdentityProvider.position, IdentityProvider.name)
    )
    return [ProviderRow(*row) for row in rows]


def open_sessions(session: Session, provider_id: int, *, now: datetime) -> int:
    """Return how many sessions that this provider began are open."""
    return (
        session.scalar(
            select(func.count())
            .select_from(LoginSession)
            .where(LoginSession.provider_id == provider_id, LoginSession.expires_at > now)
        )
        or 0
    )


def records(session: Session, provider_id: int, *, limit: int = 20) -> list[SignInRecord]:
    """Return the newest sign-ins at a provider, each with its person."""
    return list(
        session.scalars(
            select(SignInRecord)
            .where(SignInRecord.provider_id == provider_id)
            .order_by(SignInRecord.id.desc())
            .limit(limit)
            .options(joinedload(SignInRecord.person))
        )
    )


def records_with_attributes(session: Session, provider_id: int) -> list[SignInRecord]:
    """Return the newest sign-ins of which attributes are kept, newest first."""
    return [each for each in records(session, provider_id) if each.received]


def record(session: Session, provider_id: int, record_id: int) -> SignInRecord | None:
    """Return one sign-in at a provider with its person."""
    return session.scalar(
        select(SignInRecord)
        .where(SignInRecord.provider_id == provider_id, SignInRecord.id == record_id)
        .options(joinedload(SignInRecord.person))
    )


def clients(session: Session) -> list[ClientRow]:
    """Return every SCIM client by name with its tokens."""
    found = session.scalars(
        select(ScimClient).order_by(ScimClient.name).options(selectinload(ScimClient.tokens))
    ).all()
    users, groups = _counted(session, ScimUser.client_id), _counted(session, ScimGroup.client_id)
    return [ClientRow(each, users.get(each.id, 0), groups.get(each.id, 0)) for each in found]


def group_names(session: Session, client_id: int, *, limit: int = 200) -> Sequence[str]:
    """Return the names of the groups that a SCIM client has given us, for its rules."""
    return session.scalars(
        select(ScimGroup.display_name)
        .where(ScimGroup.client_id == client_id)
        .order_by(func.lower(ScimGroup.display_name))
        .limit(limit)
    ).all()


def _counted(session: Session, column: InstrumentedAttribute[int]) -> dict[int, int]:
    counted = select(column.label("client"), func.count().label("amount")).group_by(column)
    return {row.client: row.amount for row in session.execute(counted)}
