"""From a person to a slate, written out: candidates, scores, blend, rules, reasons."""

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from recommender.blend import PARTS, blend, weights
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


class _Workspace(threading.local):
    """Rows that each thread writes its scores to, since asking for fresh ones costs more."""

    rows: Floats = np.zeros((0, 0), np.float32)

    def taken(self, count: int, size: int) -> Floats:
        """Return `count` rows of `size`, with whatever the last slate left in them."""
        if self.rows.shape != (count, size):
            self.rows = np.zeros((count, size), np.float32)
        return self.rows


_workspace = _Workspace()


KNOWN_PARTS = (*PARTS, "fresh")


@dataclass(frozen=True)
class Scored:
    """The scores of every item for one person, and the parts that add up to them.

    `known` has a row for each of `KNOWN_PARTS` and a column per item known to the model, `weight`
    what the rows count. The newer items average those they resemble, but for what is in `own`.
    All of it lies in the thread's workspace and holds until its next slate.
    """

    pool: Pool
    known: Floats
    weight: Floats
    own: Mapping[str, Floats]
    total: Floats

    def parts_at(self, chosen: Ints) -> list[dict[str, float]]:
        """Return the contributions to the scores of the given positions; they sum to them."""
        shares = _inherited(self.known.T, chosen, self.pool) * self.weight
        found = [
            {name: share for name, share in zip(KNOWN_PARTS, row, strict=True) if share}
            for row in shares.tolist()
        ]
        for parts, position in zip(found, chosen.tolist(), strict=True):
            newer = position - self.pool.model.items.size
            if newer >= 0:
                parts.update((name, float(values[newer])) for name, values in self.own.items())
        return found


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
    total = scored.total
    wall_off(total, pool.ineligible, pool.positions(barred_ids(context, exclude)))
    rules = model.settings.rules
    best = shortlist(total, max(rules.shortlist, limit), pool.order)
    alike = _inherited(model.scorers.taste.factors, best, pool)
    picks = diversify(total[best], alike, limit, rules.relevance)
    return _explained(scored, profile, context, items, best[picks])


def score(pool: Pool, profile: Profile, context: Context, items: Mapping[int, ItemFacts]) -> Scored:
    """Ask every scorer and blend their answers by how much is known about the person."""
    model = pool.model
    size = model.items.size
    weight = weights(model.settings.blend, profile.evidence)
    rows = _workspace.taken(len(KNOWN_PARTS) + 1, pool.ids.size)
    known, total = rows[:-1, :size], rows[-1]
    scorers = model.scorers.each()
    for part, row in zip(PARTS, known, strict=False):
        scorers[part](profile, row)
    known[-1] = model.fresh
    shares = np.array([weight[part] for part in KNOWN_PARTS], dtype=np.float32)
    blend(known, shares, total[:size])
    own: dict[str, Floats] = {}
    if pool.newer:
        matches = _matches(pool, context, items)
        own = {"fresh": pool.fresh * weight["fresh"], "match": matches * weight["match"]}
        aged = total[:size] - model.fresh * np.float32(weight["fresh"])
        total[size:] = pool.carry @ aged + own["fresh"] + own["match"]
    return Scored(pool, known, shares, own, total)


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


def _inherited(values: Floats, at: Ints, pool: Pool) -> Floats:
    """Return the values at the given positions, newer ones averaging what they resemble."""
    size = pool.model.items.size
    known = at < size
    if known.all():
        return values[at]
    found = np.zeros((at.size, *values.shape[1:]), np.float32)
    found[known] = values[at[known]]
    found[~known] = pool.carry[at[~known] - size] @ values
    return found


def _explained(
    scored: Scored,
    profile: Profile,
    context: Context,
    items: Mapping[int, ItemFacts],
    chosen: Ints,
) -> Slate:
    pool = scored.pool
    ids = pool.ids[chosen].tolist()
    known = np.where(chosen < pool.model.items.size, chosen, -1)
    case = Case(pool.model, context, profile, ids, known, items)
    rated = zip(ids, scored.total[chosen].tolist(), scored.parts_at(chosen), strict=True)
    return Slate(
        tuple(
            Recommendation(item, total, reason_for(case, at, parts), parts)
            for at, (item, total, parts) in enumerate(rated)
        )
    )


def explain(
    model: Model | None, context: Context, item: int, items: Mapping[int, ItemFacts]
) -> Recommendation | None:
    """Say why an item may be for a person, with its parts; None if nothing true speaks for it."""
    model = model or untrained()
    pool = Pool.of(model, {item}, items)
    profile = Profile.of(context, model.items, model.settings.activity)
    scored = score(pool, profile, context, items)
    slate = _explained(scored, profile, context, items, pool.positions({item}))
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
