"""Writes what an engine has to find as Tantivy queries.

Words are flat term queries over the pooled text; everything that only filters scores nothing.
Compiled clauses are kept, for the pages and facets of one question ask for them again and again.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import tantivy
from tantivy import FieldType, Occur, Query

from search.completion import COMPLETES, Wanted
from search.entry import AUDIENCE, IN_TITLE
from search.plan import STARTS, TEXT, Alternative, Clause, Demand, Match
from search.ranges import Range
from search.rank import OTHER_SHARE, PREFIX_SHARE

_FEW_IDS = 200
_KEPT = 4096
Made = TypeVar("Made")


class Compiler:
    """Compiles matches for one state of an index, whose word counts it needs."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher) -> None:
        """Start with nothing compiled."""
        self._schema = schema
        self._searcher = searcher
        self._clauses: dict[Clause, tuple[Query, ...]] = {}
        self._titles: dict[Clause, Query] = {}
        self._last: tuple[Match, Query] | None = None

    def match(self, match: Match) -> Query:
        """Write a match as one query; the last one is kept, for it is counted and then ranked."""
        last = self._last
        if last is None or last[0] is not match:
            last = self._last = (match, self._compiled(match))
        return last[1]

    def _compiled(self, match: Match) -> Query:
        musts = [*self._words(match), *(self._whole(clause) for clause in match.must)]
        if match.titled:
            musts += [self._title(clause) for clause in match.words]
        silent = [self._values(AUDIENCE, match.audience)]
        silent += [self._values(name, values) for name, values in match.values.items()]
        silent += [_any_of([self._range(one) for one in choice]) for choice in match.ranges]
        if match.only is not None:
            silent.append(self.ids(match.only))
        never = [self._whole(clause) for clause in match.never]
        never += [self._values(name, values) for name, values in match.barred.items()]
        never += [self._range(one) for one in match.out]
        if match.excluded:
            never.append(self.ids(match.excluded))
        return Query.boolean_query(
            [
                *((Occur.Must, query) for query in musts),
                *((Occur.Must, Query.const_score_query(query, 0.0)) for query in silent),
                *((Occur.MustNot, query) for query in never),
            ]
        )

    def _words(self, match: Match) -> list[Query]:
        """Demand as many words as needed, scoring all of them."""
        clauses = [self._clause(clause) for clause in match.words]
        if match.needed >= len(clauses):
            return [_any_of(queries) for queries in clauses]
        flat = [query for queries in clauses for query in queries]
        return [Query.boolean_query([(Occur.Should, one) for one in flat], match.needed)]

    def completion(self, match: Match, wanted: Wanted) -> Query:
        """Write what completes a search box."""
        ways = _any_of([self._every(way) for way in wanted.ways])
        parts = [
            (Occur.Must, Query.const_score_query(self.match(match), 1.0)),
            (Occur.Must, Query.const_score_query(ways, 0.0)),
        ]
        for word, worth in wanted.lifts.items():
            lifted = Query.const_score_query(self._term(COMPLETES, word), worth)
            parts.append((Occur.Should, lifted))
        return Query.boolean_query(parts)

    def _every(self, words: Sequence[str]) -> Query:
        return _all_of([self._term(COMPLETES, word) for word in words])

    def demand(self, demand: Demand) -> Query:
        """Write what a boost demands."""
        compiled = self._title if demand.titled else self._whole
        return _all_of([compiled(clause) for clause in demand.clauses])

    def _clause(self, clause: Clause) -> tuple[Query, ...]:
        return _kept(self._clauses, clause, self._build_clause)

    def _title(self, clause: Clause) -> Query:
        return _kept(self._titles, clause, self._build_title)

    def _whole(self, clause: Clause) -> Query:
        return _any_of(self._clause(clause))

    def _build_title(self, clause: Clause) -> Query:
        """Compile what a clause demands of the title, where phrases are not told from words."""
        ways = [
            _all_of([self._term(IN_TITLE.get(way.field, way.field), one) for one in way.terms])
            for way in clause.alternatives
            if all(self._searcher.doc_freq(way.field, one) for one in way.terms)
        ]
        return Query.const_score_query(_any_of(ways), 0.0)

    def _build_clause(self, clause: Clause) -> tuple[Query, ...]:
        """Compile a clause to queries of which no document satisfies two."""
        words = self._in_any_language(clause)
        if clause.exclusive:
            return tuple(words)
        others = [way for way in clause.alternatives if not way.is_word]
        most = self._worth(clause)
        ways = [query for way in others for query in self._way(way, most)]
        return (Query.disjunction_max_query([*words, *ways]),) if ways else tuple(words)

    def _worth(self, clause: Clause) -> float:
        """Give the worth of the typed words of a clause, which other words may not exceed."""
        typed = [way for way in clause.alternatives if way.field == TEXT and not way.other]
        words = [way.terms[0] for way in typed if way.is_word]
        if words or not typed:
            return self._idf(sum(self._searcher.doc_freq(TEXT, word) for word in words))
        return max(self._rarity(way.terms) for way in typed)

    def _rarity(self, terms: Iterable[str]) -> float:
        return sum(self._idf(self._searcher.doc_freq(TEXT, term)) for term in terms)

    def _in_any_language(self, clause: Clause) -> list[Query]:
        """Weigh the word by how rare it is in all languages together, not in each by itself."""
        words = [way.terms[0] for way in clause.alternatives if way.is_word]
        often = {word: self._searcher.doc_freq(TEXT, word) for word in words}
        together = self._idf(sum(often.values()))
        return [
            Query.boost_query(self._term(TEXT, word), together / self._idf(often[word]))
            for word in words
            if often[word]
        ]

    def _way(self, way: Alternative, most: float) -> list[Query]:
        if not all(self._searcher.doc_freq(way.field, term) for term in way.terms):
            return []
        if len(way.terms) > 1:
            query = Query.phrase_query(self._schema, way.field, list(way.terms))
        else:
            query = self._term(way.field, way.terms[0])
        if way.other:
            share = OTHER_SHARE * min(1.0, most / self._rarity(way.terms))
            return [Query.boost_query(query, share)]
        if len(way.terms) > 1:
            return [query]
        if way.field == STARTS:
            return [Query.boost_query(query, PREFIX_SHARE)]
        return [query if way.field == TEXT else Query.const_score_query(query, 0.0)]

    def _idf(self, often: int) -> float:
        """Weigh a word by how rare it is in all languages together, as BM25 does for one term."""
        every = max(self._searcher.num_docs, often)
        return math.log(1 + (every - often + 0.5) / (often + 0.5))

    def _range(self, wanted: Range) -> Query:
        high = wanted.high
        return Query.range_query(
            self._schema, wanted.field, FieldType.Unsigned, max(0, wanted.low or 0), high
        )

    def _term(self, field: str, word: str) -> Query:
        return Query.term_query(self._schema, field, word, "freq" if field == TEXT else "basic")

    def _values(self, field: str, values: Iterable[str]) -> Query:
        return _any_of([self._term(field, value) for value in sorted(values)])

    def ids(self, ids: Iterable[int]) -> Query:
        """Match ids: few of them one by one, which is faster than a set, many as a set."""
        wanted = sorted(ids)
        if len(wanted) > _FEW_IDS:
            return Query.term_set_query(self._schema, "id", wanted)
        return _any_of([Query.term_query(self._schema, "id", one, "basic") for one in wanted])


def _kept(known: dict[Clause, Made], clause: Clause, build: Callable[[Clause], Made]) -> Made:
    """Build once; forget everything when there is too much of it."""
    found = known.get(clause)
    if found is None:
        if len(known) >= _KEPT:
            known.clear()
        found = known[clause] = build(clause)
    return found


def _any_of(queries: Sequence[Query]) -> Query:
    if not queries:
        return Query.empty_query()
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, one) for one in queries])


def _all_of(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Must, one) for one in queries])
