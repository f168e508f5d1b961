"""Starting, finding and ending sign-in sessions; one-time links for a new portal's administrator.

Tokens carry 256 random bits and only their SHA-256 is kept (OWASP ASVS 5.0, 7.2).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.access import Access, Viewer
from app.auth import queries
from app.errors import NotFound, Wording
from app.models import LoginSession, OneTimeLink, Person
from app.people.audiences import audience_tokens

LINK_LIFE = timedelta(hours=24)
_SEEN_EVERY = timedelta(minutes=1)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lives without a request (`idle`) and in any case (`longest`)."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the provider says of the session that it began; all empty for a way of our own."""

    provider_id: int | None = None
    subject: str = ""
    subject_format: str = ""
    session_index: str = ""
    id_token_sealed: str = ""
    authenticated_at: datetime | None = None
    ends_by: datetime | None = None


HERE = Origin()


def start_session(
    session: Session,
    person: Person,
    *,
    method: str,
    user_agent: str,
    lifetimes: Lifetimes,
    now: datetime,
    address: str = "",
    origin: Origin = HERE,
) -> str:
    """Open a session for an active person and return its token, which is kept nowhere else.

    `origin` is what a provider says of its own session. Raises NotFound for somebody who has left.
    """
    if not person.active:
        raise NotFound("This person can no longer sign in.")
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_hash=hashed(token),
            person_id=person.id,
            method=method,
            user_agent=user_agent[:300],
            address=address[:45],
            started_at=now,
            last_seen_at=now,
            proved_at=_proved_at(origin, now),
            expires_at=_end(lifetimes, now, now, origin.ends_by),
            ends_by=origin.ends_by,
            provider_id=origin.provider_id,
            subject=origin.subject,
            subject_format=origin.subject_format,
            session_index=origin.session_index,
            id_token_sealed=origin.id_token_sealed,
        )
    )
    session.flush()
    return token


def viewer_of(session: Session, token: str, *, now: datetime) -> Viewer | None:
    """Return the reader whose open session has this token; this only reads."""
    found = queries.open_session(session, hashed(token), now=now)
    return _viewer(found, token) if found else None


def keep_alive(session: Session, reader: Viewer, *, lifetimes: Lifetimes, now: datetime) -> None:
    """Let the reader's session live on; at most once a minute, so that reading seldom writes."""
    found = session.get(LoginSession, reader.session_id)
    if found is not None:
        found.last_seen_at = now
        found.expires_at = _end(lifetimes, found.started_at, now, found.ends_by)


def prove(session: Session, session_id: int, *, at: datetime) -> str:
    """Write down that the session's person has shown who they are once more.

    Returns the session's new token; the one before it no longer works (ASVS 5.0, 7.2.4).
    """
    found = session.get_one(LoginSession, session_id)
    token = secrets.token_urlsafe(32)
    found.proved_at, found.token_hash = max(found.proved_at, at), hashed(token)
    session.flush()
    return token


def is_stale(reader: Viewer, *, now: datetime) -> bool:
    """Tell whether it is time to write down that the reader was here."""
    return now - reader.last_seen_at > _SEEN_EVERY


def end_session(session: Session, session_id: int) -> None:
    """End a session at once."""
    session.query(LoginSession).filter_by(id=session_id).delete()


def end_session_of(session: Session, person_id: int, session_id: int) -> None:
    """End one session of a person at once; raise NotFound for somebody else's."""
    mine = session.query(LoginSession).filter_by(id=session_id, person_id=person_id)
    if not mine.delete():
        raise NotFound(Wording("This browser is not signed in any more."))


def end_sessions_of(session: Session, person_id: int, *, but: int | None = None) -> int:
    """End every session of a person at once, but for the one numbered `but`; return how many."""
    mine = session.query(LoginSession).filter_by(person_id=person_id)
    return mine.filter(LoginSession.id != but).delete() if but else mine.delete()


def end_sessions_at(
    session: Session, provider_id: int, *, subject: str = "", session_index: str = ""
) -> int:
    """End the sessions that a provider began; return how many.

    `subject` and `session_index` narrow it down to what the provider names; both empty ends all.
    """
    begun = session.query(LoginSession).filter_by(provider_id=provider_id)
    if subject:
        begun = begun.filter_by(subject=subject)
    if session_index:
        begun = begun.filter_by(session_index=session_index)
    return begun.delete()


def make_link(session: Session, person: Person, *, now: datetime) -> str:
    """Make a one-time link for the person and return its token; earlier ones stop working."""
    session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.person_id == person.id, OneTimeLink.used_at.is_(None))
        .values(used_at=now)
    )
    token = secrets.token_urlsafe(32)
    session.add(
        OneTimeLink(
            token_hash=hashed(token),
            person_id=person.id,
            created_at=now,
            expires_at=now + LINK_LIFE,
        )
    )
    session.flush()
    return token


def use_link(session: Session, token: str, *, now: datetime) -> Person:
    """Use up a one-time link and return its person.

    Two requests that race cannot both win. Raises NotFound for a link that is unknown, used or
    too old.
    """
    taken = session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.token_hash == hashed(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeLink.person_id)
    ).scalar()
    person = session.get(Person, taken) if taken else None
    if person is None:
        raise NotFound("This link has been used already or is too old.")
    return person


def hashed(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _proved_at(origin: Origin, now: datetime) -> datetime:
    """Return when the person showed who they are.

    A provider that does not say when may have had them signed in for days, so that a new session
    proves nothing for an administrator's change.
    """
    unsaid = now if origin.provider_id is None else _LONG_AGO
    return min(origin.authenticated_at or unsaid, now)


def _end(
    lifetimes: Lifetimes, started_at: datetime, now: datetime, ends_by: datetime | None
) -> datetime:
    """Return when a session ends that is used now: idle, too old, or over at the provider."""
    end = min(now + lifetimes.idle, started_at + lifetimes.longest)
    return min(end, ends_by) if ends_by else end


def _viewer(found: LoginSession, token: str) -> Viewer:
    person = found.person
    return Viewer(
        id=person.id,
        session_id=found.id,
        session_token=token,
        last_seen_at=found.last_seen_at,
        proved_at=found.proved_at,
        name=person.name,
        given_name=person.given_name,
        email=person.email,
        access=Access(person.access),
        tokens=audience_tokens(person),
        roles=tuple(held.role.slug for held in person.roles),
        role_names=tuple(held.role.name for held in person.roles),
        locale=person.locale,
        time_zone=person.time_zone,
        theme=person.theme,
        started_on=person.started_on,
        role_since=person.roles[0].since if person.roles else None,
        has_news=bool(found.has_news),
    )
