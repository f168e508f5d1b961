"""How good the search is on judged queries, asked through the code that serves the portal.

    python bench/search_quality.py CATALOGUE_JSONL QRELS_FOLDER [--engine whoosh] [--worst 20]

The folder holds `known_item.jsonl` (queries over the catalogue, with one typo, and unfinished) and
collections in the usual layout: `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`. Our own judged
queries over the catalogue are `bench/judged/catalogue.jsonl`. Without --engine, both are measured,
beside what plain engines reach on the same data, and how much of their first ten is the same.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from app.discover import quality
from search import judged
from search.document import Document, Request
from search.engines import ENGINES
from search.evaluate import Figures, evaluate
from search.query import parse
from search.store import IndexStore

EVERYONE = frozenset({"everyone"})
COLLECTIONS = ("scifact", "cranfield")
JUDGED_FILE = Path(__file__).parent / "judged" / "catalogue.jsonl"
OVERLAP_GOAL = 0.8
BASELINES = {
    "known item, query": (
        "MRR/hit: Whoosh 0.835/0.967, tantivy 0.832/0.962, FTS5 porter 0.846/0.972"
    ),
    "known item, typo": (
        "MRR/hit: no handling 0.591/0.785, 0.608/0.804, 0.628/0.788; Whoosh corrector 0.763/0.925"
    ),
    "known item, prefix": "MRR/hit: Whoosh 0.735/0.902, tantivy 0.747/0.907, FTS5 0.694/0.884",
    "known item, completion": "the same; goal: hit 0.95",
    "scifact": (
        "nDCG: Whoosh stemming 0.678, tantivy en_stem 0.687, FTS5 porter 0.687 (title x2 0.693), "
        "bm25s 0.686, Xapian 0.683, MiniLM 0.645, FTS5 + MiniLM 0.731"
    ),
    "cranfield": (
        "nDCG: Whoosh stemming 0.371, tantivy en_stem 0.359, FTS5 porter 0.354 (title x2 0.362), "
        "bm25s 0.365, Xapian 0.352, MiniLM 0.374, FTS5 + MiniLM 0.409"
    ),
}
Judged = Mapping[str, Mapping[int, float]]
Named = tuple[str, Figures]


def main() -> None:
    """Measure each engine and print one table."""
    arguments = _arguments()
    catalogue = rows(arguments.catalogue)
    documents = [from_row(number, row) for number, row in enumerate(catalogue)]
    names = {row["id"]: number for number, row in enumerate(catalogue)}
    tables: dict[str, dict[str, Figures]] = {}
    tens: dict[str, list[list[int]]] = {}
    for engine in arguments.engine or sorted(ENGINES):
        with tempfile.TemporaryDirectory() as folder, IndexStore(Path(folder), engine) as store:
            found = dict(over_catalogue(arguments.qrels, documents, names, store))
            tens[engine] = first_tens(store, _questions(arguments.qrels))
            report = own_judged(store, names)
            found |= {f"judged, {kind}": one for kind, one in report.by_kind().items()}
            _print_worst(engine, report, documents, arguments.worst)
            tables[engine] = found | dict(over_collections(arguments.qrels, store))
    _print(tables)
    if len(tens) > 1:
        print(f"first ten in common: {overlap(*tens.values()):.3f} (goal {OVERLAP_GOAL})")


def measure(
    folder: Path, catalogue: list[Document], names: Mapping[str, int], store: IndexStore
) -> Iterator[Named]:
    """Build each collection in the store and give its figures; `names` maps ids to numbers."""
    yield from over_catalogue(folder, catalogue, names, store)
    yield from over_collections(folder, store)


def over_catalogue(
    folder: Path, catalogue: list[Document], names: Mapping[str, int], store: IndexStore
) -> Iterator[Named]:
    """Build the catalogue and give the figures of known items and of our own judged queries."""
    store.rebuild(catalogue)
    for kind in ("query", "typo", "prefix"):
        depth = 8 if kind == "prefix" else 10
        yield f"known item, {kind}", evaluate(asker(store, depth), known_items(folder, kind, names))
    yield (
        "known item, completion",
        evaluate(_complete(store), known_items(folder, "prefix", names)),
    )
    figures = own_judged(store, names).figures
    assert figures is not None
    yield "judged", figures


def over_collections(folder: Path, store: IndexStore) -> Iterator[Named]:
    """Build each public collection and give its figures."""
    for name in COLLECTIONS:
        documents, wanted = collection(folder / name)
        store.rebuild(documents)
        yield name, evaluate(asker(store, 10), wanted)


def own_judged(store: quality.Index, names: Mapping[str, int]) -> quality.Report:
    """Ask our own judged queries as the portal would."""
    reading = judged.read(JUDGED_FILE.read_text("utf-8"))
    return quality.measure(store, reading.queries, names=names)


def first_tens(store: IndexStore, questions: Sequence[str]) -> list[list[int]]:
    """Give the first ten of each question."""
    ask = asker(store, 10)
    return [ask(text) for text in questions]


def overlap(one: Sequence[Sequence[int]], other: Sequence[Sequence[int]]) -> float:
    """Say how much of the first ten two engines have in common, where either finds anything."""
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a or b]
    return sum(len({*a} & {*b}) / max(len(a), len(b)) for a, b in pairs) / len(pairs)


def from_row(number: int, row: Mapping[str, Any]) -> Document:
    """Make a document of a catalogue row."""
    return Document(
        id=number,
        title=row["title"],
        body=row["summary"] or "",
        kind=row["kind"],
        tool=row["source"],
        roles=tuple(row["roles"]),
        skills=tuple(topic.replace(" ", "-") for topic in row["topics"]),
        skill_names=tuple(row["topics"]),
        tool_name=row["source"],
        level=row["level"],
        language=row["language"],
        minutes=None if row["minutes"] is None else round(row["minutes"]),
        published=date.fromisoformat(row["published"][:10]) if row["published"] else None,
        quality=0.5,
        audience=EVERYONE,
    )


def rows(path: Path) -> list[dict[str, Any]]:
    """Read a file of one JSON object per line."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def asker(store: quality.Index, depth: int) -> Callable[[str], list[int]]:
    """Ask as the search page does, where the last word may be unfinished."""
    base = Request(
        parse(""),
        EVERYONE,
        facets=(),
        limit=depth,
        boosts=quality.READER,
        prefix=True,
        collapse=True,
        forgive=True,
    )
    return lambda text: [hit.id for hit in store.search(replace(base, query=parse(text))).hits]


