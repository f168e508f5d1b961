"""What may stand on a slate at all, and next to what: code, never a matter of scores."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from recommender.data import DAY, Context, Floats, Ints, Times

NEVER = np.float32(-np.inf)
WORST = np.float32(-1e30)


@dataclass(frozen=True)
class RulesConfig:
    """The best `shortlist` are diversified: `relevance` of 1 would ignore diversity.

    With a chance of `explore`, drawn anew for each person and day, the place `explore_place`
    (counted from the end) goes to any of the best `explore_among`, so that they can be compared.
    """

    shortlist: int = 60
    relevance: float = 0.9
    explore: float = 0.0
    explore_among: int = 50
    explore_place: int = 2


def barred_ids(context: Context, exclude: Iterable[int]) -> set[int]:
    """Return what the person has met, dismissed or been assigned, and what the caller bars."""
    return {event.item for event in context.history}.union(context.assigned, exclude)


def wall_off(scores: Floats, ineligible: Floats, barred: Ints) -> None:
    """Bar, in place, the barred positions and what `ineligible` (0 or minus infinity) rules out."""
    scores[: ineligible.size] += ineligible
    scores[barred] = NEVER


def shortlist(scores: Floats | Times, keep: int, order: Ints) -> Ints:
    """Return the positions of the `keep` best allowed scores, best first, equals by `order`.

    The maxima of blocks give a bound that at least `keep` scores reach, so that only the few
    above it are sorted. Barred scores never come through, however few remain.
    """
    bound = WORST
    length = scores.size // (5 * keep)
    if length > 1:
        blocks = scores[: scores.size // length * length].reshape(-1, length).max(axis=1)
        bound = max(bound, np.partition(blocks, blocks.size - keep)[blocks.size - keep])
    above = np.flatnonzero(scores >= bound)
    above = above[scores[above] > WORST]
    best: Ints = above[np.lexsort((order[above], -scores[above]))][:keep]
    return best


def diversify(scores: Floats, vectors: Floats, limit: int, relevance: float) -> list[int]:
    """Pick up to `limit` rows by maximal marginal relevance; scores come sorted, best first."""
    size = min(limit, scores.size)
    if not size:
        return []
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    cost = (1 - relevance) * (unit @ unit.T)
    span = max(float(scores[0] - scores[-1]), 1e-9)
    worth = relevance * (scores - scores[-1]) / span
    nearest = np.zeros(scores.size, np.float32)
    chosen: list[int] = []
    for _ in range(size):
        pick = int((worth - nearest).argmax())
        chosen.append(pick)
        worth[pick] = NEVER
        np.maximum(nearest, cost[pick], out=nearest)
    return chosen


@dataclass(frozen=True)
class Explored:
    """The picks in order; the one at `place` was drawn by chance, with the given propensity."""

    picks: Ints
    place: int = -1
    propensity: float | None = None


def explored(picks: Ints, best: Ints, context: Context, config: RulesConfig) -> Explored:
    """Give, on some days, one late place to an item drawn evenly from the best not yet picked.

    The draw is settled by person and day, so that a page does not change when it is asked again.
    """
    place = len(picks) - config.explore_place
    chance = np.random.default_rng([context.person, int(context.now // DAY)])
    if place < 1 or chance.random() >= config.explore:
        return Explored(picks)
    before = set(picks.tolist()) - {int(picks[place])}
    among = [one for one in best[: config.explore_among].tolist() if one not in before]
    if len(among) < 2:
        return Explored(picks)
    drawn = picks.copy()
    drawn[place] = among[int(chance.integers(len(among)))]
    return Explored(drawn, place, config.explore / len(among))
