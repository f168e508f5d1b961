"""What a change of synonyms would do to searches, before anybody else sees it.

No Flask and no words here: two answers to one question beside each other, and what moved.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.activity.cards import Card
from app.discover.tuning import Tuning
from app.tending.asking import Answer, Asker

MOST_SAMPLES = 6


class Fate(StrEnum):
    """What became of an item among the first ten."""

    STAYS = "stays"
    COMES = "comes"
    GOES = "goes"
    RISES = "rises"
    FALLS = "falls"


@dataclass(frozen=True, slots=True)
class Place:
    """An item among the first ten, before the change or after it, and what became of it."""

    card: Card
    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The first ten and the total of one search, before a change and after it."""

    query: str
    total_before: int
    total_after: int
    before: tuple[Place, ...]
    after: tuple[Place, ...]

    @property
    def changes(self) -> bool:
        """Tell whether anything is different."""
        moved = any(place.fate is not Fate.STAYS for place in (*self.before, *self.after))
        return moved or self.total_before != self.total_after

    @property
    def comes(self) -> int:
        """Return how many items come into the first ten."""
        return sum(place.fate is Fate.COMES for place in self.after)

    @property
    def goes(self) -> int:
        """Return how many items go out of the first ten."""
        return sum(place.fate is Fate.GOES for place in self.before)


def compare(
    asker: Asker, queries: Sequence[str], before: Tuning, after: Tuning
) -> list[Comparison]:
    """Ask each of these with both tunings; raise IndexMissing without an index."""
    answers = [asker.answers(text, (before, after)) for text in queries]
    seen = [item_id for pair in answers for answer in pair for item_id in answer.ids]
    cards = asker.cards(seen)
    return [
        Comparison(
            query=text,
            total_before=old.total,
            total_after=new.total,
            before=tuple(_before(old, new, cards)),
            after=tuple(_after(old, new, cards)),
        )
        for text, (old, new) in zip(queries, answers, strict=True)
    ]


def samples(typed: str, words: Sequence[str]) -> list[str]:
    """Return what to try: what was typed, else the words of the group themselves."""
    text = " ".join(typed.split())
    return [text] if text else list(words[:MOST_SAMPLES])


def _before(old: Answer, new: Answer, cards: dict[int, Card]) -> Iterator[Place]:
    for item_id in old.ids:
        if item_id in cards:
            stays = item_id in new.ids
            yield Place(cards[item_id], Fate.STAYS if stays else Fate.GOES)


def _after(old: Answer, new: Answer, cards: dict[int, Card]) -> Iterator[Place]:
    places = {item_id: place for place, item_id in enumerate(old.ids)}
    for place, item_id in enumerate(new.ids):
        if item_id in cards:
            yield Place(cards[item_id], _fate(places.get(item_id), place))


def _fate(before: int | None, after: int) -> Fate:
    if before is None:
        return Fate.COMES
    if before == after:
        return Fate.STAYS
    return Fate.RISES if after < before else Fate.FALLS
