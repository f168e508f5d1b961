"""How much each feature counts, by how much is known about the person and how long ago they came.

A score is a plain weighted sum, so that its parts add up to it and can be shown. The weights given
here hold where there is nothing to learn from; training moves them as far as the evidence carries.
"""

from dataclasses import dataclass

import numpy as np

from recommender.arrays import Floats
from recommender.features import NAMES, PART_OF, PARTS

STAGES = ("nothing", "anything", "little", "visit", "return")
"""`nothing` holds without any history and the others with some: `anything` always, `little` less
with every item known, `visit` within the hour, `return` after more than a day."""

VISIT_SECONDS = 3600.0
RETURN_SECONDS = 86_400.0

_GIVEN: dict[str, tuple[float, float, float, float, float]] = {
    "taste": (0.0, 0.0, -0.15, 0.0, 0.03),
    "taste_long": (0.0, 0.11, -0.14, 0.12, 0.04),
    "near": (0.0, 0.03, -0.05, 0.0, -0.17),
    "near_long": (0.0, 0.19, -0.04, -0.04, 0.05),
    "pairs": (0.0, 0.79, 0.31, 0.74, -0.39),
    "pairs_long": (0.0, 0.21, -1.0, -0.22, -0.24),
    "next": (0.0, 0.0, 0.24, 0.0, 0.0),
    "next_last": (0.0, 0.07, 0.15, 0.07, -0.12),
    "steps": (0.0, 0.24, 0.17, -0.2, -0.05),
    "order_next": (0.0, 0.65, 0.16, 0.15, -0.22),
    "order_second": (0.0, 0.53, -0.9, 0.0, -0.35),
    "order_third": (0.0, -0.16, 0.66, -0.18, 0.07),
    "order_back": (0.0, -0.85, -0.36, 1.2, 0.52),
    "order_around": (0.0, 0.0, -0.09, 0.18, 0.46),
    "order_beside": (0.0, 0.0, 0.08, -0.13, -0.16),
    "order_seen": (0.0, 0.16, -0.25, 0.18, -0.14),
    "order_stride": (0.0, 0.76, -0.55, 0.83, -2.7),
    "order_dense": (0.0, 0.28, -0.28, -0.11, 0.15),
    "content": (0.0, 2.7, -1.3, 0.43, 0.0),
    "content_last": (0.0, 1.5, -1.3, 0.11, 0.2),
    "theme": (0.0, 0.1, 0.0, 0.0, 0.0),
    "theme_last": (0.0, 0.1, 0.0, 0.0, 0.0),
    "role": (0.8, 0.3, 0.2, 0.0, 0.0),
    "role_new": (0.0, 0.15, 0.0, 0.0, 0.0),
    "first_month": (0.3, 0.3, 0.0, 0.0, 0.0),
    "circle": (0.5, 0.3, 0.2, 0.0, 0.0),
    "popular": (-0.09, -0.52, 0.0, -0.24, -0.29),
    "popular_180": (0.18, 0.18, 0.24, 0.31, -0.15),
    "starts": (0.28, 0.12, 0.14, -0.14, 0.24),
    "trend_1": (0.04, 0.08, -0.06, -0.06, 0.05),
    "trend_7": (0.16, 0.07, 0.0, -0.04, 0.09),
    "trend_30": (0.53, 0.23, 0.0, 0.0, 0.26),
    "pinned": (0.6, 0.4, 0.0, 0.0, 0.0),
    "step": (1.2, 1.2, 0.0, 0.0, 0.0),
    "gap": (0.5, 0.5, 0.0, 0.0, 0.0),
    "time": (0.4, 0.4, 0.0, 0.0, 0.0),
    "device": (0.1, 0.1, 0.0, 0.0, 0.0),
    "language": (0.3, 0.3, 0.0, 0.0, 0.0),
    "origin": (0.5, 0.4, 0.0, 0.0, 0.0),
    "fresh": (0.2, 0.2, 0.0, 0.0, 0.0),
    "match": (0.6, 0.6, 0.0, 0.0, 0.0),
}


_TIMELESS: dict[str, tuple[float, float, float, float, float]] = {
    "near": (0.0, 0.1, 0.0, 0.0, 0.0),
    "pairs": (0.0, 0.2, 0.0, 0.0, 0.0),
    "content": (0.0, 0.3, 0.0, 0.0, 0.0),
    "role": (1.0, 1.0, 0.0, 0.0, 0.0),
    "circle": (1.0, 1.0, 0.0, 0.0, 0.0),
    "popular_ever": (1.0, 1.0, 0.0, 0.0, 0.0),
}
"""The same for questions about no moment."""


def _flat(given: dict[str, tuple[float, float, float, float, float]]) -> tuple[float, ...]:
    none = (0.0,) * len(STAGES)
    return tuple(weight for name in NAMES for weight in given.get(name, none))


@dataclass(frozen=True)
class BlendConfig:
    """The weights of every feature at every stage, laid end to end, feature by feature."""

    weights: tuple[float, ...] = _flat(_GIVEN)

    def table(self) -> Floats:
        """Return features x stages."""
        return np.array(self.weights, np.float32).reshape(len(NAMES), len(STAGES))

    @classmethod
    def of(cls, table: Floats) -> "BlendConfig":
        """Return the inverse of `table`, rounded to what is worth keeping."""
        return cls(tuple(np.round(table.astype(np.float64), 5).ravel().tolist()))

    @classmethod
    def timeless(cls) -> "BlendConfig":
        """Return the weights given for questions about no moment."""
        return cls(_flat(_TIMELESS))

    def of_part(self, part: str) -> Floats:
        """Return the weights of a part's features at every stage, features x stages."""
        number = PARTS.index(part)
        return self.table()[[row for row, each in enumerate(PART_OF) if each == number]]


def stages(evidence: int, pause: float | None) -> Floats:
    """Return how far each stage holds with `evidence` items, `pause` seconds after the last.

    A pause that nobody knows is neither a visit nor a return.
    """
    if not evidence:
        return np.array([1, 0, 0, 0, 0], np.float32)
    little = 2 / (1 + evidence)
    if pause is None:
        return np.array([0, 1, little, 0, 0], np.float32)
    return np.array([0, 1, little, pause < VISIT_SECONDS, pause > RETURN_SECONDS], np.float32)


def weights(config: BlendConfig, evidence: int, pause: float | None) -> Floats:
    """Return the weight of every feature for somebody with `evidence` items, back after `pause`."""
    return config.table() @ stages(evidence, pause)


def parts_of(contributions: Floats) -> list[dict[str, float]]:
    """Return for each row of candidates x features what each part adds, without the zeros."""
    sums = np.zeros((len(contributions), len(PARTS)), np.float32)
    np.add.at(sums.T, list(PART_OF), contributions.T)
    return [
        {name: value for name, value in zip(PARTS, row, strict=True) if value}
        for row in sums.tolist()
    ]
