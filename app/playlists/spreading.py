"""Plans late steps anew, a few on each of the coming working days: no database, no words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from app.playlists.days import FreeDays
from app.playlists.progress import (
    SETTLED,
    DatedStep,
    PlannedStep,
    StepState,
    is_required,
    units,
)

A_DAY = 2
_OPEN = frozenset({StepState.LATE, StepState.WAITING})


def overdue(steps: Sequence[DatedStep]) -> list[DatedStep]:
    """Return the steps whose day has passed and that still have to be done, in their order.

    What waits for another one is among them, since it is due too. An event that is over is not:
    it cannot be done on another day.
    """
    required = {
        step.id
        for unit in units([each.step for each in steps])
        if is_required(unit)
        for step in unit
    }
    return [
        each
        for each in steps
        if each.over and each.may_move and each.state in _OPEN and each.step.id in required
    ]


def spread(
    steps: Sequence[DatedStep], *, free: FreeDays, today: date, a_day: int = A_DAY
) -> dict[int, date]:
    """Return a day from today on for each step that is overdue, by its id.

    At most `a_day` steps come together on a day, those that are due on it anyway included. No day
    is one on which the person is free, and no step comes before one that it needs. Alternatives
    stay together and count as one.
    """
    late = {each.step.id for each in overdue(steps)}
    fixed = {each.step.id for each in steps if not each.may_move}
    waits_for = {each.step.id: each.waits_for for each in steps}
    found: dict[int, date] = {
        each.step.id: each.due_on
        for each in steps
        if each.step.id not in late and each.state not in SETTLED
    }
    load = Counter(_days(steps, found))
    made: dict[int, date] = {}
    for unit in _in_order([each.step for each in steps], late, waits_for):
        needs = [need.id for step in unit for need in waits_for[step.id]]
        needed = [found[need] for need in needs if need in found]
        earliest = max([today, *needed])
        day = next(each for each in free.working_from(earliest) if load[each] < a_day)
        load[day] += 1
        made |= {step.id: day for step in unit if step.id not in fixed}
        found |= made
    return made


def _days(steps: Sequence[DatedStep], found: Mapping[int, date]) -> list[date]:
    """Return the day of each unit that is open and not late."""
    return [
        found[unit[0].id] for unit in units([each.step for each in steps]) if unit[0].id in found
    ]


def _in_order(
    steps: Sequence[PlannedStep],
    late: set[int],
    waits_for: Mapping[int, tuple[PlannedStep, ...]],
) -> list[list[PlannedStep]]:
    """Return the units that are late so that each comes after those that it needs."""
    left = [unit for unit in units(steps) if any(step.id in late for step in unit)]
    result: list[list[PlannedStep]] = []
    while left:
        waiting = {step.id for unit in left for step in unit}
        ready = next(
            (
                unit
                for unit in left
                if not any(
                    need.id in waiting and need not in unit
                    for step in unit
                    for need in waits_for[step.id]
                )
            ),
            left[0],
        )
        result.append(ready)
        left.remove(ready)
    return result
