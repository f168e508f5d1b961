"""Reads of what people did, as the recommender takes it in: one person's, everybody's, the newest.

Only what counts is read: nothing that somebody did while they had their signals paused.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from app.models import Activity, Verb
from recommender.data import VERBS, Event
from recommender.log import EventLog

_AT_ONCE = 50_000


def history_of(
    session: Session, person_id: int, *, since: datetime, limit: int = 1000
) -> list[Event]:
    """Return what a person did since then and lets count, oldest first."""
    newest = (
        _events(Activity.at >= since, Activity.person_id == person_id)
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(limit)
    )
    return [_event(row) for row in reversed(session.execute(newest).all())]


def all_events(session: Session, *, since: datetime) -> EventLog:
    """Return what everybody did since then and lets count, oldest first, as columns."""
    rows = session.execute(
        _events(Activity.at >= since)
        .order_by(Activity.at, Activity.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    parts = [_columns(part) for part in rows.partitions()]
    return _joined(parts)


class Told(NamedTuple):
    """An event, and the row that tells of it."""

    activity_id: int
    event: Event


def events_since(session: Session, *, since: datetime) -> list[Told]:
    """Return what everybody did since then and lets count, oldest first."""
    return _told(session, _events(Activity.at >= since).order_by(Activity.at, Activity.id))


def events_after(session: Session, *, activity_id: int) -> list[Told]:
    """Return the activity that counts and came after that row, as it came."""
    return _told(session, _events(Activity.id > activity_id).order_by(Activity.at, Activity.id))


def _told(session: Session, wanted: Select[Any]) -> list[Told]:
    rows = session.execute(wanted.add_columns(Activity.id))
    return [Told(row[-1], _event(row)) for row in rows]


def _events(*where: ColumnElement[bool]) -> Select[Any]:
    """Select the activity that counts; what was opened from a search is told apart as found."""
    from_search = and_(Activity.verb == Verb.LAUNCHED.value, Activity.via == "search")
    verb = case((from_search, "found"), else_=Activity.verb)
    return select(
        Activity.person_id, Activity.item_id, verb, Activity.at, func.coalesce(Activity.value, 0.0)
    ).where(Activity.counts, *where)


def _event(row: Any) -> Event:
    person, item, verb, at, value = row[:5]
    return Event(person, item, verb, at.timestamp(), value)


def _columns(rows: Iterable[Any]) -> EventLog:
    code = {verb: number for number, verb in enumerate(VERBS)}
    person, item, verb, at, value = zip(*rows, strict=True)
    return EventLog(
        np.array(person, np.int64),
        np.array(item, np.int64),
        np.array([code[each] for each in verb], np.int64),
        np.array([each.timestamp() for each in at], np.float64),
        np.array(value, np.float32),
    )


def _joined(parts: list[EventLog]) -> EventLog:
    if not parts:
        return EventLog.of([])
    return EventLog(
        np.concatenate([part.person for part in parts]),
        np.concatenate([part.item for part in parts]),
        np.concatenate([part.verb for part in parts]),
        np.concatenate([part.at for part in parts]),
        np.concatenate([part.value for part in parts]),
    )
