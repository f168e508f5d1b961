"""A playlist as one reader follows it, and what several of them ask of that reader next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from app.models import Assignment, Person, Playlist
from app.playlists.progress import (
    DatedStep,
    PlannedStep,
    Standing,
    StepState,
    dated,
    next_step,
    standing,
)

SOON = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A playlist for one reader: with dates if it is assigned to them, else without.

    `steps` are in the order in which they are due, without what the reader may not see and what is
    retired. Without an assignment nothing is dated and there is no standing.
    """

    playlist: Playlist
    role_name: str
    steps: tuple[PlannedStep, ...]
    assignment: Assignment | None
    buddy: Person | None
    today: date

    @cached_property
    def dated(self) -> list[DatedStep]:
        """Return the steps with dates and states."""
        if self.assignment is None:
            return []
        return dated(self.steps, starts_on=self.assignment.starts_on, today=self.today)

    @cached_property
    def standing(self) -> Standing | None:
        """Return how far the reader is."""
        if self.assignment is None:
            return None
        return standing(
            self.dated,
            days=self.playlist.days,
            starts_on=self.assignment.starts_on,
            today=self.today,
        )

    @cached_property
    def next(self) -> DatedStep | None:
        """Return the step to do next, or None when all are done."""
        return next_step(self.dated)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueStep:
    """A step to be done soon, with the playlist it belongs to."""

    dated: DatedStep
    playlist: Playlist


def current(assigned: Iterable[Plan]) -> Plan | None:
    """Return the plan whose next step is due first, or None when nothing is left to do."""
    going = [(plan.next.due_on, plan.playlist.id, plan) for plan in assigned if plan.next]
    return min(going, key=lambda each: each[:2])[2] if going else None


def due_in(assigned: Iterable[Plan], *, limit: int) -> list[DueStep]:
    """Return the steps that are late or due within two weeks, the most urgent first."""
    steps = [
        DueStep(dated=each, playlist=plan.playlist)
        for plan in assigned
        for each in plan.dated
        if each.state is not StepState.DONE and each.due_on <= plan.today + SOON
    ]
    return sorted(steps, key=lambda due: (due.dated.due_on, due.dated.step.id))[:limit]
