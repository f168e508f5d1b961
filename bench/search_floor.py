"""The floor that searches are compared with: Tantivy as its documentation shows it.

One pooled text, the same words, filters, audience and counts as a search of ours; no query
language, boosts, highlights or paging.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import tantivy
from tantivy import Occur, Query

from search.document import Document, facet_values

FACETS = ("kind", "tool", "role", "level")
READER = frozenset({"everyone", "dept:service", "role:engineer"})


@dataclass(frozen=True)
class Question:
    """Some words and perhaps a ticked kind."""

    words: tuple[str, ...]
    kind: str | None


def build(folder: Path, documents: Iterable[Document]) -> None:
    """Index documents in an empty folder."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name="en_stem")
    for name in (*FACETS, "audience"):
        fast = name != "audience"
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=fast)
    index = tantivy.Index(builder.build(), str(folder))
    writer = index.writer(60_000_000, 1)
    for document in documents:
        writer.add_document(_document(document))
    writer.commit()
    writer.wait_merging_threads()


class Floor:
    """An index that was built, and the questions to it."""

    def __init__(self, folder: Path) -> None:
        """Open the index."""
        index = tantivy.Index.open(str(folder))
        self._schema = index.schema
        self._searcher = index.searcher()
        stem = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        stem = stem.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.stemmer("english"))
        self._stem = stem.build()

    def ask(self, question: Question) -> int:
        """Find twenty, count all, count four facets; give the total."""
        words = [self._term("text", word) for text in question.words for word in self._terms(text)]
        musts = [
            Query.boolean_query([(Occur.Should, word) for word in words], min(2, len(words))),
            Query.boolean_query([(Occur.Should, self._term("audience", one)) for one in READER]),
        ]
        ticked = [self._term("kind", question.kind)] if question.kind else []
        query = Query.boolean_query([(Occur.Must, one) for one in musts + ticked])
        found = self._searcher.search(query, 20)
        self._searcher.fast_field_values("id", [address for _, address in found.hits])
        self._counts(query, [name for name in FACETS if not ticked or name != "kind"])
        if ticked:
            self._counts(Query.boolean_query([(Occur.Must, one) for one in musts]), ["kind"])
        return int(found.count or 0)

    def _counts(self, query: Query, names: Sequence[str]) -> None:
        wanted = {name: {"terms": {"field": name, "size": 1000}} for name in names}
        self._searcher.aggregate(query, wanted)

    def _terms(self, text: str) -> list[str]:
        return list(self._stem.analyze(text))

    def _term(self, field: str, value: str) -> Query:
        option = "position" if field == "text" else "basic"
        return Query.term_query(self._schema, field, value, option)


def _document(document: Document) -> tantivy.Document:
    made = tantivy.Document()
    made.add_unsigned("id", document.id)
    skills = " ".join(document.skill_names)
    made.add_text("text", f"{document.title} {skills} {document.tool_name} {document.body}")
    values = facet_values(document)
    for name in FACETS:
        for value in values[name]:
            made.add_text(name, value)
    for token in document.audience:
        made.add_text("audience", token)
    return made
