"""Who may be ranked at all: the best of several sources, each of which leaves its name.

Ranking everything would be slow and no better: what no source proposes is never taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from recommender.data import Floats, Ints, Times
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
    "circle": 30,
    "gap": 30,
    "short": 60,
}
"""How many candidates each source may propose."""

AHEAD = 8


@dataclass(frozen=True)
class Candidates:
    """Positions of the pool, ascending, and for each a bit for every source that proposed it."""

    at: Ints
    bits: Ints
    names: tuple[str, ...]

    @classmethod
    def of(cls, found: Mapping[str, Ints], size: int) -> Self:
        """Merge what the sources propose out of `size` positions."""
        bits = np.zeros(size, np.int64)
        for number, positions in enumerate(found.values()):
            bits[positions] |= 1 << number
        at = np.flatnonzero(bits != 0)
        return cls(at, bits[at], tuple(found))

    def sources(self, row: int) -> tuple[str, ...]:
        """Return who proposed a candidate."""
        bits = int(self.bits[row])
        return tuple(name for number, name in enumerate(self.names) if bits >> number & 1)


def propose(sight: Sight, barred: Ints, least: int) -> Candidates:
    """Return what the sources propose, nothing of it barred or ineligible.

    What is popular fills up, so that at least `least` are there if so many are allowed.
    """
    wall = sight.pool.wall(barred)
    found = {}
    for name, values in _rows(sight).items():
        found[name] = shortlist(
            values + wall[: values.size], KEPT[name], sight.pool.order[: values.size]
        )
    for name, sums in _sums(sight).items():
        found[name] = _strongest(sums, wall, KEPT[name])
    popular = sight.everywhere("weight") + wall
    found["popular"] = shortlist(popular, max(KEPT["popular"], least), sight.pool.order)
    found["order"] = _around(sight, wall)
    found["newer"] = _newer(sight, wall)
    context = sight.context
    for name, ids in (("pinned", context.pins), ("step", context.steps)):
        found[name] = _allowed(sight.pool.positions(ids), wall)
    for name, at in (("gap", _closing(sight)), ("short", _fitting(sight))):
        found[name] = _strongest(Found(at, popular[at].astype(np.float32)), wall, KEPT[name])
    return Candidates.of(found, sight.pool.ids.size)


def _rows(sight: Sight) -> dict[str, Floats | Times]:
    """Return what has a value for every item."""
    found: dict[str, Floats | Times] = {
        "trend": sight.everywhere("week"),
        "day": sight.everywhere("day"),
        "starts": sight.everywhere("starts"),
        "role": sight.pool.model.scorers.role(sight.profile),
    }
    if sight.profile.evidence:
        found["taste"] = sight.taste
    if sight.context.circles:
        inside = replace(sight.profile, roles=sight.context.circles)
        found["circle"] = sight.pool.model.circles(inside)
    return found


def _closing(sight: Sight) -> Ints:
    """Return what teaches a skill that the person's role asks for and they have not shown."""
    found = [
        sight.pool.by_skill[skill]
        for skill in sorted(sight.context.gaps & sight.pool.by_skill.keys())
    ]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _fitting(sight: Sight) -> Ints:
    """Return what can be finished in the minutes at hand."""
    if not sight.context.minutes:
        return np.zeros(0, np.int64)
    minutes = sight.pool.minutes
    return np.flatnonzero((minutes > 0) & (minutes <= sight.context.minutes))


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
    best = kept[np.argsort(-value[kept], kind="stable")][:keep]
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
