"""What people of a role take: P(item | role), smoothed towards what everybody takes.

This carries newcomers. Without a role, or with a role nobody has used yet, it is popularity.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
from scipy import sparse

from recommender.data import (
    Arrays,
    Floats,
    Interactions,
    Ints,
    Profile,
    members,
    standardised,
    written,
)
from recommender.table import Table, among

CACHED_ROLES = 64
_NOTHING = np.zeros(0, np.int64)


@dataclass(frozen=True)
class RolePriorConfig:
    """`pseudo_count` is the activity a role needs to be believed as much as the whole.

    `tagged` is the share given beforehand to items that are tagged with the role.
    """

    pseudo_count: float = 300.0
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
        return RolePrior(names, overall, Table.of(joined.T @ taken), tags, self)


def _tags(data: Interactions) -> sparse.csr_matrix:
    code = {role: number for number, role in enumerate(data.roles)}
    cells = [(code[role], at) for at, facts in enumerate(data.facts) for role in set(facts.roles)]
    rows, columns = np.array(cells, dtype=np.int64).reshape(-1, 2).T
    shape = (len(data.roles), data.items.size)
    return sparse.csr_matrix((np.ones(rows.size, np.float32), (rows, columns)), shape=shape)


@dataclass(frozen=True)
class RolePrior:
    """Activity counts: overall (items), by role (roles x items), and tags (roles x items)."""

    roles: tuple[str, ...]
    overall: Floats
    by_role: Table
    tags: Table
    config: RolePriorConfig
    _cache: dict[tuple[str, ...], Floats] = field(default_factory=dict, compare=False, repr=False)
    _activity: dict[int, tuple[Ints, Floats, float]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def __call__(self, profile: Profile, out: Floats | None = None) -> Floats:
        """Return standard deviations of log P(item | roles) from its mean over the items."""
        key = self.known(profile.roles)
        scores = self._cache.get(key)
        if scores is None:
            scores = standardised(np.log(self.share(key)))
            if len(self._cache) < CACHED_ROLES:
                self._cache[key] = scores
        return written(scores, out)

    def known(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of some roles that anything is known of, in order."""
        return tuple(sorted({name for name in names if name in self._rows}))

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {role: row for row, role in enumerate(self.roles)}

    @cached_property
    def _whole(self) -> tuple[Floats, float]:
        """Return the activity on each item with the floor, and its sum."""
        whole: Floats = self.overall + np.float32(self.config.floor)
        return whole, max(float(whole.sum()), 1e-9)

    def share(self, roles: tuple[str, ...]) -> Floats:
        """Return P(item | roles), the mean over the roles; P(item) when none of them is known."""
        known = [self._rows[role] for role in roles if role in self._rows]
        whole: Floats = self._whole[0] / np.float32(self._whole[1])
        if not known:
            return whole
        shares: Floats = np.mean([self._in_role(role, whole) for role in known], axis=0)
        return shares

    def _in_role(self, role: int, whole: Floats) -> Floats:
        expected = whole
        tagged = self.tags.row(role)[0]
        if tagged.size:
            expected = whole * (1 - self.config.tagged)
            expected[tagged] += self.config.tagged * whole[tagged] / whole[tagged].sum()
        item, count = self.by_role.row(role)
        counts: Floats = self.config.pseudo_count * expected
        counts[item] += count
        counts /= self.config.pseudo_count + float(count.sum())
        return counts

    def lift(
        self, names: Iterable[str], at: Ints, added: Mapping[str, tuple[Ints, Floats]]
    ) -> Floats:
        """Return log P(item | roles) - log P(item) at some items, 0 where no role is known.

        `added` holds for each role the items and counts that came since, by position, ascending.
        """
        whole, total = self._whole
        share = whole[at] / np.float32(total)
        known = [name for name in names if name in self._rows or name in added]
        if not known or not at.size:
            return np.zeros(at.size, np.float32)
        found = np.mean([self._share_at(name, at, share, added) for name in known], axis=0)
        lift: Floats = np.log(found / share).astype(np.float32)
        return lift

    def _share_at(
        self, name: str, at: Ints, share: Floats, added: Mapping[str, tuple[Ints, Floats]]
    ) -> Floats:
        counts, total = self.config.pseudo_count * share, self.config.pseudo_count
        if name in self._rows:
            row = self._rows[name]
            tagged, of_tagged, activity = self._of_row(row)
            if tagged.size:
                own = np.where(among(tagged, at), self._whole[0][at] / of_tagged, 0.0)
                pseudo = self.config.pseudo_count * self.config.tagged
                counts = counts * (1 - self.config.tagged) + pseudo * own
            counts = counts + self.by_role.along(row, at)
            total += activity
        items, values = added.get(name, (_NOTHING, np.zeros(0, np.float32)))
        if items.size:
            near = np.minimum(np.searchsorted(items, at), items.size - 1)
            counts = counts + np.where(items[near] == at, values[near], 0)
            total += float(values.sum())
        return np.asarray(counts / total, np.float32)

    def _of_row(self, row: int) -> tuple[Ints, Floats, float]:
        """Return what is tagged with a role, the activity on all of that, and that of the role."""
        found = self._activity.get(row)
        if found is None:
            tagged = self.tags.row(row)[0]
            found = tagged, self._whole[0][tagged].sum(), float(self.by_role.row(row)[1].sum())
            self._activity[row] = found
        return found

    def arrays(self) -> Arrays:
        """Return what is stored."""
        return {
            "roles": np.array(self.roles, dtype=np.str_),
            "overall": self.overall,
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
        return cls(tuple(arrays["roles"].tolist()), arrays["overall"], by_role, tags, config)


def _columns(name: str, table: Table) -> dict[str, Floats | Ints]:
    return {
        f"{name}_start": table.start,
        f"{name}_column": table.column,
        f"{name}_value": table.value,
    }
