"""The one search that is built on every engine.

What makes a search (mending, relaxing, boosts, facets that leave out their own filter, paging)
stands here once, so that all engines answer alike.
"""

from collections.abc import Mapping
from dataclasses import replace

from search import hybrid, paging
from search.document import TIME_BUCKETS, Facet, FacetValue, Request, Results
from search.mend import mend
from search.others import other_words
from search.plan import Match, More, make_match
from search.reader import Counts, Reader

FEW = 10  # with fewer documents that hold enough of the words, those with any of them follow


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
    strict = total
    if _is_relaxed(reader, match, total):
        match = replace(match, needed=1)
        total, counts = _count(reader, match, request.facets)
    by_meaning = False
    if request.similar and not total and not any(counts.values()):
        meant = hybrid.by_meaning(match, request.similar)
        alike, counts_of_alike = _count(reader, meant, request.facets)
        if alike:
            by_meaning, match, total, counts = True, meant, alike, counts_of_alike
    wanted = total > request.offset and request.limit > 0
    hits, shown = paging.page(reader, match, request, total) if wanted else ([], total)
    facets = {
        name: _facet(name, counts[name], match.values, request.most_values)
        for name in request.facets
    }
    return Results(
        total,
        tuple(hits),
        facets,
        relaxed=total > strict and not by_meaning,
        shown=shown,
        by_meaning=by_meaning,
    )


def _is_relaxed(reader: Reader, match: Match, total: int) -> bool:
    """Tell whether so few documents hold enough of the words that any of them will do.

    What is ticked does not count, so that a facet's counts stay true when it is ticked.
    """
    if match.needed <= 1 or total >= FEW:
        return False
    return not match.values or reader.count(replace(match, values={}), ())[0] < FEW


def understand(reader: Reader, request: Request) -> Match:
    """Give what a search looks for, as long as it takes no word for another one."""
    match = _match(reader, request)
    total, _ = reader.count(match, ())
    if not _holds_all(reader, match, total) and (
        mended := mend(reader, replace(request, forgive=False))
    ):
        match = _match(reader, request, mended.more)
        total, _ = reader.count(match, ())
    return replace(match, needed=1) if _is_relaxed(reader, match, total) else match


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


def _facet(
    name: str, counts: Mapping[str, int], chosen: Mapping[str, frozenset[str]], most: int | None
) -> Facet:
    selected = chosen.get(name, frozenset())
    if name == "time":
        places = {value: place for place, value in enumerate(TIME_BUCKETS)}
        order = sorted((places.get(value, 99), value) for value in counts.keys() | selected)
    else:
        order = sorted((-counts.get(value, 0), value) for value in counts.keys() | selected)
    kept = order[:most]
    if most is not None and selected:
        kept += [one for one in order[most:] if one[1] in selected]
    found = (FacetValue(value, counts.get(value, 0), value in selected) for _, value in kept)
    return Facet(name, tuple(found))
