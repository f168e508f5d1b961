"""What can be known about one person before some items, worked out once for all statements.

Figures of people leave out the reader, and speak of no group that is too small.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from recommender.arrays import Floats, Ints, positions
from recommender.data import DAY, Context, Event, ItemFacts, Reason
from recommender.model import Model
from recommender.profile import Profile
from recommender.reach import (
    CIRCLE_DAYS,
    FEWEST,
    FIRST_DAYS,
    POPULAR_DAYS,
    TREND_DAYS,
    Groups,
    enough,
)

Counts = list[int | None]
ByGroup = list[tuple[str, Counts]]
"""For each group of the person the people counted for each item, None where it may not be told."""


@dataclass(frozen=True)
class Case:
    """One person before some items: `chosen` are their ids, `known` their positions or -1.

    `said` counts what has been said of them so far.
    """

    model: Model
    context: Context
    profile: Profile
    chosen: Sequence[int]
    known: Ints
    items: Mapping[int, ItemFacts]
    said: Counter[Reason] = field(default_factory=Counter)

    def facts(self, at: int) -> ItemFacts:
        """Return what is known about the chosen item."""
        return self.items.get(self.chosen[at]) or ItemFacts(self.chosen[at])

    @property
    def fewest(self) -> int:
        """Return how many people a figure must speak of."""
        return max(FEWEST, self.context.fewest)

    @cached_property
    def verbs(self) -> dict[int, str]:
        """Return the strongest thing the person did with each item that they did not dismiss."""
        dismissed = {event.item for event, counts in self.profile.told if counts < 0}
        found: dict[int, str] = {}
        best: dict[int, float] = {}
        for event, counts in self.profile.told:
            if counts > 0 and counts >= best.get(event.item, 0.0):
                found[event.item], best[event.item] = event.verb, counts
        return {item: verb for item, verb in found.items() if item not in dismissed}

    @cached_property
    def trending(self) -> Counts:
        """Return for each item the people of the last week, where they may be told."""
        return self._quotable(self.model.reach.trending(self.known), TREND_DAYS)

    @cached_property
    def popular(self) -> Counts:
        """Return for each item the people of the last month, where they may be told."""
        return self._quotable(self.model.reach.popular(self.known), POPULAR_DAYS)

    @cached_property
    def in_roles(self) -> ByGroup:
        """Return for each of the person's roles its people of the last month."""
        roles = self.model.reach.roles
        return [
            (role, self._quotable(self._of(roles, role), POPULAR_DAYS))
            for role in sorted(set(self.context.roles))
        ]

    @cached_property
    def in_circles(self) -> ByGroup:
        """Return for each circle of the person its people who finished an item of late."""
        if self._older_than(CIRCLE_DAYS):
            return []
        finished = {event.item for event in self._counted(CIRCLE_DAYS) if event.verb == "completed"}
        circles = self.model.reach.circles
        return [
            (name, self._others(self._of(circles, name), finished))
            for name in sorted(set(self.context.circles))
        ]

    @cached_property
    def in_first_month(self) -> ByGroup:
        """Return for each of the person's roles who finished an item within 30 days of a start."""
        began = self.context.started
        finished = {
            event.item
            for event in self._counted(None)
            if event.verb == "completed"
            and began is not None
            and 0 <= event.at - began <= FIRST_DAYS * DAY
        }
        first = self.model.reach.first
        return [
            (role, self._others(self._of(first, role), finished))
            for role in sorted(set(self.context.roles))
        ]

    def _of(self, groups: Groups, name: str) -> Ints:
        if groups.others(name) < self.fewest:
            return np.zeros(self.known.size, np.int64)
        return groups.people(name, self.known)

    def _counted(self, days: int | None) -> list[Event]:
        """Return what of the history is in counts over that many days, or over all time."""
        until = self.model.trained_at
        since = -np.inf if days is None else until - days * DAY
        return [e for e, counts in self.profile.told if counts > 0 and since < e.at <= until]

    def _quotable(self, people: Ints, days: int) -> Counts:
        if self._older_than(days):
            return [None] * people.size
        return self._others(people, {event.item for event in self._counted(days)})

    def _older_than(self, days: int) -> bool:
        """Tell whether counts over that many days were made so long ago that none of them count."""
        return self.context.now - self.model.trained_at > days * DAY

    def _others(self, people: Ints, own: Iterable[int]) -> Counts:
        """Leave out the reader where they are counted, and then what speaks of too few."""
        met = set(own)
        return [
            enough(count - (item in met), self.fewest)
            for item, count in zip(self.chosen, people.tolist(), strict=True)
        ]

    @cached_property
    def causes(self) -> list[int | None]:
        """Return for each chosen item what of the history speaks most for it, if anything does."""
        near = self.model.scorers.near
        rows, weights = near.voices(self.profile)
        shares = near.table.block(rows, self.known) * weights[:, None]
        return self._best(rows, shares)

    @cached_property
    def forerunners(self) -> list[tuple[int, int] | None]:
        """Return for each chosen item what enough people did just before it, and how many did."""
        steps = self.model.scorers.next
        rows, weights = steps.voices(self.profile)
        if not rows.size:
            return [None] * len(self.chosen)
        people = steps.followers(rows, self.known) - self._own_steps(rows)
        shares = steps.table.block(rows, self.known) * weights[:, None]
        shares[people < self.fewest] = 0
        found = self._best(rows, shares)
        counts = people[shares.argmax(axis=0), np.arange(len(found))].astype(int).tolist()
        return [
            None if item is None else (item, number)
            for item, number in zip(found, counts, strict=True)
        ]

    def _own_steps(self, rows: Ints) -> Floats:
        """Return 1 where the person went directly from a row's item to a chosen one."""
        kept = sorted(self._counted(None), key=lambda event: (event.at, event.item))
        steps = {(one.item, then.item) for one, then in pairwise(kept)}
        first = self.model.items[rows].tolist()
        own = [[(one, then) in steps for then in self.chosen] for one in first]
        return np.array(own, dtype=np.float32)

    @cached_property
    def beside_origin(self) -> list[bool]:
        """Tell for each chosen item whether the same people took it and where the reader is."""
        origin = self.context.origin
        if origin is None:
            return [False] * len(self.chosen)
        at, known = positions(self.model.items, np.array([origin], dtype=np.int64))
        block = self.model.scorers.near.table.block(at[known], self.known)
        beside: list[bool] = (block.sum(axis=0) > 0).tolist()
        return beside

    def _best(self, rows: Ints, shares: Floats) -> list[int | None]:
        if not rows.size:
            return [None] * len(self.chosen)
        best = shares.argmax(axis=0)
        items = self.model.items[rows[best]].tolist()
        speaks = (shares.max(axis=0) > 0).tolist()
        return [item if true else None for item, true in zip(items, speaks, strict=True)]
