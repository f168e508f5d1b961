"""How good one list is that several sources make together, by how their hits are merged.

A judged collection is cut into eight sources which share no document, by topic or by chance. Each
is an index of its own, of either engine in turn, and gives its best 20. The floor is one index of
everything; nDCG@10 of each way to merge stands beside it.

Topics are clusters of spherical k-means (Dhillon and Modha 2001) over tf-idf vectors of terms that
are hashed to 4096 places, from a fixed seed.
"""

import random
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.search_quality import EVERYONE, collection
from search.document import Document, Hit, Request
from search.evaluate import evaluate
from search.fuse import place
from search.query import parse
from search.store import IndexStore
from search.text import analyse

SOURCES, BEST, DEPTH = 8, 20, 10
ENGINES = ("tantivy", "whoosh")
PLACES, ROUNDS, SEED = 4096, 20, 7
RRF_CONSTANT = 60  # Cormack, Clarke and Büttcher 2009
SNIPPET = 200
Lists = Sequence[Sequence[Hit]]
Merge = Callable[[str, Lists], list[int]]


def measure(folder: Path, work: Path, names: Sequence[str]) -> Iterator[str]:
    """Give one line for each collection, way to cut it and way to merge."""
    for name in names:
        documents, judged = collection(folder / name)
        with IndexStore(work / name / "central") as central:
            central.rebuild(documents)
            floor = evaluate(_asking(central, DEPTH), judged).ndcg
            yield f"{name}: one index of everything {floor:.3f}"
            for cut in (by_topic, by_chance):
                yield from _cut(central, documents, judged, floor, work / name, cut)


def _cut(
    central: IndexStore,
    documents: Sequence[Document],
    judged: Mapping[str, Mapping[int, float]],
    floor: float,
    work: Path,
    cut: Callable[[Sequence[Document]], list[list[Document]]],
) -> Iterator[str]:
    parts = cut(documents)
    yield f"  {cut.__name__.replace('_', ' ')}: sources of {sorted(map(len, parts))} documents"
    with ExitStack() as opened:
        stores = [
            opened.enter_context(
                IndexStore(work / cut.__name__ / str(number), ENGINES[number % len(ENGINES)])
            )
            for number, _ in enumerate(parts)
        ]
        for store, part in zip(stores, parts, strict=True):
            store.rebuild(part)
        lists = {
            text: [store.search(_request(text, BEST)).hits for store in stores] for text in judged
        }
        for name, merge in _ways(central, documents).items():
            found = evaluate(lambda text, by=merge: by(text, lists[text])[:DEPTH], judged).ndcg
            yield f"    {name:<36} {found:.3f}  {found / floor:.3f} of the floor"


def _ways(central: IndexStore, documents: Sequence[Document]) -> Mapping[str, Merge]:
    known = {one.id: one for one in documents}
    return {
        "round robin": lambda _text, lists: _round_robin(lists),
        "reciprocal ranks": lambda _text, lists: _by(lists, _reciprocal),
        "raw scores": lambda _text, lists: _by(lists, lambda _place, hit, _list: hit.score),
        "min-max of each source": lambda _text, lists: _by(lists, _min_max),
        "scored anew, title and snippet": _scored(central, known, SNIPPET),
        "scored anew, harvested text": _scored(central, known, None),
    }


def _scored(central: IndexStore, known: Mapping[int, Document], most: int | None) -> Merge:
    """Score what came back by the statistics of everything, as `search.fuse` does."""

    def merged(text: str, lists: Lists) -> list[int]:
        hits = (known[hit.id] for each in lists for hit in each)
        came = [replace(one, body=one.body[:most]) for one in hits]
        return [hit.id for hit in sorted(central.score(_request(text, BEST), came), key=place)]

    return merged


def _round_robin(lists: Lists) -> list[int]:
    return [each[at].id for at in range(BEST) for each in lists if at < len(each)]


def _by(lists: Lists, worth: Callable[[int, Hit, Sequence[Hit]], float]) -> list[int]:
    scored = [
        (worth(at, hit, each), hit.id) for each in lists for at, hit in enumerate(each, start=1)
    ]
    return [found for _, found in sorted(scored, key=lambda one: -one[0])]


def _reciprocal(at: int, _hit: Hit, _list: Sequence[Hit]) -> float:
    return 1.0 / (RRF_CONSTANT + at)


def _min_max(_at: int, hit: Hit, others: Sequence[Hit]) -> float:
    scores = [one.score for one in others]
    wide = max(scores) - min(scores)
    return (hit.score - min(scores)) / wide if wide else 1.0


def _asking(store: IndexStore, depth: int) -> Callable[[str], list[int]]:
    return lambda text: [hit.id for hit in store.search(_request(text, depth)).hits]


def _request(text: str, limit: int) -> Request:
    return Request(parse(text), EVERYONE, facets=(), limit=limit)


def by_chance(documents: Sequence[Document]) -> list[list[Document]]:
    """Deal the documents out."""
    mixed = list(documents)
    random.Random(SEED).shuffle(mixed)
    return [mixed[number::SOURCES] for number in range(SOURCES)]


def by_topic(documents: Sequence[Document]) -> list[list[Document]]:
    """Put documents about the same together."""
    vectors = _vectors(documents)
    chance = np.random.default_rng(SEED)
    centres = vectors[chance.choice(len(vectors), SOURCES, replace=False)]
    nearest = np.zeros(len(vectors), np.int64)
    for _ in range(ROUNDS):
        nearest = (vectors @ centres.T).argmax(axis=1)
        sums = [vectors[nearest == number].sum(axis=0) for number in range(SOURCES)]
        centres = np.array([one / (np.linalg.norm(one) or 1.0) for one in sums])
    return [
        [one for one, own in zip(documents, nearest, strict=True) if own == number]
        for number in range(SOURCES)
    ]


def _vectors(documents: Sequence[Document]) -> npt.NDArray[np.float32]:
    found = np.zeros((len(documents), PLACES), np.float32)
    for row, one in enumerate(documents):
        words = Counter(token.term for token in analyse(f"{one.title} {one.body}", one.language))
        for word, times in words.items():
            found[row, zlib.crc32(word.encode()) % PLACES] += 1.0 + np.log(times)
    often = np.maximum(1, (found > 0).sum(axis=0))
    found *= np.log(len(documents) / often).astype(np.float32)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
