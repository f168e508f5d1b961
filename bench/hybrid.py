"""What sentence vectors add to the search, and what they cost, with the real model.

    python bench/hybrid.py QRELS_FOLDER [--engine whoosh] [--keep FOLDER]

QRELS_FOLDER holds collections as `bench/search_quality.py` reads them. Vectors are made once, one
document after the other on one thread, and kept in the folder that --keep names. Questions are put
to the index as the portal puts them: words alone, and with what is similar; "vectors alone" is the
order of the cosines. The model has to be installed: make install-semantic.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.search_quality import COLLECTIONS, EVERYONE, Judged, collection
from search import minilm
from search.document import FACETS, Document, Request
from search.engines import ENGINES
from search.evaluate import evaluate
from search.query import parse
from search.semantic import Encoder, Neighbours, digest, passage, question
from search.store import IndexStore
from search.vectors import VectorStore

BATCH = 50
GOAL = {"scifact": 0.725}


def main() -> None:
    """Measure each collection, then what it took."""
    arguments = _arguments()
    print(f"{_memory():.0f} MB before the model is loaded")
    model = minilm.MiniLM(minilm.installed())
    print(f"{_memory():.0f} MB with the model")
    with tempfile.TemporaryDirectory() as temporary:
        keep = arguments.keep or Path(temporary)
        for name in arguments.collections:
            documents, judged = collection(arguments.qrels / name)
            print(f"\n{name}: {len(documents)} documents, {len(judged)} judged queries")
            near = _vectors(model, documents, VectorStore(keep / f"{name}.db"))
            store = IndexStore(Path(temporary) / name, arguments.engine)
            store.rebuild(documents)
            _quality(name, Asking(store, model, near), judged)
    print(f"\n{_memory():.0f} MB at most, with the index and all vectors")


class Asking:
    """The ways to answer a question."""

    def __init__(self, store: IndexStore, model: Encoder, near: Neighbours) -> None:
        """Take the index, the model and the vectors."""
        self._store = store
        self._model = model
        self._near = near

    def words(self, text: str) -> list[int]:
        """Answer by words alone."""
        return self._ask(Request(parse(text), EVERYONE, facets=FACETS[:4], limit=10))

    def vectors(self, text: str) -> list[int]:
        """Answer by vectors alone."""
        return list(self._similar(text))[:10]

    def both(self, text: str) -> list[int]:
        """Answer by both, as the portal does."""
        similar = self._similar(text)
        asked = Request(parse(text), EVERYONE, facets=FACETS[:4], limit=10, similar=similar)
        return self._ask(asked)

    def encoded(self, text: str) -> list[int]:
        """Only turn the question into a vector."""
        return [len(self._model.encode([question(parse(text))]))]

    def _similar(self, text: str) -> dict[int, float]:
        [vector] = self._model.encode([question(parse(text))])
        return self._near.nearest(vector)

    def _ask(self, request: Request) -> list[int]:
        return [hit.id for hit in self._store.search(request).hits]


def _vectors(model: Encoder, documents: Sequence[Document], kept: VectorStore) -> Neighbours:
    """Make the vectors that are not kept yet, and say how fast that went."""
    known = {
        one: mark
        for at in range(0, len(documents), BATCH)
        for one, mark in kept.digests([each.id for each in documents[at : at + BATCH]]).items()
    }
    marks = {one.id: digest(model, passage(one)) for one in documents}
    missing = [one for one in documents if known.get(one.id) != marks[one.id]]
    began, cpu = time.monotonic(), time.process_time()
    for at in range(0, len(missing), BATCH):
        some = missing[at : at + BATCH]
        rows = model.encode([passage(one) for one in some])
        kept.put((one.id, marks[one.id], row) for one, row in zip(some, rows, strict=True))
    if missing:
        took, used = time.monotonic() - began, time.process_time() - cpu
        rate, busy = len(missing) / took, len(missing) / used
        print(f"  {len(missing)} vectors in {took:.0f} s: {rate:.1f}/s ({busy:.1f}/s of the core)")
    near = Neighbours(model.dimensions)
    for some in kept.read():
        near.put(some)
    return near


def _quality(name: str, asking: Asking, judged: Judged) -> None:
    ways: tuple[tuple[str, Callable[[str], list[int]]], ...] = (
        ("words alone", asking.words),
        ("vectors alone", asking.vectors),
        ("both", asking.both),
    )
    for label, way in ways:
        figures = evaluate(way, judged)
        goal = f" (goal {GOAL[name]})" if label == "both" and name in GOAL else ""
        p50, p95 = _times(way, list(judged))
        print(
            f"  {label:14} nDCG@10 {figures.ndcg:.3f}{goal}, MRR@10 {figures.mrr:.3f},"
            f" {p50:.1f} ms p50, {p95:.1f} ms p95"
        )
    p50, p95 = _times(asking.encoded, list(judged))
    print(f"  {'one vector':14} {p50:.1f} ms p50, {p95:.1f} ms p95")


def _times(way: Callable[[str], list[int]], texts: Sequence[str]) -> tuple[float, float]:
    times = []
    for text in texts:
        began = time.perf_counter()
        way(text)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("qrels", type=Path)
    parser.add_argument("--engine", choices=sorted(ENGINES), default="tantivy")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--collections", nargs="+", choices=COLLECTIONS, default=COLLECTIONS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
