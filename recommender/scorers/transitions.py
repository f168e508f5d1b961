"""After this, people took that: decayed counts of what followed what.

People follow courses in order, which makes the next step the strongest single source on
workplace learning; a table of counts says so without any training.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy import sparse

from recommender.data import Arrays, Floats, Interactions, Ints, Profile, blank, fading
from recommender.steps import follows, ranges, rows_of, strongest_steps
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
            for lag in range(1, min(self.lags, data.item.size - 1) + 1):
                at = follows(data.person, data.item, lag, low, high)
                cells = data.item[at] - low, data.item[at + lag]
                counts += rows_of(*cells, faded[at + lag] * np.float32(1 / lag), counts.shape)
            leaving = np.asarray(counts.sum(axis=1)).ravel() + self.smoothing
            counts.data *= np.repeat((1 / leaving).astype(np.float32), np.diff(counts.indptr))
            return counts

        table = strongest_steps(data.item, size, self.lags, self.keep, likely)
        return Transitions(table, _followers(data, table), self)


def _followers(data: Interactions, table: Table) -> Ints:
    """Return how many different people took each step of the table directly."""
    size = data.items.size
    found = np.zeros(table.column.size, np.int64)
    for low, high in ranges(data.item, size, 1):
        cells = slice(int(table.start[low]), int(table.start[high]))
        row = np.repeat(np.arange(low, high), np.diff(table.start[low : high + 1]))
        wanted = row * size + table.column[cells]
        at = follows(data.person, data.item, 1, low, high) if data.item.size > 1 else wanted[:0]
        if not (wanted.size and at.size):
            continue
        step = data.item[at].astype(np.int64) * size + data.item[at + 1]
        near = np.minimum(np.searchsorted(wanted, step), wanted.size - 1)
        hit = wanted[near] == step
        pair = np.sort(near[hit] * data.people.size + data.person[at[hit]])
        cell = firsts(pair)[0] // data.people.size
        found[cells] = np.bincount(cell, minlength=wanted.size)
    return found


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
