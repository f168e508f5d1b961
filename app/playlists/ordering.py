"""The order of a draft's steps: one place up or down, dragged within a week, to another week.

The order is the days first. A step that is moved takes a day between its new neighbours.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.curation.order import merged, moved
from app.models import Step
from app.playlists.arranging import between, first_day, in_order, last_day
from app.playlists.days import week_of
from app.playlists.drafts import Author, Draft, held_draft, keep


def move_step(session: Session, slug: str, key: str, step: int, *, author: Author) -> Step:
    """Move a step one place up (-1) or down (+1) and return it.

    From the top of a week it goes to the last day of the one above, from the bottom to the first
    day of the one below. Raises Conflict if the step or the draft is gone, Invalid where a
    prerequisite would be due later.
    """
    draft = held_draft(session, slug, tokens=author.tokens)
    one = draft.step(key)
    week = _week(draft, one)
    here = [each for each in draft.steps if _week(draft, each) == week]
    if 0 <= here.index(one) + step < len(here):
        here = moved(here, one, step)
        one.due_day = between(one.due_day, *_days_around(here, one))
        _put(draft, week, here)
    elif 1 <= week + step <= draft.weeks:
        length = draft.week_length
        one.due_day = last_day(week - 1, length) if step < 0 else first_day(week + 1, length)
    draft.steps.sort(key=lambda each: each.due_day)
    keep(session, draft, author)
    return one


def reorder(session: Session, slug: str, week: int, keys: Sequence[str], *, author: Author) -> None:
    """Put the steps of a week into the order of `keys`.

    Steps of the week that are not named stay, at the end; keys of other weeks are passed over.
    Raises Conflict if the draft is gone, Invalid where a prerequisite would be due later.
    """
    draft = held_draft(session, slug, tokens=author.tokens)
    here = {each.key: each for each in draft.steps if _week(draft, each) == week}
    wanted = [here[key] for key in merged(here, keys)]
    for step, day in zip(wanted, in_order([each.due_day for each in wanted]), strict=True):
        step.due_day = day
    _put(draft, week, wanted)
    keep(session, draft, author)


def _week(draft: Draft, step: Step) -> int:
    return week_of(step.due_day, in_week=draft.week_length)


def _days_around(steps: Sequence[Step], one: Step) -> tuple[int | None, int | None]:
    """Return the days of the steps before and after this one."""
    place = steps.index(one)
    before = steps[place - 1].due_day if place else None
    after = steps[place + 1].due_day if place + 1 < len(steps) else None
    return before, after


def _put(draft: Draft, week: int, steps: Sequence[Step]) -> None:
    """Let the steps of a week stand in this order."""
    before = [each for each in draft.steps if _week(draft, each) < week]
    after = [each for each in draft.steps if _week(draft, each) > week]
    draft.steps = [*before, *steps, *after]
