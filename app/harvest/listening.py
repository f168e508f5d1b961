"""Reads what people did in a tool: from the last checkpoint on, one transaction each.

The same run as a harvest of items, with a cursor of its own. Statements that concern nobody and
nothing that Foyer knows are counted; the most frequent activities among them stand in the run's
problems, so that an administrator sees what is missing from the catalogue.
"""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app.connectors.base import (
    Checkpoint,
    ErrorKind,
    Fail,
    Harvests,
    Mode,
    ReportsActivity,
    SourceError,
)
from app.connectors.http import Meter
from app.errors import Wording
from app.harvest import accounts, again, endings, lease, runs
from app.harvest.activities import Problem, Told, most_unknown, store_activity
from app.harvest.endings import Ending
from app.harvest.fit import fit_told, keep_few, name_of
from app.harvest.lease import Keeper
from app.harvest.reaching import Parts, Reached
from app.harvest.reading import kept_cursor, understood
from app.harvest.runs import Begun
from app.harvest.writing import MOST_PROBLEMS, Tally
from app.models import HarvestProblem, HarvestRun, RunState, Stream

MODE = "activity"
MOST_AT_ONCE = 500
_TRIES = 3


def begin(session: Session, parts: Parts, connection_id: int, *, asked_by: str) -> Begun:
    """Take the lease and write the run's row; raise Conflict while another run is under way.

    Whom Foyer has come to know since is welcomed: then everything is read again. So it is, once a
    day, where items have come that it may have been about.
    """
    now = parts.now()
    connection = runs.connection_named(session, connection_id)
    token = lease.take(session, connection_id, now=now)
    accounts.welcome(session, connection)
    kind = parts.connector_for(connection.kind)
    own_items = kind is not None and issubclass(kind, Harvests)
    if again.is_due(session, connection, own_items=own_items, now=now):
        accounts.read_again(session, connection)
    run = HarvestRun(
        connection_id=connection_id,
        mode=MODE,
        asked_by=asked_by[:200],
        state=RunState.RUNNING.value,
        started_at=now,
        seen_at=now,
        counts={},
        samples={},
    )
    session.add(run)
    session.flush()
    cursor = again.where_to_begin(session, connection, now=now)
    return Begun(run, connection, token, Mode.DELTA, cursor)


class Listening:
    """One run that keeps what people did. `tally` is what it has counted so far."""

    def __init__(self, parts: Parts, begun: Begun, keeper: Keeper, meter: Meter) -> None:
        """Take what the run works with; nothing is read yet."""
        self.begun = begun
        self.meter = meter
        self.keeper = keeper
        self.tally = Tally()
        self.unknown: Counter[tuple[str, str]] = Counter()
        self._parts = parts
        self._unknown_items: Counter[str] = Counter()

    def work(self, tool: Reached) -> Ending:
        """Read to the end, if the administrator wants it; raise SourceError, or what ends the run.

        A cursor that the tool no longer takes lets everything be read again, once.
        """
        wanted = bool(self.begun.connection.people_by)
        if not wanted or not isinstance(tool.connector, ReportsActivity):
            return Ending(RunState.DONE)
        try:
            self._read(tool, tool.connector, self.begun.cursor)
        except SourceError as error:
            if error.kind is not ErrorKind.CURSOR_INVALID or self.begun.cursor is None:
                raise
            self._read(tool, tool.connector, None)
        return Ending(RunState.DONE)

    def _read(self, tool: Reached, connector: ReportsActivity, cursor: bytes | None) -> None:
        with self._parts.database.sessions() as session:
            people = accounts.people_of(session, self.begun.connection)
        with understood(tool):
            told = iter(connector.activity(cursor, people))
        for part, checkpoint in _parts(tool, told):
            self._write(part, checkpoint)

    def _write(self, told: list[Told], checkpoint: Checkpoint | None) -> None:
        """Write a part in one transaction; again, should other writers have been in the way."""
        for left in reversed(range(_TRIES)):
            try:
                with self._parts.database.transaction() as session:
                    self.keeper.hold(session)
                    tally, unknown = self._kept(session, told, checkpoint)
                break
            except (OperationalError, IntegrityError):
                if not left:
                    raise
        self.tally, self._unknown_items = tally, unknown
        self._parts.after_commit(session)

    def _kept(
        self, session: Session, told: list[Told], checkpoint: Checkpoint | None
    ) -> tuple[Tally, Counter[str]]:
        now, tally = self._parts.now(), self.tally.copy()
        connection = runs.connection_named(session, self.begun.connection.id)
        heard = store_activity(session, connection, told, now=now)
        tally.counts.update(heard.counts)
        unknown = keep_few(self._unknown_items + heard.unknown_items)
        if unknown and not connection.items_missed:
            connection.items_missed = True
        problems = heard.problems
        if checkpoint is not None:
            runs.save_cursor(session, connection.id, Stream.ACTIVITY, checkpoint.cursor, now=now)
            if checkpoint.complete:
                problems = [*problems, *most_unknown(unknown)]
        self._note(session, problems, tally)
        row = session.get_one(HarvestRun, self.begun.run.id)
        row.counts, row.seen_at = endings.metered(tally.counts, self.meter), now
        session.flush()
        return tally, unknown

    def _note(self, session: Session, problems: list[Problem], tally: Tally) -> None:
        kept = problems[: max(0, MOST_PROBLEMS - tally.problems)]
        tally.problems += len(kept)
        rows = [
            {
                "run_id": self.begun.run.id,
                "what": one.what[:300],
                "field": "",
                "reason": one.reason,
                "kind": one.kind,
            }
            for one in kept
        ]
        if rows:
            session.execute(insert(HarvestProblem), rows)


def _parts(
    tool: Reached, told: Iterator[Told | Checkpoint]
) -> Iterator[tuple[list[Told], Checkpoint | None]]:
    """Yield what is told in parts that fit into one transaction, each with its checkpoint if any.

    Ends with the complete one. Raises SourceError, PARTIAL where the reading ends without it.
    """
    part: list[Told] = []
    while True:
        with understood(tool):
            one = next(told, None)
        if one is None:
            raise SourceError(ErrorKind.PARTIAL, Wording("The reading ended before its end."))
        if isinstance(one, Checkpoint):
            kept_cursor(one)
            yield part, one
            part = []
            if one.complete:
                return
            continue
        part.append(_clean(tool, one))
        if len(part) >= MOST_AT_ONCE:
            yield part, None
            part = []


def _clean(tool: Reached, one: Told) -> Told:
    """Return what was told as it can be kept, a failure without the tool's secrets."""
    one = fit_told(one)
    if not isinstance(one, Fail):
        return one
    error = SourceError(one.error.kind, tool.cleaned(one.error.sentence))
    return Fail(tool.http.redacted(name_of(one.what)), error)
