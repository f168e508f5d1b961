"""Reads a tool's events in batches that fit into one transaction each.

What a connector did not foresee ends its run like any other trouble of the tool; what is wrong
with one item ends nothing.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from app.connectors.base import Checkpoint, Delete, ErrorKind, Event, Fail, SourceError, Upsert
from app.errors import Wording
from app.harvest.budget import BudgetSpent
from app.harvest.fit import LONGEST_CURSOR, is_id, name_of
from app.harvest.lease import LeaseLost, ProcessEnding, RunStopped
from app.harvest.reaching import Reached
from app.harvest.records import Reader, Taken, reader_of
from app.harvest.writing import Step
from app.intake.fields import Complaint
from app.models import Connection

MOST_STEPS = 500
log = logging.getLogger(__name__)
_OURS = (SourceError, RunStopped, ProcessEnding, BudgetSpent, LeaseLost, SQLAlchemyError)


@dataclass(slots=True)
class Batch:
    """Steps in their order and, if they end at a checkpoint, its cursor."""

    steps: list[Step] = field(default_factory=list)
    cursor: bytes | None = None
    complete: bool = False

    @property
    def external_ids(self) -> set[str]:
        """Return the ids of all items that the tool named, whatever became of them."""
        return {one.what if isinstance(one, Fail) else one.external_id for one in self.steps}

    @property
    def unread(self) -> bool:
        """Tell whether something could not be read."""
        return any(isinstance(one, Fail) for one in self.steps)


def batches(
    tool: Reached, events: Iterator[Event], reader: Reader, now: Callable[[], datetime]
) -> Iterator[Batch]:
    """Yield what a pull reads, checkpoint by checkpoint; one with many items is several batches.

    Ends with the complete one. Raises SourceError, PARTIAL where the pull ends without it.
    """
    batch = Batch()
    while not batch.complete:
        with understood(tool):
            event = next(events, None)
        if event is None:
            raise SourceError(ErrorKind.PARTIAL, Wording("The reading ended before its end."))
        if isinstance(event, Checkpoint):
            batch.cursor, batch.complete = kept_cursor(event), event.complete
        elif isinstance(event, Upsert | Delete | Fail):
            batch.steps.append(_step(tool, event, reader, now()))
        if batch.cursor is not None or len(batch.steps) >= MOST_STEPS:
            yield batch
            batch = batch if batch.complete else Batch()


def kept_cursor(checkpoint: Checkpoint) -> bytes:
    """Return the cursor of a checkpoint; raise SourceError(SCHEMA) for one that is too long."""
    if len(checkpoint.cursor) > LONGEST_CURSOR:
        raise SourceError(
            ErrorKind.SCHEMA, Wording("What it wants to be reminded of is too long to be kept.")
        )
    return checkpoint.cursor


def reader_for(connection: Connection, tool: Reached) -> Reader:
    """Return what reads the items of a tool; raise SourceError(CONFIG) for a mapping that cannot.

    The secrets are those that the client has now and is still to be given.
    """
    try:
        return reader_of(connection, tool.connector.spec, tool.http.secrets)
    except ValueError as error:
        raise SourceError(
            ErrorKind.CONFIG, Wording("The mapping cannot be used: %(why)s", why=error.args[0])
        ) from error


@contextmanager
def understood(tool: Reached) -> Iterator[None]:
    """Let a connector run: what it stumbles over is logged, and raised as SourceError(SCHEMA)."""
    try:
        yield
    except _OURS:
        raise
    except Exception as error:
        _log(tool, error)
        raise SourceError(
            ErrorKind.SCHEMA, Wording("The tool sent something that Foyer does not understand.")
        ) from error


def _step(tool: Reached, event: Upsert | Delete | Fail, reader: Reader, now: datetime) -> Step:
    if isinstance(event, Fail):
        error = SourceError(event.error.kind, tool.cleaned(event.error.sentence))
        return Fail(tool.http.redacted(name_of(event.what)), error)
    if not is_id(event.external_id):
        return _without_id(tool, event)
    if isinstance(event, Delete):
        return event
    try:
        taken = reader.take(event, now=now)
    except Exception as error:  # whatever the tool sent, the other items come in
        _log(tool, error)
        return Taken(event.external_id, None, (Complaint("", Wording("cannot be read")),))
    cleaned = tuple(replace(one, reason=tool.cleaned(one.reason)) for one in taken.complaints)
    return replace(taken, complaints=cleaned)


def _without_id(tool: Reached, event: Upsert | Delete) -> Taken:
    why = Wording("is not 1 to 300 characters that print")
    what = tool.http.redacted(name_of(event.external_id))
    return Taken(what, None, (Complaint("external_id", why),))


def _log(tool: Reached, error: Exception) -> None:
    """Log what a connector stumbled over, with the way there and without the tool's secrets."""
    said = tool.http.redacted(f"{type(error).__name__}: {error}")
    clean = RuntimeError(said).with_traceback(error.__traceback__)
    kind = tool.connector.spec.kind
    log.error("the connector for %s stumbled over what its tool sent", kind, exc_info=clean)
