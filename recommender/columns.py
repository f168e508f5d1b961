"""Values of few items out of many, by column: sums over sparse rows, each sorted only once."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.live import Cells
from recommender.table import firsts


@dataclass(frozen=True)
class Found:
    """Items with a value other than 0: their positions in the pool, ascending, and the values."""

    at: Ints
    value: Floats

    def along(self, chosen: Ints) -> Floats:
        """Return the values at the chosen positions, 0 where there is none."""
        if not self.at.size:
            return np.zeros(chosen.size, np.float32)
        near = np.minimum(np.searchsorted(self.at, chosen), self.at.size - 1)
        found: Floats = np.where(self.at[near] == chosen, self.value[near], 0).astype(np.float32)
        return found

    def everywhere(self, size: int) -> Floats:
        """Return the values of the first `size` positions."""
        found = np.zeros(size, np.float32)
        found[self.at] = self.value
        return found


@dataclass(frozen=True)
class Columns:
    """Cells by column: which row and what value each has; `at` are the columns that are met."""

    at: Ints
    first: Ints
    which: Ints
    value: Floats

    @classmethod
    def of(cls, cells: Cells, order: Ints) -> Self:
        """Put cells into an order in which their columns ascend."""
        return cls(*firsts(cells.column[order]), cells.which[order], cells.value[order])

    def summed(self, value: Floats) -> Found:
        """Return the sum of the values in each column, the cells' or others in their order."""
        total = totals(value, self.first)
        kept = total != 0
        return Found(self.at[kept], total[kept])

    def spread(self, value: Floats) -> Floats:
        """Return for every cell the value of its column."""
        length = np.diff(np.append(self.first, self.which.size))
        return np.repeat(value, length)


def totals(value: Floats, first: Ints) -> Floats:
    """Return the sums of runs of values, of which the first of each stands at `first`."""
    found: Floats = np.add.reduceat(value, first) if first.size else np.zeros(0, np.float32)
    return found
