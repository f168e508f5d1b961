"""How good the recommendations are, beside the usual models, and which goals they reach.

    python bench/recommender.py [--mars FOLDER] [--ml100k FOLDER] [--only MARS ...]
                                [--protocols lloo ...] [--seed 0] [--processes 2]

measures on planted data and on public data sets in folders of yours: MARS (workplace learning) and
MovieLens 100k. Rivals are tuned on the training part alone; ours runs as it is, behind
`bench/adapter.py`. Intervals are 95 %, by paired bootstrap over people. The floor is popularity,
or chance where nobody has touched anything. Another seed holds out other people and items, and
cuts the time earlier.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_WAIT_POLICY"] = "passive"
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from bench import next_event
from bench import recommender_data as data
from bench.recommender_goals import Results, next_event_verdict, verdicts
from bench.recommender_metrics import Score, lines, measured
from bench.recommender_models import (
    BEST,
    CHANCE,
    FLOOR,
    FOR_NEW_ITEMS,
    OURS,
    RIVALS,
    ROLE_ORACLE,
    TIMELESS,
    Rival,
    answers,
    oracle,
    ours,
)
from recommender.arrays import Ints

RHOS = (0.0, 0.5, 0.8)
CUTS: dict[str, Callable[[data.Archive, int], data.Trial]] = {
    "chrono": lambda archive, _seed: data.chrono(archive),
    "lloo": lambda archive, _seed: data.last_out(archive),
    "global": lambda archive, seed: data.one_cut(archive, 0.8 - 0.05 * seed),
    "cold": data.newcomers,
    "cold items": data.new_items,
}
LIVE = ("popularity frozen at the cut", "ALS, live history, latest weigh more", "ours")
PUBLIC = ("cold", "chrono", "lloo", "global")


@dataclass(frozen=True, slots=True)
class Job:
    """One archive, cut in one way."""

    archive: str
    read: Callable[[], data.Archive]
    protocol: str
    seed: int


@dataclass(frozen=True, slots=True)
class Found:
    """The figures of every ranker on one set of questions."""

    archive: str
    questions: str
    scores: dict[str, Score]
    known: Ints


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for every set of questions, then the goals."""
    options = _options(arguments)
    began = time.perf_counter()
    results: Results = {}
    jobs = list(_jobs(options))
    verdict = []
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as processes:
        lived = [processes.submit(live, each) for each in _lived(options)]
        for group in processes.map(measure, jobs):
            for found in group:
                results[found.archive, found.questions] = found.scores
                _print(found)
        for each in lived:
            *text, last = each.result()
            print("\n".join(text), flush=True)
            verdict.append(last)
    print("\nGoals")
    print("\n".join([*verdict, *verdicts(results)]))
    print(f"\n{time.perf_counter() - began:.0f} s")


def live(job: Job) -> list[str]:
    """Live through the end of an archive event by event; the last line is about the goal."""
    stream = next_event.stream_of(job.read())
    cut = 0.8 - 0.05 * job.seed
    past = stream.at <= np.quantile(stream.at, cut)
    text = [f"\n{job.archive}, next event live, cut at {cut:.0%}: nDCG@10 and hit rate@10 (95 %)"]
    for name in LIVE:
        ranker = next_event.RANKERS[name](stream, past)
        found = np.array(list(next_event.ranks(ranker, stream, past, 1.0, job.seed)))
        text.append(next_event.line(name, found, job.seed))
    return [*text, next_event_verdict(job.archive, float((found < next_event.TOP).mean()))]


def measure(job: Job) -> list[Found]:
    """Let every ranker answer every set of questions of one trial."""
    trial = CUTS[job.protocol](job.read(), job.seed)
    given = {OURS: ours(trial)}
    if job.protocol == "cold":
        given[TIMELESS] = ours(trial, timed=False)
    for name, rival in _rivals(job.protocol).items():
        given[name] = answers(trial, rival)
    if trial.archive.role_taste is not None:
        given[ROLE_ORACLE] = oracle(trial, trial.archive.role_taste)
        given[BEST] = oracle(trial, trial.archive.taste)
    items = trial.archive.shape[1]
    return [
        Found(
            job.archive,
            asked.name,
            {name: measured(each[asked.name], asked, items) for name, each in given.items()},
            asked.known(),
        )
        for asked in trial.questions
    ]


def _rivals(protocol: str) -> dict[str, Rival]:
    if protocol == "cold items":
        return FOR_NEW_ITEMS
    return {name: rival for name, rival in RIVALS.items() if rival.cold or protocol != "cold"}


def _print(found: Found) -> None:
    floor = FLOOR if FLOOR in found.scores else CHANCE
    print(f"\n{found.archive}, {found.questions}: {len(found.known)} people, floor: {floor}")
    print("\n".join(lines(found.scores, OURS, floor, found.known)), flush=True)


def _lived(options: argparse.Namespace) -> Iterator[Job]:
    """Give the archives to live through, unless only some protocols are asked for."""
    for name, read, folder in (
        ("ML-100k", data.ml100k, options.ml100k),
        ("MARS", data.mars, options.mars),
    ):
        if folder and "live" in (options.protocols or ["live"]) and name in (options.only or name):
            yield Job(name, partial(read, folder), "live", options.seed)


def _jobs(options: argparse.Namespace) -> Iterator[Job]:
    sources: list[tuple[str, Callable[[], data.Archive], tuple[str, ...]]] = []
    if options.ml100k:
        sources.append(("ML-100k", partial(data.ml100k, options.ml100k), PUBLIC))
    if options.mars:
        sources.append(("MARS", partial(data.mars, options.mars), (*PUBLIC, "cold items")))
    for rho in RHOS:
        made_up = partial(data.made_up, rho, options.seed)
        sources.append((f"planted {rho:g}", made_up, ("cold",)))
    for name, read, protocols in sources:
        if not options.only or name in options.only:
            for protocol in protocols:
                if not options.protocols or protocol in options.protocols:
                    yield Job(name, read, protocol, options.seed)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--mars", type=Path, help="folder of the MARS data set")
    parser.add_argument("--ml100k", type=Path, help="folder of MovieLens 100k")
    parser.add_argument("--only", nargs="+", help="MARS, ML-100k, planted 0, planted 0.5 ...")
    parser.add_argument("--protocols", nargs="+", choices=[*CUTS, "live"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
