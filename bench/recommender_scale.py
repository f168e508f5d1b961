"""What recommendations cost: a slate beside implicit's own, and training as activity grows.

    python bench/recommender_scale.py [--sizes 1000000 3000000 10000000] [--items 50000]
                                      [--each 50] [--picture docs/pictures/training-growth.svg]
    python bench/recommender_scale.py --slates-only --sizes 3000000

For each number of activities, made up, one process trains ours (reads the activity, rehearses on
the past, fits, passes the gate and takes over) and another fits implicit alone, so that time and
peak memory stand side by side. The model of the last size then answers slates of 20 on one
thread, in turn with implicit's own `recommend`, the floor. Own work is what the thread itself
computed: on a machine that does much else it says more than the clock, as do the seconds of CPU of
a training.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_WAIT_POLICY"] = "passive"
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse

from bench.curves import Curve, draw
from recommender import (
    Context,
    Dataset,
    Eligibility,
    Event,
    EventLog,
    Model,
    ModelStore,
    recommend,
    train,
)
from recommender.arrays import Floats
from recommender.data import DAY
from recommender.live import Live
from recommender.planted import large, large_facts, large_roles

ROUNDS = 1000
WARM = 30
LENGTH = 20
SECONDS, GIB, EXPONENT = 60.0, 1.5, 1.2
P50_MS, P95_MS = 3.0, 6.0
LAST_YEAR = 365 * DAY
COLOURS = {"ours": "#1f5fbf", "implicit alone": "#777777"}
Figures = Mapping[str, float]


def main() -> None:
    """Measure each size, print the tables and the budgets, and draw the picture."""
    options = _options()
    if options.step:
        print(json.dumps(STEPS[options.step](options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        options.folder = Path(folder)
        measured = [_measure(options, size) for size in options.sizes]
        if options.figures:
            measured = _with_former(measured, options.figures)
        _print_training(measured)
        slates = _run(options, "slates", options.sizes[-1])
    _print_slates(slates)
    if options.picture:
        options.picture.write_text(picture(measured))
        print(options.picture)


def make(options: argparse.Namespace) -> Figures:
    """Draw activity and leave it as a file."""
    log, _, _ = large(options.size // options.each, options.items, mean=options.each)
    columns = {name: getattr(log, name) for name in ("person", "item", "verb", "at")}
    for name, column in columns.items():
        np.save(options.folder / f"{name}.npy", column)
    return {"activities": len(log), "people": int(log.person[-1]) + 1}


def ours(options: argparse.Namespace) -> Figures:
    """Train, judge and publish a model; return seconds by stage and the peak memory."""
    begun = {"load": time.perf_counter()}
    log = _log(options.folder)
    people = int(log.person[-1]) + 1
    dataset = Dataset(log, large_roles(people), large_facts(options.items), LAST_YEAR)
    model = train(
        dataset, progress=lambda stage, _share: begun.setdefault(stage, time.perf_counter())
    )
    begun["swap"] = time.perf_counter()
    store = ModelStore(options.folder / "models")
    promotion = store.publish(model, force=True)
    assert promotion.accepted
    assert store.current() is not None
    marks = [*begun.values(), time.perf_counter()]
    stages = dict(zip(begun, np.diff(marks).tolist(), strict=True))
    return stages | {"seconds": marks[-1] - marks[0], **_spent()}


def implicit(options: argparse.Namespace) -> Figures:
    """Fit implicit alone on the same activity, with the same factors and iterations."""
    start = time.perf_counter()
    person, item = (np.load(options.folder / f"{name}.npy") for name in ("person", "item"))
    shape = (int(person[-1]) + 1, options.items)
    cells = (np.ones(person.size, np.float32), (person, item))
    matrix = sparse.csr_matrix(cells, shape=shape)
    del person, item, cells
    model = AlternatingLeastSquares(64, iterations=15, random_state=0)
    model.fit(matrix, show_progress=False)
    return {"seconds": time.perf_counter() - start, **_spent()}


def slates(options: argparse.Namespace) -> dict[str, Any]:
    """Time slates of 20, in turn with implicit's, so that both meet the same machine."""
    model = ModelStore(options.folder / "models").current()
    assert model is not None
    facts = {each.item: each for each in large_facts(options.items)}
    chance = np.random.default_rng(0)
    eligible = chance.choice(options.items, options.items * 4 // 5, replace=False)
    barred = np.setdiff1d(np.arange(options.items), eligible)
    pool = Eligibility(frozenset(eligible.tolist()), facts)
    contexts = [_context(person, options.items, chance) for person in range(ROUNDS)]
    rows = [_row(context, options.items) for context in contexts]
    rival, live = _rival(model), Live(model)
    taken = race(
        lambda n: recommend(model, contexts[n], pool, facts, LENGTH, live=live),
        lambda n: rival.recommend(0, rows[n], LENGTH, filter_items=barred, recalculate_user=True),
        lambda n: rival.recommend(0, rows[n], LENGTH, filter_items=barred),
    )
    names = (
        "ours: the whole pipeline",
        "implicit, live history, same filter (floor)",
        "implicit, history as of the training, same filter",
    )
    figures = [[*_quantiles(wall), *_quantiles(own)] for wall, own in taken]
    return dict(zip(names, figures, strict=True))


def _quantiles(taken: Floats) -> list[float]:
    found: list[float] = np.quantile(taken, [0.5, 0.95, 0.99]).tolist()
    return found


STEPS: Mapping[str, Callable[[argparse.Namespace], Mapping[str, Any]]] = {
    "make": make,
    "ours": ours,
    "implicit": implicit,
    "slates": slates,
}


def race(*runners: Callable[[int], object]) -> list[tuple[Floats, Floats]]:
    """Time the runners in turn; return milliseconds by the clock and of this thread's own work."""
    taken = np.zeros((len(runners), 2, ROUNDS), np.float32)
    for runner in runners:
        for n in range(WARM):
            runner(n)
    for n in range(ROUNDS):
        for which, runner in enumerate(runners):
            start, work = time.perf_counter(), time.thread_time()
            runner(n)
            taken[which, 1, n] = (time.thread_time() - work) * 1000
            taken[which, 0, n] = (time.perf_counter() - start) * 1000
    return [(wall, own) for wall, own in taken]


def picture(measured: Sequence[Figures]) -> str:
    """Draw seconds and memory over activities; returns an SVG document."""
    curves = [
        Curve(
            f"{name}, {unit}", colour, [(r["activities"], r[f"{name} {key}"]) for r in measured], d
        )
        for name, colour in COLOURS.items()
        for unit, key, d in (("CPU seconds", "CPU seconds", ""), ("GiB", "GiB", "6 4"))
    ]
    return draw("Training by number of activities, 2 cores", curves)


def exponent(measured: Sequence[Figures], name: str) -> float:
    """Return by which power of the activities the CPU seconds grow (least squares)."""
    sizes = [math.log(row["activities"]) for row in measured]
    seconds = [math.log(row[f"{name} CPU seconds"]) for row in measured]
    return float(np.polyfit(sizes, seconds, 1)[0]) if len(measured) > 1 else float("nan")


def _measure(options: argparse.Namespace, size: int) -> Figures:
    found = dict(_run(options, "make", size))
    steps = ("ours",) if options.slates_only else ("implicit", "ours")
    for step in steps:
        name = "ours" if step == "ours" else "implicit alone"
        for figure, value in _run(options, step, size).items():
            found[f"{name} {figure}"] = value
    return found


def _with_former(measured: Sequence[Figures], path: Path) -> list[Figures]:
    """Add the figures to a file of them; return all that it has now, the smallest first."""
    with path.open("a") as file:
        file.writelines(f"{json.dumps(row)}\n" for row in measured)
    rows: list[Figures] = [json.loads(line) for line in path.read_text().splitlines()]
    return sorted(rows, key=lambda row: row["activities"])


def _run(options: argparse.Namespace, step: str, size: int) -> Mapping[str, Any]:
    """Run a step in a process of its own."""
    command = [sys.executable, __file__, "--step", step, "--size", str(size)]
    command += ["--folder", str(options.folder), "--items", str(options.items)]
    command += ["--each", str(options.each)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _print_training(measured: Sequence[Figures]) -> None:
    for name in dict.fromkeys(name for row in measured for name in row):
        print(f"{name:26}" + "".join(f"{row.get(name, math.nan):>14,.2f}" for row in measured))
    last = measured[-1]
    print(
        _verdict(last["ours seconds"] <= SECONDS, f"{last['ours seconds']:.0f} s of {SECONDS:.0f}")
    )
    print(_verdict(last["ours GiB"] <= GIB, f"{last['ours GiB']:.2f} GiB of {GIB}"))
    if len(measured) > 1:
        grows = exponent(measured, "ours")
        print(_verdict(grows <= EXPONENT, f"grows by the power {grows:.2f}, at most {EXPONENT}"))


def _print_slates(found: Mapping[str, Sequence[float]]) -> None:
    heads = ("p50 ms", "p95 ms", "p99 ms", "own p50", "own p95", "own p99")
    print(f"\n{'one slate of 20, one thread':<52}" + "".join(f"{head:>9}" for head in heads))
    for name, taken in found.items():
        print(f"{name:<52}" + "".join(f"{each:>9.3f}" for each in taken))
    (*_, p50, p95, _), (*_, floor, _, _), _ = found.values()
    print(f"{p50 / floor:.1f} times the floor at p50, by the thread's own work")
    print(_verdict(p50 <= P50_MS, f"p50 {p50:.2f} ms of {P50_MS}, own work"))
    print(_verdict(p95 <= P95_MS, f"p95 {p95:.2f} ms of {P95_MS}, own work"))


def _verdict(reached: bool, figure: str) -> str:
    return f"{'reached' if reached else 'MISSED':<8} {figure}"


def _log(folder: Path) -> EventLog:
    names = ("person", "item", "verb", "at")
    return EventLog(*(np.load(folder / f"{name}.npy") for name in names)).in_order()


def _spent() -> dict[str, float]:
    """Return the CPU seconds of this process so far, and the most memory it had (GiB)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"CPU seconds": used.ru_utime + used.ru_stime, "GiB": used.ru_maxrss / 2**20}


def _context(person: int, items: int, chance: np.random.Generator) -> Context:
    """Draw somebody with thirty items behind them, of whom everything is known."""
    met = chance.choice(items, 30, replace=False).tolist()
    history = [Event(person, item, "launched", LAST_YEAR - DAY + n) for n, item in enumerate(met)]
    role = f"role-{person % 40}"
    return Context(
        person,
        (role,),
        history,
        LAST_YEAR + DAY,
        circles=(f"dept:{person % 20}", f"loc:{person % 7}"),
        started=0.0,
        role_since=0.0,
        minutes=20,
        device="desktop",
        language="en",
        tool="moodle",
        origin=met[-1],
        steps=frozenset(chance.integers(0, items, 2).tolist()),
        gaps=frozenset(f"skill-{each}" for each in chance.integers(0, 400, 3).tolist()),
        pins=dict.fromkeys(chance.integers(0, items, 3).tolist(), role),
    )


def _row(context: Context, items: int) -> sparse.csr_matrix:
    met = [event.item for event in context.history]
    cells = (np.ones(len(met), np.float32), (np.zeros(len(met), int), met))
    return sparse.csr_matrix(cells, shape=(1, items))


def _rival(model: Model) -> AlternatingLeastSquares:
    """Return implicit's model with the same factors, on one thread as the serving would be."""
    factors = np.array(model.scorers.taste.factors)
    rival = AlternatingLeastSquares(factors.shape[1], alpha=20.0, num_threads=1)
    rival.item_factors = factors
    rival.user_factors = factors[:1].copy()
    return rival


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 3_000_000, 10_000_000])
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--each", type=int, default=50, help="activities of a person, on average")
    parser.add_argument("--slates-only", action="store_true", help="leave implicit's training out")
    parser.add_argument("--figures", type=Path, help="file to collect the rows of several runs in")
    parser.add_argument("--picture", type=Path)
    for name, kind in (("--step", str), ("--size", int), ("--folder", Path)):
        parser.add_argument(name, type=kind, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
