"""How many different people touched an item of late: the figures that reasons may quote.

No figure of fewer than five people leaves this module, and none about a role that has not at
least five members beside the reader.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import sparse

from recommender.data import Arrays, Interactions, Ints
from recommender.table import Table

FEWEST = 5
TREND_DAYS = 7
POPULAR_DAYS = 30


@dataclass(frozen=True)
class Reach:
    """Counts of distinct people in the days before the training, by item and by role and item."""

    roles: tuple[str, ...]
    members: Ints
    week: Ints
    month: Ints
    by_role: Table

    @classmethod
    def of(cls, data: Interactions) -> Self:
        """Count the people of the last week and month."""
        month = data.touched(POPULAR_DAYS)
        return cls(
            data.roles,
            _totals(data.members),
            _totals(data.touched(TREND_DAYS)),
            _totals(month),
            Table.of(data.members.T @ month),
        )

    def trending(self, items: Ints) -> Ints:
        """Return how many people took each item in the last week; 0 for items at -1."""
        return _at(self.week, items)

    def popular(self, items: Ints) -> Ints:
        """Return how many people took each item in the last month; 0 for items at -1."""
        return _at(self.month, items)

    def in_role(self, role: str, items: Ints) -> Ints:
        """Return how many people of the role took each item in the last month.

        A role with fewer than five members beside the reader gives 0 throughout.
        """
        row = self.roles.index(role) if role in self.roles else -1
        if row < 0 or self.members[row] - 1 < FEWEST:
            return np.zeros(items.size, np.int64)
        return self.by_role.along(row, items).astype(np.int64)

    def arrays(self) -> Arrays:
        """Return what is stored."""
        return {
            "roles": np.array(self.roles, dtype=np.str_),
            "members": self.members,
            "week": self.week,
            "month": self.month,
            "start": self.by_role.start,
            "column": self.by_role.column,
            "value": self.by_role.value,
        }

    @classmethod
    def load(cls, arrays: Arrays) -> Self:
        """Return the inverse of `arrays`."""
        by_role = Table(arrays["start"], arrays["column"], arrays["value"])
        roles = tuple(arrays["roles"].tolist())
        return cls(roles, arrays["members"], arrays["week"], arrays["month"], by_role)


def _at(counts: Ints, items: Ints) -> Ints:
    if not counts.size:
        return np.zeros(items.size, np.int64)
    return np.where(items >= 0, counts[items], 0)


def _totals(matrix: sparse.csr_matrix) -> Ints:
    return np.asarray(matrix.sum(axis=0)).ravel().astype(np.int64)


def enough(people: int) -> int | None:
    """Return the number, unless it speaks of so few people that it would speak of somebody."""
    return people if people >= FEWEST else None
