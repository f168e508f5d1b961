"""How much each scorer is believed, by how much is known about the person.

With no history what is popular decides. What a person did takes over as evidence grows, since
collaborative filtering on one or two items is worse than popularity.
"""

from dataclasses import dataclass

import numpy as np

from recommender.data import Floats

PARTS = ("taste", "near", "next", "role", "popular", "trend", "content")
"""The parts that scorers contribute; `fresh` and `match` are added to them for new items."""

Stages = tuple[float, float, float]


@dataclass(frozen=True)
class BlendConfig:
    """For each part its weight with no history, with one item, and with a long history.

    Between one item and many the weight moves, and is half-way `kappa` items on. Training learns
    the weights from the data, but for those without history, and leaves them where there is too
    little of it.
    """

    taste: Stages = (0.0, 0.0, 0.5)
    near: Stages = (0.0, 0.1, 0.3)
    next: Stages = (0.0, 0.2, 0.5)
    role: Stages = (1.0, 0.7, 0.3)
    popular: Stages = (0.0, 0.3, 0.2)
    trend: Stages = (0.0, 0.1, 0.1)
    content: Stages = (0.0, 0.5, 0.5)
    fresh: float = 0.2
    match: float = 0.6
    kappa: float = 4.0


def stages(config: BlendConfig, evidence: int) -> Stages:
    """Return how much each of the three weights counts with `evidence` items; they sum to 1."""
    if not evidence:
        return 1.0, 0.0, 0.0
    known = (evidence - 1) / (evidence - 1 + config.kappa)
    return 0.0, 1 - known, known


def weights(config: BlendConfig, evidence: int) -> dict[str, float]:
    """Return the weight of every part for somebody with `evidence` items in their history."""
    none, one, many = stages(config, evidence)
    found = {"fresh": config.fresh, "match": config.match}
    for part in PARTS:
        first, second, third = getattr(config, part)
        found[part] = none * first + one * second + many * third
    return found


def blend(parts: Floats, weight: Floats, out: Floats) -> None:
    """Write the weighted sum of the parts, parts x items, to `out`."""
    np.dot(weight, parts, out=out)
