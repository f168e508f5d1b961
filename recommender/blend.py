"""How much each scorer is believed, by how much is known about the person.

With no history the prior decides alone. What a person did takes over as evidence grows, since
collaborative filtering on one or two items is worse than popularity.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recommender.data import Floats


@dataclass(frozen=True)
class BlendConfig:
    """Weights of the parts; `kappa` is the history length at which taste is believed by half."""

    taste: float = 1.0
    near: float = 0.5
    next: float = 0.5
    content: float = 0.5
    role: float = 1.0
    role_floor: float = 0.3
    trend: float = 0.2
    fresh: float = 0.3
    match: float = 0.5
    kappa: float = 3.0


def weights(config: BlendConfig, evidence: int) -> dict[str, float]:
    """Return the weight of every part for somebody with `evidence` items in their history."""
    known = evidence / (evidence + config.kappa)
    return {
        "taste": config.taste * known,
        "near": config.near * known,
        "next": config.next * known,
        "content": config.content * known,
        "role": config.role * (config.role_floor + 1 - known),
        "trend": config.trend,
        "fresh": config.fresh,
        "match": config.match,
    }


def blend(parts: Mapping[str, Floats], weight: Mapping[str, float]) -> Floats:
    """Return the weighted sum of the parts, which all have one value per item."""
    size = next(iter(parts.values())).size
    total = np.zeros(size, np.float32)
    for name, values in parts.items():
        if weight[name]:
            total += values * np.float32(weight[name])
    return total
