"""The search as it answers one reader, with whatever synonyms and boosts are to be tried.

No Flask and no words here. What is asked is what the search page asks, less its facets.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.access import Viewer
from app.activity.cards import Card, cards_by_id
from app.discover.address import Ask
from app.discover.finding import Finder
from app.discover.indexing import SearchIndex
from app.discover.tuning import Tuning
from search.document import Request
from search.query import parse

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """How much was found, and the ids of the first ten."""

    total: int
    ids: tuple[int, ...]


class Asker:
    """One reader at one moment, asking this index."""

    def __init__(
        self, session: Session, index: SearchIndex, reader: Viewer, finder: Finder
    ) -> None:
        """Keep who asks, whom, and who makes of a text what the search page would ask."""
        self._session = session
        self._index = index
        self._reader = reader
        self._finder = finder

    def answers(self, text: str, tunings: Iterable[Tuning]) -> list[Answer]:
        """Return what the search finds with each tuning; raise IndexMissing without an index."""
        usual = replace(self._finder.request(Ask(text=text)), facets=(), limit=DEPTH)
        usual = replace(usual, similar=self._index.similar(parse(text)))
        return [self._answer(_tuned(usual, tuning)) for tuning in tunings]

    def cards(self, ids: Iterable[int]) -> dict[int, Card]:
        """Return the items behind these ids that the reader may see."""
        return cards_by_id(
            self._session, set(ids), person_id=self._reader.id, tokens=self._reader.tokens
        )

    def _answer(self, request: Request) -> Answer:
        found = self._index.search(request)
        return Answer(found.total, tuple(hit.id for hit in found.hits))


def _tuned(request: Request, tuning: Tuning) -> Request:
    boosts = replace(request.boosts, table=tuning.boosts)
    return replace(request, boosts=boosts, synonyms=tuning.synonyms)
