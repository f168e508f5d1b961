"""The rows round a run: how it begins, where its reading goes on, and how it ends."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from app.connectors.base import Capabilities, ErrorKind, Mode
from app.errors import NotFound, Wording
from app.harvest import absences, lease
from app.models import Connection, Cursor, HarvestRun, RunState, Stream

MOST_UNKNOWN = 50
ALWAYS_KEPT = 50
MOST_KEPT = 500
KEPT_FOR = timedelta(days=30)
_MOST_AT_ONCE = 1000
FAR = timedelta(hours=24)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
_NOT_BY_ITSELF = frozenset({ErrorKind.AUTH_INVALID, ErrorKind.CONFIG, ErrorKind.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that holds the lease: its row, the connection with its tool, and where it goes on."""

    run: HarvestRun
    connection: Connection
    token: str
    mode: Mode
    cursor: bytes | None


def connection_named(session: Session, connection_id: int) -> Connection:
    """Return a connection with its tool; raise NotFound."""
    found = session.scalar(
        select(Connection)
        .where(Connection.id == connection_id)
        .options(joinedload(Connection.tool))
    )
    if found is None:
        raise NotFound(Wording("This tool is not connected."))
    return found


def begin(
    session: Session,
    connection_id: int,
    mode: Mode | None,
    capabilities_of: Callable[[Connection], Capabilities],
    *,
    dry: bool,
    asked_by: str,
    now: datetime,
) -> Begun:
    """Take the lease and write the run's row; raise Conflict while another run is under way.

    Raises NotFound where there is no such connection. Without a mode: a sweep if one is due or was
    not finished, or the tool has no delta; else what changed. A sweep that was interrupted goes
    on; a dry run always begins anew.
    """
    connection = connection_named(session, connection_id)
    token = lease.take(session, connection_id, now=now)
    cursors = cursors_of(session, connection_id)
    chosen = _chosen(connection, mode, capabilities_of(connection), cursors, dry=dry, now=now)
    stream = Stream.SWEEP if chosen is Mode.SWEEP else Stream.ITEMS
    cursor = None if dry else cursors.get(stream)
    if chosen is Mode.SWEEP and cursor and absences.never_ends(session, connection_id):
        drop_cursor(session, connection_id, Stream.SWEEP)
        cursor = None
    if chosen is Mode.SWEEP and cursor is None and not dry:
        absences.forget_seen(session, connection_id)
    run = HarvestRun(
        connection_id=connection_id,
        mode=chosen.value,
        dry=dry,
        asked_by=asked_by[:200],
        state=RunState.RUNNING.value,
        started_at=now,
        seen_at=now,
        counts={},
        samples={},
    )
    session.add(run)
    session.flush()
    return Begun(run, connection, token, chosen, cursor)


def begin_anew(session: Session, begun: Begun, *, now: datetime) -> Begun:
    """Drop a cursor that the tool no longer takes, and let the run sweep from the beginning."""
    for stream in (Stream.ITEMS, Stream.SWEEP):
        drop_cursor(session, begun.connection.id, stream)
    absences.forget_seen(session, begun.connection.id)
    run = session.get_one(HarvestRun, begun.run.id)
    run.mode, run.seen_at = Mode.SWEEP.value, now
    session.flush()
    return Begun(run, begun.connection, begun.token, Mode.SWEEP, None)


def cursors_of(session: Session, connection_id: int) -> dict[Stream, bytes]:
    """Return where the reading of each stream goes on."""
    rows = select(Cursor.stream, Cursor.value).where(Cursor.connection_id == connection_id)
    return {Stream(stream): value for stream, value in session.execute(rows)}


def save_cursor(
    session: Session, connection_id: int, stream: Stream, value: bytes, *, now: datetime
) -> None:
    """Keep where the reading of a stream goes on, in the transaction of the rows it covers."""
    row = session.get(Cursor, (connection_id, stream.value))
    if row is None:
        session.add(
            Cursor(connection_id=connection_id, stream=stream.value, value=value, saved_at=now)
        )
    else:
        row.value, row.saved_at = value, now
    session.flush()


