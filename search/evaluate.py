"""How good the answers are: the usual figures over judged queries.

Runs are lists of document ids, best first; judgements map ids to grades (0 is not relevant).
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Id = TypeVar("Id", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the judged queries, each between 0 and 1, and how many queries there were."""

    queries: int
    ndcg: float
    mrr: float
    hit_rate: float
    zero_results: float


def ndcg(run: Sequence[Id], grades: Mapping[Id, float], depth: int = 10) -> float:
    """Score one run by graded gain, discounted by rank, against the best possible order."""
    best = _gain(sorted(grades.values(), reverse=True)[:depth])
    return _gain([grades.get(found, 0.0) for found in run[:depth]]) / best if best else 0.0


def reciprocal_rank(run: Sequence[Id], grades: Mapping[Id, float], depth: int = 10) -> float:
    """Give 1 over the rank of the first relevant document, 0 if there is none up to the depth."""
    ranks = (rank for rank, found in enumerate(run[:depth], 1) if grades.get(found, 0.0) > 0)
    return 1.0 / next(ranks, math.inf)


def evaluate(
    ask: Callable[[str], Sequence[Id]],
    judged: Mapping[str, Mapping[Id, float]],
    depth: int = 10,
) -> Figures:
    """Ask every judged query and average; raises ValueError when there is none."""
    if not judged:
        raise ValueError("there are no judged queries")
    runs = [(ask(query), grades) for query, grades in judged.items()]
    ranks = [reciprocal_rank(run, grades, depth) for run, grades in runs]
    return Figures(
        queries=len(runs),
        ndcg=_mean([ndcg(run, grades, depth) for run, grades in runs]),
        mrr=_mean(ranks),
        hit_rate=_mean([float(rank > 0) for rank in ranks]),
        zero_results=_mean([float(not run) for run, _ in runs]),
    )


def _gain(grades: Sequence[float]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
