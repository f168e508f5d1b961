"""What becomes of what people have done when they move on to another version, as plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StepOf:
    """A step of some version: its id there, its key in all versions, its item if it has one."""

    id: int
    key: str
    item_id: int | None


def counterparts(old: Iterable[StepOf], new: Iterable[StepOf]) -> dict[int, int]:
    """Return which new step stands for which old one, by id; several old ones may share one.

    By key first; where the key is gone, by item. A step without counterpart is not named: what
    was done of it stays with the old step, and comes back with a version that has it again.
    """
    wanted = list(new)
    by_key = {step.key: step.id for step in wanted}
    by_item = {step.item_id: step.id for step in wanted if step.item_id is not None}
    found = {}
    for step in old:
        id_ = by_key.get(step.key)
        if id_ is None and step.item_id is not None:
            id_ = by_item.get(step.item_id)
        if id_ is not None:
            found[step.id] = id_
    return found


def carried(done: Iterable[int], into: Mapping[int, int]) -> frozenset[int]:
    """Return the ids of the steps that count as done after moving on; none is lost."""
    return frozenset(into.get(step_id, step_id) for step_id in done)
