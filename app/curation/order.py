"""How orders change, as plain lists: nothing is lost, nothing twice, stale lists are welcome."""

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def moved(current: Sequence[T], one: T, step: int) -> list[T]:
    """Return the order with `one` moved by `step` places, as far as the ends allow."""
    rest = [each for each in current if each != one]
    place = min(max(current.index(one) + step, 0), len(rest))
    return [*rest[:place], one, *rest[place:]]


def merged(current: Collection[T], wanted: Iterable[T]) -> list[T]:
    """Return `current` in the wanted order.

    What `wanted` does not name keeps its own order and comes last; what it names twice counts
    once; what it names and `current` does not have is left out.
    """
    known = set(current)
    named = [each for each in dict.fromkeys(wanted) if each in known]
    return [*named, *(each for each in current if each not in set(named))]
