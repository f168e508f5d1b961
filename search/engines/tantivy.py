"""The default engine: Tantivy, embedded, with durable commits and columns for facets.

Words are terms of one pooled field, so that a question is one flat disjunction, which Tantivy
prunes. Everything that filters stands in the query itself and scores nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import tantivy
from tantivy import Occur, Query

from search import entry as entries
from search.bm25 import Statistics, Term
from search.completion import COMPLETES, Title, Wanted, read_title
from search.document import FACETS, Document, Sort
from search.engines.tantivy_files import META, check, clear_leftovers
from search.engines.tantivy_query import Compiler
from search.engines.tantivy_statistics import statistics
from search.entry import AUDIENCE, GROUP, NUMBERS, RANGED, SKILL_KEY, TITLE
from search.memory import Memory
from search.plan import STARTS, TEXT, Demand, Match
from search.rank import SAME_DIGITS, Candidate, unpack
from search.spelling import VOCABULARY

_HEAP_BYTES = 60_000_000
_TOO_MANY_VALUES = 65_001  # one more than Tantivy aggregates: it refuses, and leaves none out
_REFUSED = "Aborting aggregation"
_USUAL_TIE = 12
_ORDERS: Mapping[Sort, tuple[str, tantivy.Order]] = {
    Sort.NEWEST: ("newest", tantivy.Order.Desc),
    Sort.SHORTEST: ("shortest", tantivy.Order.Asc),
    Sort.TITLE: ("title_key", tantivy.Order.Asc),
}


class TantivyEngine:
    """Stores an index in a folder of Tantivy's own format."""

    name = "tantivy"
    layout = 4

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
        clear_leftovers(folder)
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
        self._folder = folder
        self._stamp = self._read_stamp()
        self.check_files()
        index = tantivy.Index.open(str(folder))
        self._schema = index.schema
        self._searcher = index.searcher()
        self.size = int(self._searcher.num_docs)
        self.languages = self._find_languages()
        self._compiler = Compiler(index.schema, self._searcher)
        self.memory = Memory()

    def is_stale(self) -> bool:
        """Tell whether somebody has committed since."""
        return self._read_stamp() != self._stamp

    def close(self) -> None:
        """Let go of the files: Tantivy does when the reader is forgotten."""

    def check_files(self) -> None:
        """Raise OSError or ValueError when a file of the last commit has been damaged since."""
        check(self._folder)

    def ids(self) -> frozenset[int]:
        """List the ids of all documents."""
        every = max(1, self.size)
        hits = self._searcher.search(Query.all_query(), every, count=False).hits
        return frozenset(map(int, self._column("id", [address for _, address in hits])))

    def count(
        self, match: Match, facets: tuple[str, ...]
    ) -> tuple[int, Mapping[str, Mapping[str, int]]]:
        """Count the matching documents, and for each facet those with each of its values."""
        query = self._compiler.match(match)
        if not facets:  # an aggregation takes twice as long to count as a search
            found = self._searcher.search(query, 1)
            return int(found.count), {}  # type: ignore[attr-defined]  # the stub forgets it
        try:
            return self._aggregate(query, facets)
        except ValueError as error:
            if not str(error).startswith(_REFUSED):
                raise
            return self._count_terms(query, facets)

    def best(self, match: Match, number: int) -> list[Candidate]:
        """Give the best by score, at least `number` if there are as many, never part of a tie."""
        query = self._compiler.match(match)
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
        parts = [(Occur.Must, Query.const_score_query(self._compiler.ids(ids), 0.0))]
        for at, demand in enumerate(demands):
            met = Query.const_score_query(self._compiler.demand(demand), float(2**at))
            parts.append((Occur.Should, met))
        hits = self._searcher.search(Query.boolean_query(parts), len(ids), count=False).hits
        found = self._column("id", [address for _, address in hits])
        sums = [(int(number), int(score)) for number, (score, _) in zip(found, hits, strict=True)]
        return [
            frozenset(number for number, score in sums if score & 2**at)
            for at in range(len(demands))
        ]

    def ordered(self, match: Match, sort: Sort, number: int) -> list[Candidate]:
        """Give the first documents of an order that has nothing to do with words."""
        column, order = _ORDERS[sort]
        query = Query.const_score_query(self._compiler.match(match), 0.0)
        hits = self._searcher.search(
            query, number, count=False, order_by_field=column, order=order
        ).hits
        return self._candidates([(0.0, address) for _, address in hits])

    def siblings(self, clusters: Collection[int], audience: frozenset[str]) -> list[Candidate]:
        """Give all documents of these clusters that this audience may see."""
        keys = [key for one in sorted(clusters) for key in (one << 1, one << 1 | 1)]
        match = Match((), 0, audience)
        wanted = Query.term_set_query(self._schema, GROUP, keys)
        query = Query.boolean_query(
            [(Occur.Must, wanted), (Occur.Must, self._compiler.match(match))]
        )
        hits = self._searcher.search(query, max(1, self.size), count=False).hits
        return self._candidates([(0.0, address) for _, address in hits])

    def frequency(self, field: str, term: str) -> int:
        """Count the documents that hold a term, whoever may see them."""
        return int(self._searcher.doc_freq(field, term))

    def starting(self, field: str, beginning: str) -> list[str]:
        """List the terms of a field that have a beginning, whoever may see them."""
        return [term for term, _ in self._searcher.terms_with_prefix(field, beginning)]

    def complete(self, match: Match, wanted: Wanted, number: int) -> list[tuple[Candidate, Title]]:
        """Give documents that match and hold what is wanted, with their titles, best first."""
        hits = self._searcher.search(
            self._compiler.completion(match, wanted), number, count=False, weight_by_field="browse"
        ).hits
        return list(zip(self._candidates(hits), map(self._title, hits), strict=True))

    def statistics(self, terms: Collection[Term]) -> Statistics:
        """Tell what scoring these terms of texts from elsewhere takes."""
        return statistics(self._schema, self._searcher, terms)

    def skills(self, match: Match, prefix: str) -> dict[str, int]:
        """Give skill names with a word that begins with a folded prefix."""
        found = self._searcher.terms_with_prefix(SKILL_KEY, prefix, self._compiler.match(match))
        return {entries.skill_name(key): count for key, count in reversed(found)}

    def _title(self, hit: tuple[float, tantivy.DocAddress]) -> Title:
        shown: bytes = self._searcher.doc(hit[1])["shown"][0]
        return read_title(shown.decode("utf-8"))

    def _read_stamp(self) -> tuple[int, int]:
        state = (self._folder / META).stat()
        return state.st_mtime_ns, state.st_ino

    def _find_languages(self) -> frozenset[str]:
        return frozenset(value for value, _ in self._terms("language", Query.all_query()))

    def _aggregate(
        self, query: Query, facets: tuple[str, ...]
    ) -> tuple[int, Mapping[str, Mapping[str, int]]]:
        """Count with Tantivy's aggregations; raises ValueError when there are too many values."""
        wanted: dict[str, dict[str, object]] = {
            name: {"terms": {"field": name, "size": _TOO_MANY_VALUES}} for name in facets
        }
        wanted["total"] = {"value_count": {"field": "id"}}
        found = self._searcher.aggregate(query, wanted)
        counts = {
            name: {bucket["key"]: bucket["doc_count"] for bucket in found[name]["buckets"]}
            for name in facets
        }
        return int(found["total"]["value"]), counts

    def _count_terms(
        self, query: Query, facets: tuple[str, ...]
    ) -> tuple[int, Mapping[str, Mapping[str, int]]]:
        """Count value by value, however many there are."""
        total, _ = self._aggregate(query, ())
        return total, {name: dict(self._terms(name, query)) for name in facets}

    def _terms(self, field: str, query: Query) -> list[tuple[str, int]]:
        return self._searcher.terms_with_prefix(field, "", query)

    def _column(self, name: str, addresses: list[tantivy.DocAddress]) -> list[float]:
        values = self._searcher.fast_field_values(name, addresses)
        return [0 if value is None else value for value in values]

    def _candidates(self, hits: list[tuple[float, tantivy.DocAddress]]) -> list[Candidate]:
        addresses = [address for _, address in hits]
        facts, groups = self._column("facts", addresses), self._column(GROUP, addresses)
        return [
            unpack(int(one), round(hit[0], SAME_DIGITS), int(group))
            for one, group, hit in zip(facts, groups, hits, strict=True)
        ]

    def _whole_ties(self, query: Query, number: int) -> list[tuple[float, tantivy.DocAddress]]:
        """Fetch some more than asked for, until a tie at the end is seen whole."""
        limit = number + _USUAL_TIE
        while True:
            hits = self._searcher.search(query, limit, count=False).hits
            if len(hits) <= number:
                return hits
            lowest = round(hits[number - 1][0], SAME_DIGITS)
            for at in range(number, len(hits)):
                if round(hits[at][0], SAME_DIGITS) < lowest:
                    return hits[:at]
            if len(hits) < limit:
                return hits
            limit *= 4


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_text_field(TEXT, tokenizer_name="terms", index_option="position")
    for name in (TITLE, STARTS, COMPLETES, VOCABULARY):
        builder.add_text_field(name, tokenizer_name="terms", index_option="basic")
    for name in FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in (AUDIENCE, SKILL_KEY):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title_key", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_bytes_field("shown", stored=True)
    for name in (*NUMBERS, *RANGED):
        builder.add_unsigned_field(name, fast=True, indexed=name == GROUP)
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
    made.add_text(COMPLETES, " ".join(entry.completes))
    made.add_text(VOCABULARY, " ".join(entry.vocabulary))
    made.add_text("title_key", entry.title_key)
    made.add_bytes("shown", entry.shown.encode("utf-8"))
    for name, values in {**entry.values, AUDIENCE: entry.audience}.items():
        for value in values:
            made.add_text(name, value)
    for key in entry.skill_keys:
        made.add_text(SKILL_KEY, key)
    for name in ("id", *NUMBERS):
        made.add_unsigned(name, getattr(entry, name))
    for name in RANGED:
        if getattr(entry, name) is not None:
            made.add_unsigned(name, getattr(entry, name))
    return made
