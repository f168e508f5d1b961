"""What readers see of playlists: dates and pace in their language, weeks ready to print."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext, ngettext

from app.playlists.plans import Plan
from app.playlists.progress import (
    DatedStep,
    Pace,
    PlannedStep,
    Standing,
    StepState,
    week_of,
    week_starts_on,
)
from app.web.i18n import day, minutes, when


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A step as the component `ui.step` draws it; `when` is in words already."""

    id: int
    item_id: int
    title: str
    kind: str
    tool_name: str
    minutes: int | None
    state: str
    when: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week of a playlist."""

    title: str
    subtitle: str
    steps: list[StepLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """One playlist as its reader sees it."""

    plan: Plan
    status: str
    size: list[str]
    weeks: list[Week]
    buddy_initials: str
    may_leave: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCard:
    """A playlist in a list. `next_line` is empty when nothing is left to do."""

    plan: Plan
    status: str
    next_line: str
    size: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The reader's own playlists, those they have finished, and what else they may follow."""

    going: list[PlanCard]
    finished: list[PlanCard]
    others: list[PlanCard]


def listing(plans: Iterable[Plan]) -> Listing:
    """Sort plans by what they ask of the reader."""
    cards = [plan_card(plan) for plan in plans]
    own = [card for card in cards if card.plan.assignment]
    return Listing(
        going=[card for card in own if card.next_line],
        finished=[card for card in own if not card.next_line],
        others=[card for card in cards if not card.plan.assignment and card.plan.steps],
    )


def plan_card(plan: Plan) -> PlanCard:
    """Put a plan into a few words."""
    return PlanCard(plan=plan, status=status(plan), next_line=next_line(plan), size=size(plan))


def plan_page(plan: Plan, titles: Mapping[int, str], *, reader_id: int) -> PlanPage:
    """Put a plan and the titles of its weeks into words."""
    given_by = plan.assignment and plan.assignment.assigned_by_id
    return PlanPage(
        plan=plan,
        status=status(plan),
        size=size(plan),
        weeks=weeks(plan, titles),
        buddy_initials="".join(name[:1] for name in plan.buddy.name.split()[:2])
        if plan.buddy
        else "",
        may_leave=given_by == reader_id,
    )


def status(plan: Plan) -> str:
    """Say how far the reader is: day 9 of 30, on track."""
    if plan.assignment is None or plan.standing is None:
        return ""
    if plan.standing.pace is Pace.UPCOMING:
        return gettext("Starts on %(day)s", day=day(plan.assignment.starts_on))
    return _pace(plan.standing)


def next_line(plan: Plan) -> str:
    """Say which step is next and how long it takes; an empty text when all are done."""
    if plan.next is None:
        return ""
    step = plan.next.step
    line = gettext("Next: %(title)s", title=step.title)
    return f"{line} · {minutes(step.minutes)}" if step.minutes else line


def size(plan: Plan) -> list[str]:
    """Say how many steps, tools and minutes a playlist has; minutes only if each step tells."""
    steps, tools = len(plan.steps), len({step.tool_name for step in plan.steps})
    said = [
        ngettext("%(num)s step", "%(num)s steps", steps),
        ngettext("%(num)s tool", "%(num)s tools", tools),
        ngettext("%(num)s day", "%(num)s days", plan.playlist.days),
    ]
    if steps and all(step.minutes for step in plan.steps):
        said.append(minutes(sum(step.minutes or 0 for step in plan.steps)))
    return said


def weeks(plan: Plan, titles: Mapping[int, str]) -> list[Week]:
    """Return the weeks that have steps, in order."""
    dated = {each.step.id: each for each in plan.dated}
    grouped: dict[int, list[StepLine]] = defaultdict(list)
    for step in plan.steps:
        grouped[week_of(step.due_day)].append(_line(step, dated.get(step.id)))
    return [
        Week(
            title=gettext("Week %(number)s", number=number),
            subtitle=_subtitle(plan, number, titles.get(number, ""), lines),
            steps=lines,
        )
        for number, lines in sorted(grouped.items())
    ]


def due_words(dated: DatedStep) -> str:
    """Say when a step that is still to be done is due: in 4 days."""
    if dated.state is StepState.LATE:
        return gettext("Late, was due %(when)s", when=when(dated.due_on))
    return gettext("Due %(when)s", when=when(dated.due_on))


def _pace(standing: Standing) -> str:
    if not standing.total:
        return gettext("No step of it is on offer at present")
    if standing.pace is Pace.FINISHED:
        return gettext("All steps are done")
    if standing.pace is Pace.OVER:
        return ngettext(
            "The %(days)s days are over, %(num)s step is left",
            "The %(days)s days are over, %(num)s steps are left",
            standing.left,
            days=standing.days,
        )
    if standing.pace is Pace.BEHIND:
        return ngettext(
            "Day %(day)s of %(days)s, %(num)s step is late",
            "Day %(day)s of %(days)s, %(num)s steps are late",
            standing.late,
            day=standing.day,
            days=standing.days,
        )
    return gettext("Day %(day)s of %(days)s, on track", day=standing.day, days=standing.days)


def _line(step: PlannedStep, dated: DatedStep | None) -> StepLine:
    return StepLine(
        id=step.id,
        item_id=step.item_id,
        title=step.title,
        kind=step.kind,
        tool_name=step.tool_name,
        minutes=step.minutes,
        state=_state(step, dated).value,
        when=_when_words(step, dated),
        note=step.note,
    )


def _state(step: PlannedStep, dated: DatedStep | None) -> StepState:
    if dated is not None:
        return dated.state
    return StepState.DONE if step.done_at else StepState.OPEN


def _when_words(step: PlannedStep, dated: DatedStep | None) -> str:
    if step.done_at is not None:
        return gettext("Completed %(day)s", day=day(step.done_at))
    if dated is None:
        return gettext("By day %(number)s", number=step.due_day)
    return f"{due_words(dated)}, {day(dated.due_on)}"


def _subtitle(plan: Plan, number: int, title: str, lines: list[StepLine]) -> str:
    parts = [title]
    if plan.assignment is not None:
        starts = week_starts_on(plan.assignment.starts_on, number)
        parts += [gettext("from %(day)s", day=day(starts)), _done_of(lines)]
    return " · ".join(part for part in parts if part)


def _done_of(lines: list[StepLine]) -> str:
    done = sum(line.state == StepState.DONE for line in lines)
    if done == len(lines):
        return gettext("done")
    return gettext("%(done)s of %(total)s done", done=done, total=len(lines))
