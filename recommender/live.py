"""What has happened since the training, kept beside the model and added to it at every slate.

The sums of `counts.py` simply go on: an event touches a few cells and needs no training, so the
next slate of everybody knows of it. A process keeps one of these per model and can build it anew
from the events since the training; nothing of it is stored.
"""

import threading
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from recommender.arrays import Floats, Ints, Times, positions
from recommender.counts import HALF_LIVES, SUMS, TABLES, grown
from recommender.data import Event
from recommender.log import EventLog
from recommender.model import Model
from recommender.table import firsts


class Row:
    """Sums by column, in the order in which the columns were first met."""

    __slots__ = ("_columns", "_place", "_values")

    def __init__(self) -> None:
        """Begin with nothing."""
        self._place: dict[int, int] = {}
        self._columns, self._values = array("q"), array("d")

    def add(self, column: int, value: float) -> None:
        """Add a value to that of a column."""
        place = self._place.get(column)
        if place is None:
            self._place[column] = len(self._values)
            self._columns.append(column)
            self._values.append(value)
        else:
            self._values[place] += value

    def cells(self) -> tuple[Ints, Floats]:
        """Return the columns and their values."""
        return np.array(self._columns, np.int64), np.array(self._values, np.float32)


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
        self._tables: dict[str, dict[int, Row]] = {name: defaultdict(Row) for name in TABLES}
        self._groups: dict[str, Row] = defaultdict(Row)
        counts = model.counts
        self._aside = [counts.config.aside(lag) for lag in range(1, counts.config.window + 1)]
        self._counted: list[int] = []
        self._until = [0]
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
            self._next_version()

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
            end = np.append(begin[1:], len(log)).tolist()
            fresh = np.append(True, (at[1:] != at[:-1]) | (log.person[1:] != log.person[:-1]))
            steps = list(zip(at.tolist(), log.at.tolist(), fresh.tolist(), strict=False))
            for person, first, after in zip(people.tolist(), begin.tolist(), end, strict=False):
                latest = [step[:2] for step in steps[first:after] if step[2]]
                self._join(person, latest)
                self._last[person] = steps[after - 1][1]
            self._next_version()

    def counted_since(self, version: int) -> list[int]:
        """Return where something has been counted since a version; sums only ever rise."""
        return self._counted[self._until[version] :]

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
            return self._groups.get(name, Row()).cells()

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
                if row_added is not None:
                    columns, values = row_added.cells()
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
        self._counted.append(at)
        self._totals += worths
        if groups:
            role = self.model.settings.role
            share = worth * grown(event.at, since, role.half_life_days)
            for name in groups:
                self._groups[name].add(at, share)

    def _step(self, event: Event, at: int, worth: float) -> None:
        config = self.model.counts.config
        faded = worth * grown(event.at, self.model.trained_at, config.half_life_days)
        trail = self._trail.get(event.person, [])
        if trail and trail[0][0] == at:
            return
        after, earlier, beside = (self._tables[name] for name in TABLES)
        own = beside[at]
        for lag, (before, when) in enumerate(trail, start=1):
            if before == at:
                continue
            if lag <= config.lags and when < event.at:
                after[before].add(at, faded / lag)
                earlier[at].add(before, faded / lag)
            aside = faded * self._aside[lag - 1]
            beside[before].add(at, aside)
            own.add(before, aside)

    def _remember(self, event: Event, at: int) -> None:
        self._join(event.person, [(at, event.at)])
        self._last[event.person] = event.at

    def _join(self, person: int, steps: Sequence[tuple[int, float]]) -> None:
        trail = self._trail.setdefault(person, [])
        for step in steps:
            if not trail or trail[0][0] != step[0]:
                trail.insert(0, step)
        del trail[self.model.counts.config.window :]

    def _next_version(self) -> None:
        self._until.append(len(self._counted))
        self.version += 1
