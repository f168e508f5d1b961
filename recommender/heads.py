"""The best of rankings that are the same for many people, ranked once and not for every slate."""

from collections.abc import Callable, Hashable
from typing import NamedTuple

import numpy as np

from recommender.arrays import Floats, Ints, Times, different
from recommender.rules import WORST, shortlist

SPARE = 200
"""How many more than are asked for are kept, to stand in for what a person is not shown."""

MOST = 300
MOST_RISEN = 2000
"""Where more have risen, all are ranked anew."""


class Head(NamedTuple):
    """The best positions of a ranking; it is not `cut` if there are no others."""

    stamp: Hashable
    at: Ints
    cut: bool


def _unknown(_stamp: Hashable) -> None:
    """Say that any value may have changed."""


class Heads:
    """The heads of rankings over the positions of one pool; safe to use from several threads."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._kept: dict[Hashable, Head] = {}

    def best(
        self,
        key: Hashable,
        stamp: Hashable,
        values: Callable[[], Floats | Times],
        walls: tuple[Floats, Floats],
        keep: int,
        order: Ints,
        risen: Callable[[Hashable], Ints | None] = _unknown,
    ) -> Ints:
        """Return the `keep` best positions of a ranking, equals by `order`.

        `values` works the ranking out, which is done once for a `key` until its `stamp` changes.
        `risen` names the positions whose values have risen since another stamp, all others being
        as they were, or returns None: what was best is then only compared with those.
        `walls` are 0, or minus infinity for what nobody is shown, and for what this person is not.
        """
        everybody, own = walls
        head = self._kept.get((key, keep))
        if head is None or head.stamp != stamp:
            head = _head(stamp, values(), everybody, keep + SPARE, order, _moved(head, risen))
            if len(self._kept) >= MOST:
                self._kept = {}
            self._kept[(key, keep)] = head
        found = head.at[own[head.at] > WORST][:keep]
        if found.size == keep or not head.cut:
            return found
        ranking = values()
        return shortlist(ranking + own[: ranking.size], keep, order[: ranking.size])


def _moved(head: Head | None, risen: Callable[[Hashable], Ints | None]) -> Ints | None:
    """Return the positions that may be best now, None if any may be."""
    rising = None if head is None else risen(head.stamp)
    if head is None or rising is None or rising.size > MOST_RISEN:
        return None
    return different(np.concatenate([head.at, rising]))


def _head(
    stamp: Hashable,
    values: Floats | Times,
    wall: Floats,
    keep: int,
    order: Ints,
    among: Ints | None,
) -> Head:
    if among is None:
        at = shortlist(values + wall[: values.size], keep, order[: values.size])
    else:
        at = among[shortlist(values[among] + wall[among], keep, order[among])]
    return Head(stamp, at, at.size == keep)
