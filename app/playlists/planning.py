"""Writes of days: when a person means to do a step, and when they are away.

Each change counts up the revision of the plans whose dates it may move, for calendars.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound, Wording
from app.models import Absence, Assignment, StepDate
from app.playlists import queries
from app.playlists.days import Span, joined
from app.playlists.plans import Plan
from app.playlists.service import settle
from app.playlists.spreading import spread

AHEAD = timedelta(days=365)
LONGEST = timedelta(days=366)
_MOST_AHEAD = timedelta(days=2 * 365)
Days = Mapping[int, date | None]


def replan(session: Session, plan: Plan, step_id: int, to: date | None, *, now: datetime) -> Days:
    """Let a person do a step, and its alternatives, on another day; return the days before.

    None stands for the plan's own day, before and after. Raises NotFound for a step that is not
    theirs or is done, Invalid for a day that has passed or is more than a year away, and for an
    event with a date of its own.
    """
    steps = {each.step.id: each for each in plan.dated}
    each = steps.get(step_id)
    if each is None or each.step.done_at:
        raise NotFound(Wording("There is no such step left in your plan."))
    if not each.may_move:
        raise Invalid({"day": Wording("This takes place on its own day: it cannot be moved.")})
    if to is not None and not plan.today <= to <= plan.today + AHEAD:
        raise Invalid({"day": Wording("Choose a day from today on, within a year.")})
    choice = each.step.choice
    members = [
        one
        for one in steps.values()
        if one is each or (choice is not None and one.step.choice == choice)
    ]
    return put(session, plan, {one.step.id: to for one in members}, now=now)


def catch_up(session: Session, plan: Plan, *, now: datetime) -> Days:
    """Spread what is late over the coming working days; return the days before."""
    made = spread(plan.dated, free=plan.calendar.free, today=plan.today)
    return put(session, plan, dict(made), now=now)


def put(session: Session, plan: Plan, days: Days, *, now: datetime) -> Days:
    """Put steps of a plan on these days, None being the plan's own; return the days before.

    What is not among the plan's steps is left out, and an event with a date of its own stays.
    """
    movable = (each for each in plan.dated if each.may_move)
    before = {each.step.id: each for each in movable if each.step.id in days}
    if plan.assignment is None or not before:
        return {}
    own = plan.assignment.id
    session.execute(
        delete(StepDate).where(StepDate.assignment_id == own, StepDate.step_id.in_(before))
    )
    for step_id, each in before.items():
        to = days[step_id]
        if to is not None and to != each.planned:
            session.add(StepDate(assignment_id=own, step_id=step_id, due_on=to))
    plan.assignment.revision += 1
    plan.assignment.changed_at = now
    session.flush()
    return {step_id: each.step.planned_on for step_id, each in before.items()}


def add_absence(
    session: Session, person_id: int, first: date, last: date, *, today: date, now: datetime
) -> None:
    """Note days on which a person is away; those that overlap or touch become one.

    Whoever has nothing left but events that they were away for has finished. Raises Invalid where
    the last day comes before the first, for more than a year at a time, and for what lies more than
    two years away.
    """
    if last < first:
        raise Invalid({"last": Wording("The last day comes before the first one.")})
    if last - first >= LONGEST:
        raise Invalid({"last": Wording("Enter at most a year at a time.")})
    if not today - _MOST_AHEAD <= first <= last <= today + _MOST_AHEAD:
        raise Invalid({"first": Wording("Choose days within two years of today.")})
    known = [Span(one.starts_on, one.ends_on) for one in queries.absences_of(session, person_id)]
    session.execute(delete(Absence).where(Absence.person_id == person_id))
    session.add_all(
        Absence(person_id=person_id, starts_on=span.first, ends_on=span.last)
        for span in joined([*known, Span(first, last)])
    )
    _touch(session, person_id, now)
    settle(session, person_id, now=now)


def remove_absence(session: Session, person_id: int, absence_id: int, *, now: datetime) -> Span:
    """Forget an absence of this person and return its days; raise NotFound when there is none."""
    found = session.get(Absence, absence_id)
    if found is None or found.person_id != person_id:
        raise NotFound(Wording("There is no such absence of yours."))
    days = Span(found.starts_on, found.ends_on)
    session.delete(found)
    _touch(session, person_id, now)
    return days


def _touch(session: Session, person_id: int, now: datetime) -> None:
    session.execute(
        update(Assignment)
        .where(Assignment.person_id == person_id)
        .values(revision=Assignment.revision + 1, changed_at=now)
    )
    session.flush()
