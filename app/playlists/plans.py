"""A playlist as one reader follows it, and what several of them ask of that reader next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from app.models import Assignment, Playlist
from app.playlists.days import Calendar
from app.playlists.progress import (
    TO_DO,
    Colleague,
    DatedStep,
    PlannedStep,
    StepState,
    dated,
    is_finished,
    next_step,
)
from app.playlists.spreading import overdue
from app.playlists.standing import Standing, standing

SOON = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A playlist for one reader: with dates if it is assigned to them, else without.

    `steps` are in the order in which they are due, without what the reader may not see and what is
    retired. Without an assignment nothing is dated and there is no standing. `channel` is the id
    and the title of where to talk about it.
    """

    playlist: Playlist
    role_name: str
    steps: tuple[PlannedStep, ...]
    assignment: Assignment | None
    buddy: Colleague | None
    today: date
    calendar: Calendar
    contact: Colleague | None = None
    channel: tuple[int, str] | None = None

    @cached_property
    def dated(self) -> list[DatedStep]:
        """Return the steps with dates and states, in the order in which they are due now."""
        if self.assignment is None:
            return []
        found = dated(self.steps, calendar=self.calendar, today=self.today)
        return sorted(found, key=lambda each: (each.due_on, _hour(each)))

    @cached_property
    def standing(self) -> Standing | None:
        """Return how far the reader is."""
        if self.assignment is None:
            return None
        return standing(
            self.dated, days=self.playlist.days, calendar=self.calendar, today=self.today
        )

    @cached_property
    def next(self) -> DatedStep | None:
        """Return the step to do next, or None when none is left."""
        return next_step(self.dated)

    @cached_property
    def overdue(self) -> list[DatedStep]:
        """Return the steps whose day has passed and that still have to be done."""
        return overdue(self.dated)

    @property
    def is_finished(self) -> bool:
        """Tell whether nothing that counts is left."""
        return is_finished(self.steps)

    @property
    def last_done_at(self) -> datetime | None:
        """Return when the last step that is done was done."""
        return max((step.done_at for step in self.steps if step.done_at), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueStep:
    """A step to be done soon, with the playlist it belongs to."""

    dated: DatedStep
    playlist: Playlist


def current(assigned: Iterable[Plan]) -> Plan | None:
    """Return the plan whose next step is due first, or None when none has to be finished."""
    going = [
        (plan.next.due_on, plan.playlist.id, plan)
        for plan in assigned
        if plan.next and not plan.is_finished
    ]
    return min(going, key=lambda each: each[:2])[2] if going else None


def due_in(assigned: Iterable[Plan], *, limit: int) -> list[DueStep]:
    """Return the steps that are late or due within two weeks, the most urgent first.

    A plan that is finished asks for nothing any more, nor does what is optional and whose day has
    passed; alternatives are named by the first of them.
    """
    steps = [
        DueStep(dated=each, playlist=plan.playlist)
        for plan in assigned
        if not plan.is_finished
        for each in asked_for(plan.dated)
        if each.due_on <= plan.today + SOON
    ]
    order = sorted(steps, key=lambda due: (due.dated.due_on, _hour(due.dated), due.dated.step.id))
    return order[:limit]


def asked_for(steps: Iterable[DatedStep]) -> list[DatedStep]:
    """Return the steps to do that are late or whose day is to come, of alternatives the first."""
    found = (each for each in steps if each.state in TO_DO)
    return first_of_each(each for each in found if each.state is StepState.LATE or not each.over)


def first_of_each(steps: Iterable[DatedStep]) -> list[DatedStep]:
    """Return the steps without those that are only another alternative to one before them."""
    seen: set[int] = set()
    found: list[DatedStep] = []
    for each in steps:
        choice = each.step.choice
        if choice is None or choice not in seen:
            found.append(each)
        if choice is not None:
            seen.add(choice)
    return found


def _hour(each: DatedStep) -> tuple[int, int]:
    """Return the time of day of an event; all that has none comes before it."""
    held = each.step.held
    return (held.at.hour, held.at.minute) if held else (-1, 0)
