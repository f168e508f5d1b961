"""An import of people that writes what it changes about their access into the audit log."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access import Access
from app.audit.service import COMMAND_LINE, Event, append
from app.intake.report import Fate, Outcome
from app.people.imports import PersonImporter, PersonRecord

_TOLD = frozenset({"access", "active"})


class AuditedPeople(PersonImporter):
    """Imports people; who comes in, leaves or may do something else is an entry of the log.

    An entry stands in the transaction of the change itself.
    """

    def store(
        self, session: Session, records: Sequence[PersonRecord], *, write: bool
    ) -> list[Outcome]:
        """Store the records, then write what changed about access into the log."""
        outcomes = super().store(session, records, write=write)
        if write:
            append(session, list(_events(records, outcomes)), now=self._now)
        return outcomes


def _events(records: Sequence[PersonRecord], outcomes: Sequence[Outcome]) -> Iterator[Event]:
    for record, outcome in zip(records, outcomes, strict=True):
        details = _details(record, outcome)
        if details:
            yield Event(
                action="people.access",
                actor=COMMAND_LINE,
                subject=record.new.email,
                details=details | {"source": "import"},
            )


def _details(record: PersonRecord, outcome: Outcome) -> dict[str, Any]:
    if outcome.fate is Fate.NEW and record.new.access is not Access.EMPLOYEE:
        return {"access": {"before": "", "after": record.new.access.value}}
    return {
        one.field: {"before": one.before, "after": one.after}
        for one in outcome.differences
        if one.field in _TOLD
    }
