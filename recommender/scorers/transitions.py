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
from recommender.table import Table, strongest


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
        steps = [_steps(data, lag) for lag in range(1, self.lags + 1)]
        counts = sparse.csr_matrix((size, size), dtype=np.float32)
        for lag, at in enumerate(steps, start=1):
            cells = (data.item[at], data.item[at + lag])
            counts += sparse.csr_matrix((faded[at + lag] / lag, cells), shape=(size, size))
        leaving = np.asarray(counts.sum(axis=1)).ravel() + self.smoothing
        likely = sparse.diags_array(1 / leaving).astype(np.float32) @ counts
        table = Table.of(strongest(likely, self.keep))
        return Transitions(table, _followers(data, steps[0], table), self)


def _steps(data: Interactions, lag: int) -> Ints:
    """Return where an event is followed, `lag` events later, by another item of the same person."""
    first, later = slice(None, -lag), slice(lag, None)
    same = data.person[first] == data.person[later]
    return np.flatnonzero(same & (data.item[first] != data.item[later]))


def _followers(data: Interactions, at: Ints, table: Table) -> Ints:
    """Return how many different people took each step of the table directly."""
    size = data.items.size
    step, person = data.item[at] * size + data.item[at + 1], data.person[at]
    order = np.lexsort((person, step))
    step, person = step[order], person[order]
    again = np.zeros(step.size, dtype=np.bool_)
    again[1:] = (step[1:] == step[:-1]) & (person[1:] == person[:-1])
    steps_taken, people = np.unique(step[~again], return_counts=True)
    row = np.repeat(np.arange(size), np.diff(table.start))
    wanted = row * size + table.column
    if not steps_taken.size:
        return np.zeros(wanted.size, np.int64)
    near = np.minimum(np.searchsorted(steps_taken, wanted), steps_taken.size - 1)
    return np.where(steps_taken[near] == wanted, people[near], 0).astype(np.int64)


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
        return items, fading(items.size, self.config.recency)

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