def _complete(store: IndexStore) -> Callable[[str], list[int]]:
    return lambda text: [one.id for one in store.suggest(text, EVERYONE, 8) if one.id is not None]


def known_items(folder: Path, kind: str, names: Mapping[str, int]) -> Judged:
    """Read the known items: what is asked (`query`, `typo` or `prefix`), and the one answer."""
    found = rows(folder / "known_item.jsonl")
    return {row[kind]: {names[row["id"]]: 1.0} for row in found if row[kind]}


def collection(folder: Path) -> tuple[list[Document], Judged]:
    """Read a collection in the usual layout: its documents, and the grades by query."""
    corpus = rows(folder / "corpus.jsonl")
    numbers = {row["_id"]: number for number, row in enumerate(corpus)}
    texts = {row["_id"]: row["text"] for row in rows(folder / "queries.jsonl")}
    grades: dict[str, dict[int, float]] = {}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if document in numbers:
            grades.setdefault(texts[query], {})[numbers[document]] = float(grade)
    return [_abstract(numbers[row["_id"]], row) for row in corpus], grades


def _abstract(number: int, row: Mapping[str, Any]) -> Document:
    blank = {"source": "", "topics": [], "roles": [], "level": None, "language": "en"}
    rest = {"kind": "article", "minutes": None, "published": None}
    return from_row(number, {"title": row["title"], "summary": row["text"], **blank, **rest})


def _questions(folder: Path) -> list[str]:
    """List what both engines are asked: our own judged queries, then those for known items."""
    ours = judged.read(JUDGED_FILE.read_text("utf-8")).queries
    theirs = (row["query"] for row in rows(folder / "known_item.jsonl"))
    return list(chain((one.query for one in ours), theirs))


def _print(tables: Mapping[str, Mapping[str, Figures]]) -> None:
    print(f"{'':24}" + "".join(f"{engine:>33}" for engine in tables))
    print(f"{'':24}" + f"{'queries':>9}{'nDCG':>6}{'MRR':>6}{'hit':>6}{'none':>6}" * len(tables))
    for name in next(iter(tables.values())):
        found = (table[name] for table in tables.values())
        cells = (
            f"{one.queries:>9}{one.ndcg:>6.3f}{one.mrr:>6.3f}{one.hit_rate:>6.3f}"
            f"{one.zero_results:>6.3f}"
            for one in found
        )
        print(f"{name:24}" + "".join(cells) + f"  {BASELINES.get(name, '')}")


def _print_worst(
    engine: str, report: quality.Report, documents: Sequence[Document], most: int
) -> None:
    for asked in report.worst(most):
        best = sorted(asked.wanted, key=lambda one: -asked.wanted[one])
        absent = [documents[one].title for one in best if one not in asked.found][:3]
        found = [documents[one].title for one in asked.found[:3]]
        print(f"{engine} {asked.ndcg:.2f} {asked.judged.query!r} [{asked.judged.kind}]")
        print(f"    found: {found}\n    absent: {absent}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("qrels", type=Path)
    parser.add_argument("--engine", choices=sorted(ENGINES), action="append")
    parser.add_argument("--worst", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
