"""Measure what we would have shown just before everything that people took up after a cut in time.

    python bench/next_event.py [--mars FOLDER] [--ml100k FOLDER] [--cuts 0.8 0.7] [--share 1.0]

Candidates are what somebody had touched before that moment and the person had not. Everything is
trained on the time before the cut and then told each event as it comes; "frozen" learns nothing
more, "nightly" trains anew after each day with activity. Public data sets are read from folders
of yours; none comes with the project.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_WAIT_POLICY"] = "passive"
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse

from bench.adapter import System, factory
from bench.recommender_data import Archive, mars, ml100k
from recommender.arrays import Floats, Ints, Mask, Times
from recommender.data import DAY

TOP = 10
RESAMPLES = 1000
RIDGE = 100.0
RECENCY = 8.0
HALF_LIFE = 365.0


@dataclass(frozen=True)
class Stream:
    """First touches in the order of time, in numbers: people, items, unix seconds, roles."""

    person: Ints
    item: Ints
    at: Times
    roles: tuple[str, ...]
    role: Ints
    text: tuple[str, ...]

    def matrix(self, chosen: Mask, values: Times | None = None) -> sparse.csr_matrix:
        """Return people x items of the chosen events."""
        cells = (self.person[chosen], self.item[chosen])
        data = np.ones(cells[0].size, np.float32) if values is None else values
        shape = (int(self.role.size), len(self.text))
        return sparse.csr_matrix((data, cells), shape=shape)


def stream_of(archive: Archive) -> Stream:
    """Put the first touches of an archive in the order of time."""
    order = np.argsort(archive.at, kind="stable")
    return Stream(
        archive.person[order],
        archive.item[order],
        archive.at[order],
        archive.role_names,
        archive.roles[:, 0],
        archive.text,
    )


class Ranker:
    """Scores all items for somebody; told each event after it was asked about."""

    def __init__(self, stream: Stream, past: Mask) -> None:
        """Learn from the past."""
        self.stream = stream
        self.train(past)

    def train(self, past: Mask) -> None:
        """Learn from the chosen events."""

    def scores(self, person: int, history: list[int], at: float) -> Floats:
        """Return a score per item."""
        raise NotImplementedError

    def observe(self, number: int, history: list[int]) -> None:
        """Take note of an event of the stream; `history` is what the person had before."""


class Popular(Ranker):
    """What most people had touched at the cut."""

    def train(self, past: Mask) -> None:
        """Count."""
        size = len(self.stream.text)
        self.counts = np.bincount(self.stream.item[past], minlength=size).astype(np.float32)

    def scores(self, person: int, history: list[int], at: float) -> Floats:  # noqa: ARG002
        """Return the counts."""
        return self.counts


class Frozen(Popular):
    """Implicit's ALS with the person's factors as of the training; popularity for the unknown."""

    def train(self, past: Mask) -> None:
        """Factorise."""
        super().train(past)
        matrix = self.stream.matrix(past)
        self.known = np.diff(matrix.indptr) > 0
        model = AlternatingLeastSquares(
            factors=64, alpha=20.0, regularization=5.0, iterations=15, random_state=0
        )
        model.fit(matrix, show_progress=False)
        self.people, self.items = np.array(model.user_factors), np.array(model.item_factors)
        self.gram = self.items.T @ self.items + 5.0 * np.eye(self.items.shape[1])

    def scores(self, person: int, history: list[int], at: float) -> Floats:
        """Return the product of the factors."""
        if not self.known[person]:
            return super().scores(person, history, at)
        return self.items @ self.people[person]


class Nightly(Frozen):
    """The same, trained anew after every day on which something happened."""

    def train(self, past: Mask) -> None:
        """Factorise, and remember the day."""
        super().train(past)
        self.day = int(self.stream.at[past].max() // DAY)

    def observe(self, number: int, history: list[int]) -> None:  # noqa: ARG002
        """Train when a day has ended."""
        if int(self.stream.at[number] // DAY) > self.day:
            self.train(np.arange(self.stream.at.size) <= number)


class LiveFold(Frozen):
    """The frozen item factors; the history folded in live, the latest items weighing most."""

    def scores(self, person: int, history: list[int], at: float) -> Floats:  # noqa: ARG002
        """Solve for the person's factors."""
        if not history:
            return self.counts
        latest = np.array(history[::-1][:50])
        weight = 20.0 * np.exp(-np.arange(latest.size) / RECENCY)
        taken = self.items[latest]
        left = self.gram + taken.T @ (taken * (weight - 1)[:, None])
        return self.items @ np.linalg.solve(left, weight @ taken)


class Ease(Popular):
    """EASE (Steck 2019) as of the cut, asked with the live history."""

    def train(self, past: Mask) -> None:
        """Invert the Gram matrix."""
        super().train(past)
        matrix = self.stream.matrix(past)
        gram = (matrix.T @ matrix).toarray().astype(np.float64)
        gram[np.diag_indices_from(gram)] += RIDGE
        inverse = np.linalg.inv(gram)
        self.weights = -inverse / np.diag(inverse)[None, :]
        np.fill_diagonal(self.weights, 0)

    def scores(self, person: int, history: list[int], at: float) -> Floats:
        """Return the sum of the rows of the history."""
        if not history:
            return super().scores(person, history, at)
        return self.weights[history].sum(axis=0)


