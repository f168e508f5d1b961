"""What an engine has to offer, and the one search that is built on it.

An engine knows how to store documents and to answer four small questions about a `Match`. What
makes a search (relaxing, boosts, facets that leave out their own filter, paging) stands here once,
so that all engines answer alike.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from search import hybrid, paging
from search.bm25 import Statistics, Term
from search.completion import Title, Wanted
from search.document import (
    TIME_BUCKETS,
    Document,
    Facet,
    FacetValue,
    Request,
    Results,
    Sort,
)
from search.memory import Memory
from search.mend import mend
from search.others import other_words
from search.plan import Demand, Match, More, make_match
from search.rank import Candidate

Counts = Mapping[str, Mapping[str, int]]


class Reader(Protocol):
    """One committed state of an index, read by any number of threads."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages of the documents."""

    @property
    def size(self) -> int:
        """The number of all documents."""

    @property
    def memory(self) -> Memory:
        """What has been found out about words, kept as long as the reader."""

    def is_stale(self) -> bool:
        """Tell whether somebody has committed since this state."""

    def close(self) -> None:
        """Let go of files."""

    def check_files(self) -> None:
        """Raise whatever the engine raises when a file has been damaged, if it can tell."""

    def ids(self) -> frozenset[int]:
        """List the ids of all documents."""

    def count(self, match: Match, facets: tuple[str, ...]) -> tuple[int, Counts]:
        """Count the matching documents, and for each facet those with each of its values."""

    def frequency(self, field: str, term: str) -> int:
        """Count the documents that hold a term, whoever may see them."""

    def starting(self, field: str, beginning: str) -> list[str]:
        """List the terms of a field that have a beginning, whoever may see them."""

    def best(self, match: Match, number: int) -> list[Candidate]:
        """Give the best by score, at least `number` if there are as many, never part of a tie.

        Best first, equals by id. Without words all scores are 1 and `browse_key` orders.
        """

    def holding(self, ids: Sequence[int], demands: Sequence[Demand]) -> list[frozenset[int]]:
        """Tell for each demand which of these documents meet it."""

    def ordered(self, match: Match, sort: Sort, number: int) -> list[Candidate]:
        """Give the first documents of an order that has nothing to do with words."""

    def siblings(self, clusters: Collection[int], audience: frozenset[str]) -> list[Candidate]:
        """Give all documents of these clusters that this audience may see."""

    def complete(self, match: Match, wanted: Wanted, number: int) -> list[tuple[Candidate, Title]]:
        """Give documents that match and hold what is wanted, with their titles, best first."""

    def statistics(self, terms: Collection[Term]) -> Statistics:
        """Tell what scoring these terms of texts from elsewhere takes."""

    def skills(self, match: Match, prefix: str) -> dict[str, int]:
        """Count the matches per skill name in which a word has this folded beginning."""


class Engine(Protocol):
    """A way to store an index in a folder of its own."""

    @property
    def name(self) -> str:
        """The name by which configuration chooses it."""

    @property
    def layout(self) -> int:
        """A number that changes whenever older indexes cannot be read any more."""

    def create(self, folder: Path, documents: Iterable[Document]) -> int:
        """Build an index in an empty folder, durably, and say how many documents it holds."""

    def write(self, folder: Path, put: Iterable[Document], delete: Iterable[int]) -> None:
        """Replace, add and delete documents in one durable commit."""

    def open(self, folder: Path) -> Reader:
        """Open the last commit; raises whatever the engine raises when it is missing or torn."""


def search(reader: Reader, request: Request) -> Results:
    """Answer a request: total, one page of hits, facets."""
    match = _match(reader, request)
    total, counts = _count(reader, match, request.facets)
    if not _holds_all(reader, match, total) and (mended := mend(reader, request)):
        if mended.corrections:
            found = search(reader, replace(request, query=mended.query, forgive=False))
            return replace(found, corrections=mended.corrections, query=mended.query)
        match = _match(reader, request, mended.more)
        total, counts = _count(reader, match, request.facets)
    relaxed = total == 0 and match.needed > 1
    if relaxed:
        match = replace(match, needed=1)
        total, counts = _count(reader, match, request.facets)
    by_meaning = bool(request.similar) and not total and not any(counts.values())
    if by_meaning:
        match = hybrid.by_meaning(match, request.similar)
        total, counts = _count(reader, match, request.facets)
    wanted = total > request.offset and request.limit > 0
    hits, shown = paging.page(reader, match, request, total) if wanted else ([], total)
    facets = {name: _facet(name, counts[name], match.values) for name in request.facets}
    return Results(
        total,
        tuple(hits),
        facets,
        relaxed=relaxed and total > 0 and not by_meaning,
        shown=shown,
        by_meaning=by_meaning and total > 0,
    )


def understand(reader: Reader, request: Request) -> Match:
    """Give what a search looks for, as long as it takes no word for another one."""
    match = _match(reader, request)
    total, _ = reader.count(match, ())
    if _holds_all(reader, match, total):
        return match
    mended = mend(reader, replace(request, forgive=False))
    return _match(reader, request, mended.more) if mended else match


def _match(reader: Reader, request: Request, more: More | None = None) -> Match:
    return make_match(
        request.query,
        reader.languages,
        request.audience,
        filters=request.filters,
        excluded=request.exclude,
        only=request.only,
        prefix=request.prefix,
        others=other_words(reader, request.synonyms, more),
    )


def _holds_all(reader: Reader, match: Match, total: int) -> bool:
    """Tell whether something found holds all the words, so that none of them is unknown."""
    if not match.words:
        return True
    if not total or match.needed >= len(match.words):
        return total > 0
    return reader.count(replace(match, needed=len(match.words)), ())[0] > 0


def _count(reader: Reader, match: Match, facets: tuple[str, ...]) -> tuple[int, Counts]:
    """Count everything; a filtered facet is counted as if it were not filtered."""
    open_facets = tuple(name for name in facets if name not in match.values)
    total, counted = reader.count(match, open_facets)
    counts = dict(counted)
    for name in facets:
        if name in match.values:
            others = {key: value for key, value in match.values.items() if key != name}
            counts.update(reader.count(replace(match, values=others), (name,))[1])
    return total, counts


def _facet(name: str, counts: Mapping[str, int], chosen: Mapping[str, frozenset[str]]) -> Facet:
    selected = chosen.get(name, frozenset())
    order: Callable[[str], tuple[int, str]] = (
        (lambda value: (TIME_BUCKETS.index(value) if value in TIME_BUCKETS else 99, value))
        if name == "time"
        else (lambda value: (-counts.get(value, 0), value))
    )
    values = sorted(counts.keys() | selected, key=order)
    found = (FacetValue(value, counts.get(value, 0), value in selected) for value in values)
    return Facet(name, tuple(found))
