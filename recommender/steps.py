"""What follows what along everybody's history, counted item by item in bounded memory."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from scipy import sparse

from recommender.arrays import Floats, Ints
from recommender.table import Table, strongest

CELLS = 4_000_000
"""About how many steps are held at a time."""


def events_on(item: Ints, low: int, high: int) -> Ints:
    """Return the events on items `low` to `high`, which does not belong to them, ascending."""
    return np.flatnonzero((item >= low) & (item < high))


def follows(person: Ints, item: Ints, lag: int, there: Ints) -> Ints:
    """Return those of the events `there` that another item follows after `lag` events.

    The events are sorted by person and time, and `there` ascends.
    """
    return _steps(person, item, lag, there[: np.searchsorted(there, item.size - lag)])


def precedes(person: Ints, item: Ints, lag: int, there: Ints) -> Ints:
    """Return the events that stand `lag` events before one of those `there`, as `follows`."""
    return _steps(person, item, lag, there[np.searchsorted(there, lag) :] - lag)


def _steps(person: Ints, item: Ints, lag: int, at: Ints) -> Ints:
    """Return those events after which the same person took another item, `lag` events later."""
    then = at + lag
    found: Ints = at[(person[at] == person[then]) & (item[at] != item[then])]
    return found


def ranges(item: Ints, size: int, lags: int) -> Iterator[tuple[int, int]]:
    """Cut `size` items into ranges, each with about `CELLS` steps of up to `lags` events."""
    before = np.cumsum(np.bincount(item, minlength=size))
    parts = max(math.ceil(item.size * lags / CELLS), 1)
    cuts = np.searchsorted(before, np.arange(1, parts) * (item.size / parts))
    edges = np.unique(np.concatenate([[0, size], cuts]))
    yield from zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)


def strongest_steps(
    item: Ints, size: int, lags: int, keep: int, count: Callable[[int, int], sparse.csr_matrix]
) -> Table:
    """Return the `keep` strongest cells of every row of what `count` returns for a range of rows.

    `count` is given where the range begins and ends, and returns its rows x `size`.
    """
    parts = [strongest(count(low, high), keep) for low, high in ranges(item, size, lags)]
    return Table.of(
        sparse.vstack(parts, format="csr") if parts else sparse.csr_matrix((size, size))
    )


def rows_of(rows: Ints, columns: Ints, worth: Floats, shape: tuple[int, int]) -> sparse.csr_matrix:
    """Return a sparse matrix with these cells, those in the same place added up."""
    return sparse.csr_matrix((worth, (rows, columns)), shape=shape, dtype=np.float32)
