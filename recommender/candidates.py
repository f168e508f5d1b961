"""Who may be ranked at all: the best of several sources, each of which leaves its name.

Ranking everything would be slow and no better: what no source proposes is never taken.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Self, cast

import numpy as np

from recommender.arrays import Floats, Ints, Times
from recommender.columns import Found
from recommender.live import Live
from recommender.measures import matches
from recommender.rules import WORST, shortlist
from recommender.sight import Sight
from recommender.table import firsts

Ranking = Callable[[], Floats | Times]

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
    def of(cls, found: Mapping[str, Ints]) -> Self:
        """Merge what the sources propose."""
        every = np.concatenate([np.zeros(0, np.int64), *found.values()])
        length = [positions.size for positions in found.values()]
        bit = np.repeat(1 << np.arange(len(found)), length)
        order = np.argsort(every)
        at, first = firsts(every[order])
        bits = np.bitwise_or.reduceat(bit[order], first) if at.size else at
        return cls(at, bits, tuple(found))

    def sources(self, row: int) -> tuple[str, ...]:
        """Return who proposed a candidate."""
        return _named(int(self.bits[row]), self.names)


@lru_cache(maxsize=4096)
def _named(bits: int, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for number, name in enumerate(names) if bits >> number & 1)


def propose(sight: Sight, barred: Ints, least: int) -> Candidates:
    """Return what the sources propose, nothing of it barred or ineligible.

    What is popular fills up, so that at least `least` are there if so many are allowed.
    """
    wall = sight.pool.walled(barred)
    found = _shared(sight, wall, least)
    if sight.profile.evidence:
        found["taste"] = _tasted(sight, wall)
    for name, sums in _sums(sight).items():
        found[name] = _strongest(sums, wall, KEPT[name])
    found["order"] = _around(sight, wall)
    found["newer"] = _newer(sight, wall)
    context = sight.context
    for name, ids in (("pinned", context.pins), ("step", context.steps)):
        found[name] = _allowed(sight.pool.positions(ids), wall)
    if context.gaps:
        at = sight.closing
        weight = sight.weighed(at).astype(np.float32)
        found["gap"] = _strongest(Found(at, weight), wall, KEPT["gap"])
    return Candidates.of(found)


def _shared(sight: Sight, wall: Floats, least: int) -> dict[str, Ints]:
    """Return the best of rankings that others have in common with the person."""
    pool, live, context = sight.pool, sight.live, sight.context
    stamp = (live, live.version) if live.version else None
    risen = partial(_risen, sight)
    walls = pool.wall, wall

    def best(name: str, values: Ranking, key: Hashable, stamp: Hashable, keep: int) -> Ints:
        return pool.heads.best((name, key), stamp, values, walls, keep, pool.order, risen)

    found = {
        name: best(name, partial(sight.everywhere, source), "", stamp, KEPT[name])
        for name, source in (("trend", "week"), ("day", "day"), ("starts", "starts"))
    }
    most, source = max(KEPT["popular"], least), "ever" if context.timeless else "weight"
    found["popular"] = best("popular", partial(sight.everywhere, source), source, stamp, most)
    role, circles = pool.model.scorers.role, pool.model.circles
    held, inside = sight.profile, replace(sight.profile, roles=context.circles)
    key = role.known(held.roles)
    found["role"] = best("role", partial(role, held), key, None, KEPT["role"])
    if context.circles:
        key = circles.known(inside.roles)
        found["circle"] = best("circle", partial(circles, inside), key, None, KEPT["circle"])
    if context.minutes:
        short = partial(_fitting, sight, context.minutes)
        found["short"] = best("short", short, context.minutes, stamp, KEPT["short"])
    return found


def _risen(sight: Sight, stamp: Hashable) -> Ints | None:
    """Return where something was counted since a stamp, in positions of the pool."""
    if stamp is None:
        return sight.counted_since(0)
    live, version = cast("tuple[Live, int]", stamp)
    return sight.counted_since(version) if live is sight.live else None


def _tasted(sight: Sight, wall: Floats) -> Ints:
    """Return the known items that suit the folded-in taste best."""
    keep, vector = KEPT["taste"], sight.taste[0].vector
    at, values = sight.pool.model.scorers.taste.strongest(vector, wall, keep)
    return at[shortlist(values + wall[at], keep, sight.pool.order[at])]


def _fitting(sight: Sight, has: int) -> Times:
    """Return how much what can be finished in the minutes at hand is taken."""
    minutes = sight.pool.minutes
    return np.where((minutes > 0) & (minutes <= has), sight.everywhere("weight"), -np.inf)


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


def _positive(found: Found) -> Found:
    kept = found.value > 0
    return Found(found.at[kept], found.value[kept])


def _strongest(sums: Found, wall: Floats, keep: int) -> Ints:
    value = sums.value + wall[sums.at]
    bound = WORST
    if value.size > 2 * keep:
        bound = max(bound, np.partition(value, value.size - keep)[value.size - keep])
    kept = ((value >= bound) & (value > WORST)).nonzero()[0]
    best = kept[(-value[kept]).argsort(kind="stable")][:keep]
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
