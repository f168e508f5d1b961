"""Sweeps out what has run out: nothing here works any longer, so nothing is lost."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, delete
from sqlalchemy.orm import Session

from app.models import Departure, LoginSession, OneTimeLink, PendingSignIn, UsedMessage

KEPT = timedelta(days=1)


def sweep(session: Session, *, now: datetime) -> int:
    """Delete used messages, sign-ins and departures under way, sessions and one-time links.

    Each stays for a day after it ran out, so that clocks may differ. Returns how many rows went.
    """
    return sum(_went(session, rows) for rows in _run_out(now - KEPT))


def _run_out(before: datetime) -> list[Delete]:
    tables: tuple[Any, ...] = (UsedMessage, PendingSignIn, Departure, LoginSession, OneTimeLink)
    return [delete(table).where(table.expires_at < before) for table in tables]


def _went(session: Session, rows: Delete) -> int:
    return int(getattr(session.execute(rows), "rowcount", 0))
