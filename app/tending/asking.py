"""The search as it answers one reader, with whatever synonyms and boosts are to be tried.

No Flask and no words here. What is asked is what the search page asks, less its facets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.activity.cards import Card, cards_by_id
from app.discover.indexing import SearchIndex
from app.discover.queries import pinned_for
from app.discover.tuning import Tuning
from search.document import Boosts, Request
from search.query import parse

DEPTH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who asks: what they may see, and the roles and languages by which hits are lifted."""

    person_id: int
    tokens: frozenset[str]
    roles: tuple[str, ...]
    languages: frozenset[str]
    today: date


@dataclass(frozen=True, slots=True)
class Answer:
    """How much was found, and the ids of the first ten."""

    total: int
    ids: tuple[int, ...]


class Asker:
    """One reader at one moment, asking this index."""

    def __init__(self, session: Session, index: SearchIndex, reader: Reader) -> None:
        """Keep who asks and whom; what is pinned for the reader's roles is read once."""
        self._session = session
        self._index = index
        self._reader = reader
        self._pinned = pinned_for(
            session, roles=reader.roles, tokens=reader.tokens, today=reader.today
        )

    def answer(self, text: str, tuning: Tuning) -> Answer:
        """Return what the search finds; raise IndexMissing without an index."""
        found = self._index.search(
            Request(
                query=parse(text),
                audience=self._reader.tokens,
                facets=(),
                limit=DEPTH,
                boosts=Boosts(
                    pinned=self._pinned,
                    roles=frozenset(self._reader.roles),
                    now=self._reader.today,
                    languages=self._reader.languages,
                    table=tuning.boosts,
                ),
                synonyms=tuning.synonyms,
                prefix=True,
                collapse=True,
                forgive=True,
            )
        )
        return Answer(found.total, tuple(hit.id for hit in found.hits))

    def cards(self, ids: Sequence[int]) -> dict[int, Card]:
        """Return the items behind these ids that the reader may see."""
        return cards_by_id(
            self._session, set(ids), person_id=self._reader.person_id, tokens=self._reader.tokens
        )
