"""From a person to a slate, written out: candidates, scores, blend, rules, reasons."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from recommender.blend import blend, weights
from recommender.data import (
    Context,
    Dataset,
    Floats,
    Ints,
    ItemFacts,
    Profile,
    Recommendation,
    Slate,
)
from recommender.model import Model, fit
from recommender.pool import Eligibility, Pool, role_term, skill_term
from recommender.reasons import Case, reason_for
from recommender.rules import barred_ids, diversify, shortlist, wall_off


@dataclass(frozen=True)
class Scored:
    """The scores of every item for one person, and the parts that add up to them.

    `parts` hold one value per known item, `own` one per newer item; the newer items inherit from
    the known ones they resemble what they have not of their own.
    """

    parts: Mapping[str, Floats]
    own: Mapping[str, Floats]
    weight: Mapping[str, float]
    total: Floats

    def parts_of(self, position: int, pool: Pool) -> dict[str, float]:
        """Return the contributions to the score of one item; they sum to it."""
        size = pool.model.items.size
        if position < size:
            found = {name: float(values[position]) for name, values in self.parts.items()}
        else:
            row = pool.carry[[position - size]]
            found = {name: float((row @ values)[0]) for name, values in self.parts.items()}
            for name, values in self.own.items():
                found[name] = float(values[position - size])
        return {name: value * self.weight[name] for name, value in found.items() if value}


def recommend(
    model: Model | None,
    context: Context,
    eligible: Collection[int] | Eligibility,
    items: Mapping[int, ItemFacts],
    limit: int = 20,
    exclude: Collection[int] = frozenset(),
) -> Slate:
    """Return the best `limit` items for a person, fewer only if fewer are left for them.

    `items` holds the facts of the eligible items, those newer than the model included. Without a
    model, items of the person's role come first, then the newest.
    """
    model = model or untrained()
    pool = as_pool(model, eligible, items)
    profile = Profile.of(context, model.items, model.settings.activity)
    scored = score(pool, profile, context, items)
    total = scored.total.copy()
    wall_off(total, pool.ineligible, pool.positions(barred_ids(context, exclude)))
    rules = model.settings.rules
    best = shortlist(total, max(rules.shortlist, limit), pool.order)
    picks = diversify(total[best], vectors(pool, best), limit, rules.relevance)
    chosen = best[picks]
    return _explained(pool, profile, context, items, scored, chosen)


def score(pool: Pool, profile: Profile, context: Context, items: Mapping[int, ItemFacts]) -> Scored:
    """Ask every scorer and blend their answers by how much is known about the person."""
    model = pool.model
    weight = weights(model.settings.blend, profile.evidence)
    parts = {name: ask(profile) for name, ask in model.scorers.each().items() if weight[name]}
    total = blend(parts, weight)
    own: dict[str, Floats] = {}
    if pool.newer:
        own = {"fresh": pool.fresh, "match": _matches(pool, context, items)}
        total = np.concatenate([total, pool.carry @ total + blend(own, weight)])
    parts["fresh"] = model.fresh
    total[: model.items.size] += model.fresh * np.float32(weight["fresh"])
    return Scored(parts, own, weight, total)


def _matches(pool: Pool, context: Context, items: Mapping[int, ItemFacts]) -> Floats:
    """Return for each newer item: 2 for a role of the person, 1 for each skill of their history."""
    found = np.zeros(len(pool.newer), np.float32)
    met = {event.item for event in context.history if event.verb != "dismissed"}
    skills = {skill for item in met if item in items for skill in items[item].skills}
    for term in map(role_term, set(context.roles)):
        found[pool.by_term.get(term, [])] += 2.0
    for term in map(skill_term, skills):
        found[pool.by_term.get(term, [])] += 1.0
    return np.minimum(found, 4.0)


def vectors(pool: Pool, at: Ints) -> Floats:
    """Return the factors of the given positions, by which the rules tell what is alike."""
    factors = pool.model.scorers.taste.factors
    size = pool.model.items.size
    known = at < size
    if known.all():
        return factors[at]
    found = np.zeros((at.size, factors.shape[1]), np.float32)
    found[known] = factors[at[known]]
    found[~known] = pool.carry[at[~known] - size] @ factors
    return found


def _explained(
    pool: Pool,
    profile: Profile,
    context: Context,
    items: Mapping[int, ItemFacts],
    scored: Scored,
    chosen: Ints,
) -> Slate:
    ids = pool.ids[chosen].tolist()
    known = np.where(chosen < pool.model.items.size, chosen, -1)
    case = Case(pool.model, context, profile, ids, known, items)
    made = []
    for at, (item, position) in enumerate(zip(ids, chosen.tolist(), strict=True)):
        parts = scored.parts_of(position, pool)
        reason = reason_for(case, at, parts)
        made.append(Recommendation(item, float(scored.total[position]), reason, parts))
    return Slate(tuple(made))


def explain(
    model: Model | None, context: Context, item: int, items: Mapping[int, ItemFacts]
) -> Recommendation | None:
    """Say why an item may be for a person, with its parts; None if nothing true speaks for it."""
    model = model or untrained()
    pool = Pool.of(model, {item}, items)
    profile = Profile.of(context, model.items, model.settings.activity)
    scored = score(pool, profile, context, items)
    slate = _explained(pool, profile, context, items, scored, pool.positions({item}))
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
    scores[size:] += _shared_terms(items.get(item), pool.newer)
    return scores


def _shared_terms(facts: ItemFacts | None, newer: Iterable[ItemFacts]) -> Floats:
    """Return the share of skills that each newer item has in common with an item (Jaccard)."""
    mine = set(facts.skills) if facts else set()
    shares = (
        len(mine & set(other.skills)) / max(len(mine | set(other.skills)), 1) for other in newer
    )
    return np.fromiter(shares, np.float32)


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
