"""Open sessions as their owner and the administrator see them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.auth import queries
from app.auth.browsers import Browser, browser_of
from app.models import LoginSession


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A browser that is signed in; `provider` is empty for a way of our own, named by `method`."""

    id: int
    browser: Browser
    address: str
    method: str
    provider: str
    started_at: datetime
    last_seen_at: datetime
    is_this: bool


def open_sessions(
    session: Session, person_id: int, *, now: datetime, this: int | None = None
) -> list[OpenSession]:
    """Return the person's open sessions, the one numbered `this` first."""
    found = [_shown(row, this) for row in queries.open_sessions(session, person_id, now=now)]
    return sorted(found, key=lambda one: not one.is_this)


def _shown(row: LoginSession, this: int | None) -> OpenSession:
    return OpenSession(
        id=row.id,
        browser=browser_of(row.user_agent),
        address=row.address,
        method=row.method,
        provider=row.provider.name if row.provider else "",
        started_at=row.started_at,
        last_seen_at=row.last_seen_at,
        is_this=row.id == this,
    )
