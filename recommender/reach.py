"""How many different people took or finished an item: the figures that reasons may quote.

No figure of fewer than five people is kept here, none leaves, and none about a group that has not
at least five members beside the reader.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy import sparse

from recommender.arrays import Arrays, Floats, Ints, Mask, positions
from recommender.data import DAY, VERBS
from recommender.dataset import Dataset, Interactions
from recommender.log import EventLog
from recommender.table import Table

FEWEST = 5
TREND_DAYS = 7
POPULAR_DAYS = 30
FIRST_DAYS = 30
CIRCLE_DAYS = 90
_COMPLETED = VERBS.index("completed")


@dataclass(frozen=True)
class Membership:
    """Who is in which group: how many each has, and groups x people with a 1 for each member.

    Groups that are too small to be told of are left out.
    """

    names: tuple[str, ...]
    sizes: Ints
    matrix: sparse.csr_matrix

    @classmethod
    def of(cls, held: Mapping[int, Iterable[str]], people: Ints) -> Self:
        """Read the names of the groups of each person, by id; `people` are ids in order."""
        pairs = [(person, name) for person, names in held.items() for name in set(names)]
        sizes = Counter(name for _, name in pairs)
        names = tuple(sorted(name for name, size in sizes.items() if size > FEWEST))
        code = {name: number for number, name in enumerate(names)}
        kept = [(person, code[name]) for person, name in pairs if name in code]
        rows = np.array(kept, dtype=np.int64).reshape(-1, 2)
        at, known = positions(people, rows[:, 0])
        cells = (rows[known, 1], at[known])
        ones = np.ones(cells[0].size, np.float32)
        matrix = sparse.csr_matrix((ones, cells), shape=(len(names), people.size))
        return cls(names, np.array([sizes[name] for name in names], dtype=np.int64), matrix)


@dataclass(frozen=True)
class Groups:
    """Counts of distinct people by group and item, and how many members each group has."""

    names: tuple[str, ...]
    members: Ints
    counts: Table

    @classmethod
    def of(cls, membership: "Membership", done: sparse.csr_matrix) -> Self:
        """Count, for each group, its people who have a 1 in people x items `done`."""
        counts = Table.of(_told(membership.matrix @ done))
        return cls(membership.names, membership.sizes, counts)

    @cached_property
    def rows(self) -> dict[str, int]:
        """Return the row of each group by its name."""
        return {name: row for row, name in enumerate(self.names)}

    def people(self, name: str, items: Ints) -> Ints:
        """Return how many people of a group are counted for each item; 0 for items at -1.

        A group with fewer than five members beside the reader gives 0 throughout.
        """
        if self.others(name) < FEWEST:
            return np.zeros(items.size, np.int64)
        return self.counts.along(self.rows[name], items).astype(np.int64)

    def others(self, name: str) -> int:
        """Return how many members a group has beside the reader; 0 for one that is not told of."""
        return int(self.members[self.rows[name]]) - 1 if name in self.rows else 0

    def arrays(self) -> Arrays:
        """Return what is stored."""
        return {
            "names": np.array(self.names, dtype=np.str_),
            "members": self.members,
            "start": self.counts.start,
            "column": self.counts.column,
            "value": self.counts.value,
        }

    @classmethod
    def load(cls, arrays: Arrays) -> Self:
        """Return the inverse of `arrays`."""
        counts = Table(arrays["start"], arrays["column"], arrays["value"])
        return cls(tuple(arrays["names"].tolist()), arrays["members"], counts)


@dataclass(frozen=True)
class Reach:
    """Counts of distinct people up to the training.

    `week` and `month` are of everybody, by item. `roles` counts who took an item within 30 days,
    `first` who of a role finished it within 30 days of their start, `circles` who of a department,
    a location or a group finished it within 90 days.
    """

    week: Ints
    month: Ints
    roles: Groups
    first: Groups
    circles: Groups

    @classmethod
    def of(cls, data: Interactions, dataset: Dataset) -> Self:
        """Count the people of a dataset in the positions of its numbers."""
        month = data.touched(POPULAR_DAYS)
        roles = Membership.of(dataset.people_roles, data.people)
        circles = Membership.of(dataset.circles, data.people)
        log = EventLog.of(dataset.events)
        finished = log.where(np.flatnonzero((log.verb == _COMPLETED) & (log.at <= dataset.now)))
        lately = finished.at > dataset.now - CIRCLE_DAYS * DAY
        early = _first_days(finished, dataset.started)
        return cls(
            _counted(data.touched(TREND_DAYS)),
            _counted(month),
            Groups.of(roles, month),
            Groups.of(roles, _people_by_item(data, finished, early)),
            Groups.of(circles, _people_by_item(data, finished, lately)),
        )

    def trending(self, items: Ints) -> Ints:
        """Return how many people took each item in the last week; 0 for items at -1."""
        return _at(self.week, items)

    def popular(self, items: Ints) -> Ints:
        """Return how many people took each item in the last month; 0 for items at -1."""
        return _at(self.month, items)

    def arrays(self) -> Arrays:
        """Return what is stored."""
        kept: Arrays = {"week": self.week, "month": self.month}
        groups = {"roles": self.roles, "first": self.first, "circles": self.circles}
        for kind, each in groups.items():
            kept |= {f"{kind}.{name}": array for name, array in each.arrays().items()}
        return kept

    @classmethod
    def load(cls, arrays: Arrays) -> Self:
        """Return the inverse of `arrays`."""

        def groups(kind: str) -> Groups:
            start = f"{kind}."
            found = {n.removeprefix(start): a for n, a in arrays.items() if n.startswith(start)}
            return Groups.load(found)

        kinds = groups("roles"), groups("first"), groups("circles")
        return cls(arrays["week"], arrays["month"], *kinds)


def _first_days(log: EventLog, started: Mapping[int, float]) -> Mask:
    """Return which events happened within 30 days of the start of who did them."""
    ids = np.array(sorted(started), dtype=np.int64)
    began = np.array([started[person] for person in ids.tolist()], dtype=np.float64)
    at, known = positions(ids, log.person)
    early = np.zeros(len(log), dtype=np.bool_)
    since = log.at[known] - began[at[known]]
    early[known] = (since >= 0) & (since <= FIRST_DAYS * DAY)
    return early


def _people_by_item(data: Interactions, log: EventLog, chosen: Mask) -> sparse.csr_matrix:
    """Return people x items: 1 where one of the chosen events joins the two."""
    person, there = positions(data.people, log.person)
    item, known = positions(data.items, log.item)
    kept = np.flatnonzero(chosen & there & known)
    shape = (data.people.size, data.items.size)
    ones = np.ones(kept.size, np.float32)
    matrix = sparse.csr_matrix((ones, (person[kept], item[kept])), shape=shape)
    matrix.data[:] = 1.0
    return matrix


def _told(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the counts without those of so few people that they would speak of somebody."""
    counts = sparse.csr_matrix(counts)
    counts.data = np.where(counts.data >= FEWEST, counts.data, np.float32(0))
    return counts


def _counted(matrix: sparse.csr_matrix) -> Ints:
    totals: Floats = np.asarray(matrix.sum(axis=0)).ravel()
    return np.where(totals >= FEWEST, totals, 0).astype(np.int64)


def _at(counts: Ints, items: Ints) -> Ints:
    if not counts.size:
        return np.zeros(items.size, np.int64)
    return np.where(items >= 0, counts[items], 0)


def enough(people: int, fewest: int = FEWEST) -> int | None:
    """Return the number, unless it speaks of so few people that it would speak of somebody.

    A `fewest` below five counts as five.
    """
    return people if people >= max(fewest, FEWEST) else None
