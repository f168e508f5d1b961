"""What people of a role take: P(item | role), smoothed towards what everybody takes.

This carries newcomers. Without a role, or with a role nobody has used yet, it is popularity.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from scipy import sparse

from recommender.data import Arrays, Floats, Interactions, Ints, Profile, standardised, written
from recommender.table import Table

CACHED_ROLES = 64


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
        faded = data.decayed(self.half_life_days)
        size = data.items.size
        overall = np.bincount(data.item, faded, minlength=size).astype(np.float32)
        shape = (data.people.size, size)
        taken = sparse.csr_matrix((faded, (data.person, data.item)), shape=shape)
        by_role = Table.of(data.members.T @ taken)
        return RolePrior(data.roles, overall, by_role, Table.of(_tags(data)), self)


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

    def __call__(self, profile: Profile, out: Floats | None = None) -> Floats:
        """Return standard deviations of log P(item | roles) from its mean over the items."""
        key = tuple(sorted(set(profile.roles) & set(self.roles)))
        scores = self._cache.get(key)
        if scores is None:
            scores = standardised(np.log(self.share(key)))
            if len(self._cache) < CACHED_ROLES:
                self._cache[key] = scores
        return written(scores, out)

    def share(self, roles: tuple[str, ...]) -> Floats:
        """Return P(item | roles), the mean over the roles; P(item) when none of them is known."""
        known = [self.roles.index(role) for role in roles if role in self.roles]
        whole: Floats = self.overall + self.config.floor
        whole /= max(float(whole.sum()), 1e-9)
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
