"""What sentence vectors add to the search, and what they cost, with the real model.

    python bench/hybrid.py QRELS_FOLDER [--catalogue FILE] [--engine whoosh] [--keep FOLDER]

QRELS_FOLDER holds collections as `bench/search_quality.py` reads them, and with --catalogue the
known items of that catalogue, beside our own judged queries. Vectors are made once, one document
after the other on one thread, and kept in the folder that --keep names. Questions are put to the
index as the search page puts them: words alone, and with what is similar; "vectors alone" is the
order of the cosines. The model has to be installed: make install-semantic.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.search_quality import (
    COLLECTIONS,
    Judged,
    asker,
    collection,
    from_row,
    known_items,
    own_judged,
    rows,
)
from search import minilm
from search.document import Document, Request, Results
from search.engines import ENGINES
from search.evaluate import Figures, evaluate
from search.query import parse
from search.semantic import Encoder, Neighbours, digest, passage, question
from search.store import IndexStore
from search.vectors import VectorStore

BATCH = 50
GOALS = {"scifact": 0.725}


def main() -> None:
    """Measure each collection, then the catalogue, then what it took."""
    arguments = _arguments()
    print(f"{_memory():.0f} MB before the model is loaded")
    model = minilm.MiniLM(minilm.installed())
    print(f"{_memory():.0f} MB with the model")
    with tempfile.TemporaryDirectory() as temporary:
        keep = arguments.keep or Path(temporary)
        for name in arguments.collections:
            documents, judged = collection(arguments.qrels / name)
            print(f"\n{name}: {len(documents)} documents, {len(judged)} judged queries")
            store = IndexStore(Path(temporary) / name, arguments.engine)
            store.rebuild(documents)
            near = _vectors(model, documents, VectorStore(keep / f"{name}.db"))
            _collection(name, store, Both(store, model, near), judged)
        if arguments.catalogue:
            _catalogue(arguments, model, keep, Path(temporary))
    print(f"\n{_memory():.0f} MB at most, with the index and all vectors")


class Both:
    """An index whose searches are told what is similar, as the search page's are."""

    def __init__(self, store: IndexStore, model: Encoder, near: Neighbours) -> None:
        """Take the index, the model and the vectors."""
        self._store = store
        self._model = model
        self._near = near

    def search(self, request: Request) -> Results:
        """Answer by both."""
        return self._store.search(replace(request, similar=self.similar(question(request.query))))

    def similar(self, text: str) -> dict[int, float]:
        """Turn a text into a vector, and give what is near it."""
        return self._near.nearest(self._model.encode([text])[0]) if text else {}

    def encoded(self, text: str) -> list[int]:
        """Only turn a text into a vector."""
        return [len(self._model.encode([question(parse(text))]))]


def _collection(name: str, store: IndexStore, both: Both, judged: Judged) -> None:
    ways: tuple[tuple[str, Callable[[str], list[int]]], ...] = (
        ("words alone", asker(store, 10)),
        ("vectors alone", lambda text: list(both.similar(question(parse(text))))[:10]),
        ("both", asker(both, 10)),
    )
    for label, way in ways:
        figures = evaluate(way, judged)
        goal = f" (goal {GOALS[name]})" if label == "both" and name in GOALS else ""
        print(f"  {label:14} nDCG@10 {figures.ndcg:.3f}{goal}, {_times(way, list(judged))}")
    print(f"  {'one vector':14} {_times(both.encoded, list(judged))}")


def _catalogue(arguments: argparse.Namespace, model: Encoder, keep: Path, temporary: Path) -> None:
    catalogue = rows(arguments.catalogue)
    documents = [from_row(number, row) for number, row in enumerate(catalogue)]
    names = {row["id"]: number for number, row in enumerate(catalogue)}
    print(f"\ncatalogue: {len(documents)} documents")
    store = IndexStore(temporary / "catalogue", arguments.engine)
    store.rebuild(documents)
    both = Both(store, model, _vectors(model, documents, VectorStore(keep / "catalogue.db")))
    words = dict(_over_catalogue(arguments.qrels, store, names))
    for label, with_vectors in _over_catalogue(arguments.qrels, both, names):
        print(f"  {label:22} words alone {_row(words[label])}, both {_row(with_vectors)}")


def _over_catalogue(
    qrels: Path, store: IndexStore | Both, names: Mapping[str, int]
) -> Iterator[tuple[str, Figures]]:
    for kind in ("query", "typo", "prefix"):
        yield f"known item, {kind}", evaluate(asker(store, 10), known_items(qrels, kind, names))
    report = own_judged(store, names)
    for kind, figures in report.by_kind().items():
        yield f"judged, {kind}", figures
    assert report.figures is not None
    yield "judged, all", report.figures


def _row(figures: Figures) -> str:
    return f"nDCG {figures.ndcg:.3f} MRR {figures.mrr:.3f} none {figures.zero_results:.3f}"


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


def _times(way: Callable[[str], list[int]], texts: Sequence[str]) -> str:
    times = []
    for text in texts:
        began = time.perf_counter()
        way(text)
        times.append((time.perf_counter() - began) * 1000)
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    return f"{p50:.1f} ms p50, {p95:.1f} ms p95"


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("qrels", type=Path)
    parser.add_argument("--catalogue", type=Path)
    parser.add_argument("--engine", choices=sorted(ENGINES), default="tantivy")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--collections", nargs="*", choices=COLLECTIONS, default=COLLECTIONS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
