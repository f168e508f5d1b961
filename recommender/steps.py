"""What follows what along everybody's history, counted item by item in bounded memory."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from scipy import sparse

from recommender.arrays import Floats, Ints
from recommender.table import Table, strongest

CELLS = 4_000_000
"""About how many steps are held at a time."""


def follows(person: Ints, item: Ints, lag: int, low: int, high: int) -> Ints:
    """Return the events on items `low` to `high` that another item follows after `lag` events.

    The events are sorted by person and time; `high` does not belong to the range.
    """
    first, then = item[:-lag], item[lag:]
    within = (first >= low) & (first < high) & (first != then)
    return np.flatnonzero(within & (person[:-lag] == person[lag:]))


def precedes(person: Ints, item: Ints, lag: int, low: int, high: int) -> Ints:
    """Return the events that stand `lag` events before another item in the range, as `follows`."""
    first, then = item[:-lag], item[lag:]
    within = (then >= low) & (then < high) & (first != then)
    return np.flatnonzero(within & (person[:-lag] == person[lag:]))


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
