"""What each step of a playlist asks of a person on one day: no database, no words.

Steps that are alternatives make one unit: one of them done is enough. Only required units count,
unless a playlist has none. A step that needs another one waits for it. An event with a date is due
on that, stays there, and waits for nothing. What is said about all this is left to the pages, which
know the reader's language.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from app.models import StepKind
from app.playlists.days import Calendar
from app.playlists.moments import Held


class StepState(StrEnum):
    """How a step looks on one day. At most one step is `NOW`.

    `WAITING` needs another step first; `SPARE` is not wanted any more, since an alternative to it
    is done; `AWAY` cannot be opened at present, so that nobody is held up by it; `MISSED` is an
    event at which the person could not be, which holds up nobody either.
    """

    DONE = "done"
    NOW = "now"
    OPEN = "open"
    LATE = "late"
    WAITING = "waiting"
    SPARE = "spare"
    AWAY = "away"
    MISSED = "missed"


TO_DO = frozenset({StepState.NOW, StepState.OPEN, StepState.LATE})
SETTLED = frozenset({StepState.DONE, StepState.SPARE, StepState.AWAY, StepState.MISSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody whom a step names, and how to reach them."""

    id: int
    name: str
    email: str
    detail: str = ""

    @property
    def initials(self) -> str:
        """Return one or two letters for the round picture."""
        return "".join(name[:1] for name in self.name.split()[:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step as its reader may see it; `done_at` is None until it is done.

    `kind` is the item's kind, or `meet`, `task` or `event`. `needs` are ids of steps that come
    first; `planned_on` is the day the person chose instead of the plan's. `told` is whether its
    tool says when it is done; `by_hand` whether the person said so. `meets` is whom a step asks to
    meet, `meets_as` what they are to the person: buddy, manager, contact, or empty. What is `away`
    cannot be opened at present: it is not required while that lasts. `held` is when an event takes
    place, None while it has no date; `place` is where, and `link` where to join it.
    """

    id: int
    playlist_id: int
    item_id: int | None
    title: str
    kind: str
    tool_name: str
    minutes: int | None
    due_day: int
    note: str
    done_at: datetime | None
    key: str = ""
    what: StepKind = StepKind.ITEM
    required: bool = True
    choice: int | None = None
    needs: frozenset[int] = frozenset()
    planned_on: date | None = None
    told: bool = False
    by_hand: bool = False
    meets: Colleague | None = None
    meets_as: str = ""
    changed_at: datetime | None = None
    away: bool = False
    held: Held | None = None
    place: str = ""
    link: str = ""

    @property
    def is_excused(self) -> bool:
        """Tell whether it is not asked for, though not done: nobody can, or could, do it."""
        return self.away or bool(self.held and self.held.missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedStep:
    """A step on the reader's calendar, in the state it has today.

    `planned` is the day that the plan itself says, `waits_for` what must be done before it;
    `over` tells that its day has passed, `ahead` that it is still to come.
    """

    step: PlannedStep
    due_on: date
    state: StepState
    planned: date
    over: bool = False
    ahead: bool = False
    waits_for: tuple[PlannedStep, ...] = ()

    @property
    def may_move(self) -> bool:
        """Tell whether it has no date of its own, so that it can be done on another day."""
        return self.step.held is None

    @property
    def is_moved(self) -> bool:
        """Tell whether the person means to do it on another day than the plan says."""
        return self.due_on != self.planned


def dated(steps: Iterable[PlannedStep], *, calendar: Calendar, today: date) -> list[DatedStep]:
    """Return the steps with dates and states, in the order given.

    A step is late from the day after it was due. The first one to do is `NOW`, unless something is
    late already: then that comes first. Alternatives are due together, on the latest of their days;
    but an event with a date is due on that, whatever else is.
    """
    steps = list(steps)
    days = calendar.first(max((step.due_day for step in steps), default=0))
    waiting = waits(steps)
    made = [_dated(step, steps, days=days, today=today, waiting=waiting) for step in steps]
    following = next_step(made)
    if following is None or following.state is StepState.LATE:
        return made
    return [replace(each, state=StepState.NOW) if each is following else each for each in made]


def next_step(steps: Sequence[DatedStep]) -> DatedStep | None:
    """Return the step to do next, the one that has been due longest, or None when none is left.

    What is optional and whose day has passed comes after all others, and so does an event that is
    over.
    """
    to_do = (each for each in steps if each.state in TO_DO)
    return min(
        to_do,
        key=lambda each: (each.over and not (each.step.required and each.may_move), each.due_on),
        default=None,
    )


def units(steps: Iterable[PlannedStep]) -> list[list[PlannedStep]]:
    """Return the steps in units: alternatives together, every other step alone."""
    found: dict[tuple[str, int], list[PlannedStep]] = {}
    for step in steps:
        key = ("step", step.id) if step.choice is None else ("choice", step.choice)
        found.setdefault(key, []).append(step)
    return list(found.values())


def is_done(unit: Iterable[PlannedStep]) -> bool:
    """Tell whether one of the alternatives is done."""
    return any(step.done_at for step in unit)


def is_required(unit: Iterable[PlannedStep]) -> bool:
    """Tell whether a playlist is not finished without this unit."""
    return any(step.required and (step.done_at or not step.is_excused) for step in unit)


def is_excused(unit: Sequence[PlannedStep]) -> bool:
    """Tell whether nothing of this unit is done, nor can be, or could have been."""
    return not is_done(unit) and all(step.is_excused for step in unit)


def is_finished(steps: Iterable[PlannedStep]) -> bool:
    """Tell whether nothing that counts is left; a playlist without steps is never finished."""
    found = units(steps)
    counted = [unit for unit in found if is_required(unit)]
    counted = counted or [unit for unit in found if not is_excused(unit)]
    return bool(counted) and all(is_done(unit) for unit in counted)


def waits(steps: Sequence[PlannedStep]) -> dict[int, tuple[PlannedStep, ...]]:
    """Return, for each open step that must wait, the open steps that it needs.

    What is not among the steps is needed by none, nor is what nobody is asked for, and an
    alternative that is done will do. Steps that need each other in a circle do not wait, so that
    there is always something to do.
    """
    if not any(step.needs for step in steps):
        return {}
    by_id = {step.id: step for step in steps}
    unit_of = {step.id: unit for unit in units(steps) for step in unit}
    open_needs = {
        step.id: [
            by_id[need]
            for need in step.needs
            if need in by_id and not (is_done(unit_of[need]) or is_excused(unit_of[need]))
        ]
        for step in steps
        if not is_done(unit_of[step.id])
    }
    reached = {number for number, needs in open_needs.items() if not needs}
    while True:
        more = {
            number
            for number, needs in open_needs.items()
            if number not in reached and all(need.id in reached for need in needs)
        }
        if not more:
            break
        reached |= more
    return {
        number: tuple(sorted(needs, key=lambda step: (step.due_day, step.id)))
        for number, needs in open_needs.items()
        if needs and number in reached
    }


def _dated(
    step: PlannedStep,
    steps: Sequence[PlannedStep],
    *,
    days: Sequence[date],
    today: date,
    waiting: Mapping[int, tuple[PlannedStep, ...]],
) -> DatedStep:
    alone = step.choice is None
    unit = [step] if alone else [each for each in steps if each.choice == step.choice]
    planned = max(_planned(each, days) for each in unit)
    chosen = (each.planned_on for each in unit if each.planned_on and not each.held)
    due = max(chosen, default=planned)
    own = step.held.day if step.held else due
    waits_for = () if step.held else waiting.get(step.id, ())
    return DatedStep(
        step=step,
        due_on=own,
        planned=step.held.day if step.held else planned,
        state=_state(step, unit, due=max(due, own), today=today, waits_for=waits_for),
        over=own < today,
        ahead=own > today,
        waits_for=waits_for,
    )


def _planned(step: PlannedStep, days: Sequence[date]) -> date:
    """Return the day that the plan says for one step alone."""
    return step.held.day if step.held else days[step.due_day - 1]


def _state(
    step: PlannedStep,
    unit: Sequence[PlannedStep],
    *,
    due: date,
    today: date,
    waits_for: tuple[PlannedStep, ...],
) -> StepState:
    if step.done_at:
        return StepState.DONE
    if step.choice is not None and is_done(unit):
        return StepState.SPARE
    if step.away:
        return StepState.AWAY
    if step.held and step.held.missed:
        return StepState.MISSED
    if waits_for:
        return StepState.WAITING
    return StepState.LATE if due < today and is_required(unit) else StepState.OPEN
