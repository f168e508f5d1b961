"""Tries a harvest: reads everything there is and tells what would become of it.

Nothing is written but the run's own row: how many items would be new, changed, unchanged, removed
or refused, with samples of each, changes field by field. No cursor moves.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from app.catalogue.service import Change, plan
from app.connectors.base import Delete, Fail, Harvests, Mode
from app.connectors.http import Meter
from app.harvest import absences, endings
from app.harvest.endings import Ending
from app.harvest.lease import Keeper
from app.harvest.reaching import Parts, Reached
from app.harvest.reading import Batch, batches, reader_for, understood
from app.harvest.records import Taken
from app.harvest.runs import Begun
from app.harvest.writing import Tally
from app.intake.report import SAMPLES, Difference, Fate
from app.models import HarvestRun, RunState

_REMOVED = "removed"


class DryRun:
    """One run that writes nothing of the catalogue."""

    def __init__(self, parts: Parts, begun: Begun, keeper: Keeper, meter: Meter) -> None:
        """Take what the run works with; nothing is read yet."""
        self.begun = begun
        self.meter = meter
        self.keeper = keeper
        self.tally = Tally()
        self.unknown: Counter[tuple[str, str]] = Counter()
        self._parts = parts
        self._samples: dict[str, list[dict[str, Any]]] = {}
        self._seen: set[str] = set()
        self._unread = False

    def work(self, tool: Reached) -> Ending:
        """Read everything that the tool has and compare it; raise SourceError."""
        if not isinstance(tool.connector, Harvests):
            return Ending(RunState.DONE)
        reader = reader_for(self.begun.connection, tool)
        self.unknown = reader.unknown
        with understood(tool):
            events = iter(tool.connector.pull(None, Mode.SWEEP))
        for batch in batches(tool, events, reader, self._parts.now):
            self._compare(batch)
        if tool.connector.spec.capabilities.sweep:
            self._miss(tool, tool.connector)
        return Ending(RunState.DONE)

    def _compare(self, batch: Batch) -> None:
        """Compare a batch with the rows, and show in the run's row how far it has come."""
        self._unread |= batch.unread
        news = {
            one.external_id: one
            for one in batch.steps
            if not isinstance(one, Fail) and one.external_id not in self._seen
        }
        self._seen |= batch.external_ids
        taken = [one for one in news.values() if isinstance(one, Taken)]
        with self._parts.database.sessions() as session:
            self._note_changes(plan(session, [one.record for one in taken if one.record]))
            gone = [one.external_id for one in news.values() if isinstance(one, Delete)]
            self._note_removed(absences.live_items(session, self.begun.connection.tool_id, gone))
        for one in batch.steps:
            if isinstance(one, Fail):
                self._note_failed(one.what, [("", one.error.sentence)])
        for one in taken:
            if one.record is None:
                self._note_failed(one.external_id, [(c.field, c.reason) for c in one.complaints])
        self._show()

    def _miss(self, tool: Reached, connector: Harvests) -> None:
        """Tell what the sweep would take away, asking the tool for each item as it would."""
        seen = self._seen | ({absences.UNREAD} if self._unread else set())
        with self._parts.database.sessions() as session:
            sweep = absences.swept(session, self.begun.connection.tool_id, seen)
        with understood(tool):
            presences = absences.probed(connector, sweep.missing, self.keeper.tick)
        away = absences.judged(sweep, presences).away
        names = {one.id: (one.external_id, one.title) for one in sweep.missing}
        self._note_removed([names[item_id] for item_id in away])
        self._show()

    def _note_changes(self, changes: Sequence[Change]) -> None:
        for change in changes:
            record, fate = change.record, change.fate.value
            told = [_told(one) for one in change.differences]
            if change.comes_back:
                fate = Fate.CHANGED.value
                told.append({"field": "status", "before": "retired", "after": "live"})
            self._note(fate, record.external_id, record.title, differences=told)

    def _note_removed(self, items: Iterable[tuple[str, str]]) -> None:
        for external_id, title in items:
            self._note(_REMOVED, external_id, title)

    def _note_failed(self, what: str, complaints: Sequence[tuple[str, str]]) -> None:
        told = [{"field": name, "reason": str(reason)} for name, reason in complaints]
        self._note(Fate.FAILED.value, what, what, problems=told)

    def _note(self, fate: str, external_id: str, name: str, **values: Any) -> None:
        """Count what would become of an item, and keep the first few of each."""
        self.tally.counts[fate] += 1
        samples = self._samples.setdefault(fate, [])
        if len(samples) < SAMPLES:
            samples.append({"external_id": external_id, "name": name, **values})

    def _show(self) -> None:
        with self._parts.database.transaction() as session:
            self.keeper.hold(session)
            row = session.get_one(HarvestRun, self.begun.run.id)
            row.counts = endings.metered(self.tally.counts, self.meter)
            row.samples = {fate: list(found) for fate, found in self._samples.items()}
            row.seen_at = self._parts.now()


def _told(difference: Difference) -> dict[str, object]:
    """Return a difference as JSON keeps it."""
    return {
        "field": difference.field,
        "before": _json(difference.before),
        "after": _json(difference.after),
    }


def _json(value: object) -> object:
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return value if value is None or isinstance(value, int | float) else str(value)
