"""Runs a harvest: reads a tool and brings the catalogue up to what it says.

The network is never waited for inside a transaction. Each batch is one transaction that renews
the lease, writes items, removals and problems and, where the batch ends at a checkpoint, the
cursor: whenever the process dies, the next run goes on from a cursor whose rows are all there,
and what it reads twice changes nothing.
"""

import logging
from collections import Counter
from collections.abc import Callable

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from app.connectors.base import Capabilities, ErrorKind, Harvests, Mode, SourceError
from app.connectors.http import Meter
from app.errors import Conflict, NotFound, Wording
from app.harvest import absences, endings, listening, runs
from app.harvest.budget import BudgetSpent, metered_by
from app.harvest.dry import DryRun
from app.harvest.endings import Ending
from app.harvest.lease import Keeper, LeaseLost, ProcessEnding, RunStopped
from app.harvest.listening import Listening
from app.harvest.reaching import Parts, Reached, reached
from app.harvest.reading import Batch, batches, reader_for, understood
from app.harvest.runs import Begun
from app.harvest.writing import Place, Tally, store
from app.models import Connection, HarvestRun, RunState, Stream

__all__ = ["Parts", "run", "run_activity"]

_TRIES = 3
_WELL = frozenset({RunState.DONE.value, RunState.QUARANTINED.value})
log = logging.getLogger(__name__)


def run(
    parts: Parts,
    connection_id: int,
    mode: Mode | None = None,
    *,
    dry: bool = False,
    asked_by: str = "",
) -> HarvestRun:
    """Read a tool once and return the run's row, ended.

    Without a mode: a sweep if one is due, else what changed. `dry` reads everything and writes
    only what it would do. Whatever the tool does wrong stands in the row. A run that went well is
    followed by one that reads what people did, where the tool tells that; should that one not
    come about, it is left to the next run. Raises NotFound where there is no such connection,
    Conflict while another run of it is under way.
    """
    if not dry and _has_no_items(parts, connection_id):
        return run_activity(parts, connection_id, asked_by=asked_by)
    with parts.database.transaction() as session:
        begun = runs.begin(
            session,
            connection_id,
            mode,
            lambda connection: _capabilities(parts, connection),
            dry=dry,
            asked_by=asked_by,
            now=parts.now(),
        )
    ended = _run(parts, begun, DryRun if dry else Harvest)
    if not dry and ended.state in _WELL and tells_of_people(parts, begun.connection):
        _read_people_too(parts, connection_id, asked_by)
    return ended


def run_activity(parts: Parts, connection_id: int, *, asked_by: str = "") -> HarvestRun:
    """Read what people did in a tool since the last time, and return the run's row, ended.

    Raises NotFound where there is no such connection, Conflict while another run is under way.
    """
    with parts.database.transaction() as session:
        begun = listening.begin(session, parts, connection_id, asked_by=asked_by)
    return _run(parts, begun, Listening)


def _read_people_too(parts: Parts, connection_id: int, asked_by: str) -> None:
    """Read what people did, unless another run came first or the tool was disconnected."""
    try:
        run_activity(parts, connection_id, asked_by=asked_by)
    except (Conflict, NotFound) as error:
        log.info("what people did in tool %s is left to its next run: %s", connection_id, error)


def tells_of_people(parts: Parts, connection: Connection) -> bool:
    """Tell whether the tool says what people did, and by what it names them."""
    return bool(connection.people_by) and _capabilities(parts, connection).activity


def _run(parts: Parts, begun: Begun, kind: "type[Work]") -> HarvestRun:
    """Let a run of this kind work that has begun; return its row, ended."""
    keeper = Keeper(parts, begun.connection.id, begun.token)
    meter = metered_by(parts.budget, keeper.tick, parts.now)
    work = kind(parts, begun, keeper, meter)
    try:
        return _ended(parts, work, _worked(parts, work))
    except LeaseLost:
        raise Conflict(Wording("Another run of this tool has taken over.")) from None
    except (Exception, KeyboardInterrupt) as error:
        ending = endings.INTERRUPTED if isinstance(error, KeyboardInterrupt) else endings.NOT_KEPT
        _end_if_possible(parts, work, ending)
        raise


