"""One person at one moment, seen against a model and what has happened since: rows over all items.

Everything here is sparse but for taste: sums over the rows of the latest items. What is worked out
once serves both to propose candidates and to measure them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommender.arrays import Floats, Ints, Mask, Times, different, positions
from recommender.columns import Columns, Found, totals
from recommender.counts import HALF_LIVES, SUMS, grown
from recommender.data import Context, ItemFacts
from recommender.live import Cells, Live
from recommender.pool import Pool
from recommender.profile import Profile, fading, newer_than
from recommender.scorers.als import Direction
from recommender.table import firsts

MEMORY = 20
SHORT_MEMORY = 8
LONG_RECENCY = 30.0
_RECENT = dict(zip(SUMS[2:], HALF_LIVES, strict=True))
MOST_WEIGHT = 1e12  # for clocks that run backwards, against which sums grow without end
DOUBT = 5.0
"""The activity an item is given beforehand, so that chance steps of rare items weigh little."""


@dataclass(frozen=True)
class Sight:
    """`profile` counts in positions of the model; `recent`, newest first, also in newer items'."""

    pool: Pool
    live: Live
    profile: Profile
    context: Context
    items: Mapping[int, ItemFacts]

    @cached_property
    def recent(self) -> Ints:
        """Return the latest items in the positions of `live`."""
        ids = self.profile.liked[:MEMORY]
        at, known = positions(self.pool.model.items, ids)
        if known.all():
            return at
        newer = self.live.newer
        at[~known] = [newer.get(item, -1) for item in ids[~known].tolist()]
        return at[at >= 0]

    @cached_property
    def _newer(self) -> Ints:
        """Return how many of the latest items came after each."""
        size, newer = self.pool.model.items.size, list(self.live.newer)
        ids = [
            int(self.pool.model.items[at]) if at < size else newer[at - size]
            for at in self.recent.tolist()
        ]
        return newer_than(self.context.history, ids)

    @cached_property
    def pause(self) -> float:
        """Return the seconds since the person last did something; infinite for nothing."""
        history = self.context.history
        return max(self.context.now - history[-1].at, 0.0) if history else np.inf

    @cached_property
    def taste(self) -> tuple[Direction, Direction]:
        """Return the folded-in taste, that of late and that of long."""
        taste = self.pool.model.scorers.taste
        late, long = taste.directions(self.profile, (taste.config.recency, LONG_RECENCY))
        return late, long

    @cached_property
    def _near(self) -> tuple[Found, Found]:
        at, late, long = self.pool.model.scorers.near.both(self.profile)
        return Found(at, late), Found(at, long)

    @property
    def near(self) -> Found:
        """Return the likeness to the history of known items."""
        return self._near[0]

    @property
    def near_long(self) -> Found:
        """Return the same over the whole history, all of it weighing alike."""
        return self._near[1]

    @cached_property
    def content(self) -> Found:
        """Return the likeness in words and skills to the history of known items."""
        return Found(*self.pool.model.scorers.content.found(self.profile))

    @cached_property
    def closing(self) -> Ints:
        """Return what teaches a skill that the person's role asks for and they have not shown."""
        by_skill = self.pool.by_skill
        found = [by_skill[skill] for skill in self.context.gaps & by_skill.keys()]
        return firsts(np.sort(np.concatenate([np.zeros(0, np.int64), *found])))[0]

    def inherited(self, found: Found, at: Ints) -> Floats:
        """Return values of known items at the given positions; newer ones average their like."""
        size = self.pool.model.items.size
        if not self.pool.newer or (at < size).all():
            return found.along(at)
        return self.pool.inherited(found.everywhere(size), at)

    @cached_property
    def _places(self) -> Ints:
        """Return for each newer item of `live` where it stands in the pool, -1 for nowhere."""
        return np.array([self.pool.place.get(item, -1) for item in self.live.newer], dtype=np.int64)

    def live_places(self, at: Ints) -> Ints:
        """Return where positions of the pool stand in `live`, -1 for nowhere."""
        size = self.pool.model.items.size
        found = at.copy()
        newer = np.flatnonzero(at >= size)
        ids = self.pool.ids[at[newer]].tolist()
        found[newer] = [self.live.newer.get(item, -1) for item in ids]
        return found

    def weight(self, live_at: Ints) -> Floats:
        """Return the faded activity on items, by positions of `live`."""
        found = _within(self.live.sums("weight"), live_at) * self._fade_of("weight")
        return np.minimum(found, MOST_WEIGHT).astype(np.float32)

    def fade(self, half_life_days: float) -> float:
        """Return what is left now of a sum as of the training: all where nobody says when."""
        if self.context.timeless:
            return 1.0
        return 1.0 / grown(self.context.now, self.pool.model.trained_at, half_life_days)

    def cells(self, table: str, memory: int) -> Cells:
        """Return the rows of the latest items, columns in positions of the pool, faded to now."""
        which, column, value = self.live.rows(table, self.recent[:memory])
        fade = self.fade(self.pool.model.counts.config.half_life_days)
        value = (value * fade).astype(np.float32)
        size = self.pool.model.items.size
        newer = column >= size
        if newer.any():
            column = column.copy()
            column[newer] = self._places[column[newer] - size]
            kept = column >= 0
            return Cells(which[kept], column[kept], value[kept])
        return Cells(which, column, value)

    @cached_property
    def _weights(self) -> Floats:
        return self.weight(self.recent) + np.float32(DOUBT)

    @cached_property
    def _around(self) -> tuple[Columns, Mask]:
        """Return what follows the latest items and what comes before them, and which is which."""
        after, before = self.cells("after", SHORT_MEMORY), self.cells("before", SHORT_MEMORY)
        both = Cells(
            np.concatenate([after.which, before.which]),
            np.concatenate([after.column, before.column]),
            np.concatenate([after.value, before.value]),
        )
        order = np.argsort(both.column, kind="stable")
        return Columns.of(both, order), order < after.which.size

    @cached_property
    def next(self) -> Found:
        """Return the log-damped chance of coming after the latest items."""
        columns, after = self._around
        chance = columns.value * after / (2 * self._weights[columns.which])
        found = columns.summed(chance * fading(self._newer, 2.0)[columns.which])
        return Found(found.at, np.log1p(200 * found.value))

    @cached_property
    def next_last(self) -> Found:
        """Return the same for the last item alone."""
        columns, after = self._around
        last = after & (columns.which == 0)
        chance = columns.value * last / (2 * self._weights[columns.which])
        found = columns.summed(chance.astype(np.float32, copy=False))
        return Found(found.at, np.log1p(200 * found.value))

    @cached_property
    def steps(self) -> Found:
        """Return how often items stand right before or after the latest ones, the rare ones up."""
        columns, _ = self._around
        value = columns.value / self._weights[columns.which]
        found = columns.summed(value * fading(self._newer, 3.0)[columns.which])
        weight = self.weight(self.live_places(found.at)) + np.float32(DOUBT)
        return Found(found.at, np.log1p(100 * found.value / weight**0.3))

    @cached_property
    def _beside(self) -> tuple[Columns, Floats]:
        """Return what lies beside the latest items, and its cosine but for their own weight."""
        cells = self.cells("beside", MEMORY)
        place = cells.column * MEMORY + cells.which
        order = np.argsort(place, kind="stable")
        place, first = firsts(place[order])
        value = cells.value[order]
        if first.size < value.size:
            value = np.add.reduceat(value, first)
        column, which = np.divmod(place, MEMORY)
        columns = Columns.of(Cells(which, column, value), np.arange(which.size))
        weight = self.weight(self.live_places(columns.at)) + np.float32(DOUBT)
        return columns, value / columns.spread(np.sqrt(weight))

    @cached_property
    def pairs(self) -> Found:
        """Return the cosine of being taken within a few places of the latest items."""
        columns, value = self._beside
        cosine = (value / np.sqrt(self._weights[columns.which])).astype(np.float32)
        found = columns.summed(cosine * fading(self._newer, 3.0)[columns.which])
        return Found(found.at, np.log1p(20 * found.value))

    @cached_property
    def pairs_long(self) -> Found:
        """Return the same over a longer memory, each item of it log-damped by itself."""
        columns, cosine = self._beside
        value: Floats = np.log1p(30 * cosine / self._weights[columns.which])
        return columns.summed(value * fading(self._newer, 8.0)[columns.which])

    @cached_property
    def from_origin(self) -> Found:
        """Return the log-damped chance of coming after the item the person comes from."""
        ids = self.pool.model.items
        wanted = np.array([-1 if self.context.origin is None else self.context.origin])
        item, known = positions(ids, wanted)
        if not known.any():
            return Found(np.zeros(0, np.int64), np.zeros(0, np.float32))
        _, column, value = self.live.rows("after", item)
        kept = np.flatnonzero(column < ids.size)
        order = kept[np.argsort(column[kept], kind="stable")]
        weight = 2 * (self.weight(item) + DOUBT)
        at, first = firsts(column[order])
        return Found(at, np.log1p(200 * totals(value[order] / weight, first)))

    def _fade_of(self, name: str) -> float:
        return self.fade(_RECENT.get(name, self.pool.model.counts.config.half_life_days))

    def counted(self, at: Ints) -> Floats:
        """Return all `SUMS` at positions of the pool, against the mean item: sums x positions.

        Newer items are also given what those have on average that they resemble.
        """
        size, every = self.pool.model.items.size, self.live.every()
        found = _within(every, self.live_places(at))
        newer = np.flatnonzero(at >= size)
        if newer.size:
            found[:, newer] += self.pool.carry.product(at[newer] - size, every[:, :size].T).T
        fade = np.array([[self._fade_of(name)] for name in SUMS])
        mean = np.array([[self.mean(name)] for name in SUMS])
        share: Floats = (np.minimum(found * fade, MOST_WEIGHT) / mean).astype(np.float32)
        return share

    def mean(self, name: str) -> float:
        """Return what the mean item has of a sum."""
        total = self.live.total(name) * self._fade_of(name)
        return min(max(total / max(self.pool.ids.size, 1), 1e-6), MOST_WEIGHT)

    def everywhere(self, name: str) -> Times:
        """Return a sum over the positions of the pool, not faded, which keeps its order."""
        sums, size = self.live.sums(name), self.pool.model.items.size
        if not self.pool.newer:
            return sums[:size]
        out = np.zeros(self.pool.ids.size)
        out[:size] = sums[:size]
        newer = np.flatnonzero(self._places >= 0)
        out[self._places[newer]] = sums[size + newer]
        return out

    def weighed(self, at: Ints) -> Times:
        """Return the activity on items at positions of the pool, not faded."""
        return _within(self.live.sums("weight"), self.live_places(at))

    def counted_since(self, version: int) -> Ints:
        """Return where in the pool something was counted since a version of `live`."""
        at = different(np.array(self.live.counted_since(version), np.int64))
        size = self.pool.model.items.size
        there = at[(at >= size) & (at < size + self._places.size)]
        newer = self._places[there - size]
        return np.concatenate([at[at < size], newer[newer >= 0]])

    def added_in(self, group: str) -> tuple[Ints, Floats]:
        """Return the known items that a role or circle took since the training, ascending."""
        at, value = self.live.group(group)
        known = at < self.pool.model.items.size
        at, value = at[known], value[known]
        order = np.argsort(at)
        return at[order], value[order]


def _within(values: Times, at: Ints) -> Times:
    """Return the values at some places of the last axis, 0 for those at -1 or beyond it."""
    size = values.shape[-1]
    if not size:
        return np.zeros((*values.shape[:-1], at.size))
    found: Times = np.take(values, np.minimum(at, size - 1), axis=-1)
    found[..., (at < 0) | (at >= size)] = 0.0
    return found
