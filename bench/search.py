"""What a search costs against the engine's own API given the same questions, and how good it is.

    python bench/search.py CATALOGUE_JSONL [--items 100000] [--engine whoosh] [--qrels FOLDER]

Each question has one to three words, an audience and four facets, each counted without its own
filter; every second question ticks a value. The floor asks Tantivy itself the same
(`bench/search_floor.py`). The budget is 3x (Tantivy). A completion is what somebody has typed of a
title: up to three words, the last one unfinished; its budget is 5 ms at p99 (Tantivy).

Building and answering run in processes of their own, so that the memory of each can be told. Times
of answers are those of the thread's own work, which other load disturbs least; a change, from being
written in one process to being found in another, is timed by the clock.
"""

import argparse
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import search_floor
from bench.search_floor import FACETS, READER, Floor, Question
from bench.search_quality import from_row, measure, rows
from search.document import Boosts, Document, Request
from search.engines import ENGINES
from search.query import parse
from search.store import IndexStore
from search.text import is_stopword

QUESTIONS, COMPLETIONS, UPDATES = 200, 400, 41
BUDGET, COMPLETION_BUDGET_MS = 3.0, 5.0
PICKS = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
NOW = date(2026, 6, 1)
Asked = TypeVar("Asked")
Figures = dict[str, float]


@dataclass(frozen=True)
class Task:
    """How many items to make of which catalogue, with which engine, in which folder."""

    catalogue: Path
    items: int
    engine: str
    folder: Path

    def store(self) -> IndexStore:
        """Open our index."""
        return IndexStore(self.folder / "ours", self.engine)

    def source(self) -> list[Document]:
        """Read the catalogue."""
        return [from_row(number, row) for number, row in enumerate(rows(self.catalogue))]


def main() -> None:
    """Build the indexes and print what was measured."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        task = Task(arguments.catalogue, arguments.items, arguments.engine, Path(folder))
        figures: Figures = {}
        for step in (build, build_floor, search, suggest, update):
            found = _alone(step, task)
            figures |= found
            print(f"{step.__name__}: " + ", ".join(f"{k} {v:.4g}" for k, v in found.items()))
        _judge(figures)
        if arguments.figures:
            arguments.figures.write_text(json.dumps(figures))
        if arguments.qrels:
            _quality(arguments.qrels, task)


def build(task: Task) -> Figures:
    """Build our index."""
    documents = _multiplied(task.source(), task.items)
    began, worked = time.perf_counter(), time.process_time()
    count = task.store().rebuild(documents)
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    size = sum(path.stat().st_size for path in task.folder.rglob("*") if path.is_file())
    return {
        "items": count,
        "index s": seconds,
        "index CPU s": worked,
        "items per s": count / seconds,
        "index MB": size / 1e6,
        "index peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def build_floor(task: Task) -> Figures:
    """Build the floor's index."""
    (task.folder / "floor").mkdir()
    began = time.perf_counter()
    search_floor.build(task.folder / "floor", _multiplied(task.source(), task.items))
    return {"floor index s": time.perf_counter() - began}


def search(task: Task) -> Figures:
    """Ask both the same questions."""
    store, floor = task.store(), Floor(task.folder / "floor")

    def ask(question: Question) -> int:
        filters = {"kind": frozenset({question.kind})} if question.kind else {}
        boosts = Boosts(roles=frozenset({"engineer"}), now=NOW)
        query = parse(" ".join(question.words))
        return store.search(Request(query, READER, filters, FACETS, 40, boosts=boosts)).total

    bare, ours = _times((floor.ask, ask), _questions(task.source(), seed=1))
    return {
        **{f"search {name}": _at(ours, pick) for name, pick in PICKS},
        **{f"floor {name}": _at(bare, pick) for name, pick in PICKS},
        **{f"ratio {name}": _at(ours, pick) / _at(bare, pick) for name, pick in PICKS},
        "ratio mean": statistics.fmean(ours) / statistics.fmean(bare),
    }


def suggest(task: Task) -> Figures:
    """Complete what is being typed, and say how much memory a process has that answers."""
    store = task.store()
    typed = _unfinished(task.source(), seed=1)
    (taken,) = _times((lambda text: store.suggest(text, READER),), typed)
    for question in _questions(task.source(), seed=1):
        store.search(Request(parse(" ".join(question.words)), READER, facets=FACETS))
    return {
        **{f"suggest {name}": _at(taken, pick) for name, pick in PICKS},
        "answering MB": _memory("RssAnon"),
        "answering mapped MB": _memory("RssFile"),
    }


