"""Asks the index on behalf of one reader, and gathers what the database knows of the answer.

No Flask and no words here: `contexts` turns what was found into what the reader sees.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy.orm import Session

from app.access import Permission, Viewer
from app.activity.cards import Card, cards_by_id, cards_in_order
from app.discover import queries, tuning
from app.discover.address import LAST_PAGE, PAGE_SIZE, Ask
from app.discover.indexing import SearchIndex
from app.models import Kind
from app.playlists.queries import open_step_items
from search.document import Boosts, Facet, Request, Results, Sort
from search.query import Field, Not, Part, Query, Word, parse
from search.ranges import Range
from search.synonyms import NO_SYNONYMS, Synonyms

MOST_WAYS_OUT = 5
MOST_CHANNELS = 3
MOST_SUGGESTIONS = 3
MOST_FACET_VALUES = 40
SHORTEST_START = 4
MOST_LETTERS_CUT = 3


@dataclass(frozen=True, slots=True)
class WayOut:
    """A question that asks for less, with how many results it has.

    It leaves out a ticked `value` or a typed `part`; without either, the words.
    """

    ask: Ask
    total: int
    facet: str = ""
    value: str = ""
    part: Part | None = None


@dataclass(frozen=True)
class Found:
    """Everything that one search page shows, as data."""

    ask: Ask
    query: Query
    results: Results
    cards: list[Card]
    also: Mapping[int, tuple[Card, ...]]
    pinned: frozenset[int]
    playlists: Mapping[int, str]
    names: Mapping[tuple[str, str], str]
    place: queries.PinPlace | None = None
    ways_out: tuple[WayOut, ...] = ()
    channels: list[Card] = field(default_factory=list)
    suggestions: tuple[str, ...] = ()
    synonyms: Synonyms = NO_SYNONYMS

    @property
    def asked(self) -> Query:
        """Return what was looked for, which may be other words than those that were typed."""
        return self.results.query or self.query


def _nothing_known() -> Mapping[int, float]:
    """Know nothing of what suits the reader."""
    return {}


class Finder:
    """One reader at one moment, asking this index and this database."""

    def __init__(
        self,
        session: Session,
        index: SearchIndex,
        reader: Viewer,
        today: date,
        languages: frozenset[str],
        liking: Callable[[], Mapping[int, float]] = _nothing_known,
    ) -> None:
        """Keep who asks, whom, when, the languages that they read, and who knows what suits them.

        `liking` is asked only where it can count: it returns shares from 0 to 1 by item.
        """
        self._liking = liking
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
        pinned = frozenset() if ask.plain else self._pinned_for_roles()
        request = self._request(ask, audience, pinned, gathered=place is None)
        ask, results = self._answer(ask, request)
        if results.total == 0:
            return self._nothing(ask, request, results, place)
        return self._filled(ask, request, results, place, pinned)

    def count(self, ask: Ask) -> int:
        """Count what a question finds; raise IndexMissing without an index."""
        request = self._request(ask.for_anybody(), self._reader.tokens, frozenset(), gathered=False)
        return self._index.search(replace(request, facets=(), limit=0)).total

    def request(self, ask: Ask) -> Request:
        """Return what the index is asked for the reader: by it, what tools found is scored too."""
        pinned = frozenset() if ask.plain else self._pinned_for_roles()
        return self._request(ask, self._reader.tokens, pinned, gathered=True)

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

    def _request(
        self, ask: Ask, audience: frozenset[str], pinned: frozenset[int], *, gathered: bool
    ) -> Request:
        set_for_all = tuning.current(self._session)
        return Request(
            query=parse(ask.text),
            audience=audience,
            filters=_as_sets(ask),
            most_values=MOST_FACET_VALUES,
            sort=ask.sort,
            offset=ask.offset,
            limit=PAGE_SIZE,
            boosts=self._boosts(ask, pinned, set_for_all.boosts),
            synonyms=NO_SYNONYMS if ask.exact else set_for_all.synonyms,
            finished=self._finished() if ask.sort is Sort.FINISHED else (),
            prefix=True,
            collapse=gathered,
            forgive=not ask.exact,
        )

    def _boosts(self, ask: Ask, pinned: frozenset[int], table: Mapping[str, float]) -> Boosts:
        """Return what lifts results; without regard to the reader, only what lifts them for all."""
        if ask.plain:
            return Boosts(now=self._today, table=table)
        by_words = ask.sort is Sort.RELEVANCE and ask.pin_to is None and bool(ask.text.strip())
        return Boosts(
            pinned=pinned,
            roles=frozenset(self._reader.roles),
            now=self._today,
            languages=self._languages,
            liking=self._liking() if by_words else {},
            table=table,
        )

    def _finished(self) -> tuple[int, ...]:
        return queries.most_finished(
            self._session, roles=self._reader.roles, tokens=self._reader.tokens
        )

    def _answer(self, ask: Ask, request: Request) -> tuple[Ask, Results]:
        """Ask; a page behind the last one becomes the last one."""
        if request.sort is Sort.RELEVANCE and not ask.exact:
            request = replace(request, similar=self._index.similar(request.query))
        results = self._index.search(request)
        if results.hits or not results.total:
            return ask, results
        first = self._index.search(replace(request, offset=0, facets=()))
        ask = ask.at(max(1, min(-(-first.shown // PAGE_SIZE), LAST_PAGE)))
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
        cards, also = self._cards_and_twins(
            results, request.audience, skilled=bool(request.query.wanted)
        )
        return Found(
            ask=ask,
            query=request.query,
            results=results,
            synonyms=request.synonyms,
            cards=cards,
            also=also,
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
            also={},
            pinned=frozenset(),
            playlists={},
            names=self._names(ask, request.query, facets),
            place=place,
            ways_out=self._ways_out(ask, request),
            channels=self._channels(request),
            suggestions=self._suggestions(ask, request.audience),
        )

    def _cards_and_twins(
        self, results: Results, audience: frozenset[str], *, skilled: bool
    ) -> tuple[list[Card], dict[int, tuple[Card, ...]]]:
        """Return the cards of the hits and, by card, those of their duplicates."""
        shown = [hit.id for hit in results.hits]
        ids = {*shown, *(each for hit in results.hits for each in hit.also)}
        found = cards_by_id(
            self._session, ids, person_id=self._reader.id, tokens=audience, skilled=skilled
        )
        also = {hit.id: tuple(cards_in_order(hit.also, found)) for hit in results.hits if hit.also}
        return cards_in_order(shown, found), also

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
        ways = [
            WayOut(ask.without(name, value), 0, name, value)
            for name, values in ask.filters.items()
            for value in values
        ]
        ways += [
            WayOut(ask.saying(request.query.without(part).text), 0, part=part)
            for part in request.query.parts
            if isinstance(part, Field | Range | Not)
        ]
        if ask.text.strip() and ask.filters:
            ways.append(WayOut(ask.saying(""), 0))
        counted = (
            replace(way, total=self._total(way.ask, request))
            for way in ways[:MOST_WAYS_OUT]
            if not way.ask.is_empty
        )
        return tuple(sorted((way for way in counted if way.total), key=lambda way: -way.total))

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