class Following(Popular):
    """After this, people took that: decayed counts of the last three steps, live."""

    def train(self, past: Mask) -> None:
        """Count the steps of the past."""
        super().train(past)
        size = len(self.stream.text)
        self.steps = np.zeros((size, size), np.float32)
        seen: dict[int, list[int]] = {}
        for number in np.flatnonzero(past).tolist():
            history = seen.setdefault(int(self.stream.person[number]), [])
            self.observe(number, history)
            history.append(int(self.stream.item[number]))

    def scores(self, person: int, history: list[int], at: float) -> Floats:
        """Return the chance to follow the last eight items, popularity deciding between equals."""
        found = 1e-9 * super().scores(person, history, at)
        for place, item in enumerate(history[::-1][:8]):
            row = self.steps[item]
            found = found + np.exp(-place / 2) * row / (row.sum() + 1e-3)
        return found

    def observe(self, number: int, history: list[int]) -> None:
        """Count the steps to this event."""
        days = (self.stream.at[number] - self.stream.at[0]) / DAY
        for lag, before in enumerate(history[::-1][:3], start=1):
            self.steps[before, self.stream.item[number]] += 2.0 ** (days / HALF_LIFE - 8) / lag


class Ours(Ranker):
    """The recommender as it serves: its slate of 20, of which the candidates are kept."""

    def train(self, past: Mask) -> None:
        """Train once."""
        stream = self.stream
        self.system: System = factory(len(stream.text), stream.roles, stream.text)
        times = stream.matrix(past, stream.at[past])
        ones = stream.matrix(past)
        self.system.fit(ones, times, stream.role[:, None], float(stream.at[past].max()))

    def scores(self, person: int, history: list[int], at: float) -> Floats:  # noqa: ARG002
        """Return scores that fall along the slate."""
        found = np.full(len(self.stream.text), -np.inf)
        slate = self.system.slate(person, [int(self.stream.role[person])], 2 * TOP, at)
        found[list(slate)] = -np.arange(len(slate))
        return found

    def observe(self, number: int, history: list[int]) -> None:  # noqa: ARG002
        """Tell the system."""
        stream = self.stream
        self.system.observe(
            int(stream.person[number]), int(stream.item[number]), float(stream.at[number])
        )


RANKERS: dict[str, Callable[[Stream, Mask], Ranker]] = {
    "popularity frozen at the cut": Popular,
    "ALS frozen at the cut": Frozen,
    "ALS nightly, popularity for the unknown": Nightly,
    "ALS, live history, latest weigh more": LiveFold,
    "EASE, live history": Ease,
    "live transitions": Following,
    "ours": Ours,
}


def ranks(ranker: Ranker, stream: Stream, past: Mask, share: float, seed: int) -> Iterator[int]:
    """Give the rank (from 0) of what was taken up, for a share of the events after the cut."""
    chance = np.random.default_rng(seed)
    touched = np.bincount(stream.item[past], minlength=len(stream.text))
    histories: dict[int, list[int]] = {}
    for number in range(stream.at.size):
        person, item = int(stream.person[number]), int(stream.item[number])
        history = histories.setdefault(person, [])
        if not past[number]:
            if touched[item] and chance.random() < share:
                scores = np.where(
                    touched > 0, ranker.scores(person, history, stream.at[number]), -np.inf
                )
                scores[history] = -np.inf
                mine = scores[item]
                yield len(scores) if mine == -np.inf else int((scores > mine).sum())
            ranker.observe(number, history)
            touched[item] += 1
        history.append(item)


def line(name: str, found: Ints, seed: int) -> str:
    """Return nDCG@10 and hit rate@10 with bootstrap intervals of 95 %."""
    hit = (found < TOP).astype(np.float64)
    gain = hit / np.log2(found + 2)
    again = np.random.default_rng(seed).integers(0, found.size, (RESAMPLES, found.size))
    low, high = np.quantile(hit[again].mean(axis=1), [0.025, 0.975])
    below, above = np.quantile(gain[again].mean(axis=1), [0.025, 0.975])
    return (
        f"{name:<42}{gain.mean():>8.4f} ({below:.4f}-{above:.4f})"
        f"{hit.mean():>9.4f} ({low:.4f}-{high:.4f})"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for each data set and cut."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mars", type=Path, help="folder of the MARS data set")
    parser.add_argument("--ml100k", type=Path, help="folder of MovieLens 100k")
    parser.add_argument("--cuts", type=float, nargs="+", default=[0.8])
    parser.add_argument("--share", type=float, default=1.0, help="of the events asked about")
    parser.add_argument("--seed", type=int, default=0, help="draws that share and the intervals")
    parser.add_argument("--only", nargs="+", help="rankers whose names begin with these words")
    options = parser.parse_args(arguments)
    for name, read, folder in (("MARS", mars, options.mars), ("ML-100k", ml100k, options.ml100k)):
        for cut in options.cuts if folder else ():
            stream = stream_of(read(folder))
            past = stream.at <= np.quantile(stream.at, cut)
            print(f"\n{name}, cut at {cut:.0%}{'':<20}nDCG@10 (95 %){'':<11}hit rate@10 (95 %)")
            for title, made in RANKERS.items():
                if options.only and not title.startswith(tuple(options.only)):
                    continue
                found = ranks(made(stream, past), stream, past, options.share, options.seed)
                print(line(title, np.array(list(found)), options.seed), flush=True)


if __name__ == "__main__":
    main()
