"""Taste by matrix factorisation: implicit's ALS trains, numpy serves.

Only item factors are kept. A person is folded in at the moment of asking from what they did, the
latest weighing most, so people unknown to the training are served like all others and no profile
of anybody is stored.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol, Self

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommender.arrays import Arrays, Floats, Ints, blank, positions
from recommender.dataset import Interactions
from recommender.profile import Profile, fading

FIRST_LOOK = 2000
"""How many items with the longest factors are looked at before it is settled how many need be."""


class Halfway(Protocol):
    """Where a factorisation keeps how far it is."""

    def last(self) -> tuple[int, Floats, Floats] | None:
        """Return the iterations done and the factors of people and items after them."""

    def keep(self, done: int, people: Floats, items: Floats) -> None:
        """Keep them, or leave it, after an iteration."""


@dataclass(frozen=True)
class AlsConfig:
    """`recency` is the number of items after which one of the history weighs 1/e.

    A training factorises the first part of the past, all the past, and everything, and goes on
    each time from the factors before: that makes `iterations` in all, `further` of them each on
    the past and on everything.

    The confidence of an item is `offset + alpha * strength`: implicit's rule with offset 0,
    Spark's with 1. `regularization` is added once for each person; if `weighted`, a share of it
    once for each item of a history instead (ALS-WR, Zhou et al. 2008), which is Spark's rule.
    """

    factors: int = 64
    alpha: float = 20.0
    regularization: float = 5.0
    iterations: int = 15
    further: int = 3
    recency: float = 8.0
    offset: float = 0.0
    weighted: bool = False

    @property
    def iterations_before(self) -> int:
        """Return the iterations on the first part of the past."""
        return max(self.iterations - 2 * self.further, 1)

    def each(self, matrix: sparse.csr_matrix) -> float:
        """Return what every interaction adds if `weighted`, else 0.

        Over all people and items it comes to what the fixed regularisation adds.
        """
        if not self.weighted or not matrix.nnz:
            return 0.0
        touched = np.count_nonzero(np.diff(matrix.indptr)) + np.unique(matrix.indices).size
        return float(self.regularization * touched / (2 * matrix.nnz))

    def fit(
        self,
        data: Interactions,
        seed: int,
        progress: Callable[[str, float], None] | None = None,
        halfway: Halfway | None = None,
        start: Floats | None = None,
    ) -> "Als":
        """Factorise people x items; the same data and seed give the same bits.

        With `halfway` it goes on from what an interrupted one kept there, to the same bits; with
        `start` from factors of the items, items x factors, that less activity gave.
        """
        matrix = data.matrix()
        if not matrix.nnz:
            return Als.of(np.zeros((data.items.size, 1), np.float32), self)
        report = progress or _silent
        begun = halfway.last() if halfway else None
        before = begun[0] if begun else 0
        factors = min(self.factors, *matrix.shape)
        if start is not None and start.shape[1] != factors:
            start = None
        iterations = self.iterations if start is None else self.further
        with threadpool_limits(limits=1, user_api="blas"):
            model = AlternatingLeastSquares(
                factors=factors,
                regularization=self.regularization,
                alpha=self.alpha,
                iterations=iterations - before,
                random_state=seed,
            )
            if begun:
                _, model.user_factors, model.item_factors = begun
            elif start is not None:
                model.item_factors = start

            def after(iteration: int, *_: object) -> None:
                done = before + iteration + 1
                if halfway:
                    halfway.keep(done, model.user_factors, model.item_factors)
                report("taste", done / iterations)

            model.fit(matrix, show_progress=False, callback=after)
        found = np.ascontiguousarray(model.item_factors, np.float32)
        return Als.of(found, self, self.each(matrix))


def factors_of(wanted: Ints, items: Ints, factors: Floats) -> Floats:
    """Return the factors of the items wanted, all by id ascending; 0 for those that have none."""
    at, known = positions(items, wanted)
    found = np.zeros((wanted.size, factors.shape[1]), np.float32)
    found[known] = factors[at[known]]
    return found


def _silent(_stage: str, _share: float) -> None:
    """Report to nobody."""


class Direction(NamedTuple):
    """What to multiply factors by, and what to take away, to get standard deviations."""

    vector: Floats
    shift: float


@dataclass(frozen=True)
class Als:
    """Item factors, items x factors, with what serving needs of them computed once.

    `each` is what every item of a history adds to the regularisation; 0 means the fixed one.
    """

    factors: Floats
    gram: Floats
    mean: Floats
    spread: Floats
    config: AlsConfig
    each: float = 0.0

    @classmethod
    def of(cls, factors: Floats, config: AlsConfig, each: float = 0.0) -> Self:
        """Cache the Gram matrix (without regularisation) and the moments of the factors."""
        wide = factors.astype(np.float64)
        gram = wide.T @ wide
        mean = wide.sum(axis=0) / max(len(wide), 1)
        spread = gram / max(len(wide), 1) - np.outer(mean, mean)
        return cls(
            factors,
            gram.astype(np.float32),
            mean.astype(np.float32),
            spread.astype(np.float32),
            config,
            each,
        )

    def fold_in(self, profile: Profile) -> Floats:
        """Return the exact least-squares vector of a person: one more step of ALS."""
        found: Floats = self._folded_in(profile, (self.config.recency,))[0]
        return found

    def _folded_in(self, profile: Profile, recencies: Sequence[float]) -> Floats:
        """Return the same for each of several recencies: recencies x factors."""
        if not profile.evidence:
            return np.zeros((len(recencies), self.factors.shape[1]), np.float32)
        faded = np.stack([fading(profile.newer, recency) for recency in recencies])
        confidence = self.config.offset + self.config.alpha * profile.strength * faded
        taken = self.factors[profile.items]
        left = self.gram + taken.T @ (taken * (confidence - 1.0)[:, :, None])
        ridge = self.each * profile.evidence or max(self.config.regularization, 1e-3)
        left += np.float32(ridge) * np.eye(len(self.gram), dtype=np.float32)
        found: Floats = np.linalg.solve(left, (confidence @ taken)[:, :, None])[:, :, 0]
        return found

    def __call__(self, profile: Profile, out: Floats | None = None) -> Floats:
        """Return standard deviations from the mean of all items; 0 for nobody's history."""
        (direction,) = self.directions(profile, (self.config.recency,))
        if not direction.vector.any():
            return blank(len(self.factors), out)
        scores: Floats = np.dot(self.factors, direction.vector, out=out)
        scores -= direction.shift
        return scores

    def directions(self, profile: Profile, recencies: Sequence[float]) -> list[Direction]:
        """Return the directions of a person's taste, with one recency after another."""
        return [self._direction(vector) for vector in self._folded_in(profile, recencies)]

    def _direction(self, vector: Floats) -> Direction:
        deviation = math.sqrt(max(float(vector @ self.spread @ vector), 0.0))
        if deviation < 1e-12:
            return Direction(np.zeros_like(vector), 0.0)
        vector = vector / np.float32(deviation)
        return Direction(vector, float(vector @ self.mean))

    def strongest(self, vector: Floats, wall: Floats, keep: int) -> tuple[Ints, Floats]:
        """Return items and their products with a vector, among them the `keep` largest products.

        `wall` is minus infinity for items that do not count, else 0. No product is larger than
        that of the lengths (Cauchy and Schwarz), so that from the longest factors on only those
        are looked at that may come up to the best so far.
        """
        order, shortness, rows = self._longest
        known = min(FIRST_LOOK, order.size)
        found = rows[:known] @ vector
        allowed = (found + wall[order[:known]])[wall[order[:known]] > -np.inf]
        until = order.size
        if allowed.size > keep:
            bound = float(np.partition(allowed, allowed.size - keep)[allowed.size - keep])
            least = bound / max(float(np.linalg.norm(vector)) * (1 + 1e-5), 1e-30)
            until = max(int(np.searchsorted(shortness, -least, side="right")), known)
        found = np.concatenate([found, rows[known:until] @ vector])
        return order[:until], found

    @cached_property
    def _longest(self) -> tuple[Ints, Floats, Floats]:
        """Return the items, the longest factors first, minus their lengths, and the factors."""
        shortness = -np.linalg.norm(self.factors, axis=1)
        order = np.argsort(shortness, kind="stable")
        return order, shortness[order], np.ascontiguousarray(self.factors[order])

    def warmed(self, carry: sparse.csr_matrix, support: Ints, prior_strength: float) -> "Als":
        """Move factors of items that few people touched towards those of items alike in content."""
        carried = carry @ self.factors
        trust = (support / (support + prior_strength)).astype(np.float32)[:, None]
        factors = (trust * self.factors + (1 - trust) * carried).astype(np.float32)
        return Als.of(factors, self.config, self.each)

    def arrays(self) -> Arrays:
        """Return what is stored."""
        return {"factors": self.factors, "each": np.array([self.each])}

    @classmethod
    def load(cls, arrays: Arrays, config: AlsConfig) -> Self:
        """Return the inverse of `arrays`."""
        each = arrays.get("each", np.zeros(1))
        return cls.of(arrays["factors"], config, float(each[0]))
