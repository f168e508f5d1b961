"""Puts what matches into the reader's order, gathers duplicates, and cuts a page out of it.

Duplicates are gathered over everything up to the page, never within it alone, so that no page
repeats what an earlier one has shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from search import hybrid, rank
from search.document import Boosts, Hit, Request, Sort
from search.plan import Alternative, Clause, Demand, Match
from search.rank import Candidate, Signals
from search.reader import Reader

MOST_GATHERED = 1000  # so many matches are gathered whole, to know how many hits they make
_NO_SIGNALS = Signals()


@dataclass(frozen=True)
class Ordered:
    """Matches in the reader's order, each with its score, and the signals that explain it."""

    ranked: Sequence[tuple[float, Candidate]]
    signals: Signals = _NO_SIGNALS


def page(reader: Reader, match: Match, request: Request, total: int) -> tuple[list[Hit], int]:
    """Give one page of hits, and how many hits all `total` matches make.

    Without duplicates that is `total`, which with more than `MOST_GATHERED` matches stands for it.
    """
    end = request.offset + request.limit
    found = _ordered(reader, match, request, end)
    if not (request.collapse and any(one.cluster for _, one in found.ranked)):
        return _hits(found, found.ranked[request.offset : end], request.boosts, {}), total
    number = total if total <= MOST_GATHERED else end
    found = _ordered(reader, match, request, number)
    while len(groups := _gathered(found.ranked)) < end and number < total:
        number = min(total, 2 * number)
        found = _ordered(reader, match, request, number)
    shown = groups[request.offset : end]
    also = _siblings(reader, request, shown)
    return _hits(found, shown, request.boosts, also), len(groups) if number >= total else total


def _ordered(reader: Reader, match: Match, request: Request, number: int) -> Ordered:
    """Order the first `number` matches."""
    if request.sort is Sort.RELEVANCE:
        return _by_relevance(reader, match, request, number)
    if request.sort is Sort.FINISHED:
        return Ordered(_by_finished(reader, match, request, number))
    found = reader.ordered(match, request.sort, number)
    return Ordered([(0.0, one) for one in found])


def _by_relevance(reader: Reader, match: Match, request: Request, number: int) -> Ordered:
    """Rank the best by words, and what must be lifted among them; the rest follows unboosted.

    The window does not depend on the page, so that pages never repeat or skip a document.
    """
    window = reader.best(match, rank.WINDOW)
    pool = {candidate.id: candidate for candidate in (*window, *_lifted(reader, match, request))}
    if request.similar:
        only = _both(match.only, frozenset(request.similar))
        pool |= {one.id: one for one in reader.best(replace(match, only=only), len(only) or 1)}
        pool = hybrid.blend(pool.values(), request.similar)
    signals = _signals(reader, match, request.boosts, list(pool))
    ranked = rank.rank(pool.values(), signals, request.boosts)
    if number > len(ranked) and len(window) >= rank.WINDOW:
        rest = reader.best(match, number + len(pool))
        ranked += [(one.score, one) for one in rest if one.id not in pool]
    return Ordered(ranked[: max(number, len(pool))], signals)


def _lifted(reader: Reader, match: Match, request: Request) -> list[Candidate]:
    """Find what belongs up front although it may be far down by words: all words, pins."""
    found: list[Candidate] = []
    if match.needed < len(match.words):
        found += reader.best(replace(match, needed=len(match.words)), rank.WINDOW)
    lifted = request.boosts.pinned
    if lifted:
        found += reader.best(replace(match, only=_both(match.only, lifted)), rank.WINDOW)
    return found


def _by_finished(
    reader: Reader, match: Match, request: Request, number: int
) -> list[tuple[float, Candidate]]:
    """Put first what most have finished, in that order; the rest follows by its words."""
    places = {found: place for place, found in enumerate(request.finished)}
    only = _both(match.only, frozenset(places))
    first = reader.ordered(replace(match, only=only), Sort.NEWEST, max(1, len(places)))
    first.sort(key=lambda one: places[one.id])
    rest: list[Candidate] = []
    if number > len(first):
        others = replace(match, excluded=match.excluded | frozenset(places))
        rest = reader.best(others, number - len(first))
    return [(0.0, one) for one in (*first, *rest)]


def _both(only: frozenset[int] | None, ids: frozenset[int]) -> frozenset[int]:
    return ids if only is None else only & ids


def _signals(reader: Reader, match: Match, boosts: Boosts, ids: list[int]) -> Signals:
    """Tell which of these documents carry which signal."""
    demands = {
        "title": Demand(match.words, titled=True) if match.words else None,
        "all_words": Demand(match.words) if match.needed < len(match.words) else None,
        "role": _one_of("role", boosts.roles),
        "language": _one_of("language", boosts.languages),
    }
    asked = {name: demand for name, demand in demands.items() if demand is not None}
    held = reader.holding(ids, list(asked.values()))
    return Signals(pinned=boosts.pinned, **dict(zip(asked, held, strict=True)))


def _one_of(field: str, values: frozenset[str]) -> Demand | None:
    """Demand one of these facet values; None when there are none."""
    if not values:
        return None
    return Demand((Clause(tuple(Alternative(field, (value,)) for value in sorted(values))),))


def _gathered(ranked: Iterable[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """Keep one of each cluster where its first stands: the preferred one, if it is among them."""
    places: dict[tuple[bool, int], int] = {}
    kept: list[tuple[float, Candidate]] = []
    for score, one in ranked:
        key = (bool(one.cluster), one.cluster or one.id)
        if key not in places:
            places[key] = len(kept)
            kept.append((score, one))
        elif one.preferred:
            kept[places[key]] = (kept[places[key]][0], one)
    return kept


def _siblings(
    reader: Reader, request: Request, shown: Iterable[tuple[float, Candidate]]
) -> dict[int, list[int]]:
    """List what this reader may see of the clusters on the page, hidden documents left out."""
    clusters = {one.cluster for _, one in shown if one.cluster}
    found: dict[int, list[int]] = {}
    for one in reader.siblings(clusters, request.audience) if clusters else ():
        if one.id not in request.exclude:
            found.setdefault(one.cluster, []).append(one.id)
    return found


def _hits(
    found: Ordered,
    shown: Iterable[tuple[float, Candidate]],
    boosts: Boosts,
    also: dict[int, list[int]],
) -> list[Hit]:
    hits = []
    for score, one in shown:
        hit = rank.explain(score, one, found.signals, boosts)
        others = tuple(sorted(each for each in also.get(one.cluster, ()) if each != one.id))
        hits.append(replace(hit, also=others) if others else hit)
    return hits
