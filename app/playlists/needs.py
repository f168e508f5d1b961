"""Steps that wait for others: no circles, nothing that waits for what is due later.

Plain data in and out. A circle is found by a search in depth along what each step waits for: the
first step met twice on one path closes it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.playlists.outline import OutlineStep


class Trouble(StrEnum):
    """What is wrong between two steps."""

    CIRCLE = "circle"
    LATER = "later"
    ALTERNATIVE = "alternative"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and with which steps: of two the one that waits stands first."""

    trouble: Trouble
    keys: tuple[str, ...]


def fault_in(steps: Sequence[OutlineStep]) -> Fault | None:
    """Return the first thing wrong with what steps wait for, or None.

    Steps may not wait for each other in a circle, for a step that is due on a later day, or for
    their own alternative. What is not among the steps is nobody's need.
    """
    circle = circle_in({step.key: step.needs for step in steps})
    if circle:
        return Fault(Trouble.CIRCLE, circle)
    by_key = {step.key: step for step in steps}
    for step in steps:
        for need in (by_key[key] for key in sorted(step.needs) if key in by_key):
            if need.choice is not None and need.choice == step.choice:
                return Fault(Trouble.ALTERNATIVE, (step.key, need.key))
            if need.due_day > step.due_day:
                return Fault(Trouble.LATER, (step.key, need.key))
    return None


def circle_in(needs: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Return the steps of a circle, each waiting for the next and the last for the first.

    Empty where there is none.
    """
    settled: set[str] = set()
    for start in needs:
        circle = _circle_from(start, needs, settled)
        if circle:
            return circle
    return ()


def may_be_needed(steps: Sequence[OutlineStep], key: str) -> list[OutlineStep]:
    """Return the steps for which the one with this key could wait, in their order."""
    by_key = {step.key: step for step in steps}
    one = by_key[key]
    waiting = _waiting_for(key, steps)
    return [
        step
        for step in steps
        if step.key != key
        and step.key not in one.needs
        and step.key not in waiting
        and step.due_day <= one.due_day
        and (step.choice is None or step.choice != one.choice)
    ]


def _waiting_for(key: str, steps: Sequence[OutlineStep]) -> set[str]:
    """Return the keys of all steps that wait for this one, directly or not."""
    found: set[str] = set()
    ahead = [key]
    while ahead:
        this = ahead.pop()
        new = {step.key for step in steps if this in step.needs} - found
        found |= new
        ahead += new
    return found


def _circle_from(
    start: str, needs: Mapping[str, Collection[str]], settled: set[str]
) -> tuple[str, ...]:
    """Walk from one step along all it waits for; what was walked without a circle is settled."""
    path: list[str] = []
    branches = [iter([start])]
    while branches:
        following = next((key for key in branches[-1] if key not in settled), None)
        if following is None:
            branches.pop()
            if path:
                settled.add(path.pop())
        elif following in path:
            return tuple(path[path.index(following) :])
        else:
            path.append(following)
            branches.append(iter(sorted(needs.get(following, ()))))
    return ()