class Harvest:
    """One run that writes. `tally` and `unknown` are what it has counted so far."""

    def __init__(self, parts: Parts, begun: Begun, keeper: Keeper, meter: Meter) -> None:
        """Take what the run works with; nothing is read yet."""
        self.begun = begun
        self.meter = meter
        self.keeper = keeper
        self.tally = Tally()
        self.unknown: Counter[tuple[str, str]] = Counter()
        self._parts = parts
        self._place = Place(begun.run.id, begun.connection.tool_id)

    def work(self, tool: Reached) -> Ending:
        """Read the tool to the end; raise SourceError, or what else ends the run.

        A cursor that the tool no longer takes costs one sweep from the beginning.
        """
        if not isinstance(tool.connector, Harvests):
            return Ending(RunState.DONE)
        try:
            return self._read(tool, tool.connector)
        except SourceError as error:
            if error.kind is not ErrorKind.CURSOR_INVALID:
                raise
        with self._parts.database.transaction() as session:
            self.keeper.hold(session)
            self.begun = runs.begin_anew(session, self.begun, now=self._parts.now())
        return self._read(tool, tool.connector)

    def _read(self, tool: Reached, connector: Harvests) -> Ending:
        reader = reader_for(self.begun.connection, tool)
        self.unknown = reader.unknown
        with understood(tool):
            events = iter(connector.pull(self.begun.cursor, self.begun.mode))
        for batch in batches(tool, events, reader, self._parts.now):
            if batch.complete:
                return self._finish(tool, connector, batch)
            self._write(batch, self._goes_on)
        raise AssertionError("the last batch is complete")

    def _finish(self, tool: Reached, connector: Harvests, batch: Batch) -> Ending:
        """Write the last batch and end the pull; after a sweep, see who is missing."""
        if not self._proves_absence(tool):
            self._write(batch, lambda session, one: self._completed(session, one.cursor))
            return Ending(RunState.DONE)
        self._write(batch, lambda _session, _batch: None)
        sweep = self._sweep()
        with understood(tool):
            presences = absences.probed(connector, sweep.missing, self.keeper.tick)
        verdict = absences.judged(sweep, presences)
        good = True

        def judge(session: Session, last: Batch) -> None:
            nonlocal good
            good = absences.carry_out(session, sweep, verdict, now=self._parts.now())
            self._completed(session, last.cursor)

        self._write(Batch(cursor=batch.cursor, complete=True), judge)
        self.tally.counts["removed" if good else "held"] += len(verdict.away)
        return Ending(RunState.DONE if good else RunState.QUARANTINED)

    def _sweep(self) -> absences.Sweep:
        connection = self.begun.connection
        with self._parts.database.sessions() as session:
            seen = absences.seen_in_sweep(session, connection.id)
            return absences.swept(session, connection.tool_id, seen)

    def _proves_absence(self, tool: Reached) -> bool:
        return self.begun.mode is Mode.SWEEP and tool.connector.spec.capabilities.sweep

    def _write(self, batch: Batch, then: Callable[[Session, Batch], None]) -> None:
        """Write a batch in one transaction; again, should other writers have been in the way."""
        for left in reversed(range(_TRIES)):
            tally = self.tally.copy()
            try:
                with self._parts.database.transaction() as session:
                    self.keeper.hold(session)
                    self._store(session, batch, tally)
                    then(session, batch)
                break
            except OperationalError:
                if not left:
                    raise
        self.tally = tally
        self._parts.after_commit(session)

    def _store(self, session: Session, batch: Batch, tally: Tally) -> None:
        now = self._parts.now()
        store(session, self._place, batch.steps, tally, now=now)
        if self.begun.mode is Mode.SWEEP:
            seen = batch.external_ids | ({absences.UNREAD} if batch.unread else set())
            absences.note_seen(session, self.begun.connection.id, seen)
        row = session.get_one(HarvestRun, self.begun.run.id)
        row.counts, row.seen_at = endings.metered(tally.counts, self.meter), now
        session.flush()

    def _goes_on(self, session: Session, batch: Batch) -> None:
        """Keep the cursor of a checkpoint on the way; a part before it has none."""
        if batch.cursor is not None:
            stream = Stream.SWEEP if self.begun.mode is Mode.SWEEP else Stream.ITEMS
            self._save(session, stream, batch.cursor)

    def _completed(self, session: Session, cursor: bytes | None) -> None:
        """Keep where the next delta begins, and forget the sweep that has come to its end."""
        connection_id, now = self.begun.connection.id, self._parts.now()
        self._save(session, Stream.ITEMS, cursor or b"")
        if self.begun.mode is Mode.SWEEP:
            runs.drop_cursor(session, connection_id, Stream.SWEEP)
            absences.forget_seen(session, connection_id)
            session.get_one(Connection, connection_id).swept_at = now
            session.flush()

    def _save(self, session: Session, stream: Stream, cursor: bytes) -> None:
        runs.save_cursor(session, self.begun.connection.id, stream, cursor, now=self._parts.now())


Work = Harvest | DryRun | Listening


def _has_no_items(parts: Parts, connection_id: int) -> bool:
    with parts.database.sessions() as session:
        kind = parts.connector_for(runs.connection_named(session, connection_id).kind)
    return kind is not None and not issubclass(kind, Harvests)


def _capabilities(parts: Parts, connection: Connection) -> Capabilities:
    kind = parts.connector_for(connection.kind)
    return kind.spec.capabilities if kind else Capabilities()


def _worked(parts: Parts, work: "Work") -> Ending:
    """Let the run work, and return how it ended; what is not the tool's fault is raised."""
    try:
        with reached(parts, work.begun.connection, work.meter) as tool:
            try:
                return work.work(tool)
            except SourceError as error:
                return endings.of_trouble(error, tool.cleaned(error.sentence))
    except SourceError as error:
        return endings.of_trouble(error, error.sentence)
    except BudgetSpent as spent:
        return endings.of_trouble(SourceError(ErrorKind.PARTIAL, spent.why), spent.why)
    except RunStopped:
        return endings.STOPPED
    except ProcessEnding:
        return endings.INTERRUPTED


def _ended(parts: Parts, work: "Work", ending: Ending) -> HarvestRun:
    counts = endings.metered(work.tally.counts, work.meter)
    with parts.database.transaction() as session:
        return endings.write(
            session, work.begun, ending, counts, work.unknown, work.keeper, now=parts.now()
        )


def _end_if_possible(parts: Parts, work: "Work", ending: Ending) -> None:
    """Write that the run ended; should the database refuse, its lease runs out by itself."""
    try:
        _ended(parts, work, ending)
    except (SQLAlchemyError, LeaseLost) as error:
        log.warning("the end of a run was not written: %s", type(error).__name__)
