"""How good the search is on judged queries, asked through the code that serves the portal.

The folder holds `known_item.jsonl` (queries over the catalogue, with one typo, and unfinished) and
collections in the usual layout: `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from search.document import Document, Request
from search.evaluate import Figures, evaluate
from search.query import parse
from search.store import IndexStore

EVERYONE = frozenset({"everyone"})
COLLECTIONS = ("scifact", "cranfield")
Judged = Mapping[str, Mapping[int, float]]


def measure(
    folder: Path, catalogue: list[Document], names: Mapping[str, int], store: IndexStore
) -> Iterator[tuple[str, Figures]]:
    """Build each collection in the store and give its figures; `names` maps ids to numbers."""
    store.rebuild(catalogue)
    for kind in ("query", "typo", "prefix"):
        depth = 8 if kind == "prefix" else 10
        judged = _known_items(folder, kind, names)
        yield f"known item, {kind}", evaluate(_ask(store, depth, prefix=kind == "prefix"), judged)
    yield (
        "known item, completion",
        evaluate(_complete(store), _known_items(folder, "prefix", names)),
    )
    for name in COLLECTIONS:
        documents, judged = collection(folder / name)
        store.rebuild(documents)
        yield name, evaluate(_ask(store, 10, prefix=False), judged)


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


def _ask(store: IndexStore, depth: int, *, prefix: bool) -> Callable[[str], list[int]]:
    base = Request(parse(""), EVERYONE, facets=(), limit=depth, prefix=prefix)
    return lambda text: [hit.id for hit in store.search(replace(base, query=parse(text))).hits]


def _complete(store: IndexStore) -> Callable[[str], list[int]]:
    return lambda text: [one.id for one in store.suggest(text, EVERYONE, 8) if one.id is not None]


def _known_items(folder: Path, kind: str, names: Mapping[str, int]) -> Judged:
    found = rows(folder / "known_item.jsonl")
    return {row[kind]: {names[row["id"]]: 1.0} for row in found if row[kind]}


def collection(folder: Path) -> tuple[list[Document], Judged]:
    corpus = rows(folder / "corpus.jsonl")
    numbers = {row["_id"]: number for number, row in enumerate(corpus)}
    texts = {row["_id"]: row["text"] for row in rows(folder / "queries.jsonl")}
    judged: dict[str, dict[int, float]] = {}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if document in numbers:
            judged.setdefault(texts[query], {})[numbers[document]] = float(grade)
    return [_abstract(numbers[row["_id"]], row) for row in corpus], judged


def _abstract(number: int, row: Mapping[str, Any]) -> Document:
    blank = {"source": "", "topics": [], "roles": [], "level": None, "language": "en"}
    rest = {"kind": "article", "minutes": None, "published": None}
    return from_row(number, {"title": row["title"], "summary": row["text"], **blank, **rest})
