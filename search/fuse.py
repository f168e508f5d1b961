"""Puts what tools found live where it belongs among the results of the index.

Every tool ranks by figures of its own, and merging such ranks loses more than half of the quality
(measured by `bench/federation.py`). So what comes back is scored here once more, by its text and
with the statistics of the index, and gets the boosts that can be told of it. Those scores and the
index's are of one kind.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

from search import rank
from search.bm25 import Weight, terms_of, weigh
from search.document import Document, Hit, Request
from search.engine import understand
from search.entry import entry
from search.plan import Match
from search.rank import ALL_WORDS, Candidate, Signals
from search.reader import Reader

Keys = Mapping[int, Collection[Hashable]]


def score(reader: Reader, request: Request, documents: Iterable[Document]) -> list[Hit]:
    """Score documents that the index need not hold, as it would, best first.

    One that lacks a demanded phrase or holds an excluded word is left out. One that lacks words is
    not: whoever found it has read more of it than is told here.
    """
    match = understand(reader, request)
    known = reader.statistics(terms_of(match))
    weighed = {one.id: (one, weigh(match, entry(one), known)) for one in documents}
    return _ranked({id_: one for id_, one in weighed.items() if one[1].fits}, match, request)


def merge(indexed: Sequence[Hit], live: Sequence[Hit], keys: Keys) -> list[Hit]:
    """Give one order: what the index found keeps its own, each live hit stands where it belongs.

    `keys` say by what hits are recognised, by their ids. Of live hits with a key in common the
    first counts, and none that has one in common with an indexed hit.
    """
    left = distinct(indexed, sorted(live, key=place), keys)
    merged: list[Hit] = []
    for hit in indexed:
        while left and place(left[0]) < place(hit):
            merged.append(left.pop(0))
        merged.append(hit)
    return merged + left


def distinct(indexed: Iterable[Hit], live: Iterable[Hit], keys: Keys) -> list[Hit]:
    """Give the live hits that are neither one of the indexed ones nor one another again."""
    seen = {key for hit in indexed for key in keys.get(hit.id, ())}
    kept: list[Hit] = []
    for hit in live:
        own = set(keys.get(hit.id, ()))
        if own.isdisjoint(seen):
            kept.append(hit)
        seen |= own
    return kept


def place(hit: Hit) -> tuple[bool, float]:
    """Give what orders hits: those with all the words first, then the higher score."""
    return ALL_WORDS not in hit.boosts, -hit.score


def _ranked(
    weighed: Mapping[int, tuple[Document, Weight]], match: Match, request: Request
) -> list[Hit]:
    boosts, some = request.boosts, match.needed < len(match.words)
    every = {id_ for id_, (_, one) in weighed.items() if one.held == len(match.words)}
    signals = Signals(
        all_words=every if some else (),
        title={id_ for id_, (_, one) in weighed.items() if one.titled},
        role={id_ for id_, (one, _) in weighed.items() if boosts.roles & set(one.roles)},
        language={id_ for id_, (one, _) in weighed.items() if one.language in boosts.languages},
        pinned=boosts.pinned,
    )
    candidates = [
        rank.unpack(rank.pack(document), round(one.score, rank.SAME_DIGITS))
        for document, one in weighed.values()
    ]
    ranked: list[tuple[float, Candidate]] = rank.rank(candidates, signals, boosts)
    return [rank.explain(*one, signals, boosts) for one in ranked]
