"""A person's history in the positions of one model, newest first, and how it is read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from recommender.arrays import Floats, Ints, positions
from recommender.data import Context, Event
from recommender.signals import ActivityConfig


@dataclass(frozen=True)
class Profile:
    """A person's history in the positions of one model, newest first, each item once.

    `newer` says how many of the items came after each; left out, all that stand before it. `liked`
    are the ids of the items, also of those that the model lacks, and `told` the events of the
    history with what each counts.
    """

    items: Ints
    strength: Floats
    disliked: Ints
    roles: tuple[str, ...]
    newer: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    liked: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    told: Sequence[tuple[Event, float]] = ()

    def __post_init__(self) -> None:
        """Let each item be of an instant of its own where nothing else is said."""
        if self.newer.size != self.items.size:
            object.__setattr__(self, "newer", np.arange(self.items.size))

    @classmethod
    def of(cls, context: Context, items: Ints, config: ActivityConfig) -> Self:
        """Read a context against a model's sorted item ids, leaving out those it lacks."""
        told = [(event, config.strength(event)) for event in context.history]
        liked, disliked = _opinions(told)
        ids = np.fromiter(liked, np.int64, len(liked))
        at, known = positions(items, ids)
        strength = np.fromiter(liked.values(), np.float32, len(liked))[known][: config.memory]
        gone, there = positions(items, np.fromiter(disliked, np.int64, len(disliked)))
        at = at[known][: config.memory]
        newer = newer_than(context.history, ids[known][: config.memory].tolist())
        return cls(at, strength, gone[there], context.roles, newer, ids, told)

    @property
    def evidence(self) -> int:
        """Return how many items speak about the person's taste."""
        return self.items.size

    def voices(self, memory: int, recency: float, dislike: float) -> tuple[Ints, Floats]:
        """Return the latest `memory` items and dislikes with weights.

        Likes fall by 1/e over `recency` items and sum to 1, dislikes sum to -`dislike`.
        """
        items, disliked = self.items[:memory], self.disliked[:memory]
        weights = self.strength[:memory] * fading(self.newer[:memory], recency)
        weights = weights / max(float(weights.sum()), 1e-9)
        against = np.full(disliked.size, -dislike / max(disliked.size, 1), np.float32)
        return np.concatenate([items, disliked]), np.concatenate([weights, against])


def fading(newer: Ints, recency: float) -> Floats:
    """Return the weights of items after which `newer` others came: 1/e per `recency` of them."""
    weights: Floats = np.exp(-newer.astype(np.float32) / recency)
    return weights


def newer_than(history: Sequence[Event], items: Sequence[int]) -> Ints:
    """Return how many of some items, newest first, came after each: none at the same instant."""
    last: dict[int, float] = {}
    for event in history:
        last[event.item] = event.at
    at = np.minimum.accumulate(np.array([last[item] for item in items], np.float64))
    found: Ints = np.searchsorted(-at, -at)
    return found


def _opinions(told: Sequence[tuple[Event, float]]) -> tuple[dict[int, float], list[int]]:
    """Split a history into liked items with their strength, newest first, and disliked ones."""
    disliked = {event.item for event, strength in told if strength < 0}
    liked: dict[int, float] = {}
    for event, strength in reversed(told):
        if strength > liked.get(event.item, 0.0) and event.item not in disliked:
            liked[event.item] = strength
    return liked, sorted(disliked)
