"""What everybody takes."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.arrays import Arrays, Floats, standardised, written
from recommender.dataset import Interactions
from recommender.profile import Profile


@dataclass(frozen=True)
class PopularityConfig:
    """`floor` is the activity that every item is given beforehand."""

    floor: float = 0.5
    half_life_days: float = 180.0

    def fit(self, data: Interactions) -> "Popularity":
        """Count the faded activity on every item."""
        faded = data.decayed(self.half_life_days)
        counts = np.bincount(data.item, faded, minlength=data.items.size)
        return Popularity(standardised(np.log(counts + self.floor).astype(np.float32)), self)


@dataclass(frozen=True)
class Popularity:
    """Standardised log counts, one per item, the same for everybody."""

    scores: Floats
    config: PopularityConfig

    def __call__(self, _profile: Profile, out: Floats | None = None) -> Floats:
        """Return standard deviations from the mean item's activity."""
        return written(self.scores, out)

    def arrays(self) -> Arrays:
        """Return what is stored."""
        return {"scores": self.scores}

    @classmethod
    def load(cls, arrays: Arrays, config: PopularityConfig) -> Self:
        """Return the inverse of `arrays`."""
        return cls(arrays["scores"], config)
