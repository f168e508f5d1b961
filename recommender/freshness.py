"""How new items are, by when they were published."""

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.data import DAY

FRESH_DAYS = 14.0


def newest_first(published: list[float | None], ids: Ints) -> Ints:
    """Return the rank of each item when sorted by publication, newest first, then by id."""
    when = np.array([-np.inf if at is None else at for at in published], dtype=np.float64)
    rank = np.empty(ids.size, np.int64)
    rank[np.lexsort((ids, -when))] = np.arange(ids.size)
    return rank


def freshness(published: list[float | None], now: float) -> Floats:
    """Return 1 for items published now, halved every fortnight; 0 where the date is unknown."""
    when = np.array([-np.inf if at is None else at for at in published], dtype=np.float64)
    age = np.maximum(now - when, 0.0) / DAY
    return np.exp2(-age / FRESH_DAYS).astype(np.float32)
