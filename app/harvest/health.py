"""Says how every connected tool is, in words that an administrator can act on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Subquery, and_, case, func, select
from sqlalchemy.orm import Session

from app.catalogue.queries import item_counts
from app.connectors.base import ErrorKind, Harvests, Presence, ReportsActivity
from app.connectors.registry import connector_for
from app.errors import Wording
from app.models import (
    Breaker,
    Connection,
    HarvestRun,
    Item,
    ItemPresence,
    Status,
)
from search import breaker
from search.breaker import BreakerState

_LATE = 3  # rhythms without a good run after which somebody should look
_NEEDS_SOMEBODY = frozenset(
    {
        ErrorKind.AUTH_EXPIRED.value,
        ErrorKind.AUTH_INVALID.value,
        ErrorKind.CONFIG.value,
        ErrorKind.FORBIDDEN.value,
        ErrorKind.SCHEMA.value,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How one connected tool is. `id` is the connection's; `look` and `icon` are for its badge.

    `live`, `retired`, `hidden` and `held` count its items; `counts` are the last run's.
    """

    id: int
    tool_id: int
    kind: str
    state: Wording
    look: str
    icon: str
    running: bool
    enabled: bool
    error: str
    error_kind: str
    last_ok_at: datetime | None
    age: timedelta | None
    next_run_at: datetime | None
    live: int
    retired: int
    hidden: int
    held: int
    counts: Mapping[str, int]
    last_run: HarvestRun | None
    breaker: BreakerState


@dataclass(frozen=True, slots=True)
class _Items:
    """How many items of a tool are in which state."""

    live: int = 0
    retired: int = 0
    hidden: int = 0
    held: int = 0


def of_all(session: Session, *, now: datetime) -> list[Health]:
    """Return how every connection is, in four statements however many there are."""
    connections = session.scalars(select(Connection).order_by(Connection.id)).all()
    items, runs, breakers = _items(session), _last_runs(session), _breakers(session)
    return [
        _health(
            one,
            items.get(one.tool_id, _Items()),
            runs.get(one.id),
            breakers.get(one.id, BreakerState()),
            now,
        )
        for one in connections
    ]


def _health(
    connection: Connection,
    items: _Items,
    run: HarvestRun | None,
    state: BreakerState,
    now: datetime,
) -> Health:
    running = connection.running_until is not None and connection.running_until > now
    words, look, icon = _in_words(connection, items, state, running=running, now=now)
    ok_at = connection.last_ok_at
    return Health(
        id=connection.id,
        tool_id=connection.tool_id,
        kind=connection.kind,
        state=words,
        look=look,
        icon=icon,
        running=running,
        enabled=connection.enabled,
        error=connection.last_error,
        error_kind=connection.last_error_kind,
        last_ok_at=ok_at,
        age=now - ok_at if ok_at else None,
        next_run_at=connection.next_run_at if connection.enabled else None,
        live=items.live,
        retired=items.retired,
        hidden=items.hidden,
        held=items.held,
        counts=run.counts if run else {},
        last_run=run,
        breaker=state,
    )


def _in_words(
    connection: Connection, items: _Items, state: BreakerState, *, running: bool, now: datetime
) -> tuple[Wording, str, str]:
    """Return the state in words, with the look and the icon of its badge."""
    if running:
        return Wording("is being read"), "accent", "play"
    if _is_only_opened(connection.kind):
        return _ready(connection)
    if items.held:
        return Wording("waits for an answer"), "warn", "triangle-alert"
    if connection.last_error_kind in _NEEDS_SOMEBODY:
        return Wording("needs a look"), "danger", "triangle-alert"
    if not connection.enabled:
        new = connection.last_ok_at is None
        return Wording("not switched on yet") if new else Wording("paused"), "plain", ""
    if not breaker.may_ask(state, now=now):
        return Wording("resting"), "warn", "clock"
    if connection.last_ok_at is None:
        return _new(connection)
    if _is_late(connection, now):
        return Wording("needs a look"), "warn", "triangle-alert"
    return Wording("working"), "accent", "check"


def _new(connection: Connection) -> tuple[Wording, str, str]:
    """Return how a tool is that is switched on and was never read whole."""
    if connection.last_error:
        return Wording("could not be read yet"), "warn", "triangle-alert"
    return Wording("has never run"), "plain", ""


def _is_only_opened(kind: str) -> bool:
    """Tell whether a kind of tool is never read: people open it, and that is all."""
    connector = connector_for(kind)
    return connector is not None and not issubclass(connector, Harvests | ReportsActivity)


def _ready(connection: Connection) -> tuple[Wording, str, str]:
    """Return how a tool is that is only opened: what its last check found."""
    probes: list[Any] = connection.probes or []
    if not probes:
        return Wording("not checked yet"), "plain", ""
    if all(one["ok"] or not one["needed"] for one in probes):
        return Wording("ready"), "accent", "check"
    return Wording("needs a look"), "danger", "triangle-alert"


def _is_late(connection: Connection, now: datetime) -> bool:
    """Tell whether the last good run is so long ago that somebody should look."""
    usual = timedelta(minutes=max(60, connection.minutes_between))
    return connection.last_ok_at is not None and now - connection.last_ok_at > _LATE * usual


def _items(session: Session) -> dict[int, _Items]:
    """Count the items of each connected tool, in one statement."""
    counts, apart = item_counts(), _set_apart()
    live = counts.c.status == Status.LIVE.value
    rows = session.execute(
        select(
            Connection.tool_id,
            *(func.sum(case((one, counts.c.number), else_=0)) for one in (live, ~live)),
            func.coalesce(func.max(apart.c.hidden), 0),
            func.coalesce(func.max(apart.c.held), 0),
        )
        .join(counts, counts.c.tool_id == Connection.tool_id)
        .outerjoin(apart, apart.c.tool_id == Connection.tool_id)
        .group_by(Connection.tool_id)
    )
    return {tool_id: _Items(*numbers) for tool_id, *numbers in rows}


def _set_apart() -> Subquery:
    """Return the statement that counts each tool's items that are hidden there or held here."""
    live = Item.status == Status.LIVE.value
    hidden = and_(~live, ItemPresence.presence == Presence.HIDDEN.value)
    held = and_(live, ItemPresence.held.is_(True))
    return (
        select(
            Item.tool_id,
            func.sum(case((hidden, 1), else_=0)).label("hidden"),
            func.sum(case((held, 1), else_=0)).label("held"),
        )
        .join(ItemPresence, ItemPresence.item_id == Item.id)
        .group_by(Item.tool_id)
        .subquery()
    )


def _last_runs(session: Session) -> dict[int, HarvestRun]:
    """Return the last run of each connection that was no trial, in one statement.

    One that read items, if there was any: what people did is read after each of those.
    """
    of_items = func.max(case((HarvestRun.mode != "activity", HarvestRun.id)))
    last = (
        select(func.coalesce(of_items, func.max(HarvestRun.id)))
        .where(HarvestRun.dry.is_(False))
        .group_by(HarvestRun.connection_id)
    )
    rows = session.scalars(select(HarvestRun).where(HarvestRun.id.in_(last)))
    return {run.connection_id: run for run in rows}


def _breakers(session: Session) -> dict[int, BreakerState]:
    return {
        row.connection_id: BreakerState(row.failures, row.rests_until, row.trying_until)
        for row in session.scalars(select(Breaker))
    }
