"""The next event, live: what would have been shown to each person just before they took something.

    python bench/recommender_live.py [--mars FOLDER] [--ml100k FOLDER] [--cuts 0.8 0.7]

Trained once on what lies before the cut; then every first meeting of a person and an item that
somebody had touched before is one question, asked at its moment and observed right after. The floor
is popularity, counted live.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_WAIT_POLICY"] = "passive"
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from bench.recommender_data import Archive, Trial, mars, ml100k
from bench.recommender_metrics import SHORT, interval
from bench.recommender_models import trained
from recommender.data import Floats, Ints

GOALS = {"MARS": 0.56, "ML-100k": 0.24}


@dataclass(frozen=True, slots=True)
class Found:
    """The place (from 0, 10 for none) of each item that was taken, in our list and the floor's.

    `known` is how many items the person had by then, `taken` the milliseconds of every slate.
    """

    ours: Ints
    floor: Ints
    known: Ints
    taken: Floats


def main() -> None:
    """Print a row for each archive and cut, and whether the goal is reached."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--mars", type=Path, help="folder of the MARS data set")
    parser.add_argument("--ml100k", type=Path, help="folder of MovieLens 100k")
    parser.add_argument("--cuts", type=float, nargs="+", default=[0.8])
    options = parser.parse_args()
    for read, folder in ((mars, options.mars), (ml100k, options.ml100k)):
        for cut in options.cuts if folder else ():
            for line in lines(read(folder), cut):
                print(line, flush=True)


def lines(archive: Archive, cut: float) -> Iterator[str]:
    """Measure an archive and word the figures."""
    found = replay(archive, cut)
    new = found.known <= 3
    yield f"\n{archive.name}, cut at {cut:.0%}: {len(found.ours)} events, {new.sum()} of newcomers"
    yield f"{'':<22}{'HR@10':>8}{'95 %':>18}{'nDCG@10':>9}{'newcomers':>11}"
    for name, places in (("ours", found.ours), ("popularity (floor)", found.floor)):
        hits = (places < SHORT).astype(np.float32)
        low, high = interval(hits)
        yield (
            f"{name:<22}{hits.mean():>8.3f}{f'{low:.3f} .. {high:.3f}':>18}"
            f"{gain(places).mean():>9.3f}{hits[new].mean():>11.3f}"
        )
    p50, p95 = np.quantile(found.taken, [0.5, 0.95])
    yield f"a slate: p50 {p50:.2f} ms, p95 {p95:.2f} ms"
    rate = float((found.ours < SHORT).mean())
    said = "reached" if rate >= GOALS[archive.name] else "MISSED"
    yield f"{said:<8} next event, live: HR@10 >= {GOALS[archive.name]}: {rate:.3f}"


def replay(archive: Archive, cut: float) -> Found:
    """Train on the past and live through the rest, event by event."""
    past = archive.at <= np.quantile(archive.at, cut)
    system = trained(Trial(archive, archive.matrix(past), ()))
    count = np.bincount(archive.item[past], minlength=archive.shape[1]).astype(np.float64)
    met: list[set[int]] = [set() for _ in range(archive.shape[0])]
    for person, item in zip(archive.person[past], archive.item[past], strict=True):
        met[person].add(int(item))
    rows: list[tuple[int, int, int, float]] = []
    for at in np.flatnonzero(~past):
        person, item, when = int(archive.person[at]), int(archive.item[at]), float(archive.at[at])
        if count[item]:
            start = time.thread_time()
            items = system.slate(person, archive.roles[person].tolist(), SHORT, when)
            took = (time.thread_time() - start) * 1000
            popular = _popular(count, met[person])
            rows.append((_place(items, item), _place(popular, item), len(met[person]), took))
        system.observe(person, item, when)
        count[item] += 1
        met[person].add(item)
    ours, floor, known, taken = np.array(rows).T
    return Found(ours.astype(int), floor.astype(int), known.astype(int), taken.astype(np.float32))


def gain(places: Ints) -> Floats:
    """Return nDCG@10 of single items at the given places."""
    found: Floats = np.where(places < SHORT, 1 / np.log2(places + 2), 0.0).astype(np.float32)
    return found


def _popular(count: Floats, met: set[int]) -> list[int]:
    allowed = count.copy()
    allowed[list(met)] = -1
    best = np.argpartition(-allowed, SHORT)[:SHORT]
    order: list[int] = best[np.argsort(-allowed[best], kind="stable")].tolist()
    return order


def _place(items: Sequence[int], item: int) -> int:
    return items.index(item) if item in items else SHORT


if __name__ == "__main__":
    main()