def drop_cursor(session: Session, connection_id: int, stream: Stream) -> None:
    """Forget where the reading of a stream was to go on."""
    session.execute(
        delete(Cursor)
        .where(Cursor.connection_id == connection_id, Cursor.stream == stream.value)
        .execution_options(synchronize_session=False)
    )


def end(
    session: Session,
    run_id: int,
    state: RunState,
    counts: Mapping[str, int],
    *,
    now: datetime,
    error: str = "",
    error_kind: str = "",
) -> HarvestRun:
    """Write how a run ended, and return its row."""
    run = session.get_one(HarvestRun, run_id)
    run.state, run.ended_at, run.seen_at = state.value, now, now
    run.counts = {name: number for name, number in counts.items() if number}
    run.error, run.error_kind = error, error_kind
    session.flush()
    return run


def forget_old(session: Session, connection_id: int, *, now: datetime) -> None:
    """Delete ended runs with their problems, but the newest 50, and up to 500 of the last 30 days.

    Deletes at most a thousand, and writes nothing where nothing is old.
    """
    later = session.execute(
        select(HarvestRun.id, HarvestRun.started_at)
        .where(
            HarvestRun.connection_id == connection_id,
            HarvestRun.state != RunState.RUNNING.value,
        )
        .order_by(HarvestRun.started_at.desc(), HarvestRun.id.desc())
        .offset(ALWAYS_KEPT)
        .limit(_MOST_AT_ONCE)
    ).all()
    young = [row for row in later[: MOST_KEPT - ALWAYS_KEPT] if row.started_at > now - KEPT_FOR]
    old = [row.id for row in later[len(young) :]]
    if old:
        session.execute(
            delete(HarvestRun)
            .where(HarvestRun.id.in_(old))
            .execution_options(synchronize_session=False)
        )


def next_after(
    connection: Connection,
    kind: ErrorKind | None,
    *,
    failures: int = 0,
    retry_after: timedelta | None = None,
    now: datetime,
) -> datetime:
    """Return when the next run is due after one that ended with this kind of trouble, or none.

    What passes is tried again soon, and later each time. What needs somebody's doing is left
    alone for a day: trying a wrong password again locks accounts.
    """
    usual = timedelta(minutes=max(1, connection.minutes_between))
    if kind is None:
        return now + usual
    if kind in _NOT_BY_ITSELF:
        return now + max(FAR, usual)
    if kind in {ErrorKind.RATE_LIMITED, ErrorKind.TRANSIENT, ErrorKind.PARTIAL}:
        backoff = min(FIRST_WAIT * (1 << min(max(failures - 1, 0), 10)), LONGEST_WAIT)
        return now + max(retry_after or timedelta(), backoff)
    return now + usual


def words_after(
    connection: Connection, found: Counter[tuple[str, str]], mode: Mode, *, complete: bool
) -> list[object]:
    """Return the words that no rule knows, most frequent first: of the last sweep, and since."""
    words: Counter[tuple[str, str]] = Counter()
    if not (complete and mode is Mode.SWEEP):
        for one in connection.unknown_words:
            if isinstance(one, list) and len(one) == 3:
                words[str(one[0]), str(one[1])] = int(one[2])
    for word, times in found.items():
        words[word] = max(words[word], times)
    most = sorted(words.items(), key=lambda one: (-one[1], one[0]))[:MOST_UNKNOWN]
    return [[name, value, times] for (name, value), times in most]


def _chosen(
    connection: Connection,
    mode: Mode | None,
    capabilities: Capabilities,
    cursors: Mapping[Stream, bytes],
    *,
    dry: bool,
    now: datetime,
) -> Mode:
    if dry or not capabilities.delta or Stream.ITEMS not in cursors:
        return Mode.SWEEP
    if mode is not None:
        return mode
    swept_at = connection.swept_at
    due = swept_at is None or now - swept_at >= timedelta(days=connection.days_between_sweeps)
    return Mode.SWEEP if due or Stream.SWEEP in cursors else Mode.DELTA
