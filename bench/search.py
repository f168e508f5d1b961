"""What a search costs against the engine's own API given the same questions, and how good it is.

    python bench/search.py CATALOGUE_JSONL [--items 100000] [--engine whoosh] [--qrels FOLDER]

Each question has one to three words, an audience and four facets, each counted without its own
filter; every second question ticks a value. The floor asks Tantivy itself: one pooled text, the
same words, filters and counts, no analysis, ranking or paging of ours. The budget is 3x (Tantivy).
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import tantivy
from tantivy import Occur, Query

from bench.search_quality import from_row, measure, rows
from search.document import Boosts, Document, Request, facet_values
from search.engines import ENGINES
from search.query import parse
from search.store import IndexStore
from search.text import is_stopword

FACETS = ("kind", "tool", "role", "level")
READER = frozenset({"everyone", "dept:service", "role:engineer"})
QUESTIONS = 200
UPDATES = 20
BUDGET = 3.0
NOW = date(2026, 6, 1)


@dataclass(frozen=True)
class Question:
    """Some words and perhaps a ticked kind."""

    words: tuple[str, ...]
    kind: str | None


def main() -> None:
    """Build the indexes and print what was measured."""
    arguments = _arguments()
    catalogue = [from_row(number, row) for number, row in enumerate(rows(arguments.catalogue))]
    documents = _multiplied(catalogue, arguments.items)
    questions = _questions(catalogue, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        store = IndexStore(Path(folder) / "ours", arguments.engine)
        print(f"{len(documents)} items, {arguments.engine}, {QUESTIONS} questions")
        _index(store, documents)
        _searches(store, Floor(documents, Path(folder)), questions)
        _updates(store, IndexStore(Path(folder) / "ours", arguments.engine), documents)
        if arguments.qrels:
            _quality(arguments.qrels, arguments.catalogue, catalogue, store)


class Floor:
    """Tantivy as its documentation shows it, with a schema that can answer the questions."""

    def __init__(self, documents: Sequence[Document], folder: Path) -> None:
        """Index the documents."""
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("id", indexed=True, fast=True)
        builder.add_text_field("text", tokenizer_name="en_stem")
        for name in (*FACETS, "audience"):
            builder.add_text_field(
                name, tokenizer_name="raw", index_option="basic", fast=name != "audience"
            )
        self._schema = builder.build()
        (folder / "floor").mkdir()
        index = tantivy.Index(self._schema, str(folder / "floor"))
        writer = index.writer(60_000_000, 1)
        for document in documents:
            writer.add_document(self._document(document))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()
        self._stem = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        self._stem = self._stem.filter(tantivy.Filter.lowercase())
        self._stem = self._stem.filter(tantivy.Filter.stemmer("english")).build()

    def ask(self, question: Question) -> int:
        """Find ten, count all, count four facets; give the total."""
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

    def _document(self, document: Document) -> tantivy.Document:
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


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("--items", type=int, default=0)
    parser.add_argument("--engine", choices=sorted(ENGINES), default="tantivy")
    parser.add_argument("--qrels", type=Path)
    return parser.parse_args()


def _multiplied(catalogue: Sequence[Document], wanted: int) -> list[Document]:
    """Copy the catalogue under other numbers until there is enough; every tenth is restricted."""
    total = max(wanted, len(catalogue))
    audiences = [frozenset({"everyone"})] * 9 + [frozenset({"dept:sales"})]
    return [
        replace(catalogue[number % len(catalogue)], id=number, audience=audiences[number % 10])
        for number in range(total)
    ]


def _questions(catalogue: Sequence[Document], seed: int) -> list[Question]:
    chance = random.Random(seed)
    titles = [document.title for document in catalogue if document.language == "en"]
    kinds = sorted({document.kind for document in catalogue})
    questions: list[Question] = []
    while len(questions) < QUESTIONS:
        words = [word for word in chance.choice(titles).split() if word.isalpha()]
        telling = [word for word in words if len(word) > 2 and not is_stopword(word.lower())]
        if telling:
            chosen = tuple(chance.sample(telling, min(len(telling), chance.randint(1, 3))))
            ticked = chance.choice(kinds) if len(questions) % 2 else None
            questions.append(Question(chosen, ticked))
    return questions


def _index(store: IndexStore, documents: Sequence[Document]) -> None:
    began = time.perf_counter()
    store.rebuild(documents)
    seconds = time.perf_counter() - began
    print(f"index: {len(documents) / seconds:.0f} items/s ({seconds:.1f} s)")


def _searches(store: IndexStore, floor: Floor, questions: Sequence[Question]) -> None:
    def ask(question: Question) -> int:
        filters = {"kind": frozenset({question.kind})} if question.kind else {}
        boosts = Boosts(roles=frozenset({"engineer"}), now=NOW)
        query = parse(" ".join(question.words))
        return store.search(Request(query, READER, filters, FACETS, boosts=boosts)).total

    bare, ours = _times(floor.ask, ask, questions)
    for name, pick in (("median", 0.5), ("p95", 0.95), ("p99", 0.99)):
        mine, theirs = _at(ours, pick), _at(bare, pick)
        print(f"search {name}: {mine:.2f} ms, floor {theirs:.2f} ms, {mine / theirs:.1f}x")
    ratio = statistics.fmean(ours) / statistics.fmean(bare)
    print(f"search mean: {ratio:.1f}x of the floor, budget {BUDGET:.0f}x for tantivy")


def _times(
    first: Callable[[Question], int],
    second: Callable[[Question], int],
    questions: Sequence[Question],
) -> tuple[list[float], list[float]]:
    """Ask both in turn, so that both feel the same load; milliseconds of this thread's own work."""
    taken: tuple[list[float], list[float]] = ([], [])
    for counted in (False, True, True):
        for question in questions:
            for ask, kept in zip((first, second), taken, strict=True):
                began = time.thread_time()
                ask(question)
                if counted:
                    kept.append((time.thread_time() - began) * 1000)
    return taken


def _updates(writer: IndexStore, reader: IndexStore, documents: Sequence[Document]) -> None:
    taken: list[float] = []
    for number in range(UPDATES):
        changed = replace(documents[number], title=f"zeppelin{number}x")
        request = Request(parse(changed.title), READER | changed.audience, facets=())
        began = time.perf_counter()
        writer.write([changed])
        while reader.search(request).total != 1:
            pass
        taken.append((time.perf_counter() - began) * 1000)
    print(f"update to findable: median {_at(taken, 0.5):.0f} ms, p95 {_at(taken, 0.95):.0f} ms")


def _quality(folder: Path, source: Path, catalogue: list[Document], store: IndexStore) -> None:
    names = {row["id"]: number for number, row in enumerate(rows(source))}
    for name, figures in measure(folder, catalogue, names, store):
        print(
            f"{name}: nDCG@10 {figures.ndcg:.3f}, MRR@10 {figures.mrr:.3f}, "
            f"hit {figures.hit_rate:.3f}, nothing found {figures.zero_results:.3f}"
        )


def _at(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


if __name__ == "__main__":
    main()
