"""Sparse item-to-item tables in plain arrays, which load from disk without being read.

The scorers that say "this goes with that" share this one structure: for each item the few others
that go with it, and how well.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.arrays import Floats, Ints, Mask

Columns = NDArray[np.int32] | Ints
"""Columns of cells; four bytes each, but for models that were stored with eight."""

SORTED_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Table:
    """Rows of (column, value) laid end to end; row r is the slice start[r] to start[r + 1]."""

    start: Ints
    column: Columns
    value: Floats

    @classmethod
    def empty(cls, rows: int) -> Self:
        """Return a table in which nothing goes with anything."""
        return cls(np.zeros(rows + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))

    @classmethod
    def of(cls, matrix: sparse.csr_matrix) -> Self:
        """Return the positive cells of a sparse matrix, columns ascending within a row."""
        matrix = sparse.csr_matrix(matrix)
        matrix.data = np.maximum(matrix.data, 0).astype(np.float32)
        matrix.eliminate_zeros()
        matrix.sort_indices()
        return cls(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data)

    def matrix(self, columns: int) -> sparse.csr_matrix:
        """Return the same table as a sparse matrix of its own, which may be changed in place."""
        shape = (self.start.size - 1, columns)
        return sparse.csr_matrix((self.value, self.column, self.start), shape=shape, copy=True)

    def cells(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return the cells of the given rows: for each, which row it is in and where it lies."""
        first = self.start[rows]
        length = self.start[rows + 1] - first
        before = length.cumsum() - length
        which = np.arange(rows.size).repeat(length)
        return which, (first - before).repeat(length) + np.arange(which.size)

    def add_rows(self, rows: Ints, weights: Floats, out: Floats) -> Ints:
        """Add the weighted rows to `out`; return the columns met, repeated where rows overlap."""
        if not (rows.size and self.value.size):
            return np.zeros(0, np.int64)
        which, at = self.cells(rows)
        columns = self.column[at].astype(np.int64)
        np.add.at(out, columns, self.value[at] * weights[which])
        return columns

    def summed(self, rows: Ints, weights: Floats) -> tuple[Ints, Floats]:
        """Return the columns that the given rows meet, ascending, and the weighted sum in each.

        There may be several weights for each row, along the last axis; then there are as many sums.
        """
        if not (rows.size and self.value.size):
            return np.zeros(0, np.int64), np.zeros((*weights.shape[:-1], 0), np.float32)
        which, cell = self.cells(rows)
        column = self.column[cell]
        order = np.argsort(column, kind="stable")  # which is quick where runs ascend
        value = (self.value[cell] * weights[..., which])[..., order]
        at, first = firsts(column[order].astype(np.int64))
        return at, np.add.reduceat(value, first, axis=-1) if at.size else value

    def product(self, rows: Ints, values: NDArray[Any]) -> NDArray[Any]:
        """Return the given rows times values by column, which may have several columns of them."""
        found = np.zeros((rows.size, *values.shape[1:]), values.dtype)
        if rows.size and self.value.size:
            which, cell = self.cells(rows)
            taken = values[self.column[cell]]
            weight = self.value[cell].reshape(-1, *[1] * (values.ndim - 1))
            np.add.at(found, which, taken * weight)
        return found

    @cached_property
    def width(self) -> int:
        """Return how many columns there are up to the last that is met."""
        return int(self.column.max()) + 1 if self.column.size else 0

    def block(self, rows: Ints, columns: Ints) -> Floats:
        """Return the values where the given rows and columns cross, 0 where there is none."""
        out = np.zeros((rows.size, columns.size), np.float32)
        if not (rows.size and columns.size and self.value.size):
            return out
        which, at = self.cells(rows)
        order = np.argsort(columns)
        ascending = columns[order]
        near = np.minimum(np.searchsorted(ascending, self.column[at]), columns.size - 1)
        hit = ascending[near] == self.column[at]
        out[which[hit], order[near[hit]]] = self.value[at[hit]]
        return out

    def row(self, row: int) -> tuple[Columns, Floats]:
        """Return the columns and values of one row."""
        cells = slice(int(self.start[row]), int(self.start[row + 1]))
        return self.column[cells], self.value[cells]

    def along(self, row: int, columns: Ints) -> Floats:
        """Return the values of one row at the given columns, 0 where there is none."""
        there, values = self.row(row)
        if not there.size:
            return np.zeros(columns.size, np.float32)
        columns = columns.astype(there.dtype)
        near = np.minimum(np.searchsorted(there, columns), there.size - 1)
        found: Floats = np.where(there[near] == columns, values[near], 0)
        return found


