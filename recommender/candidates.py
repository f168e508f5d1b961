"""Who may be ranked at all: the best of several sources, each of which leaves its name.

Ranking everything would be slow and no better: what no source proposes is never taken.
"""

from collections.abc import Mapping

import numpy as np

from recommender.counts import HALF_LIVES
from recommender.data import Floats, Ints
from recommender.measures import matches
from recommender.rules import WORST, shortlist
from recommender.sight import Found, Sight

KEPT = {
    "taste": 60,
    "near": 50,
    "next": 50,
    "steps": 60,
    "pairs": 70,
    "pairs_long": 50,
    "content": 25,
    "role": 40,
    "popular": 30,
    "trend": 30,
    "day": 20,
    "starts": 15,
    "newer": 60,
    "origin": 30,
}
"""How many candidates each source may propose."""

AHEAD = 8


def propose(sight: Sight, barred: Ints, least: int) -> dict[str, Ints]:
    """Return by source the positions proposed, none of them barred or ineligible.

    What is popular fills up, so that at least `least` are there if so many are allowed.
    """
    wall = sight.pool.wall(barred)
    found = {}
    for name, values in _rows(sight).items():
        values[: wall.size] += wall[: values.size]
        found[name] = shortlist(values, KEPT[name], sight.pool.order[: values.size])
    for name, sums in _sums(sight).items():
        found[name] = _strongest(sums, wall, KEPT[name])
    popular = _popular(sight) + wall
    found["popular"] = shortlist(popular, max(KEPT["popular"], least), sight.pool.order)
    found["order"] = _around(sight, wall)
    found["newer"] = _newer(sight, wall)
    context = sight.context
    for name, ids in (("pinned", context.pins), ("step", context.steps)):
        found[name] = _allowed(sight.pool.positions(ids), wall)
    return {name: at for name, at in found.items() if at.size}


def merged(found: Mapping[str, Ints]) -> Ints:
    """Return every position proposed, ascending."""
    if not found:
        return np.zeros(0, np.int64)
    return np.unique(np.concatenate(list(found.values())))


def sources_of(at: int, found: Mapping[str, Ints]) -> tuple[str, ...]:
    """Return who proposed the position."""
    return tuple(name for name, positions in found.items() if at in positions)


def _rows(sight: Sight) -> dict[str, Floats]:
    """Return what has a value for every item, each row free to be written to."""
    counts, live = sight.pool.model.counts, sight.live
    late, days = live.recent(), counts.config.half_life_days
    found = {
        "trend": sight.dense(counts.recent[1], late[1], HALF_LIVES[1]),
        "day": sight.dense(counts.recent[0], late[0], HALF_LIVES[0]),
        "starts": sight.dense(counts.starts, live.vectors("starts"), days),
        "role": sight.pool.model.scorers.role(sight.profile).copy(),
    }
    if sight.profile.evidence:
        found["taste"] = sight.taste.copy()
    return found


def _popular(sight: Sight) -> Floats:
    counts = sight.pool.model.counts
    days = counts.config.half_life_days
    return sight.dense(counts.weight, sight.live.vectors("weight"), days)


def _sums(sight: Sight) -> dict[str, Found]:
    """Return what has a value for few items."""
    found = {}
    if sight.profile.evidence:
        found = {"near": _positive(sight.near), "content": _positive(sight.content)}
    if sight.recent.size:
        found |= {
            "next": sight.next,
            "steps": sight.steps,
            "pairs": sight.pairs,
            "pairs_long": sight.pairs_long,
        }
    if sight.context.origin is not None:
        found["origin"] = sight.from_origin
    return found


def _positive(values: Floats) -> Found:
    at = np.flatnonzero(values > 0)
    return Found(at, values[at])


def _strongest(sums: Found, wall: Floats, keep: int) -> Ints:
    value = sums.value + wall[sums.at]
    kept = np.flatnonzero(value > WORST)
    best = kept[np.lexsort((sums.at[kept], -value[kept]))][:keep]
    return sums.at[best]


def _around(sight: Sight, wall: Floats) -> Ints:
    """Return what stands around the last item in the catalogue."""
    if not sight.profile.evidence:
        return np.zeros(0, np.int64)
    at = sight.profile.items[0] + np.arange(-AHEAD, AHEAD + 1)
    return _allowed(at[(at >= 0) & (at < sight.pool.model.items.size)], wall)


def _newer(sight: Sight, wall: Floats) -> Ints:
    """Return the newer items that match the person best, the newest first."""
    pool = sight.pool
    if not pool.newer:
        return np.zeros(0, np.int64)
    size = pool.model.items.size
    values = matches(sight) + pool.fresh + wall[size:]
    return size + shortlist(values, KEPT["newer"], pool.order[size:])


def _allowed(at: Ints, wall: Floats) -> Ints:
    return at[wall[at] > WORST]
