"""What has news value: activity counted with a short half-life."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.arrays import Arrays, Floats, standardised, written
from recommender.dataset import Interactions
from recommender.profile import Profile


@dataclass(frozen=True)
class TrendConfig:
    """How fast the counters forget."""

    half_life_days: float = 7.0

    def fit(self, data: Interactions) -> "Trend":
        """Count the recent activity on every item."""
        faded = data.decayed(self.half_life_days)
        counts = np.bincount(data.item, faded, minlength=data.items.size)
        return Trend(standardised(np.log1p(counts).astype(np.float32)), self)


@dataclass(frozen=True)
class Trend:
    """Standardised log counters, one per item, the same for everybody."""

    scores: Floats
    config: TrendConfig

    def __call__(self, _profile: Profile, out: Floats | None = None) -> Floats:
        """Return standard deviations from the mean item's recent activity."""
        return written(self.scores, out)

    def arrays(self) -> Arrays:
        """Return what is stored."""
        return {"scores": self.scores}

    @classmethod
    def load(cls, arrays: Arrays, config: TrendConfig) -> Self:
        """Return the inverse of `arrays`."""
        return cls(arrays["scores"], config)
