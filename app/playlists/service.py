"""Writes of playlists: giving them to people, and following what people finish."""

from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.errors import NotAllowed, NotFound
from app.models import Assignment, ItemState, Progress, Step
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
) -> Assignment:
    """Give a playlist to a person from this day on and count what they have done already.

    Whoever has the playlist keeps it as it is.
    """
    known = queries.assignment_of(session, playlist_id, person_id=person_id)
    if known is not None:
        return known
    assignment = Assignment(
        playlist_id=playlist_id,
        person_id=person_id,
        starts_on=starts_on,
        assigned_by_id=by,
        buddy_id=buddy_id,
        assigned_at=now,
    )
    session.add(assignment)
    session.flush()
    _count_what_is_done(session, assignment)
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
    playlist = queries.visible_playlist(session, slug, tokens=tokens)
    found = playlist and queries.assignment_of(session, playlist.id, person_id=person_id)
    if not found:
        raise NotFound("You are not following such a playlist.")
    if found.assigned_by_id != person_id:
        raise NotAllowed("Somebody gave you this playlist: ask them before you leave it.")
    session.execute(delete(Progress).where(Progress.assignment_id == found.id))
    session.execute(delete(Assignment).where(Assignment.id == found.id))


def on_item_completed(session: Session, *, person_id: int, item_id: int, at: datetime) -> None:
    """Mark the steps with this item done in every playlist that the person has."""
    done = select(Progress.step_id).where(Progress.assignment_id == Assignment.id)
    rows = session.execute(
        select(Assignment.id, Step.id)
        .join(Step, Step.playlist_id == Assignment.playlist_id)
        .where(
            Assignment.person_id == person_id,
            Step.item_id == item_id,
            Step.id.not_in(done.correlate(Assignment)),
        )
    )
    session.add_all(
        Progress(assignment_id=assignment_id, step_id=step_id, done_at=at)
        for assignment_id, step_id in rows.all()
    )
    session.flush()


def on_item_reopened(session: Session, *, person_id: int, item_id: int) -> None:
    """Take back the steps with this item in every playlist that the person has."""
    own = select(Assignment.id).where(Assignment.person_id == person_id)
    steps = select(Step.id).where(Step.item_id == item_id)
    session.execute(
        delete(Progress)
        .where(Progress.assignment_id.in_(own), Progress.step_id.in_(steps))
        .execution_options(synchronize_session="fetch")
    )


def _count_what_is_done(session: Session, assignment: Assignment) -> None:
    rows = session.execute(
        select(Step.id, ItemState.done_at)
        .join(ItemState, ItemState.item_id == Step.item_id)
        .where(
            Step.playlist_id == assignment.playlist_id,
            ItemState.person_id == assignment.person_id,
            ItemState.done_at.is_not(None),
        )
    )
    session.add_all(
        Progress(assignment_id=assignment.id, step_id=step_id, done_at=done_at)
        for step_id, done_at in rows.all()
    )
    session.flush()
