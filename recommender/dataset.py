"""What a model is trained from: rows in ids, and the same in numbers.

Ids become numbers only here and in `profile.py`: everything behind `Interactions` and `Profile`
counts in positions, everything in front of them in the ids of the caller's own tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
from scipy import sparse

from recommender.arrays import Floats, Ints, Times, different, numbered
from recommender.data import DAY, Event, ItemFacts, Shown
from recommender.log import EventLog
from recommender.signals import ActivityConfig


@dataclass(frozen=True)
class Dataset:
    """Everything a model is trained from, as of `now`; later events do not count.

    `circles` are the groups that people are in beside their roles, `started` when they began to
    work here (unix seconds), `shown` what they looked at, in any order. Not `dated`, its events
    happened nobody knows when: nothing followed anything, and no visit began.
    """

    events: Sequence[Event] | EventLog
    people_roles: Mapping[int, tuple[str, ...]]
    items: Sequence[ItemFacts]
    now: float
    circles: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    started: Mapping[int, float] = field(default_factory=dict)
    shown: Sequence[Shown] = ()
    dated: bool = True


@dataclass(frozen=True)
class Interactions:
    """A dataset in numbers: positive events sorted by person and time, ids as positions."""

    people: Ints
    items: Ints
    roles: tuple[str, ...]
    facts: tuple[ItemFacts, ...]
    person: Ints
    item: Ints
    strength: Floats
    at: Times
    verb: Ints
    members: sparse.csr_matrix
    now: float
    config: ActivityConfig
    dated: bool = True

    @classmethod
    def of(cls, dataset: Dataset, config: ActivityConfig) -> Self:
        """Give numbers to people, items and roles; keep the positive events until `now`."""
        log = EventLog.of(dataset.events)
        log, strength = _positive(log, config, dataset.now)
        facts = {each.item: each for each in dataset.items}
        items = different(log.item, facts)
        people = different(log.person, dataset.people_roles)
        roles = _role_names(dataset)
        return cls(
            people,
            items,
            roles,
            tuple(facts.get(item, ItemFacts(item)) for item in items.tolist()),
            numbered(people, log.person),
            numbered(items, log.item),
            strength,
            log.at,
            log.verb,
            members(dataset.people_roles, people, roles),
            dataset.now,
            config,
            dataset.dated,
        )

    def decayed(self, half_life_days: float) -> Floats:
        """Return the strength of every event, halved for each half-life that has passed."""
        return self._faded(half_life_days)

    def _faded(self, half_life_days: float | Times) -> Floats:
        faded = self.at - self.now
        faded /= DAY
        faded /= half_life_days
        np.exp2(faded, out=faded)
        faded *= self.strength
        return faded.astype(np.float32)

    @cached_property
    def takers(self) -> Ints:
        """Return how many people touched each item."""
        return np.bincount(self.touched().indices, minlength=self.items.size)

    def matrix(self) -> sparse.csr_matrix:
        """Return people x items: strengths, each faded by its verb's half-life, summed, bounded."""
        half_lives = self.config.half_lives().astype(np.float64)
        matrix = self._sum(self._faded(half_lives[self.verb]))
        np.clip(matrix.data, self.config.least_per_pair, self.config.most_per_pair, matrix.data)
        return matrix

    def touched(self, days: float | None = None) -> sparse.csr_matrix:
        """Return people x items: 1 where one touched the other, at all or in the last `days`."""
        recent = np.ones(self.at.size, np.float32)
        if days is not None:
            recent = (self.at > self.now - days * DAY).astype(np.float32)
        matrix = self._sum(recent)
        matrix.eliminate_zeros()
        matrix.data[:] = 1.0
        return matrix

    def _sum(self, values: Floats) -> sparse.csr_matrix:
        shape = (self.people.size, self.items.size)
        return sparse.csr_matrix((values, (self.person, self.item)), shape=shape, dtype=np.float32)


def _positive(log: EventLog, config: ActivityConfig, now: float) -> tuple[EventLog, Floats]:
    """Return the events until now that speak for an item, in order, and how strongly."""
    log = log.in_order()
    strength = config.strengths(log)
    kept = (strength > 0) & (log.at <= now)
    return (log, strength) if kept.all() else (log.where(kept), strength[kept])


def _role_names(dataset: Dataset) -> tuple[str, ...]:
    held = {role for roles in dataset.people_roles.values() for role in roles}
    tagged = {role for facts in dataset.items for role in facts.roles}
    return tuple(sorted(held | tagged))


def members(
    people_roles: Mapping[int, tuple[str, ...]], people: Ints, roles: tuple[str, ...]
) -> sparse.csr_matrix:
    """Return people x roles: 1 where somebody holds a role; all of them stand in `people`."""
    code = {role: number for number, role in enumerate(roles)}
    pairs = {(person, code[role]) for person, held in people_roles.items() for role in held}
    rows = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    cells = (np.searchsorted(people, rows[:, 0]), rows[:, 1])
    ones = np.ones(len(rows), np.float32)
    return sparse.csr_matrix((ones, cells), shape=(people.size, len(roles)))