def among(ascending: Ints, chosen: Ints) -> Mask:
    """Tell which of the chosen stand among ascending ones."""
    if not ascending.size:
        return np.zeros(chosen.size, np.bool_)
    near = np.minimum(np.searchsorted(ascending, chosen), ascending.size - 1)
    found: Mask = ascending[near] == chosen
    return found


def firsts(ascending: Ints) -> tuple[Ints, Ints]:
    """Return the different values among ascending ones, and where each stands first."""
    if not ascending.size:
        return ascending, np.zeros(0, np.int64)
    differs = np.ones(ascending.size, np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=differs[1:])
    first = differs.nonzero()[0]
    return ascending[first], first


def strongest(matrix: sparse.csr_matrix, keep: int) -> sparse.csr_matrix:
    """Keep the `keep` largest cells of every row; of equal ones those with the lower column."""
    matrix = sparse.csr_matrix(matrix, dtype=np.float32)
    matrix.sort_indices()
    length = np.diff(matrix.indptr)
    if not (length > keep).any():
        return matrix
    parts = [
        _best_cells(matrix, low, high, keep) for low, high in _ranges(matrix.indptr, SORTED_AT_ONCE)
    ]
    kept = np.concatenate(parts)
    start = np.append(0, np.cumsum(np.minimum(length, keep)))
    return sparse.csr_matrix((matrix.data[kept], matrix.indices[kept], start), shape=matrix.shape)


def _ranges(start: Ints, most: int) -> list[tuple[int, int]]:
    """Cut rows into ranges of at most `most` cells, or of one row, and of 2048 rows."""
    edges = [0]
    while edges[-1] < start.size - 1:
        low = edges[-1]
        high = int(np.searchsorted(start, start[low] + most, side="right")) - 1
        edges.append(min(max(high, low + 1), low + 2048, start.size - 1))
    return list(pairwise(edges))


def _best_cells(matrix: sparse.csr_matrix, low: int, high: int, keep: int) -> Ints:
    """Return where the `keep` largest cells of some rows lie, in their order.

    Row, value and place are written into one number, since those are sorted soonest: 11 bits, 32,
    and what a place needs, which is at most 20 but for a row that stands alone.
    """
    start = matrix.indptr[low : high + 1].astype(np.int64)
    length = np.diff(start)
    row = np.repeat(np.arange(high - low), length)
    place = np.arange(start[-1] - start[0]) - np.repeat(start[:-1] - start[0], length)
    shift = int(length.max(initial=1) - 1).bit_length()
    key = (row << (32 + shift)) | (_falling(matrix.data[start[0] : start[-1]]) << shift) | place
    key.sort()
    first = np.repeat(start[:-1] - start[0], length)
    best = np.arange(key.size) - first < keep
    chosen: Ints = start[row[best]] + (key[best] & ((1 << shift) - 1))
    chosen.sort()
    return chosen


def _falling(values: Floats) -> Ints:
    """Return whole numbers of 32 bits that fall as the values rise."""
    bits = np.ascontiguousarray(values, np.float32).view(np.int32).astype(np.int64)
    rising = np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)
    return (1 << 31) - rising


def without_diagonal(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the matrix without what every item has to do with itself."""
    cells = sparse.coo_matrix(matrix)
    kept = cells.row != cells.col
    return sparse.csr_matrix(
        (cells.data[kept], (cells.row[kept], cells.col[kept])), shape=matrix.shape
    )
