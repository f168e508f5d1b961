"""One person at one moment, seen against a model and what has happened since: rows over all items.

Everything here is sparse but for taste: sums over the rows of the latest items. What is worked out
once serves both to propose candidates and to measure them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommender.counts import HALF_LIVES, grown
from recommender.data import (
    Context,
    Floats,
    Ints,
    ItemFacts,
    Profile,
    Times,
    fading,
    positions,
    read_history,
)
from recommender.live import Cells, Live
from recommender.pool import Pool

MEMORY = 20
SHORT_MEMORY = 8
DOUBT = 5.0
"""The activity an item is given beforehand, so that chance steps of rare items weigh little."""


@dataclass(frozen=True)
class Found:
    """Items with a value above 0: their positions in the pool, ascending, and the values."""

    at: Ints
    value: Floats

    def along(self, chosen: Ints) -> Floats:
        """Return the values at the chosen positions, 0 where there is none."""
        if not self.at.size:
            return np.zeros(chosen.size, np.float32)
        near = np.minimum(np.searchsorted(self.at, chosen), self.at.size - 1)
        found: Floats = np.where(self.at[near] == chosen, self.value[near], 0).astype(np.float32)
        return found


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
        liked, _ = read_history(self.context.history, self.pool.model.settings.activity)
        ids, newer = self.pool.model.items, self.live.newer
        found = []
        for item in list(liked)[:MEMORY]:
            at = int(np.searchsorted(ids, item))
            known = at < ids.size and ids[at] == item
            place = at if known else newer.get(item)
            if place is not None:
                found.append(place)
        return np.array(found, dtype=np.int64)

    @cached_property
    def pause(self) -> float:
        """Return the seconds since the person last did something; infinite for nothing."""
        history = self.context.history
        return max(self.context.now - history[-1].at, 0.0) if history else np.inf

    @cached_property
    def taste(self) -> Floats:
        """Return the folded-in taste for every known item."""
        return self.pool.model.scorers.taste(self.profile)

    @cached_property
    def near(self) -> Floats:
        """Return the likeness to the history for every known item."""
        return self.pool.model.scorers.near(self.profile)

    @cached_property
    def content(self) -> Floats:
        """Return the likeness in words and skills to the history for every known item."""
        return self.pool.model.scorers.content(self.profile)

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
        return self._total(self.pool.model.counts.weight, self.live.vectors("weight"), live_at, 365)

    def _total(self, base: Times, added: Times, at: Ints, half_life_days: float) -> Floats:
        found = np.where(at >= 0, added[np.minimum(at, added.size - 1)], 0.0) if added.size else 0.0
        known = (at >= 0) & (at < base.size)
        total = np.zeros(at.size) + found
        total[known] += base[at[known]]
        faded: Floats = (total * self.fade(half_life_days)).astype(np.float32)
        return faded

    def fade(self, half_life_days: float) -> float:
        """Return what is left now of a sum as of the training."""
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

    def summed(self, column: Ints, value: Floats) -> Found:
        """Return the sum of the values in each column."""
        out = np.zeros(self.pool.ids.size, np.float32)
        np.add.at(out, column, value)
        at = np.flatnonzero(out)
        return Found(at, out[at])

    @cached_property
    def _weights(self) -> Floats:
        return self.weight(self.recent) + np.float32(DOUBT)

    @cached_property
    def _after(self) -> Cells:
        return self.cells("after", SHORT_MEMORY)

    @cached_property
    def next(self) -> Found:
        """Return the log-damped chance of coming after the latest items."""
        which, column, value = self._after
        chance = value / (2 * self._weights[which])
        found = self.summed(column, chance * fading(self.recent.size, 2.0)[which])
        return Found(found.at, np.log1p(200 * found.value))

    @cached_property
    def next_last(self) -> Found:
        """Return the same for the last item alone."""
        which, column, value = self._after
        last = which == 0
        found = self.summed(column[last], value[last] / (2 * self._weights[which[last]]))
        return Found(found.at, np.log1p(200 * found.value))

    @cached_property
    def steps(self) -> Found:
        """Return how often items stand right before or after the latest ones, the rare ones up."""
        there, back = self._after, self.cells("before", SHORT_MEMORY)
        which = np.concatenate([there.which, back.which])
        value = np.concatenate([there.value, back.value]) / self._weights[which]
        value *= fading(self.recent.size, 3.0)[which]
        found = self.summed(np.concatenate([there.column, back.column]), value)
        weight = self.weight(self.live_places(found.at)) + np.float32(DOUBT)
        return Found(found.at, np.log1p(100 * found.value / weight**0.3))

    @cached_property
    def _beside(self) -> tuple[Cells, Floats]:
        cells = self.cells("beside", MEMORY)
        weight = self.weight(self.live_places(cells.column)) + np.float32(DOUBT)
        return cells, cells.value / np.sqrt(weight)

    @cached_property
    def pairs(self) -> Found:
        """Return the cosine of being taken within a few places of the latest items."""
        cells, value = self._beside
        cosine: Floats = value / np.sqrt(self._weights[cells.which])
        found = self.summed(cells.column, cosine * fading(self.recent.size, 3.0)[cells.which])
        return Found(found.at, np.log1p(20 * found.value))

    @cached_property
    def pairs_long(self) -> Found:
        """Return the same over a longer memory, each item of it log-damped by itself."""
        cells, value = self._beside
        value = np.log1p(30 * value / self._weights[cells.which])
        return self.summed(cells.column, value * fading(self.recent.size, 8.0)[cells.which])

    @cached_property
    def from_origin(self) -> Found:
        """Return the log-damped chance of coming after the item the person comes from."""
        ids = self.pool.model.items
        wanted = np.array([-1 if self.context.origin is None else self.context.origin])
        item, known = positions(ids, wanted)
        if not known.any():
            return Found(np.zeros(0, np.int64), np.zeros(0, np.float32))
        _, column, value = self.live.rows("after", item)
        known = column < ids.size
        weight = 2 * (self.weight(item) + DOUBT)
        found = self.summed(column[known], value[known] / weight)
        return Found(found.at, np.log1p(200 * found.value))

    def recently(self, row: int, at: Ints, live_at: Ints) -> Floats:
        """Return a counter of late at positions of the pool, `live_at` being the same in `live`."""
        base, added = self.pool.model.counts.recent[row], self.live.recent()[row]
        return self._carried(base, at) * np.float32(self.fade(HALF_LIVES[row])) + self._total(
            base[:0], added, live_at, HALF_LIVES[row]
        )

    def counted(self, name: str, at: Ints, live_at: Ints) -> Floats:
        """Return `weight` or `starts` at positions of the pool, `live_at` the same in `live`."""
        counts = self.pool.model.counts
        base, days = getattr(counts, name), counts.config.half_life_days
        return self._carried(base, at) * np.float32(self.fade(days)) + self._total(
            base[:0], self.live.vectors(name), live_at, days
        )

    def mean(self, name: str) -> float:
        """Return what the mean item has of `weight` or `starts`."""
        counts = self.pool.model.counts
        total = float(getattr(counts, name).sum() + self.live.vectors(name).sum())
        return self._mean(total, counts.config.half_life_days)

    def mean_recent(self, row: int) -> float:
        """Return what the mean item has of a counter of late."""
        total = float(self.pool.model.counts.recent[row].sum() + self.live.recent()[row].sum())
        return self._mean(total, HALF_LIVES[row])

    def _mean(self, total: float, half_life_days: float) -> float:
        return max(total * self.fade(half_life_days) / max(self.pool.ids.size, 1), 1e-6)

    def dense(self, base: Times, added: Times, half_life_days: float) -> Floats:
        """Return a sum, as of the training and since, over the positions of the pool."""
        size, fade = self.pool.model.items.size, self.fade(half_life_days)
        out = np.zeros(self.pool.ids.size, np.float32)
        out[:size] = (base + added[:size]) * fade
        newer = np.flatnonzero(self._places >= 0)
        out[self._places[newer]] = added[size + newer] * fade
        return out

    def added_in(self, group: str) -> tuple[Ints, Floats]:
        """Return the known items that a role or circle took since the training, ascending."""
        at, value = self.live.group(group)
        known = at < self.pool.model.items.size
        at, value = at[known], value[known]
        order = np.argsort(at)
        return at[order], value[order]

    def _carried(self, base: Times, at: Ints) -> Floats:
        """Return the values of known items; newer ones have those of what they resemble."""
        return self.pool.inherited(base, at).astype(np.float32)
