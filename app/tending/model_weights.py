"""What a model has learnt: how much each part of a score counts, for whom."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.tending import model_words
from recommender.arrays import Floats
from recommender.blend import weights
from recommender.features import PART_OF, PARTS
from recommender.settings import Settings
from recommender.store import ModelStore

FEW, MANY = 2, 20
_A_WEEK = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Weighed:
    """A part of a score and what it counts without history, with a few items, and with many.

    Each is a share of all the weight at that stage, negative weights counting by their size.
    """

    label: str
    none: float
    few: float
    many: float


def weighed(store: ModelStore, name: str) -> list[Weighed]:
    """Return what a kept model has learnt, the weightiest part first; nothing if unreadable."""
    settings = store.settings_of(name)
    return parts(settings) if settings else []


def parts(settings: Settings) -> list[Weighed]:
    """Return the parts of a score that count at all, the weightiest for people with many first."""
    none, few, many = (_by_part(weights(settings.blend, n, _A_WEEK)) for n in (0, FEW, MANY))
    found = [
        Weighed(str(model_words.PARTS.get(part, part)), none[at], few[at], many[at])
        for at, part in enumerate(PARTS)
        if none[at] or few[at] or many[at]
    ]
    return sorted(found, key=lambda each: (-each.many, -each.none))


def _by_part(by_feature: Floats) -> Sequence[float]:
    """Return for each part the share of its features' weights among all."""
    sums = np.bincount(np.array(PART_OF), np.abs(by_feature), minlength=len(PARTS))
    whole: list[float] = (sums / max(float(sums.sum()), 1e-9)).tolist()
    return whole
