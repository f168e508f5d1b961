"""SCIM clients and the bearer tokens that they show (RFC 6750, RFC 7644 section 2).

A token is 256 random bits behind a prefix that secret scanners can look for; only its SHA-256 is
kept. Several tokens of one client work side by side, so that one can replace another without a
gap.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, joinedload

from app.auth.service import hashed
from app.errors import Conflict, Invalid, NotAllowed, Wording
from app.intake.text import plain, slug
from app.models import ScimClient, ScimToken
from app.people.mapping import AttributeMapping

PREFIX = "foyer_scim_"
LONGEST_LIFE = timedelta(days=730)
_HINT = 6
_SLUG = 40
_USED_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token may do: read everything of its client, write its users, write its groups."""

    READ = "read"
    USERS = "users"
    GROUPS = "groups"


class TokenRefused(NotAllowed):
    """A request without a token that works; `hint` are the letters that tell tokens apart."""

    def __init__(self, reason: str, hint: str = "") -> None:
        """Keep why it was refused; both are fit for the audit log."""
        super().__init__("The bearer token is missing or does not work.")
        self.reason = reason
        self.hint = hint


def add_client(
    session: Session, name: str, *, now: datetime, mapping: AttributeMapping | None = None
) -> ScimClient:
    """Add a directory that may bring people here, and return it; without a token it can nothing.

    Raises Invalid for a name without letters or of more than 100, Conflict for one that is taken.
    """
    name = _checked(name)
    key = f"scim-{slug(name)}"[:_SLUG].rstrip("-")
    if session.scalar(select(ScimClient.id).where(ScimClient.slug == key)):
        raise Conflict(Wording("There is a SCIM client called %(name)s already.", name=name))
    client = ScimClient(
        slug=key,
        name=name,
        mapping=mapping.to_json() if mapping else {},
        created_at=now,
        tokens=[],
    )
    session.add(client)
    session.flush()
    return client


def edit_client(
    session: Session, client: ScimClient, *, name: str, mapping: AttributeMapping
) -> None:
    """Write a client's name and mapping; its slug stays. Raises Invalid for the name.

    The mapping holds from the client's next write on, person by person.
    """
    client.name = _checked(name)
    client.mapping = mapping.to_json()
    session.flush()


def switch_client(session: Session, client: ScimClient, *, enabled: bool) -> None:
    """Let a client in, or refuse all its tokens from the next request on."""
    client.enabled = enabled
    session.flush()


def issue_token(
    session: Session,
    client: ScimClient,
    *,
    scopes: Iterable[Scope],
    life: timedelta,
    now: datetime,
) -> str:
    """Make a token and return it; it is shown once and kept nowhere. Earlier ones go on working.

    Raises Invalid without a scope, and for a life that is not between an hour and two years.
    """
    wanted = sorted({Scope(scope).value for scope in scopes})
    if not wanted:
        raise Invalid({"scopes": Wording("Choose at least one.")})
    if not timedelta(hours=1) <= life <= LONGEST_LIFE:
        raise Invalid({"life": Wording("A token lives between an hour and two years.")})
    token = PREFIX + secrets.token_urlsafe(32)
    session.add(
        ScimToken(
            client_id=client.id,
            token_hash=hashed(token),
            hint=_hint(token),
            scopes=wanted,
            created_at=now,
            expires_at=now + life,
        )
    )
    session.flush()
    return token


def rotate_token(
    session: Session, token: ScimToken, *, life: timedelta, overlap: timedelta, now: datetime
) -> str:
    """Issue a token with the same scopes, and let the old one go on for the overlap at most.

    Raises Invalid as `issue_token` does.
    """
    client = session.get_one(ScimClient, token.client_id)
    scopes = [Scope(scope) for scope in token.scopes]
    new = issue_token(session, client, scopes=scopes, life=life, now=now)
    token.expires_at = min(token.expires_at, now + overlap)
    session.flush()
    return new


def revoke_token(session: Session, token: ScimToken, *, now: datetime) -> None:
    """End a token with the next request; ending it again changes nothing."""
    token.revoked_at = token.revoked_at or now
    session.flush()


def token_of(session: Session, authorization: str, *, now: datetime) -> ScimToken:
    """Return the working token that an Authorization header shows, its client loaded.

    The scheme is `Bearer` in any case of letters (RFC 6750, section 2.1). Raises TokenRefused.
    """
    scheme, _, shown = authorization.strip().partition(" ")
    shown = shown.strip()
    if scheme.lower() != "bearer" or not shown:
        raise TokenRefused("no bearer token")
    token = session.scalar(
        select(ScimToken)
        .where(ScimToken.token_hash == hashed(shown))
        .options(joinedload(ScimToken.client))
    )
    if token is None:
        raise TokenRefused("unknown token", _hint(shown) if shown.startswith(PREFIX) else "")
    if token.revoked_at is not None:
        raise TokenRefused("revoked token", token.hint)
    if token.expires_at <= now:
        raise TokenRefused("expired token", token.hint)
    if not token.client.enabled:
        raise TokenRefused("client switched off", token.hint)
    return token


def note_use(session: Session, token: ScimToken, *, now: datetime) -> None:
    """Write down that the token was used, at most once a minute, so that reading seldom writes."""
    if token.last_used_at is not None and now - token.last_used_at < _USED_EVERY:
        return
    long_ago = or_(ScimToken.last_used_at.is_(None), ScimToken.last_used_at <= now - _USED_EVERY)
    session.execute(
        update(ScimToken).where(ScimToken.id == token.id, long_ago).values(last_used_at=now)
    )


def take_turn(session: Session, client_id: int) -> None:
    """Wait until no other write of this client is under way, and keep others out until the end."""
    session.execute(
        update(ScimClient)
        .where(ScimClient.id == client_id)
        .values(name=ScimClient.name)
        .execution_options(synchronize_session=False)
    )


def _checked(name: str) -> str:
    name = plain(name)
    if not slug(name) or len(name) > 100:
        why = Wording("A name has letters or digits, and at most 100 characters.")
        raise Invalid({"name": why})
    return name


def _hint(token: str) -> str:
    """Return the letters by which an administrator tells tokens apart: too few to guess from."""
    return token.removeprefix(PREFIX)[:_HINT]
