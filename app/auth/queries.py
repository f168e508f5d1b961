"""Reads of sign-in sessions and of the providers that people come from."""

import unicodedata
from datetime import datetime
from itertools import chain, count

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload, with_expression

from app.intake.text import slug
from app.models import (
    Identity,
    IdentityProvider,
    LoginSession,
    Notice,
    OneTimeLink,
    Person,
    PersonRole,
)

_LONGEST_SLUG = 40


def open_session(session: Session, token_hash: str, *, now: datetime) -> LoginSession | None:
    """Return the session with this token that has not run out, its active person fully loaded.

    Groups come with a statement of their own: roles times groups would be too many rows.
    """
    unseen = select(Notice.id).where(
        Notice.person_id == LoginSession.person_id, Notice.seen_at.is_(None)
    )
    wanted = (
        select(LoginSession)
        .join(LoginSession.person)
        .where(LoginSession.token_hash == token_hash, LoginSession.expires_at > now, Person.active)
        .options(
            joinedload(LoginSession.person).options(
                joinedload(Person.roles).joinedload(PersonRole.role), selectinload(Person.groups)
            ),
            with_expression(LoginSession.has_news, unseen.exists()),
        )
    )
    return session.scalars(wanted).unique().one_or_none()


def open_sessions(session: Session, person_id: int, *, now: datetime) -> list[LoginSession]:
    """Return a person's sessions that have not run out, newest use first, with providers."""
    return list(
        session.scalars(
            select(LoginSession)
            .where(LoginSession.person_id == person_id, LoginSession.expires_at > now)
            .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
            .options(joinedload(LoginSession.provider))
        )
    )


def session_with_provider(session: Session, session_id: int) -> LoginSession | None:
    """Return the session with the provider that began it, if one did."""
    wanted = select(LoginSession).where(LoginSession.id == session_id)
    return session.scalar(wanted.options(joinedload(LoginSession.provider)))


def usable_link(session: Session, token_hash: str, *, now: datetime) -> OneTimeLink | None:
    """Return the one-time link with this token if it is neither used nor too old."""
    return session.scalar(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == token_hash,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
    )


def provider_named(session: Session, slug: str) -> IdentityProvider | None:
    """Return the identity provider with this slug, switched on or not."""
    return session.scalar(select(IdentityProvider).where(IdentityProvider.slug == slug))


def providers_of(session: Session, person_id: int) -> list[IdentityProvider]:
    """Return the providers that are switched on and have a name for this person."""
    return list(
        session.scalars(
            select(IdentityProvider)
            .where(
                IdentityProvider.enabled,
                IdentityProvider.id.in_(
                    select(Identity.provider_id).where(Identity.person_id == person_id)
                ),
            )
            .order_by(IdentityProvider.position, IdentityProvider.name)
        )
    )


def enabled_providers(session: Session) -> list[IdentityProvider]:
    """Return the identity providers that are switched on, in the order of the sign-in page."""
    return list(
        session.scalars(
            select(IdentityProvider)
            .where(IdentityProvider.enabled)
            .order_by(IdentityProvider.position, IdentityProvider.name)
        )
    )


def free_slug(session: Session, name: str) -> str:
    """Return a slug for a provider of this name that none has yet.

    It is in plain letters, since it stands in addresses that are compared exactly, and never
    looks like a SCIM client's, since `Person.access_from` holds either.
    """
    letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    wanted = slug(letters).removeprefix("scim-")[:_LONGEST_SLUG].strip("-") or "provider"
    taken = set(session.scalars(select(IdentityProvider.slug)))
    shorter = wanted[: _LONGEST_SLUG - 5].strip("-")
    tries = chain([wanted], (f"{shorter}-{number}" for number in count(2)))
    return next(one for one in tries if one not in taken)
