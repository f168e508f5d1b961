"""Asks connected tools what a reader asks the search page, and puts their hits in its order.

No Flask and no words here: `live_contexts` turns it into what the reader sees. What came back is
kept in this process for two minutes, for this reader and this question alone, and never stored.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from threading import Lock

from sqlalchemy import and_, case, or_, select
from sqlalchemy.orm import Session

from app.access import Viewer
from app.discover.address import Ask
from app.discover.indexing import SearchIndex
from app.harvest.live import Answer, Asked, Found, Question
from app.harvest.reaching import Parts
from app.models import Item, Status, Tool, visible_to
from search.document import Document, Hit, Request, Sort
from search.fuse import distinct, place
from search.query import Field, Or, Phrase, Query, Word, parse

MOST_HITS = 10  # of one tool
KEPT_SECONDS = 120.0
MOST_KEPT = 500
_TOLD_OF_HITS = frozenset({"kind", "tool"})  # what a live hit says of itself, of all facets
Key = tuple[Hashable, ...]


class Scope(StrEnum):
    """Whether tools are asked at all, and why not."""

    ASKED = "asked"
    FILTERED = "filtered"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class LiveHit:
    """One thing that a tool found just now: where it stands by its score, and where it opens.

    `item_id` is set where the catalogue holds it though the index did not find it by these words.
    """

    place: Hit
    tool: str
    tool_name: str
    found: Found

    @property
    def item_id(self) -> int | None:
        """The item that this is, None where there is none."""
        return self.found.item_id

    @property
    def name(self) -> tuple[str, str]:
        """The tool and its own id for it."""
        return self.tool, self.found.hit.external_id


@dataclass(frozen=True, slots=True)
class Heard:
    """What all tools said, and their hits that the results do not hold already, best first."""

    answers: Sequence[Answer] = ()
    hits: tuple[LiveHit, ...] = ()


@dataclass(slots=True)
class Kept:
    """What was heard, until when it counts, and the question that late tools still answer."""

    heard: Heard
    ends_at: float
    asked: Asked | None = field(default=None, repr=False)


class Memory:
    """The last answers, each for one reader and one question, in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with none."""
        self._clock, self._lock = clock, Lock()
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def keep(self, key: Key, heard: Heard, asked: Asked | None) -> Kept:
        """Keep what was heard, and return it so; the oldest goes when there is too much."""
        kept = Kept(heard, self._clock() + KEPT_SECONDS, asked)
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = kept
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return kept

    def find(self, key: Key) -> Kept | None:
        """Return what is kept and still counts."""
        with self._lock:
            found = self._kept.get(key)
            if found and found.ends_at < self._clock():
                del self._kept[key]
                return None
            return found


def scope(ask: Ask) -> Scope:
    """Say whether tools are asked: only for words, on the first page, in the order of relevance."""
    query = parse(ask.text)
    first = ask.page == 1 and ask.sort is Sort.RELEVANCE and ask.pin_to is None
    if not (first and words_for_tools(query)):
        return Scope.NOTHING
    fields = {*ask.filters, *query.filters}
    fields |= {one.name for one in query.unwanted if isinstance(one, Field)}
    bounded = query.ranges or any(not isinstance(o, Field | Word | Phrase) for o in query.unwanted)
    return Scope.FILTERED if bounded or not fields <= _TOLD_OF_HITS else Scope.ASKED


def words_for_tools(query: Query) -> str:
    """Return the words as a tool's own search takes them: without fields, quotes and exclusions."""
    leaves = (
        leaf
        for part in query.wanted
        for leaf in (part.parts if isinstance(part, Or) else (part,))
        if isinstance(leaf, Word | Phrase)
    )
    return " ".join(leaf.text for leaf in leaves)


def key_of(reader: Viewer, ask: Ask) -> Key:
    """Return by what an answer is kept: who asked, what they may see, and what for."""
    filters = tuple(sorted((name, tuple(sorted(each))) for name, each in ask.filters.items()))
    words = " ".join(ask.text.casefold().split())
    return reader.id, reader.tokens, words, filters, ask.plain, ask.exact


def begin(parts: Parts, reader: Viewer, ask: Ask) -> Asked:
    """Put the question to every tool that may be asked."""
    query = parse(ask.text)
    tools = _wanted(ask, query, "tool")
    return Asked(
        parts,
        Question(
            words=words_for_tools(query),
            tokens=reader.tokens,
            person_id=reader.id,
            tools=tools or None,
            limit=MOST_HITS,
        ),
    )


