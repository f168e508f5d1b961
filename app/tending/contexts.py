"""What administrators see of the search's quality: judged queries with their items, and choices."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.activity.cards import Card
from app.discover.quality import Asked, Report
from app.tending.asking import Asker
from app.tending.boosts import NAMES, written
from app.tending.queries import ChoiceRow
from search.rank import BOOSTS


@dataclass(frozen=True, slots=True)
class Found:
    """An item and its grade, 0 for one that was not wanted; `place` is where it was found, or 0.

    Without a `card` it is one that this reader may not see.
    """

    card: Card | None
    grade: int
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRow:
    """A judged query: what was found beside what was wanted."""

    query: str
    role: str
    note: str
    kind: str
    ndcg: float
    total: int
    found: tuple[Found, ...]
    wanted: tuple[Found, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A choice of boosts in words: what differs from the usual, and how good it was."""

    id: int
    by: str
    at: datetime
    shares: Sequence[tuple[str, str, str]]
    figures: Mapping[str, Any]
    note: str


def judged_rows(report: Report, asker: Asker, most: int) -> list[JudgedRow]:
    """Return the queries that did worst, the worst first, with the items this reader may see."""
    asked = sorted(report.per_query, key=lambda one: (one.ndcg, one.judged.query))[:most]
    cards = asker.cards([item for one in asked for item in (*one.found, *one.wanted)])
    return [_row(one, cards) for one in asked]


def choice_row(row: ChoiceRow) -> Choice:
    """Return a choice in words."""
    shares = [
        (str(NAMES.get(name, name)), written(share), written(BOOSTS.get(name, 0.0)))
        for name, share in row.choice.boosts.items()
    ]
    return Choice(
        id=row.choice.id,
        by=row.by,
        at=row.choice.chosen_at,
        shares=shares,
        figures=row.choice.figures,
        note=row.choice.note,
    )


def _row(asked: Asked, cards: Mapping[int, Card]) -> JudgedRow:
    return JudgedRow(
        query=asked.judged.query,
        role=asked.judged.role,
        note=asked.judged.note,
        kind=asked.judged.kind,
        ndcg=asked.ndcg,
        total=asked.total,
        found=tuple(_found(asked, cards)),
        wanted=tuple(_wanted(asked, cards)),
        missing=asked.missing,
    )


def _found(asked: Asked, cards: Mapping[int, Card]) -> Iterator[Found]:
    for place, item_id in enumerate(asked.found, start=1):
        yield Found(cards.get(item_id), asked.wanted.get(item_id, 0), place)


def _wanted(asked: Asked, cards: Mapping[int, Card]) -> Iterator[Found]:
    places = {item_id: place for place, item_id in enumerate(asked.found, start=1)}
    for item_id, grade in sorted(asked.wanted.items(), key=lambda one: (-one[1], one[0])):
        yield Found(cards.get(item_id), grade, places.get(item_id, 0))
