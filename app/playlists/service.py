"""Writes of playlists: giving them to people, and following what people finish."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session

from app.errors import NotAllowed, NotFound
from app.models import Activity, Assignment, Item, ItemState, Kind, Playlist, Progress, Step, Verb
from app.people.audiences import audience_tokens
from app.people.queries import with_roles_and_groups
from app.playlists import queries


def assign(
    session: Session,
    playlist_id: int,
    person_id: int,
    *,
    starts_on: date,
    by: int | None,
    now: datetime,
    buddy_id: int | None = None,
    rule_id: int | None = None,
) -> Assignment:
    """Give a version of a playlist to a person from this day on; count what they have done already.

    Whoever has the playlist in any version keeps it as it is. `by` is who gives it, or None where
    the rule `rule_id` does.
    """
    slug = session.scalar(select(Playlist.slug).where(Playlist.id == playlist_id)) or ""
    known = queries.assignment_of(session, slug, person_id=person_id)
    if known is not None:
        return known
    assignment = Assignment(
        playlist_id=playlist_id,
        person_id=person_id,
        starts_on=starts_on,
        assigned_by_id=by,
        buddy_id=buddy_id,
        assigned_at=now,
        rule_id=rule_id,
    )
    session.add(assignment)
    session.flush()
    count_what_is_done(session, assignment)
    settle(session, person_id, now=now)
    return assignment


def start(
    session: Session,
    person_id: int,
    slug: str,
    *,
    tokens: frozenset[str],
    today: date,
    now: datetime,
) -> Assignment:
    """Let a reader give a playlist to themselves from today on; raise NotFound if they may not."""
    playlist = queries.visible_playlist(session, slug, tokens=tokens)
    if playlist is None:
        raise NotFound("There is no such playlist for you.")
    return assign(session, playlist.id, person_id, starts_on=today, by=person_id, now=now)


def stop(session: Session, person_id: int, slug: str, *, tokens: frozenset[str]) -> None:
    """Take a playlist back that the reader has given to themselves; what is done stays done.

    Raises NotFound when they do not follow it, NotAllowed when somebody else gave it to them.
    """
    found = queries.assignment_met(session, slug, person_id=person_id, tokens=tokens)
    if found is None:
        raise NotFound("You are not following such a playlist.")
    if found.assigned_by_id != person_id:
        raise NotAllowed("Somebody gave you this playlist: ask them before you leave it.")
    session.execute(delete(Progress).where(Progress.assignment_id == found.id))
    session.execute(delete(Assignment).where(Assignment.id == found.id))


def on_item_completed(session: Session, *, person_id: int, item_id: int, at: datetime) -> None:
    """Mark the steps with this item done in every playlist that the person has."""
    if _mark(session, person_id, at, Step.item_id == item_id):
        settle(session, person_id, now=at)


def on_item_launched(session: Session, *, person_id: int, item_id: int, at: datetime) -> None:
    """Mark the steps done that ask to join this channel: no tool tells who is in one."""
    channel = select(Item.id).where(Item.id == item_id, Item.kind == Kind.CHANNEL.value)
    if _mark(session, person_id, at, Step.item_id.in_(channel)):
        settle(session, person_id, now=at)


def on_item_reopened(session: Session, *, person_id: int, item_id: int) -> None:
    """Take back the steps with this item in every playlist that the person has."""
    own = select(Assignment.id).where(Assignment.person_id == person_id)
    steps = select(Step.id).where(Step.item_id == item_id)
    touched = session.scalars(
        select(Progress).where(Progress.assignment_id.in_(own), Progress.step_id.in_(steps))
    ).all()
    for progress in touched:
        session.delete(progress)
    session.flush()
    reopen(session, {progress.assignment_id for progress in touched})


def count_what_is_done(session: Session, assignment: Assignment) -> None:
    """Record the steps whose items the person has done, and the channels that they have opened.

    What is recorded already stays as it is.
    """
    done = _in_playlist(assignment, Step.id, ItemState.done_at).join(
        ItemState, ItemState.item_id == Step.item_id
    )
    opened = _in_playlist(assignment, Step.id, func.min(Activity.at)).join(
        Activity, Activity.item_id == Step.item_id
    )
    rows = [
        *session.execute(
            done.where(ItemState.person_id == assignment.person_id, ItemState.done_at.is_not(None))
        ),
        *session.execute(
            opened.join(Item, Item.id == Step.item_id)
            .where(
                Activity.person_id == assignment.person_id,
                Activity.verb == Verb.LAUNCHED.value,
                Item.kind == Kind.CHANNEL.value,
            )
            .group_by(Step.id)
        ),
    ]
    found: dict[int, datetime] = dict(reversed(rows))
    session.add_all(
        Progress(assignment_id=assignment.id, step_id=step_id, done_at=at)
        for step_id, at in found.items()
    )
    session.flush()


def settle(session: Session, person_id: int, *, now: datetime) -> None:
    """Write down which plans of a person are finished, each at the moment of its last step.

    What was finished once stays so, whatever becomes of its items, until a step is taken back.
    """
    person = with_roles_and_groups(session, person_id)
    if person is None:
        return
    tokens = audience_tokens(person)
    for plan in queries.assigned_plans(session, person_id, tokens=tokens, today=now.date()):
        if plan.assignment and plan.assignment.finished_at is None and plan.is_finished:
            plan.assignment.finished_at = plan.last_done_at or now
    session.flush()


def reopen(session: Session, assignments: set[int]) -> None:
    """Take back that these are finished, after a step of theirs was taken back."""
    wanted = select(Assignment).where(Assignment.id.in_(assignments))
    for assignment in session.scalars(wanted):
        assignment.finished_at = None
    session.flush()


def _mark(session: Session, person_id: int, at: datetime, condition: ColumnElement[bool]) -> bool:
    """Record the person's steps under this condition; tell whether any was news."""
    done = select(Progress.step_id).where(Progress.assignment_id == Assignment.id)
    rows = session.execute(
        select(Assignment.id, Step.id)
        .join(Step, Step.playlist_id == Assignment.playlist_id)
        .where(
            Assignment.person_id == person_id,
            condition,
            Step.id.not_in(done.correlate(Assignment)),
        )
    ).all()
    session.add_all(
        Progress(assignment_id=assignment_id, step_id=step_id, done_at=at)
        for assignment_id, step_id in rows
    )
    session.flush()
    return bool(rows)


def _in_playlist(assignment: Assignment, *columns: Any) -> Select[Any]:
    """Return the statement of these columns for the steps of an assignment not recorded yet."""
    recorded = select(Progress.step_id).where(Progress.assignment_id == assignment.id)
    return (
        select(*columns)
        .select_from(Step)
        .where(Step.playlist_id == assignment.playlist_id, Step.id.not_in(recorded))
    )
