"""What a reader's plans ask of them today, and the week at a glance: the first thing they see."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import url_for
from flask_babel import format_date, gettext, ngettext

from app.playlists.contexts import CatchUp, PlanCard, catch_up, plan_card
from app.playlists.days import FreeDays
from app.playlists.plans import DueStep, Plan, current, due_in
from app.playlists.progress import SETTLED, StepState
from app.playlists.step_lines import Block, dated_line, due_words
from app.web.i18n import day

SHOWN = 6
_LATE, _NEXT = 3, 2
_SOON_AT_MOST = 12
_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Steps under a heading; each stands with the playlist that it belongs to."""

    title: str
    steps: list[tuple[str, Block]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GlanceDay:
    """A day of this week: its short name, its number, what is due on it in words, and how it looks.

    `look` is "past", "now", "free" or "ahead"; `marks` are as many as steps are due, at most three.
    """

    name: str
    number: int
    said: str
    look: str
    marks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SoonLine:
    """A step that is due later on."""

    title: str
    url: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """The plan that leads, what it and the others ask of today, the week, and what comes later.

    `catch_up` is offered for the playlist `slug`. `items` are all that the part names.
    """

    card: PlanCard
    slug: str
    groups: list[Group]
    week: list[GlanceDay]
    catch_up: CatchUp | None
    soon: list[SoonLine]
    items: list[int]


def today_of(plans: Sequence[Plan], *, in_a_panel: int) -> Today | None:
    """Gather the part for these plans of a reader; None where none of them asks for anything."""
    leading = current(plans)
    if leading is None:
        return None
    own = {plan.playlist.id: plan for plan in plans}
    due = due_in(plans, limit=_SOON_AT_MOST)
    groups, shown = _groups(due, own, leading)
    late = next((plan for plan in [leading, *plans] if catch_up(plan)), leading)
    soon = [each for each in due if each.dated.step.id not in shown][:in_a_panel]
    named = [plan.next for plan in [leading] if plan.next]
    steps = [each.step for each in named] + [each.dated.step for each in due]
    return Today(
        card=plan_card(leading),
        slug=late.playlist.slug,
        groups=groups,
        week=_week(plans, leading),
        catch_up=catch_up(late),
        soon=[_soon(each) for each in soon],
        items=list(dict.fromkeys(step.item_id for step in steps if step.item_id)),
    )


def _groups(
    due: Iterable[DueStep], own: dict[int, Plan], leading: Plan
) -> tuple[list[Group], set[int]]:
    """Return the groups that have steps, and the ids of the steps in them."""
    late = [each for each in due if each.dated.state is StepState.LATE][:_LATE]
    now = [each for each in due if each.dated.due_on == leading.today][:SHOWN]
    ahead = [each for each in due if each.dated.due_on > leading.today][:_NEXT]
    named = (
        (gettext("Still waiting for you"), late),
        (gettext("Due today"), now),
        (gettext("Next after that") if late or now else gettext("Next"), ahead),
    )
    groups = [
        Group(title=title, steps=[_placed(each, own) for each in steps])
        for title, steps in named
        if steps
    ]
    return groups, {each.dated.step.id for _title, steps in named for each in steps}


def _placed(due: DueStep, own: dict[int, Plan]) -> tuple[str, Block]:
    plan = own[due.playlist.id]
    choice = due.dated.step.choice
    members = [
        each
        for each in plan.dated
        if each is due.dated or (choice is not None and each.step.choice == choice)
    ]
    return plan.playlist.slug, Block(lines=[dated_line(each, plan) for each in members])


def _week(plans: Sequence[Plan], leading: Plan) -> list[GlanceDay]:
    """Return the days from Monday to Sunday of the week in which today lies."""
    today = leading.today
    monday = today - timedelta(days=today.weekday())
    due = Counter(each.due_on for plan in plans for each in plan.dated if each.state not in SETTLED)
    days = [monday + timedelta(days=number) for number in range(_WEEK)]
    return [_glance(each, due[each], today, leading.calendar.free) for each in days]


def _glance(each: date, due: int, today: date, free: FreeDays) -> GlanceDay:
    return GlanceDay(
        name=format_date(each, "EEE"),
        number=each.day,
        said=_said(each, due, free),
        look=_look(each, today, free),
        marks=min(due, 3),
    )


def _said(each: date, due: int, free: FreeDays) -> str:
    if due:
        return ngettext("%(num)s step", "%(num)s steps", due)
    if free.is_away(each):
        return gettext("away")
    return gettext("free") if each in free else ""


def _look(each: date, today: date, free: FreeDays) -> str:
    if each == today:
        return "now"
    if each < today:
        return "past"
    return "free" if each in free else "ahead"


def _soon(due: DueStep) -> SoonLine:
    step = due.dated.step
    words = (due_words(due.dated), step.place or step.tool_name or day(due.dated.due_on))
    url = url_for("playlists.show", slug=due.playlist.slug, _anchor=f"step_{step.id}")
    if step.item_id:
        url = url_for("discover.item", item_id=step.item_id)
    return SoonLine(title=step.title, url=url, kind=step.kind, detail=" · ".join(words))
