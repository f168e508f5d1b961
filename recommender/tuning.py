"""How far to trust each scorer, learnt from what people really took next.

A conditional logit over the parts of a score, with non-negative weights for people with one item
of history and with many. It starts from the given weights and leaves them only as far as the
evidence carries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from recommender.blend import PARTS, BlendConfig, stages, weights
from recommender.data import Floats, Ints, Profile, positions
from recommender.model import Model
from recommender.replay import Query
from recommender.rules import NEVER, WORST, shortlist

Wide = NDArray[np.float64]

CANDIDATES = 250
DRAWN = 250
SHORT_HISTORIES = (1, 1, 2, 3)
RIDGE = 2.0
"""How firmly the weights are held to those given."""


@dataclass(frozen=True)
class Choices:
    """Features of every candidate of every query, laid end to end; queries begin at `start`.

    `chosen` sums to 1 within a query, spread over the items that were really taken.
    """

    features: Wide
    chosen: Wide
    start: Ints

    def loss(self, weights: Wide) -> tuple[float, Wide]:
        """Return minus the log likelihood of what was taken, and its gradient."""
        scores = self.features @ weights
        length = np.diff(np.append(self.start, scores.size))
        scores -= np.repeat(np.maximum.reduceat(scores, self.start), length)
        raised = np.exp(scores)
        total = np.add.reduceat(raised, self.start)
        likely = raised / np.repeat(total, length)
        loss = float(np.log(total).sum() - self.chosen @ scores)
        return loss, self.features.T @ (likely - self.chosen)


def learn(model: Model, queries: Sequence[Query], seed: int) -> BlendConfig:
    """Return the blend that makes most likely what was taken in the queries.

    Each query is asked twice, once with a history cut short, so that beginners are learnt too.
    The weights without any history stay as given: newcomers of one season tell little of those
    of the next, and what is popular with their role cannot do worse than itself.
    """
    chance = np.random.default_rng(seed)
    lengths = chance.choice(SHORT_HISTORIES, len(queries)).tolist()
    short = [
        query.forgetful(length)
        for query, length in zip(queries, lengths, strict=True)
        if len(query.context.history) > length
    ]
    choices = _choices(model, [*queries, *short], chance)
    before = model.settings.blend
    start = np.array([getattr(before, part)[1:] for part in PARTS], dtype=np.float64).T.ravel()
    if choices is None:
        return before
    found = minimize(
        lambda weights: _penalised(choices, weights, start),
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None)] * start.size,
    )
    rows = np.round(found.x, 4).reshape(2, -1).T.tolist()
    changes: dict[str, Any] = {
        part: (getattr(before, part)[0], *row) for part, row in zip(PARTS, rows, strict=True)
    }
    return replace(before, **changes)


def _penalised(choices: Choices, weights: Wide, start: Wide) -> tuple[float, Wide]:
    loss, gradient = choices.loss(weights)
    away = weights - start
    return loss + RIDGE * float(away @ away), gradient + 2 * RIDGE * away


def _choices(model: Model, queries: Sequence[Query], chance: np.random.Generator) -> Choices | None:
    """Work out the candidates of all queries; None if not one can teach anything."""
    found = [each for query in queries if (each := _one(model, query, chance)) is not None]
    if not found:
        return None
    sizes = [chosen.size for _, chosen in found]
    return Choices(
        np.concatenate([features for features, _ in found]),
        np.concatenate([chosen for _, chosen in found]),
        np.cumsum([0, *sizes[:-1]]),
    )


def _one(model: Model, query: Query, chance: np.random.Generator) -> tuple[Wide, Wide] | None:
    """Return the candidates' features and the share of each in what was taken."""
    relevant = _positions(model, query.relevant)
    profile = Profile.of(query.context, model.items, model.settings.activity)
    if not (relevant.size and profile.evidence):
        return None
    parts = np.stack([model.scorers.each()[part](profile) for part in PARTS])
    met = _positions(model, {event.item for event in query.context.history})
    at = _candidates(model, profile, parts, met, relevant, chance)
    values = parts[:, at].T.astype(np.float64)
    _, *shares = stages(model.settings.blend, profile.evidence)
    chosen = np.isin(at, relevant) / relevant.size
    return np.hstack([values * share for share in shares]), chosen


def _candidates(
    model: Model,
    profile: Profile,
    parts: Floats,
    met: Ints,
    relevant: Ints,
    chance: np.random.Generator,
) -> Ints:
    """Choose the best by the weights so far, some at random, and what was really taken."""
    weight = weights(model.settings.blend, profile.evidence)
    scores = np.array([weight[part] for part in PARTS], np.float32) @ parts
    scores[met] = NEVER
    best = shortlist(scores, CANDIDATES, model.order)
    drawn = chance.integers(0, model.items.size, DRAWN)
    drawn = drawn[scores[drawn] > WORST]
    return np.unique(np.concatenate([best, drawn, relevant]))


def _positions(model: Model, ids: Iterable[int]) -> Ints:
    at, known = positions(model.items, np.fromiter(ids, np.int64))
    return at[known]
