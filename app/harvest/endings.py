"""How a run ends: in what state, with which sentence, and what that means for the next one."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.connectors.base import ErrorKind, SourceError
from app.connectors.http import Meter
from app.errors import Wording
from app.harvest import breakers, runs
from app.harvest.lease import Keeper
from app.harvest.runs import Begun
from app.models import Connection, HarvestRun, RunState

_WELL = frozenset({RunState.DONE, RunState.QUARANTINED})


@dataclass(frozen=True, slots=True)
class Ending:
    """The state of a run at its end and, if there was trouble, its kind and its sentence.

    `at_once` lets the next run begin without waiting: this one was only interrupted.
    """

    state: RunState
    kind: ErrorKind | None = None
    sentence: str = ""
    retry_after: timedelta | None = None
    at_once: bool = False


def of_trouble(error: SourceError, sentence: str) -> Ending:
    """Return how a run ends that the tool's trouble ended: halted if it may pass, else failed."""
    passes = error.passing or error.kind is ErrorKind.PARTIAL
    state = RunState.HALTED if passes else RunState.FAILED
    return Ending(state, error.kind, sentence, error.retry_after)


STOPPED = Ending(RunState.STOPPED)
INTERRUPTED = Ending(RunState.HALTED, at_once=True)
NOT_KEPT = Ending(
    RunState.HALTED, ErrorKind.TRANSIENT, Wording("Foyer could not keep what it read.")
)


def write(
    session: Session,
    begun: Begun,
    ending: Ending,
    counts: Mapping[str, int],
    unknown: Counter[tuple[str, str]],
    keeper: Keeper,
    *,
    now: datetime,
) -> HarvestRun:
    """Give the lease back and write how the run ended; raise LeaseLost when another has it.

    A dry run says nothing of the connection. Runs that are old go.
    """
    keeper.give_back(session)
    runs.forget_old(session, begun.connection.id, now=now)
    if not begun.run.dry:
        _note(session, begun, ending, unknown, now=now)
    return runs.end(
        session,
        begun.run.id,
        ending.state,
        counts,
        now=now,
        error=ending.sentence,
        error_kind=ending.kind.value if ending.kind else "",
    )


def metered(counts: Mapping[str, int], meter: Meter) -> dict[str, int]:
    """Return the counts of a run with what it has asked of the tool."""
    asked = {"requests": meter.requests, "retries": meter.retries, "bytes": meter.bytes}
    found = {name: number for name, number in {**counts, **asked}.items() if number}
    return found if meter.quota is None else {**found, "quota_left": meter.quota}


def _note(
    session: Session,
    begun: Begun,
    ending: Ending,
    unknown: Counter[tuple[str, str]],
    *,
    now: datetime,
) -> None:
    connection = session.get_one(Connection, begun.connection.id)
    well = ending.state in _WELL
    failures = _told_breaker(session, connection.id, ending, now=now)
    connection.next_run_at = (
        now
        if ending.at_once
        else runs.next_after(
            connection, ending.kind, failures=failures, retry_after=ending.retry_after, now=now
        )
    )
    if well:
        connection.last_ok_at = now
    if well or ending.kind:
        connection.last_error = ending.sentence
        connection.last_error_kind = ending.kind.value if ending.kind else ""
    words = runs.words_after(connection, unknown, begun.mode, complete=well)
    if words != connection.unknown_words:
        connection.unknown_words = words
    session.flush()


def _told_breaker(session: Session, connection_id: int, ending: Ending, *, now: datetime) -> int:
    """Tell the breaker how it went; return how many failures in a row there were."""
    if ending.kind is None:
        if ending.state in _WELL:
            breakers.succeeded(session, connection_id)
        return 0
    if ending.kind in {ErrorKind.RATE_LIMITED, ErrorKind.TRANSIENT, ErrorKind.PARTIAL}:
        return breakers.failed(session, connection_id, now=now).failures
    return 0
