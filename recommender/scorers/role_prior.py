"""What people of a role take: P(item | role), smoothed towards what everybody takes.

This carries newcomers. Without a role, or with a role nobody has used yet, it is popularity.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Self

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
from recommender.table import Table

CACHED = 4_000_000
"""Of how many roles times items the shares are kept once they are worked out."""


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


class Share(NamedTuple):
    """P(item | role), and the activity of the role that it stands on, the pseudo count with it."""

    share: Floats
    total: float


@dataclass(frozen=True)
class RolePrior:
    """Activity counts: overall (items), by role (roles x items), and tags (roles x items)."""

    roles: tuple[str, ...]
    overall: Floats
    by_role: Table
    tags: Table
    config: RolePriorConfig
    _shares: dict[int, Share] = field(default_factory=dict, compare=False, repr=False)

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
        shares: Floats = np.mean([self._in_role(role).share for role in known], axis=0)
        return shares

    def lift(
        self, names: Iterable[str], at: Ints, added: Mapping[str, tuple[Ints, Floats]]
    ) -> Floats:
        """Return log P(item | roles) - log P(item) at some items, 0 where no role is known.

        `added` holds for each role the items and counts that came since, by position, ascending.
        """
        known = [name for name in names if name in self._rows or name in added]
        if not known or not at.size:
            return np.zeros(at.size, np.float32)
        found = np.mean([self._share_at(name, at, added.get(name)) for name in known], axis=0)
        lift: Floats = np.log(found / self._whole[at]).astype(np.float32)
        return lift

    def _share_at(self, name: str, at: Ints, added: tuple[Ints, Floats] | None) -> Floats:
        nobody = Share(self._whole, self.config.pseudo_count)
        share, total = self._in_role(name) if name in self._rows else nobody
        found: Floats = share[at]
        if added is None or not added[0].size:
            return found
        items, values = added
        near = np.minimum(np.searchsorted(items, at), items.size - 1)
        counts = found * total + np.where(items[near] == at, values[near], 0)
        return np.asarray(counts / (total + float(values.sum())), np.float32)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {role: row for row, role in enumerate(self.roles)}

    @cached_property
    def _whole(self) -> Floats:
        """Return P(item)."""
        whole: Floats = self.overall + np.float32(self.config.floor)
        whole /= max(float(whole.sum()), 1e-9)
        return whole

    def _in_role(self, name: str) -> Share:
        """Return P(item | role); as many as there is room for are worked out only once."""
        row = self._rows[name]
        found = self._shares.get(row)
        if found is None:
            found = self._of_role(row)
            if len(self._shares) * self.overall.size < CACHED:
                self._shares[row] = found
        return found

    def _of_role(self, role: int) -> Share:
        whole = expected = self._whole
        tagged = self.tags.row(role)[0]
        if tagged.size:
            expected = whole * (1 - self.config.tagged)
            expected[tagged] += self.config.tagged * whole[tagged] / whole[tagged].sum()
        item, count = self.by_role.row(role)
        if not (item.size or tagged.size):
            return Share(whole, self.config.pseudo_count)
        counts: Floats = self.config.pseudo_count * expected
        counts[item] += count
        total = self.config.pseudo_count + float(count.sum())
        counts /= total
        return Share(counts, total)

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


def _columns(name: str, table: Table) -> Arrays:
    return {
        f"{name}_start": table.start,
        f"{name}_column": table.column,
        f"{name}_value": table.value,
    }
