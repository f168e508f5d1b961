"""Asks the index on behalf of one reader, and gathers what the database knows of the answer.

No Flask and no words here: `contexts` turns what was found into what the reader sees.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy.orm import Session

from app.access import Permission, Viewer
from app.activity.cards import Card, cards_by_id, cards_in_order
from app.discover import queries
from app.discover.address import LAST_PAGE, PAGE_SIZE, Ask
from app.discover.indexing import SearchIndex
from app.models import Kind
from app.playlists.queries import open_step_items
from search.document import Boosts, Facet, Request, Results
from search.query import Field, Query, Word, parse

MOST_WAYS_OUT = 5
MOST_CHANNELS = 3
MOST_SUGGESTIONS = 3
MOST_FACET_VALUES = 40
SHORTEST_START = 4
MOST_LETTERS_CUT = 3


@dataclass(frozen=True, slots=True)
class WayOut:
    """A question that asks for less, with how many results it has. Without `value`: no words."""

    ask: Ask
    total: int
    facet: str = ""
    value: str = ""


@dataclass(frozen=True)
class Found:
    """Everything that one search page shows, as data."""

    ask: Ask
    query: Query
    results: Results
    cards: list[Card]
    pinned: frozenset[int]
    playlists: Mapping[int, str]
    names: Mapping[tuple[str, str], str]
    place: queries.PinPlace | None = None
    ways_out: tuple[WayOut, ...] = ()
    channels: list[Card] = field(default_factory=list)
    suggestions: tuple[str, ...] = ()


class Finder:
    """One reader at one moment, asking this index and this database."""

    def __init__(
        self,
        session: Session,
        index: SearchIndex,
        reader: Viewer,
        today: date,
        languages: frozenset[str],
    ) -> None:
        """Keep who asks, whom, when, and the languages that the reader reads."""
        self._languages = languages
        self._session = session
        self._index = index
        self._reader = reader
        self._today = today

    def find(self, ask: Ask) -> Found:
        """Answer the question; raise IndexMissing without an index."""
        place = self._place(ask)
        ask = ask if place else ask.unpinned()
        audience = self._reader.tokens | ({f"role:{place.role}"} if place else set())
        pinned = self._pinned_for_roles()
        request = self._request(ask, audience, pinned)
        ask, results = self._answer(ask, request)
        if results.total == 0:
            return self._nothing(ask, request, results, place)
        return self._filled(ask, request, results, place, pinned)

    def _place(self, ask: Ask) -> queries.PinPlace | None:
        """Return where to pin; only a curator has a place, and only while it is there."""
        if ask.pin_to is None or not self._reader.may(Permission.CURATE):
            return None
        return queries.pin_place(self._session, ask.pin_to)

    def _pinned_for_roles(self) -> frozenset[int]:
        return queries.pinned_for(
            self._session,
            roles=self._reader.roles,
            tokens=self._reader.tokens,
            today=self._today,
        )

    def _request(self, ask: Ask, audience: frozenset[str], pinned: frozenset[int]) -> Request:
        return Request(
            query=parse(ask.text),
            audience=audience,
            filters=_as_sets(ask),
            sort=ask.sort,
            offset=ask.offset,
            limit=PAGE_SIZE,
            boosts=Boosts(pinned, frozenset(self._reader.roles), self._today, self._languages),
            prefix=True,
        )

    def _answer(self, ask: Ask, request: Request) -> tuple[Ask, Results]:
        """Ask; a page behind the last one becomes the last one."""
        results = self._index.search(request)
        if results.hits or not results.total:
            return ask, results
        ask = ask.at(min(-(-results.total // PAGE_SIZE), LAST_PAGE))
        return ask, self._index.search(replace(request, offset=ask.offset))

    def _filled(
        self,
        ask: Ask,
        request: Request,
        results: Results,
        place: queries.PinPlace | None,
        pinned: frozenset[int],
    ) -> Found:
        facets = {name: _shortened(facet, ask) for name, facet in results.facets.items()}
        results = replace(results, facets=facets)
        return Found(
            ask=ask,
            query=request.query,
            results=results,
            cards=self._cards([hit.id for hit in results.hits], request.audience),
            pinned=pinned,
            playlists=open_step_items(self._session, self._reader.id, tokens=self._reader.tokens),
            names=self._names(ask, request.query, facets),
            place=place,
        )

    def _nothing(
        self, ask: Ask, request: Request, results: Results, place: queries.PinPlace | None
    ) -> Found:
        facets = {name: _shortened(facet, ask) for name, facet in results.facets.items()}
        return Found(
            ask=ask,
            query=request.query,
            results=replace(results, facets=facets),
            cards=[],
            pinned=frozenset(),
            playlists={},
            names=self._names(ask, request.query, facets),
            place=place,
            ways_out=self._ways_out(ask, request),
            channels=self._channels(request),
            suggestions=self._suggestions(ask, request.audience),
        )

    def _cards(self, ids: list[int], audience: frozenset[str]) -> list[Card]:
        """Return the cards; the database has the last word on what exists and who may see it."""
        found = cards_by_id(self._session, ids, person_id=self._reader.id, tokens=audience)
        return cards_in_order(ids, found)

    def _names(
        self, ask: Ask, query: Query, facets: Mapping[str, Facet]
    ) -> dict[tuple[str, str], str]:
        seen = {
            name: {each.value for each in facet.values if each.count}
            for name, facet in facets.items()
        }
        asked: dict[str, set[str]] = {"role": set(self._reader.roles)}
        for chosen in (ask.filters, query.filters):
            for name, values in chosen.items():
                asked.setdefault(name, set()).update(values)
        for leaf in query.unwanted:
            if isinstance(leaf, Field):
                asked.setdefault(leaf.name, set()).add(leaf.value)
        return queries.facet_names(self._session, seen, asked, tokens=self._reader.tokens)

    def _ways_out(self, ask: Ask, request: Request) -> tuple[WayOut, ...]:
        """Return what is found when one filter, or else the words, are left out; the most first."""
        looser = [
            (ask.without(name, value), name, value)
            for name, values in ask.filters.items()
            for value in values
        ][:MOST_WAYS_OUT]
        if ask.text.strip() and ask.filters and len(looser) < MOST_WAYS_OUT:
            looser.append((ask.saying(""), "", ""))
        ways = (
            WayOut(other, self._total(other, request), name, value) for other, name, value in looser
        )
        return tuple(sorted((way for way in ways if way.total), key=lambda way: -way.total))

    def _total(self, ask: Ask, like: Request) -> int:
        """Count what a question would find."""
        counted = replace(
            like, query=parse(ask.text), filters=_as_sets(ask), facets=(), offset=0, limit=0
        )
        return self._index.search(counted).total

    def _channels(self, like: Request) -> list[Card]:
        """Return channels that have to do with any of the words, else the reader's own ones."""
        words = [part.text for part in like.query.wanted if isinstance(part, Word)]
        cards: list[Card] = []
        for text in (" OR ".join(words), ""):
            results = self._index.search(_only_channels(like, text))
            cards = self._cards([hit.id for hit in results.hits], like.audience)
            if cards:
                break
        return cards

    def _suggestions(self, ask: Ask, audience: frozenset[str]) -> tuple[str, ...]:
        """Return titles and skills that begin as the words do, giving up letters at their end."""
        for start in _starts(ask.text.strip()):
            found = self._index.suggest(start, audience, MOST_SUGGESTIONS)
            if found:
                return tuple(dict.fromkeys(each.text for each in found))
        return ()


def _starts(text: str) -> Iterator[str]:
    """Shorten a text letter by letter, but never its last word below a few letters."""
    spare = len(text.rpartition(" ")[2]) - SHORTEST_START
    for cut in range(min(MOST_LETTERS_CUT, spare) + 1):
        yield text[: len(text) - cut]


def _only_channels(like: Request, text: str) -> Request:
    return replace(
        like,
        query=parse(text),
        filters={"kind": frozenset({Kind.CHANNEL.value})},
        facets=(),
        offset=0,
        limit=MOST_CHANNELS,
    )


def _as_sets(ask: Ask) -> dict[str, frozenset[str]]:
    return {name: frozenset(values) for name, values in ask.filters.items()}


def _shortened(facet: Facet, ask: Ask) -> Facet:
    """Keep as many values as a reader can take in, the ticked ones first; time keeps its order."""
    ticked = ask.filters.get(facet.name, ())
    values = [replace(each, selected=each.value in ticked) for each in facet.values]
    if facet.name != "time":
        values.sort(key=lambda each: not each.selected)
    return replace(facet, values=tuple(values[:MOST_FACET_VALUES]))
