"""Measure the recommender: the time of a slate against implicit's own, training, and quality.

    python bench/recommend.py [--people 100000] [--items 50000] [--mars FOLDER] [--ml100k FOLDER]

The budget is two times what implicit needs for 20 items with the same history and the same
filter. Public data sets are read from folders of yours; none comes with the project.
"""

import argparse
import csv
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_WAIT_POLICY"] = "passive"
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse

from recommender import (
    Context,
    Dataset,
    Eligibility,
    Event,
    ItemFacts,
    Model,
    Settings,
    evaluate,
    recommend,
)
from recommender.data import DAY, Floats, Profile
from recommender.model import fit
from recommender.planted import large, planted

ROUNDS = 300
BUDGET = 2.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--mars", type=Path, help="folder of the MARS data set")
    parser.add_argument("--ml100k", type=Path, help="folder of MovieLens 100k")
    options = parser.parse_args(arguments)
    time_slates(*trained(options.people, options.items))
    for rho in (0.0, 0.5, 0.8):
        print(f"\nplanted, a role explains {rho} of taste\n{evaluate(planted(rho).dataset)}")
    for name, read, folder in (("MARS", mars, options.mars), ("ML-100k", ml100k, options.ml100k)):
        if folder:
            print(f"\n{name}\n{evaluate(read(folder), settings_for_archives())}")


def trained(people: int, items: int) -> tuple[Model, list[ItemFacts]]:
    """Train on made-up activity and print what it took."""
    log, roles, facts = large(people, items)
    start = time.perf_counter()
    model = fit(Dataset(log, roles, facts, 365 * DAY))
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"training: {people} people, {items} items, {len(log)} activities: {took:.1f} s, ", end=""
    )
    print(f"{peak:.2f} GiB at most")
    return model, facts


def time_slates(model: Model, facts: list[ItemFacts]) -> None:
    """Compare a slate of 20 with implicit's own, in turn so that both meet the same machine."""
    chance = np.random.default_rng(0)
    count = len(facts)
    eligible = chance.choice(count, count * 4 // 5, replace=False)
    barred = np.setdiff1d(np.arange(count), eligible)
    pool = Eligibility(frozenset(eligible.tolist()), {each.item: each for each in facts})
    contexts = [_context(person, count, chance) for person in range(ROUNDS)]
    rows = [_row(context, count) for context in contexts]
    rival = _rival(model)
    ours, live, plain, fold = race(
        lambda n: recommend(model, contexts[n], pool, pool.items),
        lambda n: rival.recommend(0, rows[n], 20, filter_items=barred, recalculate_user=True),
        lambda n: rival.recommend(0, rows[n], 20, filter_items=barred),
        lambda n: model.scorers.taste.fold_in(
            Profile.of(contexts[n], model.items, model.settings.activity)
        ),
    )
    print(f"{'one slate of 20':<48}{'p50 ms':>8}{'p95 ms':>8}")
    for name, taken in (
        ("ours: live, all parts, rules and reasons", ours),
        ("implicit, live history, same filter", live),
        ("implicit, history as of training, same filter", plain),
        ("our fold-in alone", fold),
    ):
        print(f"{name:<48}{np.median(taken):>8.3f}{np.quantile(taken, 0.95):>8.3f}")
    print(
        f"ratio {np.median(ours) / np.median(live):.2f} to implicit live (budget {BUDGET}), ",
        end="",
    )
    print(f"{np.median(ours) / np.median(plain):.2f} to implicit as of training")


def race(*runners: Callable[[int], object]) -> list[Floats]:
    """Time the runners in turn; return milliseconds, one array each."""
    taken = np.zeros((len(runners), ROUNDS))
    for runner in runners:
        for n in range(20):
            runner(n)
    for n in range(ROUNDS):
        for which, runner in enumerate(runners):
            start = time.perf_counter()
            runner(n)
            taken[which, n] = (time.perf_counter() - start) * 1000
    return list(taken)


def _context(person: int, items: int, chance: np.random.Generator) -> Context:
    met = chance.choice(items, 30, replace=False).tolist()
    history = [Event(person, item, "launched", 364 * DAY + n) for n, item in enumerate(met)]
    return Context(person, (f"role-{person % 40}",), history, 366 * DAY)


def _row(context: Context, items: int) -> sparse.csr_matrix:
    met = [event.item for event in context.history]
    cells = (np.ones(len(met), np.float32), (np.zeros(len(met), int), met))
    return sparse.csr_matrix(cells, shape=(1, items))


def _rival(model: Model) -> AlternatingLeastSquares:
    """Return implicit's model with the same factors, on one thread as the serving would be."""
    config = model.settings.taste
    rival = AlternatingLeastSquares(
        factors=model.scorers.taste.factors.shape[1],
        alpha=config.alpha,
        regularization=config.regularization,
        num_threads=1,
    )
    rival.item_factors = np.array(model.scorers.taste.factors)
    rival.user_factors = rival.item_factors[:1].copy()
    return rival


def settings_for_archives() -> Settings:
    """Return settings that measure on more people than a training would take time for."""
    settings = Settings()
    return replace(settings, evaluation=replace(settings.evaluation, most_people=2000))


def mars(folder: Path) -> Dataset:
    """Read MARS: who watched what when, and the job of those who told it."""
    views = _table(folder / "implicit_ratings_en.csv")
    events = [
        Event(int(row["user_id"]), int(row["item_id"]), "launched", _moment(row["created_at"]))
        for row in views
    ]
    people = _table(folder / "users_en.csv")
    roles = {int(row["user_id"]): _known(row["job"]) for row in people}
    facts = [
        ItemFacts(
            int(row["item_id"]),
            tuple(re.findall(r"'([^']+)'", row["Software"] + row["Theme"])),
            (),
            row["name"],
        )
        for row in _table(folder / "items_en.csv")
    ]
    return Dataset(events, roles, facts, max(event.at for event in events))


def ml100k(folder: Path) -> Dataset:
    """Read MovieLens 100k: ratings as activity, occupations as roles."""
    events = [
        Event(int(row[0]), int(row[1]), "launched", float(row[3]))
        for row in _rows(folder / "u.data", "\t")
    ]
    roles = {int(row[0]): (row[3],) for row in _rows(folder / "u.user", "|")}
    facts = [ItemFacts(int(row[0]), (), (), row[1]) for row in _rows(folder / "u.item", "|")]
    return Dataset(events, roles, facts, max(event.at for event in events))


def _known(job: str) -> tuple[str, ...]:
    return () if job in {"", "N/A"} else (job,)


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _rows(path: Path, separator: str) -> list[list[str]]:
    """Return the rows of a MovieLens file, with or without a line of headings."""
    lines = path.read_text(encoding="latin-1").splitlines()
    return [line.split(separator) for line in lines if line[:1].isdigit()]


if __name__ == "__main__":
    main()
