"""Two rankings on one slate, and which of them people chose from: team-draft interleaving.

Two captains pick in turn, a coin says who goes first in each round, and what somebody takes counts
for the side that picked it (Radlinski, Kurup and Joachims, "How does clickthrough data reflect
retrieval quality?", CIKM 2008). What both captains would pick next is picked for neither, since
taking it says nothing about them; both sides are treated alike, so that this favours none.

People are counted, not takes: whoever takes a lot has one voice. The bounds hold at every moment
at once, so that looking at them every day does no harm (Howard, Ramdas, McAuliffe and Sekhon,
"Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49, 2021,
the two-sided normal mixture, after Robbins 1970). The proof wants voices that are cast once; a
person's may still change while they go on taking, which the tests cover by simulation.
"""

import math
from collections import defaultdict, deque
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random
from typing import NamedTuple

from recommender.data import Recommendation, Slate

A, B, NEITHER = "a", "b", ""
ERROR = 0.05
_VARIANCE = 0.25  # of a voice that is 0 or 1, at most (Hoeffding)
_TIGHTEST_AT = 100  # voices for which the bounds are made as narrow as they can be


class Drafted(NamedTuple):
    """An item of an interleaved list and the side that picked it; empty for both."""

    item: int
    team: str


class Impression(NamedTuple):
    """How much somebody took of each side, of one slate or of several."""

    person: int
    a: int
    b: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which side people took more from, as far as can be told.

    `wins_a`, `wins_b` and `ties` count people; who took nothing of either side is a tie.
    `preference` is the share of those with a preference who took more from B; `low` and `high`
    bound it with 95 % certainty, `p` is how likely a difference like this is if there is none.
    """

    wins_a: int
    wins_b: int
    ties: int
    preference: float
    low: float
    high: float
    p: float

    @property
    def decided(self) -> int:
        """Return how many people took more from one side than from the other."""
        return self.wins_a + self.wins_b


def seed_of(experiment: int, person: int, day: int) -> int:
    """Return the seed of a person's slates on a day (any count of days) of an experiment."""
    text = f"{experiment}/{person}/{day}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")


def team_draft(a: Sequence[int], b: Sequence[int], limit: int, seed: int) -> list[Drafted]:
    """Return up to `limit` items of two rankings, best first, with the sides that picked them.

    Once one ranking has nothing left, what the other one has belongs to neither side.
    """
    coin = Random(seed)  # noqa: S311 - it decides nothing secret
    left = {A: deque(a), B: deque(b)}
    chosen: dict[int, str] = {}
    while len(chosen) < limit:
        first, second = _best(left[A], chosen), _best(left[B], chosen)
        best = second if first is None else first
        if best is None:
            break
        if second is None or best == second:
            chosen[best] = NEITHER
            continue
        for team in (A, B) if coin.random() < 0.5 else (B, A):
            item = _best(left[team], chosen)
            if item is not None and len(chosen) < limit:
                chosen[item] = team
    return [Drafted(item, team) for item, team in chosen.items()]


def interleaved(a: Slate, b: Slate, limit: int, seed: int) -> Slate:
    """Return one slate of two: each recommendation as the side that picked it made it."""
    of = {A: _by_item(a), B: _by_item(b)}
    drafted = team_draft(a.items, b.items, limit, seed)
    both = of[B] | of[A]
    return Slate(tuple(of.get(team, both)[item]._replace(team=team) for item, team in drafted))


def outcome(impressions: Iterable[Impression]) -> Outcome:
    """Count who took more from which side, and bound what that says; see the module's docstring."""
    takes: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for person, from_a, from_b in impressions:
        takes[person][0] += from_a
        takes[person][1] += from_b
    wins_a = sum(from_a > from_b for from_a, from_b in takes.values())
    wins_b = sum(from_b > from_a for from_a, from_b in takes.values())
    ties = len(takes) - wins_a - wins_b
    decided = wins_a + wins_b
    if not decided:
        return Outcome(0, 0, ties, 0.5, 0.0, 1.0, 1.0)
    preference = wins_b / decided
    apart = radius(decided)
    low, high = max(preference - apart, 0.0), min(preference + apart, 1.0)
    return Outcome(wins_a, wins_b, ties, preference, low, high, _p(wins_b, decided))


def radius(voices: int, error: float = ERROR) -> float:
    """Return how far the share of so many voices may be from the truth, at any time."""
    spread, prior = voices * _VARIANCE, _prior(error)
    grown = (spread + prior) * math.log((spread + prior) / (prior * error**2))
    return math.sqrt(grown) / voices


def _p(wins: int, voices: int) -> float:
    """Return the least error for which the bounds leave one half out."""
    spread, prior = voices * _VARIANCE, _prior(ERROR)
    gain = (wins - voices / 2) ** 2 / (2 * (spread + prior))
    return min(1.0, math.sqrt((spread + prior) / prior) * math.exp(-gain))


def _prior(error: float) -> float:
    """Return the mixture's parameter that is about the best for a hundred voices."""
    strict = -2 * math.log(error)
    return _TIGHTEST_AT * _VARIANCE / (strict + math.log(1 + strict))


def _best(left: deque[int], chosen: Container[int]) -> int | None:
    """Return the first that is not chosen, None if there is none; take the chosen ones away."""
    while left and left[0] in chosen:
        left.popleft()
    return left[0] if left else None


def _by_item(slate: Slate) -> dict[int, Recommendation]:
    return {each.item: each for each in slate.recommendations}
