"""The one table of signals: how much each kind of activity counts, and for how long."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommender.arrays import Floats
from recommender.data import VERBS, Event
from recommender.log import EventLog

Signal = tuple[float, float]
"""The weight of a verb, and the days after which it counts half."""

NO_OPINION = 3.0
"""The stars that say neither yes nor no."""

_DISLIKE: Signal = (0.0, 1.0)
_OF_DEGREE = frozenset({"rated", "spent", "dismissed"})
_RATED, _SPENT, _DISMISSED = (VERBS.index(verb) for verb in ("rated", "spent", "dismissed"))


@dataclass(frozen=True)
class ActivityConfig:
    """The one table of signals: for each verb its weight, and the days after which it counts half.

    A rating counts by its stars: 5 for all of the weight, 4 for half, 3 for nothing, and below it
    is a dislike. Time spent counts in full from `long_seconds` on. Saving an item is its own verb;
    what was opened from a search is `found`. A dislike has no weight: it is told apart.
    However old, what a person did with an item counts `least_per_pair`: to a factorisation less
    would say that they passed it over.
    """

    viewed: Signal = (0.4, 60.0)
    launched: Signal = (1.0, 180.0)
    found: Signal = (1.2, 180.0)
    completed: Signal = (1.5, 365.0)
    saved: Signal = (1.0, 180.0)
    liked: Signal = (1.5, 365.0)
    rated: Signal = (1.5, 365.0)
    spent: Signal = (1.0, 180.0)
    long_seconds: float = 900.0
    least_per_pair: float = 0.25
    most_per_pair: float = 4.0
    memory: int = 50

    @cached_property
    def by_verb(self) -> dict[str, float]:
        """Return the weight of each verb, 0 for a dislike."""
        return {verb: self.signal(verb)[0] for verb in VERBS}

    def signal(self, verb: str) -> Signal:
        """Return the weight and the half-life in days of a verb; (0, 1) for a dislike."""
        found: Signal = getattr(self, verb, _DISLIKE)
        return found

    def weights(self) -> Floats:
        """Return the weights in the order of `VERBS`."""
        return np.array([self.signal(verb)[0] for verb in VERBS], dtype=np.float32)

    def half_lives(self) -> Floats:
        """Return the half-lives in days, in the order of `VERBS`."""
        return np.array([self.signal(verb)[1] for verb in VERBS], dtype=np.float32)

    def strength(self, event: Event) -> float:
        """Return what an event counts before it fades; below 0 for a dislike, -1 for a full one."""
        weight = self.by_verb.get(event.verb, 0.0)
        if event.verb not in _OF_DEGREE:
            return weight
        if event.verb == "dismissed":
            return -1.0
        if event.verb == "rated":
            share = min((event.value - NO_OPINION) / 2, 1.0)
        else:
            share = min(event.value / self.long_seconds, 1.0)
        return weight * share if share > 0 else max(share, -1.0)

    def strengths(self, log: EventLog) -> Floats:
        """Return the same for many events, in their order."""
        share = np.ones(len(log), np.float32)
        rated, spent = log.verb == _RATED, log.verb == _SPENT
        share[rated] = np.minimum((log.value[rated] - NO_OPINION) / 2, 1.0)
        share[spent] = np.minimum(log.value[spent] / self.long_seconds, 1.0)
        share[log.verb == _DISMISSED] = -1.0
        found: Floats = np.where(share > 0, self.weights()[log.verb] * share, np.maximum(share, -1))
        return found.astype(np.float32)
