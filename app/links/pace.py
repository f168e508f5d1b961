"""Keeps every host to one question at a time and at most one a second, whoever asks.

The pace stands in a row for each host. A turn is taken by moving the row's time on, which one
process alone can do; until the answer is there the row holds a lease, so that nobody asks beside
it, and a process that dies holds nobody up for long. A host that makes trouble rests, each time
longer, so that a thousand links of a host that is down cost a few questions and not a thousand.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import Database, insert_if_missing
from app.models import LinkHost

BETWEEN = timedelta(seconds=1)
JITTER = timedelta(seconds=0.5)
LEASE = timedelta(seconds=45)  # longer than an exchange may take
PATIENCE = timedelta(seconds=20)  # a host that rests for longer is left for the next time
_RESTS_AFTER = 3  # troubles in a row
_FIRST_REST = timedelta(minutes=15)
_LONGEST_REST = timedelta(hours=6)
_LONGEST_NAME = 255


class HostRests(Exception):
    """The host is not to be asked for longer than anybody waits; `until` is when it may be."""

    def __init__(self, until: datetime) -> None:
        """Keep when it may be asked again."""
        super().__init__(until)
        self.until = until


@dataclass(frozen=True, slots=True)
class Pace:
    """Gives turns at hosts. `sleep` takes seconds; `chance` returns a number between two."""

    database: Database
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    chance: Callable[[float, float], float] = random.uniform

    def take(self, host: str) -> None:
        """Wait for a turn at this host and take it; raise HostRests if that would take long."""
        host = host[:_LONGEST_NAME]
        while True:
            with self.database.transaction() as session:
                free_at = _taken_or_free_at(session, host, self.now())
            if free_at is None:
                return
            left = free_at - self.now()
            if left > PATIENCE:
                raise HostRests(free_at)
            self.sleep(max(left.total_seconds(), 0.01))

    def give_back(
        self, host: str, *, troubled: bool | None, asked_to_wait: timedelta | None = None
    ) -> None:
        """Let the host be asked again: soon, after a rest, or when it said that it may be.

        `troubled` is None where the answer says nothing of how the host is.
        """
        host, now = host[:_LONGEST_NAME], self.now()
        with self.database.transaction() as session:
            before = session.scalar(select(LinkHost.troubles).where(LinkHost.host == host)) or 0
            troubles = before if troubled is None else before + 1 if troubled else 0
            rest = timedelta() if troubled is None else _rest(troubles)
            wait = max(self._usual(), asked_to_wait or timedelta(), rest)
            session.execute(
                update(LinkHost)
                .where(LinkHost.host == host)
                .values(free_at=now + wait, troubles=troubles)
                .execution_options(synchronize_session=False)
            )

    def _usual(self) -> timedelta:
        return BETWEEN + timedelta(seconds=self.chance(0.0, JITTER.total_seconds()))


def host_of(url: str) -> str:
    """Return the host of an address, with its port where it names one; empty for what is none."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return f"{(parts.hostname or '').lower()}{port}"


def _taken_or_free_at(session: Session, host: str, now: datetime) -> datetime | None:
    """Take the turn and return None, or return when there will be one."""
    if insert_if_missing(session, LinkHost, host=host, free_at=now + LEASE, troubles=0):
        return None
    taken = session.execute(
        update(LinkHost)
        .where(LinkHost.host == host, LinkHost.free_at <= now)
        .values(free_at=now + LEASE)
        .returning(LinkHost.host)
        .execution_options(synchronize_session=False)
    )
    if taken.first() is not None:
        return None
    return session.scalar(select(LinkHost.free_at).where(LinkHost.host == host))


def _rest(troubles: int) -> timedelta:
    if troubles < _RESTS_AFTER:
        return timedelta()
    return min(_FIRST_REST * 2 ** min(troubles - _RESTS_AFTER, 10), _LONGEST_REST)
