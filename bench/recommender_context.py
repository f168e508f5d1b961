"""What each thing known about a person and a moment is worth: asked again without it.

    python bench/recommender_context.py [--mars FOLDER] [--ml100k FOLDER] [--seed 0]

The same questions are answered twice, once with everything and once with one thing taken away from
the question; the model stays. A lift is what the thing adds, with its 95 % interval by paired
bootstrap. In the planted portal every preference is known, so the figure is the share of the best
possible slate: the chance that the visitor takes one of the ten, against the ten likeliest. Floor:
popularity.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_WAIT_POLICY"] = "passive"
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from bench import recommender_data as data
from bench.recommender_metrics import SHORT, interval, measured
from bench.recommender_models import ask, trained
from recommender import Context, Eligibility, recommend, train
from recommender.arrays import Floats, Ints
from recommender.live import Live
from recommender.planted_context import WITHOUT, ContextWorld, contextual, without

SINCE = "since when the role"
Shown = Callable[[Context], Sequence[int]]


def main() -> None:
    """Print a table for the planted portal, then one for the archives."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--mars", type=Path, help="folder of the MARS data set")
    parser.add_argument("--ml100k", type=Path, help="folder of MovieLens 100k")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--visits", type=int, default=1200, help="of the planted portal, at most")
    options = parser.parse_args()
    for line in portal(fewer(contextual(seed=options.seed), options.visits)):
        print(line, flush=True)
    print(f"\n{'archive, questions, without':<50}{'nDCG@10':>8}{'without':>9}   lift (95 %)")
    for archive in _archives(options):
        for line in over_archive(archive, options.seed):
            print(line, flush=True)


def fewer(world: ContextWorld, most: int) -> ContextWorld:
    """Return the same portal with at most that many visits, evenly spread."""
    step = -(-len(world.visits) // most)
    return replace(world, visits=world.visits[::step])


def portal(world: ContextWorld) -> Iterator[str]:
    """Give the lift of every part of a context in a portal whose truth is known."""
    facts = {each.item: each for each in world.dataset.items}
    model = train(world.dataset)
    pool, live = Eligibility(facts, facts), Live(model)

    def show(context: Context) -> Sequence[int]:
        return recommend(model, context, pool, facts, SHORT, live=live).items

    popular = _by_count(world)
    full = shares(world, lambda n: show(world.visits[n].context))
    few = np.array([len(visit.context.history) <= 3 for visit in world.visits])
    yield f"planted portal: {len(world.visits)} visits, {few.sum()} with at most 3 items known"
    yield f"{'share of the best possible slate':<36}{'all':>8}{'newcomers':>11}"
    floor = shares(world, lambda n: popular(world.visits[n].context))
    for name, found in (("with everything", full), ("popularity (floor)", floor)):
        yield f"{name:<36}{found.mean():>8.3f}{found[few].mean():>11.3f}"
    yield f"{'lift of':<36}{'all':>8}{'95 %':>20}{'newcomers':>11}{'95 %':>20}"
    for part in WITHOUT:
        less = shares(world, lambda n, part=part: show(without(world.visits[n], part)))
        yield f"{part:<36}{_lift(full - less)}{_lift((full - less)[few])}"
        if part == SINCE:
            yield f"{'  after a change of role':<36}{_lift((full - less)[_changed(world)])}"


def shares(world: ContextWorld, show: Callable[[int], Sequence[int]]) -> Floats:
    """Return for each visit the chance to take one of a slate, as a share of the best slate's."""
    found = np.zeros(len(world.visits), np.float32)
    for n, visit in enumerate(world.visits):
        likely = np.exp(visit.preference - visit.preference.max())
        best = np.partition(likely, -SHORT)[-SHORT:].sum()
        found[n] = likely[list(show(n))].sum() / best
    return found


def _by_count(world: ContextWorld) -> Shown:
    taken = [event.item for event in world.dataset.events]
    order = np.argsort(-np.bincount(taken, minlength=len(world.dataset.items)), kind="stable")

    def show(context: Context) -> Sequence[int]:
        met = {event.item for event in context.history}
        return [item for item in order.tolist() if item not in met][:SHORT]

    return show


def _changed(world: ContextWorld) -> Ints:
    """Return the visits of people who had another role not long before."""
    since = [visit.context.role_since or 0.0 for visit in world.visits]
    return np.flatnonzero(np.array(since) > 0)


def over_archive(archive: data.Archive, seed: int) -> Iterator[str]:
    """Give the lift of the role and of what else is known of people, by length of history."""
    columns = {"role": 0, "age": 1, "gender": 2}
    trials = [data.newcomers(archive, seed)]
    if archive.taste is None:
        trials.append(data.last_out(archive))
    for trial in trials:
        system = trained(trial)
        for asked in trial.questions:
            full = measured(ask(system, trial, asked), asked, archive.shape[1])
            for name, column in list(columns.items())[: archive.roles.shape[1]]:
                roles = asked.roles.copy()
                roles[:, column] = -1
                blind = replace(asked, roles=roles)
                less = measured(ask(system, trial, blind), asked, archive.shape[1])
                yield (
                    f"{archive.name + ', ' + asked.name + ', ' + name:<50}{full.ndcg:>8.3f}"
                    f"{less.ndcg:>9.3f}   {_lift(full.gain - less.gain)}"
                )


def _archives(options: argparse.Namespace) -> Iterator[data.Archive]:
    for rho in (0.0, 0.5, 0.8):
        yield data.made_up(rho, options.seed)
    if options.mars:
        yield data.mars(options.mars)
    if options.ml100k:
        yield data.ml100k(options.ml100k, everything=True)


def _lift(better: Floats) -> str:
    if not better.size:
        return f"{'-':>8}{'':>20}"
    low, high = interval(better)
    return f"{better.mean():>+8.4f}{f'{low:+.4f} .. {high:+.4f}':>20}"


if __name__ == "__main__":
    main()
