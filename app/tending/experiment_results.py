"""What came of an experiment, and of the places drawn by chance, from what was looked at and taken.

Only sums leave this module, and none of a group of fewer people than the settings ask for.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.foryou.takes import Take, takes_of
from app.models import ShownItem, ShownSlate
from recommender.interleave import A, B, Impression, Outcome, outcome

_NORMAL = 1.96  # bounds 95 % of a normal distribution
_COUNTS = 0.1  # a preference nearer to a half than this is no difference that counts
_MOST_SLATES = 20_000
Stratum = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of an experiment: who took part, what was taken, and what that says."""

    people: int
    slates: int
    takes_a: int
    takes_b: int
    outcome: Outcome

    @property
    def verdict(self) -> str:
        """Return "a" or "b" for the side chosen more often, "same", or "early" to tell."""
        if self.outcome.low > 0.5:
            return B
        if self.outcome.high < 0.5:
            return A
        near = self.outcome.low >= 0.5 - _COUNTS and self.outcome.high <= 0.5 + _COUNTS
        return "same" if near else "early"

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain values."""
        return asdict(self)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Result":
        """Read what `to_json` wrote."""
        return cls(**{**values, "outcome": Outcome(**values["outcome"])})


@dataclass(frozen=True, slots=True)
class Drawn:
    """How places drawn by chance did: of `places`, the share taken, and its bounds (95 %).

    `others` is the share taken of the other items that stood in the same places, each place
    counting as often as it was drawn; None where nothing else stood there.
    """

    people: int
    places: int
    taken: float
    low: float
    high: float
    others: float | None


def result_of(session: Session, experiment_id: int, *, at_least: int) -> Result | None:
    """Return what came of an experiment so far; None of fewer people than `at_least`."""
    mine = ShownSlate.experiment_id == experiment_id
    people = session.scalars(select(ShownSlate.person_id).where(mine).distinct()).all()
    if len(people) < max(at_least, 1):
        return None
    slates = session.scalar(select(func.count(ShownSlate.id)).where(mine)) or 0
    taken = [take for take in takes_of(session, mine) if not take.dismissed]
    told = [_impression(take) for take in taken]
    found = outcome([*(Impression(person, 0, 0) for person in people), *told])
    return Result(
        people=len(people),
        slates=slates,
        takes_a=sum(each.a for each in told),
        takes_b=sum(each.b for each in told),
        outcome=found,
    )


def drawn_since(session: Session, since: datetime, *, at_least: int) -> Drawn | None:
    """Return how the places drawn by chance did since then; None of fewer people than `at_least`.

    An item that somebody looked at several times in one place counts once. The bounds are those of
    Wilson (1927). Only the last 20,000 slates are read, so that a page need not wait for it.
    """
    newest = session.scalar(select(func.max(ShownSlate.id))) or 0
    lately = and_(ShownSlate.shown_at >= since, ShownSlate.id > newest - _MOST_SLATES)
    people = session.scalar(
        select(func.count(ShownSlate.person_id.distinct()))
        .join(ShownItem, ShownItem.slate_id == ShownSlate.id)
        .where(lately, ShownItem.propensity.is_not(None))
    )
    if not people or people < at_least:
        return None
    places = _places(session, lately)
    takes = _taken(takes_of(session, lately))
    return _drawn(people, places, takes)


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """Return the bounds of a share at 95 % (Wilson 1927); everything of no tries."""
    if not tries:
        return 0.0, 1.0
    share, z = hits / tries, _NORMAL**2 / tries
    middle = (share + z / 2) / (1 + z)
    apart = _NORMAL / (1 + z) * math.sqrt(share * (1 - share) / tries + z / tries / 4)
    return max(middle - apart, 0.0), min(middle + apart, 1.0)


def _impression(take: Take) -> Impression:
    return Impression(take.person_id, int(take.team == A), int(take.team == B))


def _places(session: Session, lately: ColumnElement[bool]) -> dict[tuple[Stratum, bool], int]:
    """Return by shelf, position and whether it was drawn: how many items people looked at."""
    drawn = ShownItem.propensity.is_not(None)
    looked = (
        select(ShownSlate.shelf, ShownItem.position, drawn.label("drawn"))
        .add_columns(ShownSlate.person_id, ShownItem.item_id)
        .join(ShownItem, ShownItem.slate_id == ShownSlate.id)
        .where(lately)
        .distinct()
        .subquery()
    )
    rows = session.execute(
        select(looked.c.shelf, looked.c.position, looked.c.drawn, func.count()).group_by(
            looked.c.shelf, looked.c.position, looked.c.drawn
        )
    )
    return {((shelf, place), bool(by_chance)): count for shelf, place, by_chance, count in rows}


def _taken(takes: Iterable[Take]) -> dict[tuple[Stratum, bool], int]:
    found: dict[tuple[Stratum, bool], set[tuple[int, int]]] = defaultdict(set)
    for take in takes:
        if not take.dismissed:
            key = ((take.shelf, take.position), take.propensity is not None)
            found[key].add((take.person_id, take.item_id))
    return {key: len(pairs) for key, pairs in found.items()}


def _drawn(
    people: int,
    places: Mapping[tuple[Stratum, bool], int],
    takes: Mapping[tuple[Stratum, bool], int],
) -> Drawn:
    drawn = {stratum: count for (stratum, by_chance), count in places.items() if by_chance}
    total = sum(drawn.values())
    hits = sum(takes.get((stratum, True), 0) for stratum in drawn)
    beside = {stratum: places[stratum, False] for stratum in drawn if (stratum, False) in places}
    weight = sum(drawn[stratum] for stratum in beside)
    expected = sum(
        drawn[stratum] * takes.get((stratum, False), 0) / count for stratum, count in beside.items()
    )
    low, high = wilson(hits, total)
    others = expected / weight if weight else None
    return Drawn(people, total, hits / total, low, high, others)
