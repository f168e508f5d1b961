"""What readers see of playlists: dates and pace in their language, weeks ready to print."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext, ngettext

from app.playlists.days import Span, days_in_week, week_of
from app.playlists.plans import Plan
from app.playlists.progress import StepState, units
from app.playlists.standing import Pace, Standing
from app.playlists.step_lines import Block, dated_line, planned_line
from app.web.i18n import day, minutes

_BACK_LATELY = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week of a playlist; `is_now` is the week in which the reader is."""

    title: str
    subtitle: str
    blocks: list[Block]
    is_now: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """What is offered to whoever has several late steps: all of them on the coming days."""

    title: str
    text: str
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """One playlist as its reader sees it. `version` is empty where there has been only one."""

    plan: Plan
    status: str
    size: list[str]
    weeks: list[Week]
    may_leave: bool
    catch_up: CatchUp | None
    finished_on: str
    version: str
    extra: str


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
        going=[card for card in own if card.plan.steps and not card.plan.is_finished],
        finished=[card for card in own if not card.plan.steps or card.plan.is_finished],
        others=[card for card in cards if not card.plan.assignment and card.plan.steps],
    )


def plan_card(plan: Plan) -> PlanCard:
    """Put a plan into a few words."""
    return PlanCard(plan=plan, status=status(plan), next_line=next_line(plan), size=size(plan))


def plan_page(plan: Plan, titles: Mapping[int, str], *, reader_id: int) -> PlanPage:
    """Put a plan and the titles of its weeks into words."""
    given = plan.assignment
    return PlanPage(
        plan=plan,
        status=status(plan),
        size=size(plan),
        weeks=weeks(plan, titles),
        may_leave=bool(given and given.assigned_by_id == reader_id),
        catch_up=catch_up(plan),
        finished_on=day(given.finished_at) if given and given.finished_at else "",
        version=_version(plan),
        extra=_extra(plan.standing),
    )


def status(plan: Plan) -> str:
    """Say how far the reader is: day 9 of 30, on track."""
    if plan.assignment is None or plan.standing is None:
        return ""
    if plan.standing.pace is Pace.UPCOMING:
        return gettext("Starts on %(day)s", day=day(plan.calendar.due_on(1)))
    if plan.calendar.free.is_away(plan.today) and plan.standing.pace is not Pace.FINISHED:
        return gettext("You are away. Your plan waits for you")
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
    found = units(plan.steps)
    tools = len({step.tool_name for step in plan.steps if step.tool_name})
    said = [ngettext("%(num)s step", "%(num)s steps", len(found))]
    if tools:
        said.append(ngettext("%(num)s tool", "%(num)s tools", tools))
    said.append(_days(plan))
    if found and all(step.minutes for unit in found for step in unit):
        said.append(minutes(sum(min(step.minutes or 0 for step in unit) for unit in found)))
    return said


def weeks(plan: Plan, titles: Mapping[int, str]) -> list[Week]:
    """Return the weeks that have steps, in order, each step in the week in which it is due now."""
    grouped: dict[int, list[Block]] = defaultdict(list)
    for number, block in _blocks(plan):
        grouped[number].append(block)
    present = plan.calendar.week_holding(plan.today) if plan.assignment else 0
    return [
        Week(
            title=gettext("Week %(number)s", number=number),
            subtitle=_subtitle(plan, number, titles.get(number, ""), blocks),
            blocks=blocks,
            is_now=number == present,
        )
        for number, blocks in sorted(grouped.items())
    ]


def catch_up(plan: Plan) -> CatchUp | None:
    """Return what is offered for late steps: after an absence always, else from two on."""
    late = len({each.step.choice or -each.step.id for each in plan.overdue})
    back = plan.calendar.free.back_since(plan.today, within=_BACK_LATELY)
    if plan.calendar.free.is_away(plan.today) or late < (1 if back else 2):
        return None
    return CatchUp(title=_welcome(back), text=_late_text(late), late=late)


def _welcome(back: Span | None) -> str:
    return gettext("Welcome back") if back else gettext("Take a breath")


def _late_text(late: int) -> str:
    return ngettext(
        "%(num)s step was due before today. One tap gives it a new day.",
        "%(num)s steps were due before today. One tap spreads them over your coming working days, "
        "at most two a day.",
        late,
    )


def _blocks(plan: Plan) -> list[tuple[int, Block]]:
    """Return each step, alternatives together, with the number of its week."""
    in_week = days_in_week(working=plan.playlist.working_days)
    if plan.assignment is None:
        numbers = {step.id: week_of(step.due_day, in_week=in_week) for step in plan.steps}
        lines = {step.id: planned_line(step) for step in plan.steps}
        ordered = units(plan.steps)
    else:
        numbers = {each.step.id: plan.calendar.week_holding(each.due_on) for each in plan.dated}
        lines = {each.step.id: dated_line(each, plan) for each in plan.dated}
        ordered = units(each.step for each in plan.dated)
    return [
        (numbers[unit[0].id], Block(lines=[lines[step.id] for step in unit])) for unit in ordered
    ]


def _days(plan: Plan) -> str:
    days = plan.playlist.days
    if plan.playlist.working_days:
        return ngettext("%(num)s working day", "%(num)s working days", days)
    return ngettext("%(num)s day", "%(num)s days", days)


def _version(plan: Plan) -> str:
    number = plan.playlist.number
    return gettext("Version %(number)s", number=number) if number > 1 else ""


def _extra(standing: Standing | None) -> str:
    if standing is None or not standing.extra:
        return ""
    return ngettext(
        "%(num)s optional step is still open, if you like.",
        "%(num)s optional steps are still open, if you like.",
        standing.extra,
    )


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


def _subtitle(plan: Plan, number: int, title: str, blocks: Sequence[Block]) -> str:
    parts = [title]
    if plan.assignment is not None:
        starts = plan.calendar.week_starts_on(number)
        parts += [gettext("from %(day)s", day=day(starts)), _done_of(blocks)]
    return " · ".join(part for part in parts if part)


def _done_of(blocks: Sequence[Block]) -> str:
    wanted = [block for block in blocks if not all(line.optional for line in block.lines)]
    done = sum(any(line.state == StepState.DONE for line in block.lines) for block in wanted)
    if not wanted:
        return gettext("optional")
    if done == len(wanted):
        return gettext("done")
    return gettext("%(done)s of %(total)s done", done=done, total=len(wanted))
