"""Writes of what people say themselves: that a step is done, or that it is not.

By hand only where no tool can tell; an item that is marked done here is done everywhere.
"""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.activity import service as activity
from app.errors import NotAllowed, NotFound, Wording
from app.models import Kind, Progress
from app.playlists.plans import Plan
from app.playlists.progress import TO_DO, DatedStep, PlannedStep, StepState
from app.playlists.service import reopen, settle


def step_of(plan: Plan, step_id: int) -> DatedStep:
    """Return a step of a plan that its person follows; raise NotFound when there is none."""
    found = next((each for each in plan.dated if each.step.id == step_id), None)
    if found is None:
        raise NotFound(Wording("There is no such step in your plan."))
    return found


def may_be_done_by_hand(each: DatedStep) -> bool:
    """Tell whether the person can say that a step is done: it is its turn, and no tool tells.

    Of an event with a date it is from its day on, even if they could hardly have been there.
    """
    if each.step.told or _is_to_come(each):
        return False
    return each.state in TO_DO or each.state is StepState.MISSED


def may_be_taken_back(step: PlannedStep) -> bool:
    """Tell whether the person can say that a step is not done: no tool said that it is."""
    return step.done_at is not None and (step.by_hand or not step.told)


def mark_done(session: Session, person_id: int, plan: Plan, step_id: int, *, now: datetime) -> None:
    """Mark a step of the person's plan done; doing it twice changes nothing.

    Raises NotFound, and NotAllowed where its tool tells, another step comes first, or an event is
    still to come.
    """
    each = step_of(plan, step_id)
    step = each.step
    if step.done_at:
        return
    if step.told:
        raise NotAllowed(Wording("%(tool)s tells us when you are done.", tool=step.tool_name))
    if _is_to_come(each):
        raise NotAllowed(Wording("“%(title)s” has not taken place yet.", title=step.title))
    if each.waits_for:
        raise NotAllowed(Wording("“%(title)s” comes first.", title=each.waits_for[0].title))
    if step.item_id and step.kind != Kind.CHANNEL.value:
        activity.complete(session, person_id, step.item_id, now=now)
    _record(session, plan, step_id, now)
    settle(session, person_id, now=now)


def take_back(session: Session, person_id: int, plan: Plan, step_id: int, *, now: datetime) -> None:
    """Take back that a step is done; doing it twice changes nothing.

    Raises NotFound, and NotAllowed where its tool said so.
    """
    step = step_of(plan, step_id).step
    if step.done_at is None or plan.assignment is None:
        return
    if not may_be_taken_back(step):
        raise NotAllowed(Wording("%(tool)s told us that this is done.", tool=step.tool_name))
    if step.item_id:
        activity.uncomplete(session, person_id, step.item_id, now=now)
    session.execute(
        delete(Progress)
        .where(Progress.assignment_id == plan.assignment.id, Progress.step_id == step_id)
        .execution_options(synchronize_session="fetch")
    )
    reopen(session, {plan.assignment.id})


def _is_to_come(each: DatedStep) -> bool:
    return each.ahead and not each.may_move


def _record(session: Session, plan: Plan, step_id: int, now: datetime) -> None:
    """Record a step as done by hand; what the event of its item recorded says so from now on."""
    if plan.assignment is None:
        return
    key = {"assignment_id": plan.assignment.id, "step_id": step_id}
    changed = session.execute(
        update(Progress).filter_by(**key).values(by_hand=True).returning(Progress.step_id)
    ).first()
    if changed is None:
        session.add(Progress(**key, done_at=now, by_hand=True))
    session.flush()
