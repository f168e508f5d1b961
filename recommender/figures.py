"""The figures by which rankings are judged, and how sure they are.

nDCG with the discount of Järvelin and Kekäläinen (2002); novelty as in Castells, Hurley and Vargas
(2015), the mean self-information of what is shown; intervals by the bootstrap over people of Efron,
since one person's moments resemble each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.data import ItemFacts

SHORT, LONG = 10, 20
Wide = NDArray[np.float64]


class Figure(NamedTuple):
    """A mean and the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


def ndcg(ranked: Sequence[int], relevant: frozenset[int]) -> float:
    """Return the discounted gain of the first ten, against the best possible."""
    discount = 1 / np.log2(np.arange(2, SHORT + 2))
    hits = [item in relevant for item in ranked[:SHORT]]
    best = discount[: min(len(relevant), SHORT)].sum()
    return float(discount[: len(hits)][hits].sum() / best)


def recall(ranked: Sequence[int], relevant: frozenset[int]) -> float:
    """Return the share of the relevant items among the first twenty."""
    return len(relevant.intersection(ranked[:LONG])) / len(relevant)


def hit(ranked: Sequence[int], relevant: frozenset[int]) -> float:
    """Return 1 if one of the first ten is relevant, else 0."""
    return float(not relevant.isdisjoint(ranked[:SHORT]))


def novelty(ranked: Sequence[int], share: Mapping[int, float], unseen: float) -> float:
    """Return the mean of -log2 of the share of people who know an item, over the first ten.

    `unseen` is the share given to items that nobody has touched.
    """
    shown = [share.get(item, unseen) for item in ranked[:SHORT]]
    return float(-np.log2(shown).mean()) if shown else 0.0


@dataclass(frozen=True)
class Likeness:
    """How far items are alike in kind and skills, by Jaccard's share of common words."""

    words: Mapping[int, frozenset[str]]

    @classmethod
    def of(cls, items: Sequence[ItemFacts]) -> "Likeness":
        """Take the kind and the skills of each item that has any."""
        words = {each.item: frozenset({*each.skills, each.kind} - {""}) for each in items}
        return cls({item: each for item, each in words.items() if each})

    def diversity(self, ranked: Sequence[int]) -> float:
        """Return the mean unlikeness of every two of the first ten, 0 for fewer than two."""
        words = [self.words.get(item, frozenset((str(item),))) for item in ranked[:SHORT]]
        unlike = [1 - len(a & b) / len(a | b) for a, b in combinations(words, 2)]
        return float(np.mean(unlike)) if unlike else 0.0


@dataclass(frozen=True)
class Bootstrap:
    """The same draws of people for every figure, so that figures compare person by person.

    `weight` is draws x people: how often each person is in each draw, divided by the people.
    """

    weight: Wide

    @classmethod
    def of(cls, people: int, draws: int, seed: int) -> "Bootstrap":
        """Draw `people` of `people` with replacement, `draws` times."""
        chance = np.random.default_rng(seed)
        drawn = chance.integers(0, people, (draws, people)) + people * np.arange(draws)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=draws * people).reshape(draws, people)
        return cls(counts / people)

    def means(self, each: Wide) -> Wide:
        """Return the mean of people's values in every draw; `each` may have several columns."""
        found: Wide = self.weight @ each
        return found

    def figure(self, each: Wide) -> Figure:
        """Return the mean of people's values with the 2.5 % and 97.5 % quantiles of the draws."""
        low, high = np.quantile(self.means(each), [0.025, 0.975])
        return Figure(float(each.mean()), float(low), float(high))
