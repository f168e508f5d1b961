"""Private addresses of plans as calendars. Whoever knows one reads that plan, and nothing else.

The token has 256 bits of chance. Only its SHA-256 is kept, and looked up by it: an index tells how
much of a digest fits, which says nothing about the token (OWASP ASVS 5.0, 11.4.2).
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.models import CalendarFeed, Person

_BYTES = 32
_NOTED_AGAIN = timedelta(hours=1)


def feed_of(session: Session, person_id: int) -> CalendarFeed | None:
    """Return what is kept of a person's address, or None when they have none."""
    return session.get(CalendarFeed, person_id)


def make(session: Session, person_id: int, *, now: datetime) -> str:
    """Make a new address for a person, in place of any before, and return its token this once."""
    token = secrets.token_urlsafe(_BYTES)
    row = session.get(CalendarFeed, person_id) or CalendarFeed(person_id=person_id)
    row.digest, row.made_at, row.read_at = _digest(token), now, None
    session.add(row)
    session.flush()
    return token


def switch_off(session: Session, person_id: int) -> None:
    """End a person's address with the next request; without one nothing happens."""
    session.execute(delete(CalendarFeed).where(CalendarFeed.person_id == person_id))


def reader_of(session: Session, token: str, *, now: datetime, note: bool = True) -> int | None:
    """Return whose address holds this token, somebody active; None when it is nobody's.

    With `note`, keeps that it was read, at most once an hour.
    """
    row = session.scalar(
        select(CalendarFeed)
        .join(Person, Person.id == CalendarFeed.person_id)
        .where(CalendarFeed.digest == _digest(token), Person.active)
    )
    if row is None:
        return None
    if note and (row.read_at is None or now - row.read_at >= _NOTED_AGAIN):
        row.read_at = now
        session.flush()
    return row.person_id


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
