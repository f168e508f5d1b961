"""How good lists of recommendations were, with how sure that is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.recommender_data import Questions
from recommender.arrays import Floats, Ints, Mask

SHORT, LONG = 10, 20
RESAMPLES = 1000
NEWCOMER = 3
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one ranker; `gain` is nDCG@10 row by row, the others are of the whole."""

    gain: Floats
    recall: float
    hit_rate: float
    coverage: float
    commonest: float

    @property
    def ndcg(self) -> float:
        """The mean of the gains."""
        return float(self.gain.mean())


def measured(answers: Ints, questions: Questions, items: int) -> Score:
    """Measure answers, rows x 20 with -1 for none, against what was really taken.

    `recall` is that of the first twenty, of at most twenty (as in Liang et al. 2018); `coverage` is
    the share of `items` that stands in any first ten, `commonest` the share of rows that have the
    same item in the first place.
    """
    hits = np.array(
        [
            np.isin(row, list(wanted))
            for row, wanted in zip(answers, questions.relevant, strict=True)
        ]
    )
    wanted = np.array([len(each) for each in questions.relevant])
    discount = 1 / np.log2(np.arange(2, SHORT + 2))
    best = np.cumsum(discount)[np.minimum(wanted, SHORT) - 1]
    shown = np.unique(answers[:, :SHORT])
    first = Counter(answers[:, 0].tolist()).most_common(1)[0][1]
    return Score(
        ((hits[:, :SHORT] * discount).sum(axis=1) / best).astype(np.float32),
        float((hits.sum(axis=1) / np.minimum(wanted, LONG)).mean()),
        float(hits[:, :SHORT].any(axis=1).mean()),
        float((shown >= 0).sum() / items),
        first / len(answers),
    )


def interval(values: Floats, seed: int = 0) -> Interval:
    """Return the 95 % interval of the mean by bootstrap over the rows."""
    return _bounds(_resampled(values, seed))


def share_interval(ours: Floats, floor: Floats, seed: int = 0) -> Interval:
    """Return the 95 % interval of how much more ours gains than the floor, as a share of it.

    The same people are drawn for both (paired bootstrap).
    """
    base = np.maximum(_resampled(floor, seed), 1e-9)
    return _bounds(_resampled(ours, seed) / base - 1)


def _resampled(values: Floats, seed: int) -> Floats:
    chance = np.random.default_rng(seed)
    means = [values[chance.integers(0, values.size, values.size)].mean() for _ in range(RESAMPLES)]
    return np.array(means, np.float32)


def _bounds(samples: Floats) -> Interval:
    low, high = np.quantile(samples, [0.025, 0.975])
    return float(low), float(high)


HEAD = (
    f"{'':<26}{'nDCG@10':>8}{'Recall@20':>10}{'cover@10':>9}{'first':>7}"
    f"{'newcomers':>10}   ours better by (95 %)"
)


def lines(scores: dict[str, Score], ours: str, floor: str, known: Ints) -> list[str]:
    """Return a table of rankers; the floor is named, `known` is how long each history is."""
    new = known <= NEWCOMER
    found = [f"{HEAD}, newcomers" if 0 < new.sum() < new.size else HEAD]
    for name, score in scores.items():
        label = f"{name} (floor)" if name == floor else name
        newly = f"{score.gain[new].mean():.3f}" if new.any() else "-"
        found.append(
            f"{label:<26}{score.ndcg:>8.3f}{score.recall:>10.3f}{score.coverage:>9.3f}"
            f"{score.commonest:>7.2f}{newly:>10}   {_margins(scores[ours], score, new)}"
        )
    return found


def _margins(ours: Score, other: Score, new: Mask) -> str:
    if other is ours:
        return ""
    better = ours.gain - other.gain
    parts = [better, better[new]] if 0 < new.sum() < new.size else [better]
    return ", ".join("{:+.4f} .. {:+.4f}".format(*interval(part)) for part in parts)


def top(scores: Floats, known: Sequence[Ints], among: Ints | None, keep: int = LONG) -> Ints:
    """Return the best `keep` columns of each row, without those known and only `among` some."""
    scores = scores.astype(np.float32, copy=True)
    if among is not None:
        barred = np.ones(scores.shape[1], np.bool_)
        barred[among] = False
        scores[:, barred] = -np.inf
    for row, items in zip(scores, known, strict=True):
        row[items] = -np.inf
    keep = min(keep, scores.shape[1])
    best = np.argpartition(-scores, keep - 1, axis=1)[:, :keep]
    taken = np.take_along_axis(scores, best, axis=1)
    order = np.lexsort((best, -taken))
    best = np.take_along_axis(best, order, axis=1)
    taken = np.take_along_axis(taken, order, axis=1)
    found: Ints = np.where(np.isfinite(taken), best, -1)
    return found