def update(task: Task) -> Figures:
    """Change items in another process, each until it is found here; delete it until it is gone."""
    store, documents = task.store(), task.source()
    store.count()
    here, there = get_context("spawn").Pipe()
    writer = get_context("spawn").Process(target=_write, args=(task, there))
    writer.start()
    here.recv()
    taken, lost = [], []
    for number in range(UPDATES):
        changed = replace(documents[number], title=f"zeppelin{number}x")
        request = Request(parse(changed.title), READER, facets=())
        began = time.perf_counter()
        here.send(changed)
        while store.search(request).total != 1:
            time.sleep(0.001)
        taken.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        here.send(changed.id)
        while store.search(request).total or store.suggest(changed.title, READER):
            time.sleep(0.001)
        lost.append((time.perf_counter() - began) * 1000)
    here.send(None)
    writer.join()
    warm = taken[1:]  # the first one also loads what writing needs
    return {
        **{f"update {name}": _at(warm, pick) for name, pick in PICKS[:2]},
        **{f"removal {name}": _at(lost, pick) for name, pick in PICKS},
    }


def _write(task: Task, end: Connection) -> None:
    store = task.store()
    store.count()
    end.send("ready")
    while (changed := end.recv()) is not None:
        if isinstance(changed, int):
            store.write(delete=[changed])
        else:
            store.write([changed])


def _alone(step: Callable[[Task], Figures], task: Task) -> Figures:
    """Run a step in a process that has done nothing before."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(step, task).result()


def _judge(figures: Figures) -> None:
    print(
        f"search mean: {figures['ratio mean']:.1f}x of the floor, budget {BUDGET:.0f}x; "
        f"suggest p99: {figures['suggest p99']:.1f} ms, budget {COMPLETION_BUDGET_MS:.0f} ms"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("--items", type=int, default=0, help="fewer or more than it has")
    parser.add_argument("--engine", choices=sorted(ENGINES), default="tantivy")
    parser.add_argument("--qrels", type=Path)
    parser.add_argument("--figures", type=Path, help="write what was measured to this file, too")
    return parser.parse_args()


def _multiplied(catalogue: Sequence[Document], wanted: int) -> Iterator[Document]:
    """Copy the catalogue under other numbers until there is enough; every tenth is restricted."""
    audiences = [frozenset({"everyone"})] * 9 + [frozenset({"dept:sales"})]
    for number in range(wanted or len(catalogue)):
        document = catalogue[number % len(catalogue)]
        yield replace(document, id=number, audience=audiences[number % 10])


def _questions(catalogue: Sequence[Document], seed: int) -> list[Question]:
    chance = random.Random(seed)
    kinds = sorted({document.kind for document in catalogue})
    questions: list[Question] = []
    for words in _titles(catalogue, chance):
        telling = [word for word in words if len(word) > 2 and not is_stopword(word.lower())]
        if telling:
            chosen = tuple(chance.sample(telling, min(len(telling), chance.randint(1, 3))))
            ticked = chance.choice(kinds) if len(questions) % 2 else None
            questions.append(Question(chosen, ticked))
        if len(questions) == QUESTIONS:
            return questions
    return questions


def _unfinished(catalogue: Sequence[Document], seed: int) -> list[str]:
    """List what somebody has typed of titles, from one letter to three words."""
    chance = random.Random(seed)
    typed: list[str] = []
    for words in _titles(catalogue, chance):
        start = chance.randrange(len(words))
        chosen = words[start : start + chance.randint(1, 3)]
        chosen[-1] = chosen[-1][: chance.randint(1, 5)]
        typed.append(" ".join(chosen))
        if len(typed) == COMPLETIONS:
            return typed
    return typed


def _titles(catalogue: Sequence[Document], chance: random.Random) -> Iterator[list[str]]:
    """Choose English titles without end, and give their plain words."""
    titles = [document.title for document in catalogue if document.language == "en"]
    while True:
        words = [word for word in chance.choice(titles).split() if word.isalpha()]
        if words:
            yield words


def _times(
    asks: Sequence[Callable[[Asked], object]], questions: Sequence[Asked]
) -> list[list[float]]:
    """Ask all in turn, so that all feel the same load; milliseconds of this thread's own work."""
    taken: list[list[float]] = [[] for _ in asks]
    for counted in (False, True, True):
        for question in questions:
            for ask, kept in zip(asks, taken, strict=True):
                began = time.thread_time()
                ask(question)
                if counted:
                    kept.append((time.thread_time() - began) * 1000)
    return taken


def _memory(kind: str) -> float:
    """Tell this process's memory in MB: its own (RssAnon) or files' (RssFile)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _quality(folder: Path, task: Task) -> None:
    names = {row["id"]: number for number, row in enumerate(rows(task.catalogue))}
    for name, figures in measure(folder, task.source(), names, task.store()):
        print(
            f"{name}: nDCG@10 {figures.ndcg:.3f}, MRR@10 {figures.mrr:.3f}, "
            f"hit {figures.hit_rate:.3f}, nothing found {figures.zero_results:.3f}"
        )


def _at(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


if __name__ == "__main__":
    main()
