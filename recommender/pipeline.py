"""From a person to a slate, written out: candidates, measures, weights, rules, reasons."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.blend import parts_of, weights
from recommender.candidates import Candidates, propose
from recommender.data import Context, ItemFacts, Recommendation, Slate
from recommender.dataset import Dataset
from recommender.live import Live
from recommender.measures import measured
from recommender.model import Model, fit
from recommender.pool import Eligibility, Pool, skill_term
from recommender.profile import Profile
from recommender.reasons import Case, reason_for
from recommender.rules import (
    Explored,
    barred_ids,
    diversify,
    explored,
    shortlist,
    traits,
    wall_off,
)
from recommender.sight import Sight

_NOWHERE = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Scored:
    """The candidates, what every feature adds to the score of each, and the scores."""

    candidates: Candidates
    contributions: Floats
    total: Floats


def recommend(
    model: Model | None,
    context: Context,
    eligible: Collection[int] | Eligibility,
    items: Mapping[int, ItemFacts],
    limit: int = 20,
    exclude: Collection[int] = frozenset(),
    live: Live | None = None,
    *,
    explore: bool = False,
) -> Slate:
    """Return the best `limit` items for a person, fewer only if fewer are left for them.

    `items` holds the facts of the eligible items, those newer than the model included. `live` adds
    what has happened since this very model was trained; with `explore`, chance may have its place.
    Without a model, items of the person's role come first, then the newest.
    """
    sight = sight_of(model, context, eligible, items, live)
    pool, rules = sight.pool, sight.pool.model.settings.rules
    barred = pool.positions(barred_ids(context, exclude))
    scored = ranked(sight, propose(sight, barred, max(rules.shortlist, limit)))
    at = scored.candidates.at
    best = shortlist(scored.total, max(rules.shortlist, limit), pool.order[at])
    alike = traits(
        pool.inherited(pool.model.scorers.taste.factors, at[best]), _facts(sight, at[best]), rules
    )
    picks = best[np.array(diversify(scored.total[best], alike, limit, rules.relevance), np.int64)]
    drawn = explored(picks, best, context, rules) if explore else Explored(picks)
    return _explained(sight, scored, drawn)


def _facts(sight: Sight, at: Ints) -> list[ItemFacts]:
    ids = sight.pool.ids[at].tolist()
    return [sight.items.get(item) or ItemFacts(item) for item in ids]


def sight_of(
    model: Model | None,
    context: Context,
    eligible: Collection[int] | Eligibility,
    items: Mapping[int, ItemFacts],
    live: Live | None,
) -> Sight:
    """Return the person before the eligible items; `live` counts only if it is of this model."""
    model = model or untrained()
    if live is None or live.model is not model:
        live = Live(model)
    pool = as_pool(model, eligible, items)
    profile = Profile.of(context, model.items, model.settings.activity)
    return Sight(pool, live, profile, context, items)


def ranked(sight: Sight, candidates: Candidates) -> Scored:
    """Measure the candidates and add up what speaks for each."""
    settings = sight.pool.model.settings
    if sight.context.timeless:
        weight = weights(settings.timeless, sight.recent.size, None)
    else:
        weight = weights(settings.blend, sight.recent.size, sight.pause)
    contributions = measured(sight, candidates.at) * weight
    return Scored(candidates, contributions, contributions.sum(axis=1))


def _explained(sight: Sight, scored: Scored, chosen: Explored) -> Slate:
    pool = sight.pool
    at = scored.candidates.at[chosen.picks]
    ids = pool.ids[at].tolist()
    known = np.where(at < pool.model.items.size, at, -1)
    case = Case(pool.model, sight.context, sight.profile, ids, known, sight.items)
    parts = parts_of(scored.contributions[chosen.picks])
    totals = scored.total[chosen.picks].tolist()
    return Slate(
        tuple(
            Recommendation(
                item,
                totals[n],
                reason_for(case, n, parts[n], drawn=n == chosen.place),
                parts[n],
                scored.candidates.sources(int(chosen.picks[n])),
                n == chosen.place,
                chosen.propensity if n == chosen.place else None,
            )
            for n, item in enumerate(ids)
        )
    )


def explain(
    model: Model | None,
    context: Context,
    item: int,
    items: Mapping[int, ItemFacts],
    live: Live | None = None,
) -> Recommendation | None:
    """Say why an item may be for a person, with its parts; None if nothing true speaks for it."""
    sight = sight_of(model, context, {item}, items, live)
    only = Candidates.of({"": sight.pool.positions({item})})
    scored = ranked(sight, only)
    slate = _explained(sight, scored, Explored(np.zeros(1, np.int64)))
    found = slate.recommendations[0]
    return None if found.reason.code == "unseen" else found


def similar(
    model: Model | None,
    item: int,
    eligible: Collection[int] | Eligibility,
    items: Mapping[int, ItemFacts],
    limit: int = 6,
) -> tuple[tuple[int, float], ...]:
    """Return eligible items like this one, by who took them and by content, best first."""
    model = model or untrained()
    pool = as_pool(model, eligible, items)
    scores = _likeness(pool, item, items)
    wall_off(scores, pool.ineligible, pool.positions({item}))
    scores[scores <= 0] = -np.inf
    best = shortlist(scores, limit, pool.order)
    return tuple(zip(pool.ids[best].tolist(), scores[best].tolist(), strict=True))


def _likeness(pool: Pool, item: int, items: Mapping[int, ItemFacts]) -> Floats:
    """Return the likeness of everything in the pool: 0 to 1 by activity plus as much by content."""
    model = pool.model
    size = model.items.size
    scores = np.zeros(pool.ids.size, np.float32)
    at = np.searchsorted(model.items, item)
    if at < size and model.items[at] == item:
        for table in (model.scorers.near.table, model.scorers.content.table):
            columns, values = table.row(int(at))
            scores[columns] += values
    else:
        facts = items.get(item) or ItemFacts(item)
        scores[:size] += model.scorers.content.cosines([facts]).toarray()[0]
    scores[size:] += _shared_skills(items.get(item), pool)
    return scores


def _shared_skills(facts: ItemFacts | None, pool: Pool) -> Floats:
    """Return the share of skills that each newer item has in common with an item (Jaccard)."""
    mine = set(facts.skills) if facts else set()
    shared = np.zeros(len(pool.newer), np.float32)
    for skill in mine:
        shared[pool.by_term.get(skill_term(skill), _NOWHERE)] += 1
    at = np.flatnonzero(shared)
    theirs = np.fromiter((len(set(pool.newer[n].skills)) for n in at.tolist()), np.float32)
    shared[at] /= len(mine) + theirs - shared[at]
    return shared


def as_pool(
    model: Model, eligible: Collection[int] | Eligibility, items: Mapping[int, ItemFacts]
) -> Pool:
    """Return the eligible items in the positions of the model."""
    if isinstance(eligible, Eligibility):
        return eligible.pool(model)
    return Pool.of(model, eligible, items)


@cache
def untrained() -> Model:
    """Return the model before there is any data: it knows no item, so that facts alone decide."""
    return fit(Dataset((), {}, (), 0.0))
