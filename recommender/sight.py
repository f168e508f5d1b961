"""One person at one moment, seen against a model and what has happened since: rows over all items.

Everything here is sparse but for taste: sums over the rows of the latest items. What is worked out
once serves both to propose candidates and to measure them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommender.counts import HALF_LIVES, SUMS, grown
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
_RECENT = dict(zip(SUMS[2:], HALF_LIVES, strict=True))
MOST_WEIGHT = 1e12  # for clocks that run backwards, against which sums grow without end
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
        return self._at("weight", live_at)

    def _at(self, name: str, live_at: Ints) -> Floats:
        sums = self.live.sums(name)
        if not sums.size:
            return np.zeros(live_at.size, np.float32)
        found = np.where(live_at >= 0, sums[np.minimum(live_at, sums.size - 1)], 0.0)
        faded: Floats = np.minimum(found * self._fade_of(name), MOST_WEIGHT).astype(np.float32)
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

    def summed(self, column: Ints, value: Floats | Times) -> Found:
        """Return the sum of the values in each column."""
        out = np.zeros(self.pool.ids.size, np.float32)
        np.add.at(out, column, value)
        at = np.flatnonzero(out != 0)
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
        cells = _merged(self.cells("beside", MEMORY), self.pool.ids.size)
        weight = self.weight(self.live_places(cells.column)) + np.float32(DOUBT)
        return cells, cells.value / np.sqrt(weight)

    @cached_property
    def pairs(self) -> Found:
        """Return the cosine of being taken within a few places of the latest items."""
        cells, value = self._beside
        cosine = value / np.sqrt(self._weights[cells.which])
        found = self.summed(cells.column, cosine * fading(self.recent.size, 3.0)[cells.which])
        return Found(found.at, np.log1p(20 * found.value))

    @cached_property
    def pairs_long(self) -> Found:
        """Return the same over a longer memory, each item of it log-damped by itself."""
        cells, cosine = self._beside
        value = np.log1p(30 * cosine / self._weights[cells.which])
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

    def _fade_of(self, name: str) -> float:
        return self.fade(_RECENT.get(name, self.pool.model.counts.config.half_life_days))

    def counted(self, name: str, at: Ints, live_at: Ints) -> Floats:
        """Return a sum at positions of the pool, `live_at` being the same in `live`.

        Newer items are also given what those have on average that they resemble.
        """
        found = self._at(name, live_at)
        size = self.pool.model.items.size
        newer = np.flatnonzero(at >= size)
        if newer.size:
            like = self.pool.carry[at[newer] - size] @ self.live.sums(name)[:size]
            found[newer] += np.minimum(like * self._fade_of(name), MOST_WEIGHT)
        return found

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

    def added_in(self, group: str) -> tuple[Ints, Floats]:
        """Return the known items that a role or circle took since the training, ascending."""
        at, value = self.live.group(group)
        known = at < self.pool.model.items.size
        at, value = at[known], value[known]
        order = np.argsort(at)
        return at[order], value[order]


def _merged(cells: Cells, columns: int) -> Cells:
    """Return the cells with those added up that stand in the same place."""
    if not cells.which.size:
        return cells
    place = cells.which * columns + cells.column
    order = np.argsort(place, kind="stable")
    place = place[order]
    first = np.flatnonzero(np.append(True, place[1:] != place[:-1]))
    which, column = np.divmod(place[first], columns)
    return Cells(which, column, np.add.reduceat(cells.value[order], first))
