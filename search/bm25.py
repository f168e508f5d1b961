"""What a text would score in an index that does not hold it: BM25 as the engines count it.

Robertson and Zaragoza (2009), The Probabilistic Relevance Framework, with Lucene's idf. What an
engine has to tell about its index is in `Statistics`; with them a text that comes from elsewhere
gets the very score that the index would give it, and the two may stand in one order.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from search.entry import Entry
from search.plan import STARTS, TEXT, Alternative, Clause, Match
from search.rank import OTHER_SHARE, PREFIX_SHARE
from search.spelling import VOCABULARY

K1, B = 1.2, 0.75
Term = tuple[str, str]


@dataclass(frozen=True)
class Statistics:
    """What an index knows of its documents.

    `often` says how many hold a term of a field, `lengths` how long a field is on average. An
    engine may round lengths down to `steps`, and may take a phrase for one word however often it
    stands there (not `counts_phrases`).
    """

    size: int
    often: Mapping[Term, int] = field(default_factory=dict)
    lengths: Mapping[str, float] = field(default_factory=dict)
    steps: tuple[int, ...] = ()
    counts_phrases: bool = True

    def idf(self, often: int) -> float:
        """Weigh what so many documents hold."""
        every = max(self.size, often)
        return math.log(1 + (every - often + 0.5) / (often + 0.5))

    def saturated(self, name: str, times: float, length: int) -> float:
        """Give BM25's share of a term: how often it stands in a text of this length."""
        if self.steps:
            length = self.steps[bisect_right(self.steps, length) - 1]
        usual = self.lengths.get(name) or length or 1.0
        return times * (K1 + 1) / (times + K1 * (1 - B + B * length / usual))


@dataclass(frozen=True, slots=True)
class Weight:
    """What a document scores, how many of the words it holds, and whether its title holds all.

    `fits` is False where it lacks what must be there or holds what must not.
    """

    score: float
    held: int
    titled: bool
    fits: bool


def terms_of(match: Match) -> frozenset[Term]:
    """List the terms whose statistics scoring needs."""
    clauses = (*match.words, *match.must)
    ways = (way for clause in clauses for way in clause.alternatives)
    return frozenset((way.field, one) for way in ways for one in way.terms)


def weigh(match: Match, entry: Entry, known: Statistics) -> Weight:
    """Weigh one analysed document, as if it stood in the index that the statistics are of."""
    text = _Text(entry)
    words = [_score(clause, text, known) for clause in match.words]
    must = [_score(clause, text, known) for clause in match.must]
    never = [_score(clause, text, known) for clause in match.never]
    return Weight(
        score=sum(one or 0.0 for one in (*words, *must)),
        held=sum(one is not None for one in words),
        titled=bool(words) and all(_in_title(clause, entry) for clause in match.words),
        fits=None not in must and all(one is None for one in never),
    )


class _Text:
    """An analysed document, its terms counted once."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.counts = Counter(entry.text)

    def times(self, way: Alternative) -> int:
        """Count how often an alternative stands there."""
        if way.field == STARTS:
            return int(way.terms[0] in self.entry.starts)
        if way.field == VOCABULARY:
            return int(way.terms[0] in self.entry.vocabulary)
        if way.field != TEXT:
            return int(way.terms[0] in self.entry.values.get(way.field, ()))
        if len(way.terms) == 1:
            return self.counts[way.terms[0]]
        if not all(self.counts[one] for one in way.terms):
            return 0
        return sum(here == way.terms for here in _windows(self.entry.text, len(way.terms)))

    def length(self, name: str) -> int:
        """Count the terms of a field."""
        return len(self.entry.starts if name == STARTS else self.entry.text)


def _windows(text: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    return (text[at : at + size] for at in range(len(text) - size + 1))


def _score(clause: Clause, text: _Text, known: Statistics) -> float | None:
    """Score a clause by its best alternative; None where none of them is there."""
    words = [(way.field, way.terms[0]) for way in clause.alternatives if way.is_word]
    together = known.idf(sum(known.often.get(one, 0) for one in words))
    scores: list[float] = []
    for way in clause.alternatives:
        times = text.times(way)
        if not times:
            continue
        if way.field not in (TEXT, STARTS):
            scores.append(0.0)
            continue
        worth = together if way.is_word else _worth(way, known)
        if way.other:
            worth = OTHER_SHARE * min(worth, together if words else _most(clause, known))
        if len(way.terms) > 1 and not known.counts_phrases:
            times = 1
        scores.append(worth * known.saturated(way.field, times, text.length(way.field)))
    return max(scores, default=None)


def _most(clause: Clause, known: Statistics) -> float:
    """Give the worth of a typed phrase, which other words may not exceed."""
    typed = (way for way in clause.alternatives if way.field == TEXT and not way.other)
    return max((_worth(way, known) for way in typed), default=known.idf(0))


def _worth(way: Alternative, known: Statistics) -> float:
    share = PREFIX_SHARE if way.field == STARTS else 1.0
    return share * sum(known.idf(known.often.get((way.field, one), 0)) for one in way.terms)


def _in_title(clause: Clause, entry: Entry) -> bool:
    """Tell whether one alternative stands in the title, where phrases are not told from words."""
    held: Mapping[str, Collection[str]] = {
        **entry.values,
        TEXT: entry.title,
        STARTS: entry.completes,
        VOCABULARY: entry.vocabulary,
    }
    return any(
        all(one in held.get(way.field, ()) for one in way.terms) for way in clause.alternatives
    )
