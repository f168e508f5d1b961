"""The default engine: Tantivy, embedded, with durable commits and columns for facets.

Words are terms of one pooled field, so that a question is one flat disjunction, which Tantivy
prunes. Everything that filters stands in the query itself and scores nothing.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import tantivy
from tantivy import Occur, Query

from search import entry as entries
from search.document import FACETS, Document, Sort
from search.plan import STARTS, TEXT, Alternative, Clause, Demand, Match
from search.rank import PREFIX_SHARE, Candidate, unpack

TITLE = "title"
AUDIENCE = "audience"
_HEAP_BYTES = 60_000_000
_MOST_VALUES = 65_000  # Tantivy's own limit of buckets
_USUAL_TIE = 12
_FEW_IDS = 200
_SAME = 4  # digits after which two scores are a tie
_ORDERS: Mapping[Sort, tuple[str, tantivy.Order]] = {
    Sort.NEWEST: ("newest", tantivy.Order.Desc),
    Sort.SHORTEST: ("shortest", tantivy.Order.Asc),
    Sort.TITLE: ("title_key", tantivy.Order.Asc),
}


class TantivyEngine:
    """Stores an index in a folder of Tantivy's own format."""

    name = "tantivy"
    layout = 2

    def create(self, folder: Path, documents: Iterable[Document]) -> int:
        """Build an index in an empty folder, durably, and say how many documents it holds."""
        index = _with_tokenizers(tantivy.Index(_schema(), str(folder), reuse=False))
        writer = index.writer(_HEAP_BYTES, 1)
        count = 0
        for document in documents:
            writer.add_document(_document(document))
            count += 1
        writer.commit()
        writer.wait_merging_threads()
        return count

    def write(self, folder: Path, put: Iterable[Document], delete: Iterable[int]) -> None:
        """Replace, add and delete documents in one durable commit."""
        entered = [(document.id, _document(document)) for document in put]
        gone = sorted({*delete, *(number for number, _ in entered)})
        index = _with_tokenizers(tantivy.Index.open(str(folder)))
        writer = index.writer(_HEAP_BYTES, 1)
        # a delete by term takes the number for a signed one and silently deletes nothing
        writer.delete_documents_by_query(Query.term_set_query(index.schema, "id", gone))
        for _, document in entered:
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path) -> "TantivyReader":
        """Open the last commit; raises ValueError or OSError when it is missing or torn."""
        return TantivyReader(folder)


