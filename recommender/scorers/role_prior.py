"""What people of a role take: P(item | role), smoothed towards what everybody takes.

This carries newcomers. Without a role, or with a role nobody has used yet, it is popularity.

How many times likelier an item is in a role is a relative risk, drawn from a gamma distribution
around 1 whose spread the data tell (Clayton and Kaldor, 1987): where roles take alike, nothing is
made of chance, and an item of which much is expected is believed sooner than one of which little.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from scipy import sparse

from recommender.arrays import Arrays, Floats, Ints, standardised, written
from recommender.dataset import Interactions, members
from recommender.profile import Profile
from recommender.table import Table

CACHED = 4_000_000
"""Of how many roles times items the counts are kept once they are worked out."""
MOST_DOUBT = 1e6
_NOTHING = np.zeros(0, np.int64), np.zeros(0, np.float32)


@dataclass(frozen=True)
class RolePriorConfig:
    """`tagged` is the share given beforehand to items that are tagged with the role.

    The activity expected on an item at which a role is believed as much as the whole is found in
    the data; it is at least that of `least_doubt` people.
    """

    least_doubt: float = 1.0
    floor: float = 0.5
    tagged: float = 0.15
    half_life_days: float = 180.0

    def fit(self, data: Interactions) -> "RolePrior":
        """Count the activity on every item, overall and per role."""
        return self._counted(data, data.roles, data.members, Table.of(_tags(data)))

    def fit_circles(
        self, data: Interactions, circles: Mapping[int, tuple[str, ...]]
    ) -> "RolePrior":
        """Count the same per department, location and group, which no item is tagged with."""
        names = tuple(sorted({name for held in circles.values() for name in held}))
        known = {one: circles[one] for one in data.people.tolist() if one in circles}
        joined = members(known, data.people, names)
        return self._counted(data, names, joined, Table.empty(len(names)))

    def _counted(
        self,
        data: Interactions,
        names: tuple[str, ...],
        joined: sparse.csr_matrix,
        tags: Table,
    ) -> "RolePrior":
        faded = data.decayed(self.half_life_days)
        size = data.items.size
        overall = np.bincount(data.item, faded, minlength=size).astype(np.float32)
        shape = (data.people.size, size)
        taken = sparse.csr_matrix((faded, (data.person, data.item)), shape=shape)
        met = sparse.csr_matrix((np.ones_like(taken.data), taken.indices, taken.indptr), shape)
        doubt = max(_doubt(sparse.csr_matrix(joined.T @ met), met), self.least_doubt)
        doubt *= max(float(faded.sum()), 1.0) / max(met.nnz, 1)
        return RolePrior(names, overall, Table.of(joined.T @ taken), tags, self, doubt)


def _doubt(inside: sparse.csr_matrix, met: sparse.csr_matrix) -> float:
    """Return the shape of the gamma distribution of relative risks, by the method of moments.

    `inside` counts people by role and item, `met` is 1 where a person took an item.
    """
    if not inside.nnz:
        return MOST_DOUBT
    share = np.bincount(met.indices, minlength=met.shape[1]) / met.nnz
    size = np.asarray(inside.sum(axis=1)).ravel()
    expected = np.repeat(size, np.diff(inside.indptr)) * share[inside.indices]
    squares = float((size**2).sum() * (share**2).sum())
    spread = float((inside.data * (inside.data - 2 * expected - 1)).sum()) + squares
    return min(squares / max(spread, 1e-9), MOST_DOUBT)


def _tags(data: Interactions) -> sparse.csr_matrix:
    code = {role: number for number, role in enumerate(data.roles)}
    cells = [(code[role], at) for at, facts in enumerate(data.facts) for role in set(facts.roles)]
    rows, columns = np.array(cells, dtype=np.int64).reshape(-1, 2).T
    shape = (len(data.roles), data.items.size)
    return sparse.csr_matrix((np.ones(rows.size, np.float32), (rows, columns)), shape=shape)


class Taken(NamedTuple):
    """The activity of a role on each item, what is given beforehand with it, and that on all."""

    counts: Floats
    total: float


@dataclass(frozen=True)
class RolePrior:
    """Activity counts: overall (items), by role (roles x items), and tags (roles x items).

    `doubt` is the activity expected on an item at which a role is believed as much as the whole.
    """

    roles: tuple[str, ...]
    overall: Floats
    by_role: Table
    tags: Table
    config: RolePriorConfig
    doubt: float
    _taken: dict[int, Taken] = field(default_factory=dict, compare=False, repr=False)

    def __call__(self, profile: Profile, out: Floats | None = None) -> Floats:
        """Return standard deviations of log P(item | roles) from its mean over the items."""
        scores = standardised(np.log(self.share(self.known(profile.roles))))
        return written(scores, out)

    def known(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of some roles that anything is known of, in order."""
        return tuple(sorted({name for name in names if name in self._rows}))

    def share(self, roles: tuple[str, ...]) -> Floats:
        """Return P(item | roles), the mean over the roles; P(item) when none of them is known."""
        known = self.known(roles)
        if not known:
            return self._whole
        every = np.arange(self.overall.size)
        shares: Floats = self._whole * self._risk(known, every, {})
        shares /= max(float(shares.sum()), 1e-9)
        return shares

    def lift(
        self, names: Iterable[str], at: Ints, added: Mapping[str, tuple[Ints, Floats]]
    ) -> Floats:
        """Return the log of how many times likelier at some items, 0 where no role is known.

        `added` holds for each role the items and counts that came since, by position, ascending.
        """
        known = [name for name in names if name in self._rows or name in added]
        if not known or not at.size:
            return np.zeros(at.size, np.float32)
        lift: Floats = np.log(self._risk(known, at, added)).astype(np.float32)
        return lift

    def _risk(
        self, names: Sequence[str], at: Ints, added: Mapping[str, tuple[Ints, Floats]]
    ) -> Floats:
        """Return how many times likelier items are in roles than with everybody, on average."""
        share = self._whole[at]
        risks = []
        for name in names:
            taken = self._in_role(name)
            counts, total = taken.counts[at], taken.total
            items, values = added.get(name, _NOTHING)
            if items.size:
                near = np.minimum(np.searchsorted(items, at), items.size - 1)
                counts = counts + np.where(items[near] == at, values[near], 0)
                total += float(values.sum())
            risks.append(counts / (total * share + np.float32(self.doubt)))
        found: Floats = np.mean(risks, axis=0)
        return found

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {role: row for row, role in enumerate(self.roles)}

    @cached_property
    def _whole(self) -> Floats:
        """Return P(item)."""
        whole: Floats = self.overall + np.float32(self.config.floor)
        whole /= max(float(whole.sum()), 1e-9)
        return whole

    def _in_role(self, name: str) -> Taken:
        """Return what a role took; of as many as there is room for it is kept."""
        row = self._rows.get(name, -1)
        found = self._taken.get(row)
        if found is None:
            found = self._of_role(row)
            if len(self._taken) * self.overall.size < CACHED:
                self._taken[row] = found
        return found

    def _of_role(self, row: int) -> Taken:
        counts = np.full(self.overall.size, self.doubt, np.float32)
        if row < 0:
            return Taken(counts, 0.0)
        tagged = self.tags.row(row)[0]
        if tagged.size:
            counts *= np.float32(1 - self.config.tagged)
            known = max(float(self._whole[tagged].sum()), 1e-9)
            counts[tagged] += np.float32(self.config.tagged * self.doubt / known)
        item, count = self.by_role.row(row)
        counts[item] += count
        return Taken(counts, float(count.sum()))

    def arrays(self) -> Arrays:
        """Return what is stored."""
        return {
            "roles": np.array(self.roles, dtype=np.str_),
            "overall": self.overall,
            "doubt": np.array([self.doubt]),
            **_columns("by_role", self.by_role),
            **_columns("tags", self.tags),
        }

    @classmethod
    def load(cls, arrays: Arrays, config: RolePriorConfig) -> Self:
        """Return the inverse of `arrays`."""
        by_role, tags = (
            Table(arrays[f"{name}_start"], arrays[f"{name}_column"], arrays[f"{name}_value"])
            for name in ("by_role", "tags")
        )
        roles, doubt = tuple(arrays["roles"].tolist()), float(arrays["doubt"][0])
        return cls(roles, arrays["overall"], by_role, tags, config, doubt)


def _columns(name: str, table: Table) -> Arrays:
    return {
        f"{name}_start": table.start,
        f"{name}_column": table.column,
        f"{name}_value": table.value,
    }
