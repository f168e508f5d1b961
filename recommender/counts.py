"""What followed what, and how often each item was taken: sums that later events simply add to.

All of it fades by halves, counted back from the moment of training, so that an event after it
weighs more than 1 instead of everything before it less (forward decay, Cormode et al. 2009). The
tables are what makes an evening's activity count at once: `live.py` keeps the same sums.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from scipy import sparse

from recommender.arrays import Arrays, Floats, Ints, Times
from recommender.data import DAY
from recommender.dataset import Interactions
from recommender.steps import events_on, follows, precedes, rows_of, strongest_steps
from recommender.table import Table

HALF_LIVES = (1.0, 7.0, 30.0, 180.0, 1e9)
"""Days after which counters of what is taken of late forget half; the last never does."""

TABLES = ("after", "before", "beside")
SUMS = ("weight", "starts", "day", "week", "month", "half_year", "ever")
"""The sums over items: of all activity, of what visits began with, and a counter per half-life."""

Way = Callable[[Ints, Ints, int, Ints], Ints]
"""`follows` or `precedes`."""


@dataclass(frozen=True)
class CountsConfig:
    """`lags` steps ahead count as following, each for 1/lag, and `window` as lying beside.

    A step counts half after `half_life_days`, one beside it 1/e less per `fading` places.
    `most_events` are read for the tables, the newest; a pause of `session_hours` starts a visit.
    Of what happened at the same instant nothing followed anything, and without times nothing did.
    """

    lags: int = 3
    window: int = 10
    fading: float = 5.0
    keep: int = 100
    half_life_days: float = 365.0
    session_hours: float = 6.0
    most_events: int = 1_000_000

    def aside(self, lag: int) -> float:
        """Return how much an item counts that lies `lag` places away."""
        return float(np.exp(-(lag - 1) / self.fading))

    def fit(self, data: Interactions) -> "Counts":
        """Add up everybody's activity."""
        size = data.items.size
        faded = data.decayed(self.half_life_days)
        first = _begins(data, self.session_hours * 3600)
        sums = np.stack(
            [np.bincount(data.item, data.decayed(days), minlength=size) for days in HALF_LIVES]
        )
        after, before, beside = self._steps(data, faded)
        return Counts(
            after,
            before,
            beside,
            np.bincount(data.item, faded, minlength=size).astype(np.float64),
            np.bincount(data.item[first], faded[first], minlength=size).astype(np.float64),
            sums.astype(np.float64),
            self,
        )

    def _steps(self, data: Interactions, faded: Floats) -> tuple[Table, Table, Table]:
        """Return items x items: what followed, what came before, what lay within the window."""
        person, item, when, faded = _without_repeats(data, faded, self.most_events)
        size, longest = data.items.size, min(self.window, max(item.size - 1, 0))
        if not data.dated:
            longest = 0

        def counted(
            low: int, high: int, lags: int, ways: Sequence[Way], near: bool
        ) -> sparse.csr_matrix:
            found = sparse.csr_matrix((high - low, size), dtype=np.float32)
            there = events_on(item, low, high)
            for lag in range(1, min(lags, longest) + 1):
                share = np.float32(self.aside(lag) if near else 1 / lag)
                for way in ways:
                    at = way(person, item, lag, there)
                    at = at if near else at[when[at] < when[at + lag]]
                    one, other = (at, at + lag) if way is follows else (at + lag, at)
                    worth = faded[at + lag] * share
                    found += rows_of(item[one] - low, item[other], worth, (high - low, size))
            return found

        def strongest(lags: int, *ways: Way, near: bool = False) -> Table:
            count = partial(counted, lags=lags, ways=ways, near=near)
            return strongest_steps(item, size, lags * len(ways), self.keep, count)

        return (
            strongest(self.lags, follows),
            strongest(self.lags, precedes),
            strongest(self.window, follows, precedes, near=True),
        )


def _begins(data: Interactions, pause: float) -> Ints:
    """Return the events with which a visit began: the first after a pause, in seconds."""
    if not data.dated:
        return np.zeros(0, np.int64)
    begins = np.ones(data.at.size, np.bool_)
    begins[1:] = (data.person[1:] != data.person[:-1]) | (np.diff(data.at) > pause)
    return np.flatnonzero(begins)


def _without_repeats(
    data: Interactions, faded: Floats, most: int
) -> tuple[Ints, Ints, Times, Floats]:
    """Return person, item, time and weight of the newest events, without immediate repeats."""
    fresh = np.ones(data.at.size, np.bool_)
    fresh[1:] = (data.person[1:] != data.person[:-1]) | (data.item[1:] != data.item[:-1])
    if data.at.size > most:
        fresh &= data.at > np.partition(data.at, -most)[-most]
    return data.person[fresh], data.item[fresh], data.at[fresh], faded[fresh]


@dataclass(frozen=True)
class Counts:
    """The sums at the moment of training.

    `after` has for each item what followed it, `before` the same read backwards, `beside` what lay
    within a few places of it; `weight` is the activity on each item, `starts` that with which a
    visit began, `recent` (a row per half-life) that of late.
    """

    after: Table
    before: Table
    beside: Table
    weight: Times
    starts: Times
    recent: Times
    config: CountsConfig

    def arrays(self) -> Arrays:
        """Return what is stored."""
        found: Arrays = {"weight": self.weight, "starts": self.starts, "recent": self.recent}
        for name in TABLES:
            table: Table = getattr(self, name)
            found |= {
                f"{name}_start": table.start,
                f"{name}_column": table.column,
                f"{name}_value": table.value,
            }
        return found

    @classmethod
    def load(cls, arrays: Arrays, config: CountsConfig) -> Self:
        """Return the inverse of `arrays`."""
        after, before, beside = (
            Table(*(arrays[f"{name}_{part}"] for part in ("start", "column", "value")))
            for name in TABLES
        )
        sums = arrays["weight"], arrays["starts"], arrays["recent"]
        return cls(after, before, beside, *sums, config)


def grown(at: float, since: float, half_life_days: float) -> float:
    """Return what an event at `at` counts against one at `since` (both unix seconds).

    After a thousand half-lives it grows no more, which keeps it a number.
    """
    return float(2.0 ** min((at - since) / DAY / half_life_days, 1000.0))