class TantivyReader:
    """One commit of a Tantivy index."""

    def __init__(self, folder: Path) -> None:
        """Open the last commit; raises ValueError or OSError when it is missing or torn."""
        self._meta = folder / "meta.json"
        self._stamp = self._read_stamp()
        index = tantivy.Index.open(str(folder))
        self._schema = index.schema
        self._searcher = index.searcher()
        self.size = int(self._searcher.num_docs)
        self.languages = self._find_languages()
        self._clause = lru_cache(maxsize=4096)(self._build_clause)
        self._title = lru_cache(maxsize=4096)(self._build_title)

    def is_stale(self) -> bool:
        """Tell whether somebody has committed since."""
        return self._read_stamp() != self._stamp

    def close(self) -> None:
        """Let go of the files."""
        self._clause.cache_clear()
        self._title.cache_clear()

    def ids(self) -> frozenset[int]:
        """List the ids of all documents."""
        every = max(1, self.size)
        hits = self._searcher.search(Query.all_query(), every, count=False).hits
        return frozenset(map(int, self._column("id", [address for _, address in hits])))

    def count(
        self, match: Match, facets: tuple[str, ...]
    ) -> tuple[int, Mapping[str, Mapping[str, int]]]:
        """Count the matching documents, and for each facet those with each of its values."""
        wanted: dict[str, dict[str, object]] = {
            name: {"terms": {"field": name, "size": _MOST_VALUES}} for name in facets
        }
        wanted["total"] = {"value_count": {"field": "id"}}
        found = self._searcher.aggregate(self._compile(match), wanted)
        counts = {
            name: {bucket["key"]: bucket["doc_count"] for bucket in found[name]["buckets"]}
            for name in facets
        }
        return int(found["total"]["value"]), counts

    def best(self, match: Match, number: int) -> list[Candidate]:
        """Give the best by score, at least `number` if there are as many, never part of a tie."""
        query = self._compile(match)
        if not match.is_scored:
            hits = self._searcher.search(
                query, number, count=False, order_by_field="browse", order=tantivy.Order.Desc
            ).hits
            return self._candidates([(1.0, address) for _, address in hits])
        found = self._candidates(self._whole_ties(query, number))
        return sorted(found, key=lambda one: (-one.score, one.id))

    def holding(self, ids: Sequence[int], demands: Sequence[Demand]) -> list[frozenset[int]]:
        """Tell for each demand which of these documents meet it, by adding up powers of two."""
        if not ids or not demands:
            return [frozenset() for _ in demands]
        parts = [(Occur.Must, Query.const_score_query(self._ids(ids), 0.0))]
        for at, demand in enumerate(demands):
            compiled = self._title if demand.titled else self._whole
            every = _all_of([compiled(clause) for clause in demand.clauses])
            parts.append((Occur.Should, Query.const_score_query(every, float(2**at))))
        hits = self._searcher.search(Query.boolean_query(parts), len(ids), count=False).hits
        found = self._column("id", [address for _, address in hits])
        sums = [(int(number), int(score)) for number, (score, _) in zip(found, hits, strict=True)]
        return [
            frozenset(number for number, score in sums if score & 2**at)
            for at in range(len(demands))
        ]

    def ordered(self, match: Match, sort: Sort, offset: int, limit: int) -> list[int]:
        """Give a page of ids in an order that has nothing to do with words."""
        column, order = _ORDERS[sort]
        query = Query.const_score_query(self._compile(match), 0.0)
        hits = self._searcher.search(
            query, limit, count=False, order_by_field=column, offset=offset, order=order
        ).hits
        return list(map(int, self._column("id", [address for _, address in hits])))

    def titles(self, ids: Sequence[int]) -> list[str]:
        """Give the titles of these documents, in their order."""
        if not ids:
            return []
        query = Query.term_set_query(self._schema, "id", list(ids))
        hits = self._searcher.search(query, len(ids), count=False).hits
        addresses = [address for _, address in hits]
        keys = (self._searcher.doc(address).get_first("title_key") for address in addresses)
        known = dict(zip(self._column("id", addresses), keys, strict=True))
        return [entries.shown(str(known[wanted])) for wanted in ids]

    def skills(self, match: Match, prefix: str) -> dict[str, int]:
        """Give skill names with a word that begins with a folded prefix."""
        found = self._searcher.terms_with_prefix("skill_key", prefix, self._compile(match))
        return {entries.shown(key): count for key, count in reversed(found)}

    def _read_stamp(self) -> tuple[int, int]:
        state = self._meta.stat()
        return state.st_mtime_ns, state.st_ino

    def _find_languages(self) -> frozenset[str]:
        wanted = {"languages": {"terms": {"field": "language", "size": _MOST_VALUES}}}
        found = self._searcher.aggregate(Query.all_query(), wanted)
        return frozenset(bucket["key"] for bucket in found["languages"]["buckets"])

    def _column(self, name: str, addresses: list[tantivy.DocAddress]) -> list[float]:
        values = self._searcher.fast_field_values(name, addresses)
        return [0 if value is None else value for value in values]

    def _candidates(self, hits: list[tuple[float, tantivy.DocAddress]]) -> list[Candidate]:
        facts = self._column("facts", [address for _, address in hits])
        return [
            unpack(int(one), round(hit[0], _SAME)) for one, hit in zip(facts, hits, strict=True)
        ]

    def _whole_ties(self, query: Query, number: int) -> list[tuple[float, tantivy.DocAddress]]:
        """Fetch some more than asked for, until a tie at the end is seen whole."""
        limit = number + _USUAL_TIE
        while True:
            hits = self._searcher.search(query, limit, count=False).hits
            if len(hits) <= number:
                return hits
            lowest = round(hits[number - 1][0], _SAME)
            for at in range(number, len(hits)):
                if round(hits[at][0], _SAME) < lowest:
                    return hits[:at]
            if len(hits) < limit:
                return hits
            limit *= 4

    def _compile(self, match: Match) -> Query:
        """Write a match as one Tantivy query."""
        musts = [*self._words(match), *(self._whole(clause) for clause in match.must)]
        if match.titled:
            musts += [self._title(clause) for clause in match.words]
        silent = [self._values(AUDIENCE, match.audience)]
        silent += [self._values(name, values) for name, values in match.values.items()]
        if match.only is not None:
            silent.append(self._ids(match.only))
        never = [self._whole(clause) for clause in match.never]
        never += [self._values(name, values) for name, values in match.barred.items()]
        if match.excluded:
            never.append(self._ids(match.excluded))
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

    def _whole(self, clause: Clause) -> Query:
        return _any_of(self._clause(clause))

    def _build_title(self, clause: Clause) -> Query:
        """Compile what a clause demands of the title, where phrases are not told from words."""
        ways = [
            _all_of(
                [self._term(TITLE if way.field == TEXT else way.field, one) for one in way.terms]
            )
            for way in clause.alternatives
            if all(self._searcher.doc_freq(way.field, one) for one in way.terms)
        ]
        return Query.const_score_query(_any_of(ways), 0.0)

    def _build_clause(self, clause: Clause) -> tuple[Query, ...]:
        """Compile a clause to queries of which no document satisfies two."""
        if not clause.exclusive:
            ways = [query for way in clause.alternatives for query in self._way(way)]
            return (Query.disjunction_max_query(ways),) if ways else ()
        words = [way.terms[0] for way in clause.alternatives]
        often = {word: self._searcher.doc_freq(TEXT, word) for word in words}
        together = self._idf(sum(often.values()))
        return tuple(
            Query.boost_query(self._term(TEXT, word), together / self._idf(often[word]))
            for word in words
            if often[word]
        )

    def _way(self, way: Alternative) -> list[Query]:
        if len(way.terms) > 1:
            return [Query.phrase_query(self._schema, way.field, list(way.terms))]
        if not self._searcher.doc_freq(way.field, way.terms[0]):
            return []
        query = self._term(way.field, way.terms[0])
        if way.field == STARTS:
            return [Query.boost_query(query, PREFIX_SHARE)]
        return [query if way.field == TEXT else Query.const_score_query(query, 0.0)]

    def _idf(self, often: int) -> float:
        """Weigh a word by how rare it is in all languages together, as BM25 does for one term."""
        every = max(self.size, often)
        return math.log(1 + (every - often + 0.5) / (often + 0.5))

    def _term(self, field: str, word: str) -> Query:
        return Query.term_query(self._schema, field, word, "freq" if field == TEXT else "basic")

    def _values(self, field: str, values: Iterable[str]) -> Query:
        return _any_of([self._term(field, value) for value in sorted(values)])

    def _ids(self, ids: Iterable[int]) -> Query:
        """Match ids: few of them one by one, which is faster than a set, many as a set."""
        wanted = sorted(ids)
        if len(wanted) > _FEW_IDS:
            return Query.term_set_query(self._schema, "id", wanted)
        return _any_of([Query.term_query(self._schema, "id", one, "basic") for one in wanted])


