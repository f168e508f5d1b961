"""What may stand on a slate at all, and next to what: code, never a matter of scores."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.arrays import Floats, Ints, Times
from recommender.data import DAY, Context, ItemFacts

NEVER = np.float32(-np.inf)
WORST = np.float32(-1e30)


@dataclass(frozen=True)
class RulesConfig:
    """The best `shortlist` are diversified: `relevance` of 1 would ignore diversity.

    `taste`, `kind` and `skills` are what makes two items alike, and sum to 1. With a chance of
    `explore`, drawn anew for each person and day, the place `explore_place` (the first is 1) goes
    to any of the best `explore_among` below it, so that they can be compared.
    """

    shortlist: int = 60
    relevance: float = 0.9
    taste: float = 0.5
    kind: float = 0.2
    skills: float = 0.3
    explore: float = 0.05
    explore_among: int = 50
    explore_place: int = 4


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
    above = (scores >= bound).nonzero()[0]
    above = above[scores[above] > WORST]
    best: Ints = above[np.lexsort((order[above], -scores[above]))][:keep]
    return best


def diversify(scores: Floats, vectors: Floats, limit: int, relevance: float) -> list[int]:
    """Pick up to `limit` rows by maximal marginal relevance; scores come sorted, best first."""
    size = min(limit, scores.size)
    if not size:
        return []
    unit = _unit(vectors)
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


def traits(taste: Floats, facts: Sequence[ItemFacts], config: RulesConfig) -> Floats:
    """Return a vector for each item whose cosines say how alike two are: rows x any number.

    Tastes are items x factors; kinds and skills count beside them as the rules say.
    """
    kinds = _one_hot([(each.kind,) if each.kind else () for each in facts])
    skills = _one_hot([each.skills for each in facts])
    shares = (taste, config.taste), (kinds, config.kind), (skills, config.skills)
    return np.hstack([_unit(rows) * np.float32(share**0.5) for rows, share in shares])


def _one_hot(words: Sequence[Sequence[str]]) -> Floats:
    code: dict[str, int] = {}
    cells = [
        (row, code.setdefault(word, len(code))) for row, each in enumerate(words) for word in each
    ]
    found = np.zeros((len(words), len(code)), np.float32)
    rows, columns = np.array(cells, np.int64).reshape(-1, 2).T
    found[rows, columns] = 1.0
    return found


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = rows / np.maximum(length, 1e-9)
    return unit


@dataclass(frozen=True)
class Explored:
    """The picks in order; the one at `place` was drawn by chance, with the given propensity."""

    picks: Ints
    place: int = -1
    propensity: float | None = None


def explored(picks: Ints, best: Ints, context: Context, config: RulesConfig) -> Explored:
    """Give, on some days, one place to an item drawn evenly from the best that stand below it.

    `picks` are the slate, `best` what it was picked from, best first. The draw is settled by
    person and day, so that a page does not change when it is asked again.
    """
    place = config.explore_place - 1
    chance = np.random.default_rng([context.person, int(context.now // DAY)])
    if len(picks) <= place or chance.random() >= config.explore:
        return Explored(picks)
    above = set(picks[:place].tolist())
    among = [one for one in best.tolist() if one not in above][: config.explore_among]
    if len(among) < 2:
        return Explored(picks)
    item = among[int(chance.integers(len(among)))]
    others = picks[picks != item]
    drawn = np.insert(others, place, item)[: picks.size]
    return Explored(drawn, place, config.explore / len(among))
