"""The scorers: each a frozen configuration that fits itself to the data and can then be asked.

Asked with a `Profile`, a scorer answers one float32 per known item. `arrays` and `load` are what
the model store needs. A new scorer gets its module here and a line in `SCORERS`.
"""

from typing import Protocol

from recommender.arrays import Arrays, Floats
from recommender.profile import Profile
from recommender.scorers.als import Als, AlsConfig
from recommender.scorers.content import Content, ContentConfig
from recommender.scorers.neighbours import Neighbours, NeighboursConfig
from recommender.scorers.popularity import Popularity, PopularityConfig
from recommender.scorers.role_prior import RolePrior, RolePriorConfig
from recommender.scorers.transitions import Transitions, TransitionsConfig
from recommender.scorers.trend import Trend, TrendConfig


class Scorer(Protocol):
    """What every fitted scorer can do."""

    def __call__(self, profile: Profile, out: Floats | None = None, /) -> Floats:
        """Return one score per known item, in `out` if that is given."""

    def arrays(self) -> Arrays:
        """Return everything that has to be stored."""


__all__ = [
    "Als",
    "AlsConfig",
    "Content",
    "ContentConfig",
    "Neighbours",
    "NeighboursConfig",
    "Popularity",
    "PopularityConfig",
    "RolePrior",
    "RolePriorConfig",
    "Scorer",
    "Transitions",
    "TransitionsConfig",
    "Trend",
    "TrendConfig",
]
