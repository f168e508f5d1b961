"""Taste by matrix factorisation: implicit's ALS trains, numpy serves.

Only item factors are kept. A person is folded in at the moment of asking from what they did, the
latest weighing most, so people unknown to the training are served like all others and no profile
of anybody is stored.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse
from threadpoolctl import threadpool_limits

from recommender.data import Arrays, Floats, Interactions, Ints, Profile, blank, fading


class Halfway(Protocol):
    """Where a factorisation keeps how far it is."""

    def last(self) -> tuple[int, Floats, Floats] | None:
        """Return the iterations done and the factors of people and items after them."""

    def keep(self, done: int, people: Floats, items: Floats) -> None:
        """Keep them, or leave it, after an iteration."""


@dataclass(frozen=True)
class AlsConfig:
    """`recency` is the number of items after which one of the history weighs 1/e.

    The confidence of an item is `offset + alpha * strength`: implicit's rule with offset 0,
    Spark's with 1. `regularization` is added once, or if `weighted` once per item of a history
    (ALS-WR, Zhou et al. 2008), which is Spark's rule again.
    """

    factors: int = 64
    alpha: float = 20.0
    regularization: float = 5.0
    iterations: int = 15
    recency: float = 8.0
    offset: float = 0.0
    weighted: bool = False

    def ridge(self, evidence: int) -> float:
        """Return what fold-in adds to the diagonal for a history of so many items."""
        return self.regularization * evidence if self.weighted else max(self.regularization, 1e-3)

    def fit(
        self,
        data: Interactions,
        seed: int,
        progress: Callable[[str, float], None] | None = None,
        halfway: Halfway | None = None,
    ) -> "Als":
        """Factorise people x items; the same data and seed give the same bits.

        With `halfway` it goes on from what an interrupted one kept there, to the same bits.
        """
        matrix = data.matrix()
        if not matrix.nnz:
            return Als.of(np.zeros((data.items.size, 1), np.float32), self)
        report = progress or _silent
        begun = halfway.last() if halfway else None
        before = begun[0] if begun else 0
        with threadpool_limits(limits=1, user_api="blas"):
            model = AlternatingLeastSquares(
                factors=min(self.factors, *matrix.shape),
                regularization=self.regularization,
                alpha=self.alpha,
                iterations=self.iterations - before,
                random_state=seed,
            )
            if begun:
                _, model.user_factors, model.item_factors = begun

            def after(iteration: int, *_: object) -> None:
                done = before + iteration + 1
                if halfway:
                    halfway.keep(done, model.user_factors, model.item_factors)
                report("taste", done / self.iterations)

            model.fit(matrix, show_progress=False, callback=after)
        return Als.of(np.ascontiguousarray(model.item_factors, np.float32), self)


def _silent(_stage: str, _share: float) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class Als:
    """Item factors, items x factors, with what serving needs of them computed once."""

    factors: Floats
    gram: Floats
    mean: Floats
    spread: Floats
    config: AlsConfig

    @classmethod
    def of(cls, factors: Floats, config: AlsConfig) -> Self:
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
        )

    def fold_in(self, profile: Profile) -> Floats:
        """Return the exact least-squares vector of a person: one more step of ALS."""
        if not profile.evidence:
            return np.zeros(self.factors.shape[1], np.float32)
        recency = fading(profile.evidence, self.config.recency)
        confidence = self.config.offset + self.config.alpha * profile.strength * recency
        taken = self.factors[profile.items]
        left = self.gram + taken.T @ (taken * (confidence - 1.0)[:, None])
        np.fill_diagonal(left, left.diagonal() + self.config.ridge(profile.evidence))
        return np.linalg.solve(left, confidence @ taken)

    def __call__(self, profile: Profile, out: Floats | None = None) -> Floats:
        """Return standard deviations from the mean of all items; 0 for nobody's history."""
        vector = self.fold_in(profile)
        deviation = math.sqrt(max(float(vector @ self.spread @ vector), 0.0))
        if deviation < 1e-12:
            return blank(len(self.factors), out)
        vector = vector / deviation
        scores: Floats = np.dot(self.factors, vector, out=out)
        scores -= float(vector @ self.mean)
        return scores

    def warmed(self, carry: sparse.csr_matrix, support: Ints, prior_strength: float) -> "Als":
        """Move factors of items that few people touched towards those of items alike in content."""
        carried = carry @ self.factors
        trust = (support / (support + prior_strength)).astype(np.float32)[:, None]
        return Als.of(
            (trust * self.factors + (1 - trust) * carried).astype(np.float32), self.config
        )

    def arrays(self) -> Arrays:
        """Return what is stored."""
        return {"factors": self.factors}

    @classmethod
    def load(cls, arrays: Arrays, config: AlsConfig) -> Self:
        """Return the inverse of `arrays`."""
        return cls.of(arrays["factors"], config)
