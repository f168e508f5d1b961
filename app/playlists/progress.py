"""Where a person stands in a playlist, worked out from dates alone: no database, no words.

Days are counted from the reader's own start day, which is day 1; weeks are seven such days. What is
said about it is left to the pages, which know the reader's language.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

DAYS_IN_WEEK = 7


class StepState(StrEnum):
    """How a step looks on one day. At most one step is `NOW`."""

    DONE = "done"
    NOW = "now"
    OPEN = "open"
    LATE = "late"


class Pace(StrEnum):
    """How the whole playlist goes on one day."""

    UPCOMING = "upcoming"
    ON_TRACK = "on-track"
    BEHIND = "behind"
    OVER = "over"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step as its reader may see it; `done_at` is None until it is done."""

    id: int
    playlist_id: int
    item_id: int
    title: str
    kind: str
    tool_name: str
    minutes: int | None
    due_day: int
    note: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedStep:
    """A step on the reader's calendar, in the state it has today."""

    step: PlannedStep
    due_on: date
    state: StepState


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a person is: `day` of `days`, `done` of `total` steps, of the others `late`."""

    day: int
    days: int
    total: int
    done: int
    late: int
    pace: Pace

    @property
    def left(self) -> int:
        """Return how many steps are still to be done."""
        return self.total - self.done


def day_number(starts_on: date, today: date) -> int:
    """Return which day of the plan today is: 1 on the start day, 0 or less before it."""
    return (today - starts_on).days + 1


def due_on(starts_on: date, due_day: int) -> date:
    """Return the calendar day of the `due_day`-th day."""
    return starts_on + timedelta(days=due_day - 1)


def week_of(due_day: int) -> int:
    """Return the week, counted from 1, in which this day of the plan lies."""
    return (due_day - 1) // DAYS_IN_WEEK + 1


def week_starts_on(starts_on: date, week: int) -> date:
    """Return the first calendar day of this week of the plan."""
    return due_on(starts_on, (week - 1) * DAYS_IN_WEEK + 1)


def dated(steps: Iterable[PlannedStep], *, starts_on: date, today: date) -> list[DatedStep]:
    """Return the steps with dates and states, in the order given.

    A step is late from the day after it was due. The first one to do is `NOW`, unless something is
    late already: then that comes first.
    """
    result = [_dated(step, starts_on=starts_on, today=today) for step in steps]
    following = next_step(result)
    if following is None or following.state is StepState.LATE:
        return result
    return [_now(each) if each is following else each for each in result]


def next_step(steps: Sequence[DatedStep]) -> DatedStep | None:
    """Return the step to do next, the one that has been due longest, or None when all are done."""
    to_do = (each for each in steps if each.state is not StepState.DONE)
    return min(to_do, key=lambda each: each.due_on, default=None)


def standing(steps: Sequence[DatedStep], *, days: int, starts_on: date, today: date) -> Standing:
    """Return how far the person is today with these steps in a plan of `days` days."""
    day = day_number(starts_on, today)
    done = sum(each.state is StepState.DONE for each in steps)
    late = sum(each.state is StepState.LATE for each in steps)
    left = len(steps) - done
    pace = _pace(day=day, days=days, left=left, late=late)
    return Standing(day=day, days=days, total=len(steps), done=done, late=late, pace=pace)


def _pace(*, day: int, days: int, left: int, late: int) -> Pace:
    if not left:
        return Pace.FINISHED
    if day < 1:
        return Pace.UPCOMING
    if day > days:
        return Pace.OVER
    return Pace.BEHIND if late else Pace.ON_TRACK


def _dated(step: PlannedStep, *, starts_on: date, today: date) -> DatedStep:
    due = due_on(starts_on, step.due_day)
    late = StepState.LATE if due < today else StepState.OPEN
    return DatedStep(step=step, due_on=due, state=StepState.DONE if step.done_at else late)


def _now(dated_step: DatedStep) -> DatedStep:
    return DatedStep(step=dated_step.step, due_on=dated_step.due_on, state=StepState.NOW)
