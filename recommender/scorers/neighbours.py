"""Items that the same people took: cosine of BM25-weighted activity, by implicit."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from implicit.nearest_neighbours import bm25_weight

from recommender.arrays import Arrays, Floats, Ints, blank
from recommender.dataset import Interactions
from recommender.profile import Profile
from recommender.scorers.cosine import cosines
from recommender.table import Table

LEAST = -0.04
"""How far dislikes can pull an item down, before damping."""


@dataclass(frozen=True)
class NeighboursConfig:
    """`memory` items of a history are read; a disliked one pulls its neighbours down a little."""

    keep: int = 60
    memory: int = 10
    recency: float = 3.0
    support: float = 3.0
    dislike: float = 0.3
    sharpness: float = 20.0

    def fit(self, data: Interactions) -> "Neighbours":
        """Find for every item those that share most people with it, damped where people are few."""
        matrix = data.matrix()
        if not matrix.nnz:
            return Neighbours(Table.empty(data.items.size), self)
        weighted = bm25_weight(matrix.T, K1=1.2, B=0.75).T.tocsr()
        alike = cosines(weighted, self.keep)
        takers = data.takers
        alike.data = alike.data * (takers / (takers + self.support))[alike.indices]
        return Neighbours(Table.of(alike), self)


@dataclass(frozen=True)
class Neighbours:
    """For each item the items the same people took, 0 to 1."""

    table: Table
    config: NeighboursConfig

    def __call__(self, profile: Profile, out: Floats | None = None) -> Floats:
        """Return the log-damped likeness to the history, the latest weighing most."""
        out = blank(self.table.start.size - 1, out)
        at, value = self.found(profile)
        out[at] = value
        return out

    def found(self, profile: Profile) -> tuple[Ints, Floats]:
        """Return the same of the items that have any: their positions, ascending, and values."""
        at, (late, _) = self._summed(profile)
        return at, self._damped(late)

    def both(self, profile: Profile) -> tuple[Ints, Floats, Floats]:
        """Return positions, the likeness, and that to the whole history, which weighs alike."""
        at, (late, long) = self._summed(profile)
        return at, self._damped(late), np.log1p(self.config.sharpness * long)

    def _damped(self, value: Floats) -> Floats:
        damped: Floats = np.log1p(self.config.sharpness * np.maximum(value, LEAST))
        return damped

    def _summed(self, profile: Profile) -> tuple[Ints, Floats]:
        """Return positions, and the sums with the weights of the voices and with even ones."""
        rows, voices = self.voices(profile)
        late = min(self.config.memory, profile.items.size)
        every = np.concatenate([profile.items, rows[late:]])
        weights = np.zeros((2, every.size), np.float32)
        weights[0, :late], weights[0, profile.items.size :] = voices[:late], voices[late:]
        weights[1, : profile.items.size] = 1 / max(profile.items.size, 1)
        return self.table.summed(every, weights)

    def voices(self, profile: Profile) -> tuple[Ints, Floats]:
        """Return the items of the history that speak, with weights."""
        return profile.voices(self.config.memory, self.config.recency, self.config.dislike)

    def arrays(self) -> Arrays:
        """Return what is stored."""
        return {"start": self.table.start, "column": self.table.column, "value": self.table.value}

    @classmethod
    def load(cls, arrays: Arrays, config: NeighboursConfig) -> Self:
        """Return the inverse of `arrays`."""
        return cls(Table(arrays["start"], arrays["column"], arrays["value"]), config)
