"""Writes what was read from a tool: items, what became of others, and what could not be taken.

Everything here runs inside the transaction of one checkpoint. Replaying the same events leaves
the same rows, and events that say nothing new write none.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from app.catalogue import service
from app.catalogue.records import ItemRecord
from app.catalogue.service import Change
from app.catalogue.stored import in_parts
from app.connectors.base import Delete, Fail, Presence
from app.errors import Wording
from app.harvest.records import Taken
from app.intake.report import Fate
from app.models import HarvestProblem, Item, ItemPresence, Status

MOST_PROBLEMS = 200
log = logging.getLogger(__name__)
Step = Taken | Delete | Fail


@dataclass(slots=True)
class Tally:
    """What a run has done so far: how many of each fate, and how many problems are kept."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: int = 0

    def copy(self) -> "Tally":
        """Return a tally to go on with, which is dropped if the transaction is rolled back."""
        return Tally(Counter(self.counts), self.problems)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run writes: its own row, and the tool whose items it brings."""

    run_id: int
    tool_id: int


def store(
    session: Session, place: Place, steps: Sequence[Step], tally: Tally, *, now: datetime
) -> None:
    """Write these steps in their order, counting what became of each.

    The transaction must have written before: a savepoint on SQLite needs one under way.
    """
    for together in _rounds(steps):
        taken = [step for step in together if isinstance(step, Taken)]
        records = [step.record for step in taken if step.record is not None]
        _note_outcomes(tally, _items(session, place, records, tally, now=now))
        gone = [step for step in together if isinstance(step, Delete)]
        tally.counts["removed"] += remove(
            session, place.tool_id, {one.external_id: one.presence for one in gone}, now=now
        )
        _note_problems(session, place, together, tally)


def remove(session: Session, tool_id: int, presences: dict[str, Presence], *, now: datetime) -> int:
    """Retire the items that the tool itself says are gone or hidden; return how many were live.

    A status that a curator set stays as it is.
    """
    rows = [
        row
        for part in in_parts(presences)
        for row in session.execute(
            select(Item.id, Item.external_id, Item.status, Item.locked).where(
                Item.tool_id == tool_id, Item.external_id.in_(part)
            )
        )
    ]
    note_presence(session, {row.id: presences[row.external_id] for row in rows}, now=now)
    live = [
        row.id for row in rows if row.status == Status.LIVE.value and "status" not in row.locked
    ]
    service.set_status(session, live, Status.RETIRED, now=now)
    return len(live)


def note_presence(session: Session, presences: dict[int, Presence], *, now: datetime) -> None:
    """Keep what is known of these items, by id; a row that says so already stays as it is."""
    known = presence_rows(session, presences)
    for item_id, presence in presences.items():
        row = known.get(item_id)
        if row is None:
            session.add(ItemPresence(item_id=item_id, presence=presence.value, since=now))
        elif row.presence != presence.value:
            row.presence, row.since = presence.value, now
        if row is not None and (row.absences or row.held):
            row.absences, row.held = 0, False
    session.flush()


def presence_rows(session: Session, item_ids: Iterable[int]) -> dict[int, ItemPresence]:
    """Return the presence rows that there are of these items, by id."""
    return {
        row.item_id: row
        for part in in_parts(item_ids)
        for row in session.scalars(select(ItemPresence).where(ItemPresence.item_id.in_(part)))
    }


def forget_presence(session: Session, item_ids: Collection[int]) -> None:
    """Delete the presence rows of items that are simply there; without any, write nothing."""
    known = [
        item_id
        for part in in_parts(item_ids)
        for item_id in session.scalars(
            select(ItemPresence.item_id).where(ItemPresence.item_id.in_(part))
        )
    ]
    for part in in_parts(known):
        session.execute(
            delete(ItemPresence)
            .where(ItemPresence.item_id.in_(part))
            .execution_options(synchronize_session=False)
        )


def _rounds(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Yield the steps in rounds in which no item occurs twice, so that their order counts.

    Of an item that is told several times on end the last word is enough.
    """
    together: list[Step] = []
    places: dict[str, int] = {}
    for step in steps:
        external_id = "" if isinstance(step, Fail) else step.external_id
        place = places.get(external_id) if external_id else None
        if place is not None and _is_record(step) and _is_record(together[place]):
            together[place] = step
            continue
        if place is not None:
            yield together
            together, places = [], {}
        if external_id:
            places[external_id] = len(together)
        together.append(step)
    if together:
        yield together


def _is_record(step: Step) -> bool:
    return isinstance(step, Taken) and step.record is not None


def _items(
    session: Session, place: Place, records: Sequence[ItemRecord], tally: Tally, *, now: datetime
) -> list[Change]:
    """Bring the items of these records up to date; one that the database refuses is a problem."""
    if not records:
        return []
    try:
        with session.begin_nested():
            changes = service.upsert(session, records, now=now)
            _offer_again(session, changes, now=now)
            return changes
    except (DataError, IntegrityError) as error:
        log.warning("the database refused a record: %s", type(error.orig).__name__)
    if len(records) == 1:
        reason = Wording("The database cannot keep this item.")
        _add_problems(session, place, [(records[0].external_id, "", reason, "")], tally)
        tally.counts[Fate.FAILED.value] += 1
        return []
    return [change for one in records for change in _items(session, place, [one], tally, now=now)]


def _offer_again(session: Session, changes: Sequence[Change], *, now: datetime) -> None:
    """Offer retired items again that the tool has, unless a curator retired them."""
    stored = [change.stored for change in changes if change.stored is not None]
    back = [change.stored.id for change in changes if change.stored and change.comes_back]
    service.set_status(session, back, Status.LIVE, now=now)
    forget_presence(session, [one.id for one in stored])


def _note_outcomes(tally: Tally, changes: Sequence[Change]) -> None:
    for change in changes:
        tally.counts[(Fate.CHANGED if change.comes_back else change.fate).value] += 1


def _note_problems(session: Session, place: Place, steps: Sequence[Step], tally: Tally) -> None:
    found: list[tuple[str, str, str, str]] = []
    for step in steps:
        if isinstance(step, Fail):
            found.append((step.what, "", step.error.sentence, step.error.kind.value))
        elif isinstance(step, Taken) and step.record is None:
            found += [(step.external_id, one.field, one.reason, "") for one in step.complaints]
        else:
            continue
        tally.counts[Fate.FAILED.value] += 1
    _add_problems(session, place, found, tally)


def _add_problems(
    session: Session, place: Place, found: Sequence[tuple[str, str, str, str]], tally: Tally
) -> None:
    kept = found[: max(0, MOST_PROBLEMS - tally.problems)]
    tally.problems += len(kept)
    if kept:
        session.execute(
            insert(HarvestProblem),
            [
                {
                    "run_id": place.run_id,
                    "what": what[:300],
                    "field": field_name[:60],
                    "reason": reason,
                    "kind": kind,
                }
                for what, field_name, reason, kind in kept
            ],
        )
