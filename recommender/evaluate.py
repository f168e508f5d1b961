"""How good the recommendations would have been: train on the past, ask for what came after.

Ours is compared with popularity and with popularity within the role, for newcomers apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from recommender.blend import BlendConfig
from recommender.data import Context, Dataset, EventLog, Floats, Ints, ItemFacts, Profile
from recommender.model import Model, fit
from recommender.pipeline import recommend
from recommender.pool import Eligibility, Pool
from recommender.replay import Query, met_items, moments, split
from recommender.rules import barred_ids, shortlist, wall_off
from recommender.settings import EvaluationConfig, Settings
from recommender.tuning import learn

OURS, POPULARITY, IN_ROLE = "ours", "popularity", "popularity in role"
EVERYBODY = "all"
BUCKETS = ((0, 0, "0"), (1, 3, "1-3"), (4, None, "4+"))
SHORT, LONG = 10, 20


@dataclass(frozen=True)
class Row:
    """One ranker's figures for one bucket of people.

    `low` and `high` bound its nDCG at 95 %; `margin_low` and `margin_high` bound by how much ours
    is better, person by person.
    """

    ranker: str
    bucket: str
    people: int
    ndcg: float
    low: float
    high: float
    recall: float
    hit_rate: float
    coverage: float
    margin_low: float
    margin_high: float


@dataclass(frozen=True)
class Report:
    """What an evaluation found; `cut` is the moment (unix seconds) that parts past and future."""

    cut: float
    rows: tuple[Row, ...]

    def row(self, ranker: str, bucket: str = EVERYBODY) -> Row | None:
        """Find the figures of a ranker, None if there was nobody to measure it on."""
        found = (row for row in self.rows if (row.ranker, row.bucket) == (ranker, bucket))
        return next(found, None)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {"cut": self.cut, "rows": [asdict(row) for row in self.rows]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Report":
        """Read what `to_json` wrote; nothing measured gives a report without rows."""
        rows = tuple(Row(**row) for row in values.get("rows", ()))
        return cls(values.get("cut", 0.0), rows)

    def __str__(self) -> str:
        head = (
            f"{'ranker':<20}{'history':>8}{'people':>8}{'nDCG@10':>9}{'95 %':>15}"
            f"{'recall@20':>11}{'hit@10':>8}{'coverage':>10}   ours better by"
        )
        return "\n".join([head, *map(_line, self.rows)])


def _line(row: Row) -> str:
    margin = "" if row.ranker == OURS else f"{row.margin_low:+.4f} .. {row.margin_high:+.4f}"
    return (
        f"{row.ranker:<20}{row.bucket:>8}{row.people:>8}{row.ndcg:>9.4f}"
        f"{row.low:>8.4f}-{row.high:.4f}{row.recall:>11.4f}{row.hit_rate:>8.3f}"
        f"{row.coverage:>10.3f}   {margin}"
    )


Ranker = Callable[[Query], Sequence[int]]


def evaluate(dataset: Dataset, settings: Settings | None = None, seed: int = 0) -> Report:
    """Train and tune on the first part of the time, and measure on moments of the second."""
    settings = settings or Settings()
    past, future = split(dataset, settings)
    return assess(fit(past, settings, seed), past, future, seed)


def assess(model: Model, past: Dataset, future: EventLog, seed: int) -> Report:
    """Measure a model of the past, its blend tuned within the past, on what came after."""
    config = model.settings.evaluation
    queries = moments(past, future, model.settings, config.most_people, seed)
    if len(queries) < config.fewest_people:
        return Report(past.now, ())
    earlier, later = split(past, model.settings)
    blend = tuned(fit(earlier, model.settings, seed), earlier, later, seed)
    return measure(model.blended(blend), past, queries, seed)


def tuned(model: Model, past: Dataset, future: EventLog, seed: int) -> BlendConfig:
    """Return the blend learnt from the moments after the model, or its own if they are few."""
    config = model.settings.evaluation
    queries = moments(past, future, model.settings, config.most_tuned_on, seed)
    if len(queries) < config.fewest_tuned_on:
        return model.settings.blend
    return learn(model, queries, seed)


def measure(model: Model, past: Dataset, queries: Sequence[Query], seed: int) -> Report:
    """Let every ranker answer every query and tabulate the figures."""
    facts = {each.item: each for each in past.items}
    ids = frozenset(facts) | set(model.items.tolist())
    eligible = Eligibility(ids, facts)
    answers = {
        name: [rank(query)[:LONG] for query in queries]
        for name, rank in _rankers(model, eligible, facts).items()
    }
    length = met_items(queries)
    buckets = [(EVERYBODY, length >= 0)]
    for low, high, name in BUCKETS:
        buckets.append((name, (length >= low) & (length <= (high if high is not None else np.inf))))
    config = model.settings.evaluation
    rows = [
        row
        for name, mask in buckets
        if mask.any()
        for row in _rows(name, np.flatnonzero(mask), answers, queries, len(ids), config, seed)
    ]
    return Report(past.now, tuple(rows))


def _rankers(
    model: Model, eligible: Eligibility, facts: Mapping[int, ItemFacts]
) -> dict[str, Ranker]:
    pool = eligible.pool(model)
    return {
        OURS: lambda query: recommend(model, query.context, eligible, facts, LONG).items,
        POPULARITY: lambda query: _most_popular(pool, query.context, ()),
        IN_ROLE: lambda query: _most_popular(pool, query.context, query.context.roles),
    }


def _most_popular(pool: Pool, context: Context, roles: tuple[str, ...]) -> list[int]:
    nobody = Profile(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.int64), roles)
    scores = pool.model.scorers.role(nobody).copy()
    wall_off(scores, pool.ineligible, pool.positions(barred_ids(context, ())))
    ids: list[int] = pool.ids[shortlist(scores, LONG, pool.order)].tolist()
    return ids


def _rows(
    bucket: str,
    at: Ints,
    answers: Mapping[str, list[Sequence[int]]],
    queries: Sequence[Query],
    items: int,
    config: EvaluationConfig,
    seed: int,
) -> list[Row]:
    relevant = [queries[i].relevant for i in at]
    ranked = {name: [given[i] for i in at] for name, given in answers.items()}
    gain = {name: _each(ndcg, given, relevant) for name, given in ranked.items()}
    again = np.random.default_rng(seed).integers(0, at.size, (config.resamples, at.size))
    rows = []
    for name, given in ranked.items():
        low, high = bounds(gain[name][again].mean(axis=1))
        margin = bounds((gain[OURS] - gain[name])[again].mean(axis=1))
        shown = {item for answer in given for item in answer[:SHORT]}
        rows.append(
            Row(
                name,
                bucket,
                int(at.size),
                float(gain[name].mean()),
                low,
                high,
                float(_each(recall, given, relevant).mean()),
                float(_each(hit, given, relevant).mean()),
                len(shown) / max(items, 1),
                *margin,
            )
        )
    return rows


def _each(
    figure: Callable[[Sequence[int], frozenset[int]], float],
    ranked: Sequence[Sequence[int]],
    relevant: Sequence[frozenset[int]],
) -> Floats:
    pairs = zip(ranked, relevant, strict=True)
    return np.array([figure(given, wanted) for given, wanted in pairs], dtype=np.float32)


def bounds(samples: Floats) -> tuple[float, float]:
    """Return the 2.5 % and 97.5 % quantiles."""
    low, high = np.quantile(samples, [0.025, 0.975])
    return float(low), float(high)


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
