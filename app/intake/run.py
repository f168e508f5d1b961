"""Takes lines through an importer in batches, each in its own transaction.

What is committed stays: an interrupted import is run again and goes on, since every importer finds
what it has stored before unchanged.
"""

import logging
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Generic, Protocol, TypeVar

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.intake.fields import Complaint, Fields
from app.intake.reader import Line
from app.intake.report import Fate, Outcome, Report

log = logging.getLogger(__name__)
BATCH = 500
R = TypeVar("R")
Transaction = Callable[[], AbstractContextManager[Session]]


class Importer(Protocol[R]):
    """What one kind of file needs: to read a line, to tell records apart, and to store them."""

    def record(self, values: Fields) -> R | None:
        """Return the record of a line; None when the values have complained."""

    def key(self, record: R) -> Hashable:
        """Return what two lines of one file must not share."""

    def store(self, session: Session, records: Sequence[R], *, write: bool) -> list[Outcome]:
        """Return one outcome for each record, having stored it if `write`."""

    def points_elsewhere(self, record: R) -> bool:
        """Tell whether the record points to another one, so that `links` must see it."""

    def links(
        self, session: Session, records: Sequence[R], *, write: bool
    ) -> list[Complaint | None]:
        """Set what points from each record to another one, be it later in the file."""


class Run(Generic[R]):
    """One import of one file. `transaction` opens a session that commits at its end."""

    def __init__(
        self, importer: Importer[R], transaction: Transaction, report: Report, *, write: bool
    ) -> None:
        """Take the parts; nothing is read yet."""
        self._importer = importer
        self._transaction = transaction
        self._report = report
        self._write = write
        self._first_lines: dict[Hashable, int] = {}
        self._pointing: list[tuple[int, R]] = []

    def take(self, lines: Iterable[Line], progress: Callable[[int], None]) -> None:
        """Import the lines; `progress` gets the number of lines of the file that are behind us."""
        for batch in _batches(lines):
            self._store(list(self._records(batch)))
            progress(batch[-1].last)
        for pointing in _batches(self._pointing):
            self._link(pointing)

    def _records(self, batch: Sequence[Line]) -> Iterator[tuple[int, R, tuple[Complaint, ...]]]:
        for line in batch:
            fields = Fields(line.values)
            record = None if line.problem else self._importer.record(fields)
            problems = [line.problem] if line.problem else fields.problems
            if record is not None and not problems:
                problems = self._seen_before(line.number, record)
            if record is None or problems:
                name = f"line {line.number}"
                outcome = Outcome(name, Fate.FAILED, problems=tuple(problems))
                self._report.note(line.number, outcome)
            else:
                yield line.number, record, tuple(fields.remarks)

    def _seen_before(self, number: int, record: R) -> list[Complaint]:
        first = self._first_lines.setdefault(self._importer.key(record), number)
        if first == number:
            return []
        return [Complaint("line", f"says again what line {first} says; line {first} is kept")]

    def _store(self, numbered: Sequence[tuple[int, R, tuple[Complaint, ...]]]) -> None:
        """Store a batch; should the database refuse it, store its records one by one."""
        if not numbered:
            return
        try:
            with self._transaction() as session:
                records = [record for _, record, _ in numbered]
                outcomes = self._importer.store(session, records, write=self._write)
        except (DataError, IntegrityError) as error:
            if len(numbered) > 1:
                for one in numbered:
                    self._store([one])
                return
            outcomes = [_refused(error)]
        for (number, record, remarks), outcome in zip(numbered, outcomes, strict=True):
            self._note(number, record, remarks, outcome)

    def _note(
        self, number: int, record: R, remarks: tuple[Complaint, ...], outcome: Outcome
    ) -> None:
        self._report.note(number, outcome)
        for remark in remarks:
            self._report.remark(number, remark)
        if outcome.fate is not Fate.FAILED and self._importer.points_elsewhere(record):
            self._pointing.append((number, record))

    def _link(self, numbered: Sequence[tuple[int, R]]) -> None:
        with self._transaction() as session:
            records = [record for _, record in numbered]
            complaints = self._importer.links(session, records, write=self._write)
        for (number, _), complaint in zip(numbered, complaints, strict=True):
            if complaint:
                self._report.complain(number, complaint)


def _refused(error: DBAPIError) -> Outcome:
    log.warning("the database refused a record: %s", type(error.orig).__name__)
    clash = isinstance(error, IntegrityError)
    reason = "clashes with another record" if clash else "has a value that cannot be stored"
    problem = Complaint("line", reason)
    return Outcome("", Fate.FAILED, problems=(problem,))


T = TypeVar("T")


def _batches(things: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(things)
    while batch := list(islice(rest, BATCH)):
        yield batch
