"""Lets one run at a time read a tool, whichever process it is in.

A run holds a lease that it renews as it goes. A process that dies lets it run out, and the next
run goes on where the dead one had come to. Every transaction of a run renews the lease first, so
that one which was thought dead writes nothing more.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, Wording
from app.harvest.reaching import Parts
from app.models import Connection, HarvestRun, RunState

LIFE = timedelta(seconds=60)
RENEWED_AFTER = timedelta(seconds=10)


class RunStopped(Exception):
    """Somebody asked the run to end."""


class ProcessEnding(Exception):
    """The process is to end; the run goes on in the next one."""


class LeaseLost(Exception):
    """Another run has taken over; this one may write nothing more."""


def take(session: Session, connection_id: int, *, now: datetime) -> str:
    """Take the lease and return its token; a run whose lease ran out is marked as halted.

    Raises Conflict while another run holds it.
    """
    token = secrets.token_hex(16)
    free = or_(Connection.running_until.is_(None), Connection.running_until <= now)
    taken = session.execute(
        update(Connection)
        .where(Connection.id == connection_id, free)
        .values(running_until=now + LIFE, running_token=token, stop_wanted=False)
        .returning(Connection.id)
        .execution_options(synchronize_session=False)
    )
    if taken.first() is None:
        raise Conflict(Wording("A run of this tool is under way."))
    session.execute(
        update(HarvestRun)
        .where(
            HarvestRun.connection_id == connection_id,
            HarvestRun.state == RunState.RUNNING.value,
        )
        .values(state=RunState.HALTED.value, ended_at=now)
        .execution_options(synchronize_session=False)
    )
    return token


def renew(session: Session, connection_id: int, token: str, *, now: datetime) -> None:
    """Renew the lease; raise LeaseLost when another run has it."""
    renewed = session.execute(
        update(Connection)
        .where(Connection.id == connection_id, Connection.running_token == token)
        .values(running_until=now + LIFE)
        .returning(Connection.id)
        .execution_options(synchronize_session=False)
    )
    if renewed.first() is None:
        raise LeaseLost


def give_back(session: Session, connection_id: int, token: str) -> None:
    """Let the next run begin; raise LeaseLost when it has begun already."""
    renewed = session.execute(
        update(Connection)
        .where(Connection.id == connection_id, Connection.running_token == token)
        .values(running_until=None, running_token="", stop_wanted=False)
        .returning(Connection.id)
        .execution_options(synchronize_session=False)
    )
    if renewed.first() is None:
        raise LeaseLost


class Keeper:
    """Keeps the lease of one run while it waits for the tool, and hears when it is to end."""

    def __init__(self, parts: Parts, connection_id: int, token: str) -> None:
        """Remember whose lease it is; it was renewed just now."""
        self._parts = parts
        self._connection_id = connection_id
        self._token = token
        self._renewed_at = parts.now()

    def tick(self) -> None:
        """Renew the lease if it is time to; raise what ends the run."""
        if self._parts.ending():
            raise ProcessEnding
        if self._parts.now() - self._renewed_at < RENEWED_AFTER:
            return
        with self._parts.database.transaction() as session:
            self.hold(session)

    def hold(self, session: Session) -> None:
        """Renew the lease in this transaction, as its first statement; raise what ends the run."""
        now = self._parts.now()
        renew(session, self._connection_id, self._token, now=now)
        wanted = select(Connection.stop_wanted).where(Connection.id == self._connection_id)
        if session.scalar(wanted):
            raise RunStopped
        self._renewed_at = now

    def give_back(self, session: Session) -> None:
        """Let the next run begin; raise LeaseLost when it has begun already."""
        give_back(session, self._connection_id, self._token)
