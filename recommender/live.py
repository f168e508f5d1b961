"""What has happened since the training, kept beside the model and added to it at every slate.

The sums of `counts.py` simply go on: an event touches a few cells and needs no training, so the
next slate of everybody knows of it. A process keeps one of these per model and can build it anew
from the events since the training; nothing of it is stored.
"""

import threading
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from recommender.arrays import Floats, Ints, Times, positions
from recommender.counts import HALF_LIVES, SUMS, TABLES, grown
from recommender.data import Event
from recommender.log import EventLog
from recommender.model import Model
from recommender.table import firsts

Row = dict[int, float]


class Cells(NamedTuple):
    """Cells of some rows laid end to end: which of the rows, which column, and the value."""

    which: Ints
    column: Ints
    value: Floats


class Live:
    """The sums of one model since its training; safe to read and to add to from several threads.

    Items count in the positions of the model; items it does not know follow in the order in which
    they were first met, and `newer` holds their ids.
    """

    def __init__(self, model: Model) -> None:
        """Begin where the model ends."""
        self.model = model
        self.newer: dict[int, int] = {}
        self.version = 0
        self._lock = threading.Lock()
        self._seen: set[Event] = set()
        self._trail: dict[int, list[tuple[int, float]]] = {}
        self._last: dict[int, float] = {}
        self._tables: dict[str, dict[int, Row]] = {name: {} for name in TABLES}
        self._groups: dict[str, Row] = {}
        counts = model.counts
        self._sums = np.vstack([counts.weight, counts.starts, counts.recent])
        self._totals = self._sums.sum(axis=1)

    def observe(
        self, events: Iterable[Event], groups: Mapping[int, tuple[str, ...]] | None = None
    ) -> None:
        """Add events, each person's in the order of time; what was added before is left out.

        `groups` names the roles and circles of people, whose counts then grow too. Events from
        before the training only tell what the person did last.
        """
        strength = self.model.settings.activity.strength
        with self._lock:
            for event in events:
                worth = strength(event)
                if worth <= 0 or event in self._seen:
                    continue
                at = self._place(event.item)
                if event.at > self.model.trained_at:
                    self._seen.add(event)
                    self._count(event, at, worth, (groups or {}).get(event.person, ()))
                    self._step(event, at, worth)
                self._remember(event, at)
            self.version += 1

    def follow(self, log: EventLog) -> None:
        """Take in what people did last before the training, each person's in the order of time.

        It is what `observe` makes of the same events, for very many of them.
        """
        config = self.model.settings.activity
        log = log.where(config.strengths(log) > 0)
        at, known = positions(self.model.items, log.item)
        with self._lock:
            at[~known] = [self._place(item) for item in log.item[~known].tolist()]
            people, begin = firsts(log.person)
            end = np.append(begin[1:], len(log))
            for person, first, after in zip(people.tolist(), begin, end, strict=False):
                rows = slice(first, after)
                for place, when in zip(at[rows].tolist(), log.at[rows].tolist(), strict=True):
                    self._join(person, place, when)
                self._last[person] = float(log.at[after - 1])
            self.version += 1

    def sums(self, name: str) -> Times:
        """Return one of `SUMS` by position, not faded since the training."""
        found: Times = self._sums[SUMS.index(name)]
        return found

    def every(self) -> Times:
        """Return all of `SUMS`, sums x positions, not faded since the training."""
        return self._sums

    def total(self, name: str) -> float:
        """Return the sum of `sums`."""
        return float(self._totals[SUMS.index(name)])

    def group(self, name: str) -> tuple[Ints, Floats]:
        """Return what people of a role or circle took since the training."""
        with self._lock:
            return _columns(self._groups.get(name, {}))

    def rows(self, table: str, items: Ints) -> Cells:
        """Return the rows of a table for items, what the model knows and what came since."""
        which, column, value = [], [], []
        there = np.flatnonzero(items < self.model.items.size)
        base = getattr(self.model.counts, table)
        if base.value.size and there.size:
            row, cell = base.cells(items[there])
            which.append(there[row])
            column.append(base.column[cell].astype(np.int64))
            value.append(base.value[cell])
        with self._lock:
            added = self._tables[table]
            for at, item in enumerate(items.tolist()):
                row_added = added.get(item)
                if row_added:
                    columns, values = _columns(row_added)
                    which.append(np.full(columns.size, at))
                    column.append(columns)
                    value.append(values)
        if len(which) == 1:
            return Cells(which[0], column[0], value[0])
        if not which:
            return Cells(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        return Cells(np.concatenate(which), np.concatenate(column), np.concatenate(value))

    def _place(self, item: int) -> int:
        items = self.model.items
        at = int(np.searchsorted(items, item))
        if at < items.size and items[at] == item:
            return at
        place = self.newer.setdefault(item, items.size + len(self.newer))
        if place >= self._sums.shape[1]:
            wider = np.zeros((len(self._sums), 2 * place + 8), np.float64)
            wider[:, : self._sums.shape[1]] = self._sums
            self._sums = wider
        return place

    def _count(self, event: Event, at: int, worth: float, groups: tuple[str, ...]) -> None:
        since, config = self.model.trained_at, self.model.counts.config
        faded = worth * grown(event.at, since, config.half_life_days)
        pause = event.at - self._last.get(event.person, -np.inf)
        begins = faded if pause > config.session_hours * 3600 else 0.0
        late = [worth * grown(event.at, since, days) for days in HALF_LIVES]
        worths = np.array([faded, begins, *late])
        self._sums[:, at] += worths
        self._totals += worths
        if groups:
            role = self.model.settings.role
            share = worth * grown(event.at, since, role.half_life_days)
            for name in groups:
                counts = self._groups.setdefault(name, {})
                counts[at] = counts.get(at, 0.0) + share

    def _step(self, event: Event, at: int, worth: float) -> None:
        config = self.model.counts.config
        faded = worth * grown(event.at, self.model.trained_at, config.half_life_days)
        trail = self._trail.get(event.person, [])
        if trail and trail[0][0] == at:
            return
        for lag, (before, when) in enumerate(trail, start=1):
            if before == at:
                continue
            if lag <= config.lags and when < event.at:
                self._add("after", before, at, faded / lag)
                self._add("before", at, before, faded / lag)
            self._add("beside", before, at, faded * config.aside(lag))
            self._add("beside", at, before, faded * config.aside(lag))

    def _add(self, table: str, row: int, column: int, value: float) -> None:
        cells = self._tables[table].setdefault(row, {})
        cells[column] = cells.get(column, 0.0) + value

    def _remember(self, event: Event, at: int) -> None:
        self._join(event.person, at, event.at)
        self._last[event.person] = event.at

    def _join(self, person: int, at: int, when: float) -> None:
        trail = self._trail.setdefault(person, [])
        if not trail or trail[0][0] != at:
            trail.insert(0, (at, when))
            del trail[self.model.counts.config.window :]


def _columns(row: Row) -> tuple[Ints, Floats]:
    size = len(row)
    return np.fromiter(row.keys(), np.int64, size), np.fromiter(row.values(), np.float32, size)