def heard(
    index: SearchIndex,
    request: Request,
    ask: Ask,
    answers: Sequence[Answer],
    languages: Sequence[str],
) -> Heard:
    """Score what the tools found, as the index scores; raise IndexMissing without one.

    What the index finds by these words is in the results already and left out here. A hit is read
    in each of the reader's languages, for nothing tells its own; the best score counts.
    """
    answers = [replace(one, found=tuple(_allowed(one, ask))) for one in answers]
    found = [(each, one) for each in answers for one in each.found]
    there = _in_results(index, request, [one.item_id for _, one in found if one.item_id])
    left = [pair for pair in found if pair[1].item_id not in there]
    best = _best(index, request, left, languages)
    places = sorted(best, key=place)
    keys = {-number: _keys(*pair) for number, pair in enumerate(left, start=1)}
    hits = [
        LiveHit(hit, left[-hit.id - 1][0].tool, left[-hit.id - 1][0].name, left[-hit.id - 1][1])
        for hit in distinct((), places, keys)
    ]
    return Heard(answers, tuple(hits))


def placed(indexed: Sequence[Hit], hits: Sequence[LiveHit]) -> Mapping[int, Sequence[LiveHit]]:
    """Return live hits by the id of the result before which each stands; others have no place."""
    found: dict[int, list[LiveHit]] = {}
    for one in hits:
        worse = next((hit.id for hit in indexed if place(one.place) < place(hit)), None)
        if worse is not None:
            found.setdefault(worse, []).append(one)
    return found


def still_true(session: Session, heard: Heard, tokens: Collection[str]) -> Heard:
    """Return what was heard without hits that are an item by now, or one that is hidden."""
    if not heard.hits:
        return heard
    may_see = and_(visible_to(Item.audience_id, tokens), Item.status == Status.LIVE.value)
    ids = [one.found.hit.external_id for one in heard.hits]
    rows = session.execute(
        select(Tool.slug, Item.external_id, Item.id, case((may_see, 1), else_=0))
        .join(Tool, Tool.id == Item.tool_id)
        .where(
            or_(
                Item.id.in_([one.item_id for one in heard.hits if one.item_id]),
                and_(Item.external_id.in_(ids), Tool.slug.in_({one.tool for one in heard.hits})),
            )
        )
    ).all()
    known = {(slug, external_id) for slug, external_id, _, _ in rows}
    seen = {item_id for _, _, item_id, visible in rows if visible}
    return replace(
        heard,
        hits=tuple(
            one
            for one in heard.hits
            if (one.item_id in seen if one.item_id else one.name not in known)
        ),
    )


def _wanted(ask: Ask, query: Query, name: str) -> frozenset[str]:
    return frozenset(ask.filters.get(name, ())) | query.filters.get(name, frozenset())


def _allowed(answer: Answer, ask: Ask) -> Iterator[Found]:
    """Yield the hits that the question's filters leave."""
    query = parse(ask.text)
    kinds = _wanted(ask, query, "kind")
    barred = {(one.name, one.value) for one in query.unwanted if isinstance(one, Field)}
    for one in answer.found:
        unwanted = {("kind", one.hit.kind), ("tool", answer.tool)} & barred
        if (not kinds or one.hit.kind in kinds) and not unwanted:
            yield one


def _in_results(index: SearchIndex, request: Request, ids: Sequence[int]) -> frozenset[int]:
    """Return those of these items that the index finds for the question."""
    if not ids:
        return frozenset()
    only = frozenset(ids)
    asked = replace(request, only=only, facets=(), offset=0, limit=len(only), collapse=False)
    return frozenset(hit.id for hit in index.search(asked).hits)


def _best(
    index: SearchIndex,
    request: Request,
    found: Sequence[tuple[Answer, Found]],
    languages: Sequence[str],
) -> Iterable[Hit]:
    """Return the best hit of each, the number of the first being -1."""
    best: dict[int, Hit] = {}
    for language in languages:
        documents = [
            _document(-number, *pair, language) for number, pair in enumerate(found, start=1)
        ]
        for hit in index.score(request, documents):
            known = best.get(hit.id)
            if known is None or place(hit) < place(known):
                best[hit.id] = hit
    return best.values()


def _document(number: int, answer: Answer, found: Found, language: str) -> Document:
    hit = found.hit
    return Document(
        id=number,
        title=hit.title,
        body=hit.summary,
        kind=hit.kind,
        tool=answer.tool,
        roles=(),
        skills=(),
        skill_names=(),
        tool_name=answer.name,
        level=None,
        language=language,
        minutes=None,
        published=None,
        quality=0.0,
        audience=frozenset(),
    )


def _keys(answer: Answer, found: Found) -> Sequence[Hashable]:
    own: list[Hashable] = [(answer.tool, found.hit.external_id), *found.keys]
    return [*own, found.item_id] if found.item_id else own
