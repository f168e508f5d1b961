"""The page around a slate: what a plan demands first, then shelves, checked against plain rules.

Made-up plans of made-up readers for `bench/recommender_rules.py`. The steps that a plan demands
are picked by the code that picks them for the first page, and the shelves are laid out as they are
there; what must hold of both is written out here once more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np

from app.models import Assignment, Playlist
from app.playlists.days import Calendar
from app.playlists.plans import SOON, Plan, due_in
from app.playlists.progress import PlannedStep
from recommender import Context, ItemFacts, Slate
from recommender.shelves import ShelfKind, lay_out, next_on
from recommender.stock import Stock

TODAY = date(2026, 11, 2)
DONE_AT = datetime(2026, 11, 1, tzinfo=UTC)
MOST_STEPS, MOST_DUE = 8, 12
SHARE_WORKING, SATURDAY = 0.3, 5
PAGE_RULES = (
    "mandatory step missing",
    "step out of turn",
    "settled step asked for",
    "mandatory on a shelf",
    "pinned on a shelf",
    "twice on the page",
    "from nowhere",
)


@dataclass(frozen=True, slots=True)
class Page:
    """A plan of the reader, what they began, and which items are duplicates of each other."""

    plan: Plan
    begun: tuple[int, ...]
    twins: Mapping[int, frozenset[int]]

    @property
    def items(self) -> frozenset[int]:
        """Return what the plan consists of, done or not."""
        return frozenset(step.item_id for step in self.plan.steps if step.item_id is not None)

    def same_as(self, item: int) -> frozenset[int]:
        """Return an item with its duplicates."""
        return self.twins.get(item, frozenset((item,)))


def page_of(items: int, chance: np.random.Generator) -> Page:
    """Draw a plan of some of the items, which began up to two months ago."""
    drawn = chance.permutation(items)
    count = int(chance.integers(MOST_STEPS + 1))
    steps = tuple(_step(n, int(item), chance) for n, item in enumerate(drawn[:count].tolist()))
    starts_on = TODAY - timedelta(days=int(chance.integers(60)))
    plan = Plan(
        playlist=Playlist(id=1, title="Plan", days=60),
        role_name="",
        steps=tuple(sorted(steps, key=lambda step: step.due_day)),
        assignment=Assignment(id=1, starts_on=starts_on),
        buddy=None,
        today=TODAY,
        calendar=Calendar(starts_on=starts_on, working=bool(chance.random() < SHARE_WORKING)),
    )
    one, other, *begun = drawn[count : count + int(chance.integers(2, 6))].tolist()
    some = [*drawn[: max(count, 1)].tolist(), one]
    twins = frozenset((int(chance.choice(some)), other))
    return Page(plan, tuple(begun), dict.fromkeys(twins, twins))


def _step(number: int, item: int, chance: np.random.Generator) -> PlannedStep:
    needs = frozenset(chance.integers(0, number, 1).tolist()) if number else frozenset()
    return PlannedStep(
        id=number,
        playlist_id=1,
        item_id=item,
        title="Step",
        kind="video",
        tool_name="wiki",
        minutes=5,
        due_day=int(chance.integers(1, 60)),
        note="",
        done_at=DONE_AT if chance.random() < 0.4 else None,
        required=bool(chance.random() < 0.7),
        needs=needs if chance.random() < 0.3 else frozenset(),
    )


def page_breaches(
    page: Page, slate: Slate, context: Context, facts: Mapping[int, ItemFacts]
) -> Iterator[str]:
    """Lay a page out with the slate and name what is wrong with it."""
    due = due_in([page.plan], limit=MOST_DUE)
    asked = [each.dated.step.id for each in due]
    yield from step_breaches(page.plan, asked)
    demanded = {step.item_id for step in page.plan.steps if step.id in asked and step.item_id}
    above = (demanded, set(context.pins))
    stock = Stock(slate.recommendations, context, facts, page.twins)
    shelves = lay_out(stock, begun=page.begun, taken=demanded | set(context.pins))
    shown = [item for shelf in shelves for item in shelf.items]
    for rule, there in zip(("mandatory on a shelf", "pinned on a shelf"), above, strict=True):
        if any(not page.same_as(item).isdisjoint(there) for item in shown):
            yield rule
    if len({min(page.same_as(item)) for item in shown}) < len(shown):
        yield "twice on the page"
    ranked = {item for shelf in shelves if shelf.picks for item in shelf.items}
    if not ranked <= set(slate.items):
        yield "from nowhere"
    standing = [*shown, *demanded, *context.pins]
    more = next_on(stock, ShelfKind.FOR_YOU, taken=standing)
    if more and not page.same_as(more.item).isdisjoint(standing):
        yield "twice on the page"


def step_breaches(plan: Plan, asked: Sequence[int]) -> Iterator[str]:
    """Name what is wrong with the steps that are asked for, the most urgent first."""
    by_id = {step.id: step for step in plan.steps}
    counted = plan.calendar.starts_on, plan.calendar.working
    due_on = {step.id: _day(*counted, step.due_day) for step in plan.steps}
    waiting = _waiting(plan.steps)
    mandatory = {
        step.id
        for step in plan.steps
        if step.required
        and not step.done_at
        and step.id not in waiting
        and due_on[step.id] <= TODAY + SOON
    }
    if not mandatory <= set(asked):
        yield "mandatory step missing"
    if [due_on[each] for each in asked] != sorted(due_on[each] for each in asked):
        yield "step out of turn"
    if any(by_id[each].done_at or each in waiting for each in asked):
        yield "settled step asked for"


def _waiting(steps: Sequence[PlannedStep]) -> set[int]:
    """Return the steps that need one which is not done; needs point backwards here, not around."""
    open_steps = {step.id for step in steps if not step.done_at}
    return {step.id for step in steps if step.needs & open_steps}


@cache
def _day(starts_on: date, working: bool, number: int) -> date:
    """Return the day of the plan with this number, the first being 1, on foot."""
    day, left = starts_on, number
    while True:
        if not working or day.weekday() < SATURDAY:
            left -= 1
        if not left:
            return day
        day += timedelta(days=1)