_NUMBERS = ("facts", "browse", "newest", "shortest")


def _any_of(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, one) for one in queries]) if queries else _nothing()


def _all_of(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Must, one) for one in queries])


def _nothing() -> Query:
    return Query.empty_query()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_text_field(TEXT, tokenizer_name="terms", index_option="position")
    for name in (TITLE, STARTS):
        builder.add_text_field(name, tokenizer_name="terms", index_option="basic")
    for name in FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in (AUDIENCE, "skill_key"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(
        "title_key", tokenizer_name="raw", index_option="basic", fast=True, stored=True
    )
    for name in _NUMBERS:
        builder.add_unsigned_field(name, fast=True)
    return builder.build()


def _with_tokenizers(index: tantivy.Index) -> tantivy.Index:
    """Let Tantivy only cut at spaces: the analysis is ours and already done."""
    spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("terms", spaces)
    return index


def _document(document: Document) -> tantivy.Document:
    entry = entries.entry(document)
    made = tantivy.Document()
    made.add_text(TEXT, " ".join(entry.text))
    made.add_text(TITLE, " ".join(entry.title))
    made.add_text(STARTS, " ".join(entry.starts))
    made.add_text("title_key", entry.title_key)
    for name, values in {**entry.values, AUDIENCE: entry.audience}.items():
        for value in values:
            made.add_text(name, value)
    for key in entry.skill_keys:
        made.add_text("skill_key", key)
    for name in ("id", *_NUMBERS):
        made.add_unsigned(name, getattr(entry, name))
    return made
