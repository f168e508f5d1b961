"""The best of rankings that are the same for many people, ranked once and not for every slate."""

from collections.abc import Callable, Hashable
from typing import NamedTuple

from recommender.arrays import Floats, Ints, Times
from recommender.rules import WORST, shortlist

SPARE = 200
"""How many more than are asked for are kept, to stand in for what a person is not shown."""

MOST = 300


class Head(NamedTuple):
    """The best positions of a ranking; it is not `cut` if there are no others."""

    stamp: Hashable
    at: Ints
    cut: bool


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
    ) -> Ints:
        """Return the `keep` best positions of a ranking, equals by `order`.

        `values` works the ranking out, which is done once for a `key` until its `stamp` changes.
        `walls` are 0, or minus infinity for what nobody is shown, and for what this person is not.
        """
        everybody, own = walls
        head = self._kept.get((key, keep))
        if head is None or head.stamp != stamp:
            head = _head(stamp, values(), everybody, keep + SPARE, order)
            if len(self._kept) >= MOST:
                self._kept = {}
            self._kept[(key, keep)] = head
        found = head.at[own[head.at] > WORST][:keep]
        if found.size == keep or not head.cut:
            return found
        ranking = values()
        return shortlist(ranking + own[: ranking.size], keep, order[: ranking.size])


def _head(stamp: Hashable, values: Floats | Times, wall: Floats, keep: int, order: Ints) -> Head:
    at = shortlist(values + wall[: values.size], keep, order[: values.size])
    return Head(stamp, at, at.size == keep)
