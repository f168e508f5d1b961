"""After this, people took that: decayed counts of what followed what.

People follow courses in order, which makes the next step the strongest single source on
workplace learning; a table of counts says so without any training.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy import sparse

from recommender.arrays import Arrays, Floats, Ints, blank
from recommender.dataset import Interactions
from recommender.profile import Profile, fading
from recommender.steps import events_on, follows, ranges, rows_of, strongest_steps
from recommender.table import Table, firsts


@dataclass(frozen=True)
class TransitionsConfig:
    """`lags` steps ahead are counted, each for 1/lag; `memory` items of a history are read."""

    keep: int = 100
    lags: int = 3
    memory: int = 8
    recency: float = 2.0
    half_life_days: float = 365.0
    smoothing: float = 5.0
    sharpness: float = 100.0

    def fit(self, data: Interactions) -> "Transitions":
        """Count the steps from item to item along everybody's history."""
        size = data.items.size
        faded = data.decayed(self.half_life_days)

        def likely(low: int, high: int) -> sparse.csr_matrix:
            counts = sparse.csr_matrix((high - low, size), dtype=np.float32)
            there = events_on(data.item, low, high)
            for lag in range(1, min(self.lags, data.item.size - 1) + 1):
                at = follows(data.person, data.item, lag, there)
                cells = data.item[at] - low, data.item[at + lag]
                counts += rows_of(*cells, faded[at + lag] * np.float32(1 / lag), counts.shape)
            leaving = np.asarray(counts.sum(axis=1)).ravel() + self.smoothing
            counts.data *= np.repeat((1 / leaving).astype(np.float32), np.diff(counts.indptr))
            return counts

        table = strongest_steps(data.item, size, self.lags, self.keep, likely)
        return Transitions(table, _followers(data, table), self)


def _followers(data: Interactions, table: Table) -> Ints:
    """Return how many different people took each step of the table directly."""
    found = np.zeros(table.column.size, np.int64)
    size, people = data.items.size, data.people.size
    if data.item.size < 2:
        return found
    most = max(2**62 // (size * people), 1)  # rows whose steps by person fit into a number
    for start, end in ranges(data.item, size, 1):
        for low in range(start, end, most):
            high = min(low + most, end)
            steps, took = _taken_by(data, low, high)
            cells = slice(int(table.start[low]), int(table.start[high]))
            row = np.repeat(np.arange(high - low), np.diff(table.start[low : high + 1]))
            wanted = row * size + table.column[cells]
            if steps.size:
                near = np.minimum(np.searchsorted(steps, wanted), steps.size - 1)
                found[cells] = np.where(steps[near] == wanted, took[near], 0)
    return found


def _taken_by(data: Interactions, low: int, high: int) -> tuple[Ints, Ints]:
    """Return the direct steps from some items, as numbers ascending, and how many took each."""
    at = follows(data.person, data.item, 1, events_on(data.item, low, high))
    taken = (data.item[at] - low).astype(np.int64)
    taken *= data.items.size
    taken += data.item[at + 1]
    taken *= data.people.size
    taken += data.person[at]
    taken.sort()
    once = firsts(taken)[0] // data.people.size
    steps, first = firsts(once)
    return steps, np.diff(np.append(first, once.size))


@dataclass(frozen=True)
class Transitions:
    """For each item the share of people who went on to another, and how many did so directly."""

    table: Table
    people: Ints
    config: TransitionsConfig

    def __call__(self, profile: Profile, out: Floats | None = None) -> Floats:
        """Return the log-damped chance that an item comes next; 0 where nobody went that way."""
        out = blank(self.table.start.size - 1, out)
        met = self.table.add_rows(*self.voices(profile), out)
        out[met] = np.log1p(self.config.sharpness * out[met])
        return out

    def voices(self, profile: Profile) -> tuple[Ints, Floats]:
        """Return the latest items of the history with weights that fall by recency."""
        items = profile.items[: self.config.memory]
        return items, fading(profile.newer[: items.size], self.config.recency)

    def followers(self, rows: Ints, columns: Ints) -> Floats:
        """Return how many people went directly from each row item to each column item."""
        return self._took.block(rows, columns)

    @cached_property
    def _took(self) -> Table:
        return Table(self.table.start, self.table.column, self.people.astype(np.float32))

    def arrays(self) -> Arrays:
        """Return what is stored."""
        table = self.table
        return {
            "start": table.start,
            "column": table.column,
            "value": table.value,
            "people": self.people,
        }

    @classmethod
    def load(cls, arrays: Arrays, config: TransitionsConfig) -> Self:
        """Return the inverse of `arrays`."""
        table = Table(arrays["start"], arrays["column"], arrays["value"])
        return cls(table, arrays["people"], config)
