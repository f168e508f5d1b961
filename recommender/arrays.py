"""The arrays that everything is counted in, and what is often done with them."""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Times = NDArray[np.float64]
Mask = NDArray[np.bool_]
Arrays = dict[str, NDArray[Any]]


def narrow(ids: Ints) -> Ints:
    """Return ids in four bytes each if they fit, else as they are."""
    if ids.dtype != np.int64 or (ids.size and not -(2**31) <= ids.min() <= ids.max() < 2**31):
        return ids
    narrow: Ints = ids.astype(np.int32)
    return narrow


def different(ids: Ints, others: Collection[int] = ()) -> Ints:
    """Return the different ids among some and others, ascending."""
    found = np.concatenate([_once(ids), np.fromiter(others, np.int64, len(others))])
    return _once(found)


def _once(ids: Ints) -> Ints:
    ascending = np.sort(ids)
    again = np.zeros(ids.size, np.bool_)
    again[1:] = ascending[1:] == ascending[:-1]
    return ascending[~again].astype(np.int64)


def numbered(known: Ints, ids: Ints) -> Ints:
    """Return the place of each id among the known ones, of which all are, in four bytes each."""
    span = int(known[-1] - known[0]) + 1 if known.size else 0
    if span > 4 * max(ids.size, known.size):
        return narrow(np.searchsorted(known, ids))
    place = narrow(np.zeros(span, np.int64))
    place[known - known[:1]] = np.arange(known.size)
    numbered: Ints = place[ids - known[:1].astype(ids.dtype)]
    return numbered


def blank(size: int, out: Floats | None) -> Floats:
    """Return `out`, or if there is none a new row of that size, filled with 0."""
    if out is None:
        return np.zeros(size, np.float32)
    out.fill(0.0)
    return out


def written(values: Floats, out: Floats | None) -> Floats:
    """Return the values, or if there is an `out`, that with the values in it."""
    if out is None:
        return values
    out[:] = values
    return out


def standardised(values: Floats) -> Floats:
    """Return values as standard deviations from their mean; all 0 when they do not differ."""
    if not values.size or float(values.std()) < 1e-9:
        return np.zeros(values.size, np.float32)
    scores: Floats = ((values - values.mean()) / values.std()).astype(np.float32)
    return scores


def positions(sorted_ids: Ints, ids: Ints) -> tuple[Ints, Mask]:
    """Return where each id stands among sorted ids, and whether it stands there at all."""
    at = np.searchsorted(sorted_ids, ids)
    if not sorted_ids.size:
        return at, np.zeros(ids.size, dtype=np.bool_)
    at = np.minimum(at, sorted_ids.size - 1)
    return at, sorted_ids[at] == ids
