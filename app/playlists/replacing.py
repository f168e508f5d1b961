"""Lets steps follow an item to the one that takes its place, in every version of every playlist."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from app.models import Assignment, Playlist, PlaylistState, Progress, Step, StepDate, StepNeed


def replace_everywhere(
    session: Session,
    item_id: int,
    successor_id: int,
    *,
    now: datetime,
    only: Collection[int] | None = None,
) -> int:
    """Let every step with an item be one with its successor; return how many steps that were.

    This goes for versions that are live, drafts, or still followed by somebody; with `only`, for
    those with these ids. Where the successor is a step of the playlist already, the two become one:
    what was done of either is done, and what waited for either waits for it.
    """
    if item_id == successor_id:
        return 0
    there = aliased(Step)
    followed = exists().where(Assignment.playlist_id == Playlist.id)
    rows = session.execute(
        select(Step.id, there.id, Playlist.id)
        .join(Playlist, Playlist.id == Step.playlist_id)
        .outerjoin(there, (there.playlist_id == Playlist.id) & (there.item_id == successor_id))
        .where(Step.item_id == item_id, (Playlist.state != PlaylistState.PAST.value) | followed)
        .order_by(Playlist.id)
    ).all()
    touched = [row for row in rows if only is None or row[2] in only]
    for step_id, other_id, _ in touched:
        if other_id is None:
            step = session.get_one(Step, step_id)
            step.item_id = successor_id
        else:
            _merge(session, step_id, other_id)
    drafts = [playlist_id for *_, playlist_id in touched]
    session.execute(
        update(Playlist)
        .where(Playlist.id.in_(drafts), Playlist.state == PlaylistState.DRAFT.value)
        .values(revision=Playlist.revision + 1, changed_at=now)
        .execution_options(synchronize_session="fetch")
    )
    session.flush()
    return len(touched)


def _merge(session: Session, step_id: int, other_id: int) -> None:
    """Let the other step stand for this one, which goes."""
    done = {
        row.assignment_id: row
        for row in session.scalars(select(Progress).where(Progress.step_id == step_id))
    }
    known = select(Progress.assignment_id).where(Progress.step_id == other_id)
    for assignment_id in done.keys() - set(session.scalars(known)):
        was = done[assignment_id]
        session.add(
            Progress(
                assignment_id=assignment_id,
                step_id=other_id,
                done_at=was.done_at,
                by_hand=was.by_hand,
            )
        )
    _merge_needs(session, step_id, other_id)
    for table in (Progress, StepDate):
        session.execute(
            delete(table)
            .where(table.step_id == step_id)
            .execution_options(synchronize_session="fetch")
        )
    session.delete(session.get_one(Step, step_id))
    session.flush()


def _merge_needs(session: Session, step_id: int, other_id: int) -> None:
    """Let steps that wait for this one wait for the other; what this one waited for is dropped."""
    waiting = set(session.scalars(select(StepNeed.step_id).where(StepNeed.needs_id == step_id)))
    known = set(session.scalars(select(StepNeed.step_id).where(StepNeed.needs_id == other_id)))
    ahead = set(session.scalars(select(StepNeed.needs_id).where(StepNeed.step_id == other_id)))
    session.execute(
        delete(StepNeed)
        .where((StepNeed.step_id == step_id) | (StepNeed.needs_id == step_id))
        .execution_options(synchronize_session="fetch")
    )
    session.add_all(
        StepNeed(step_id=each, needs_id=other_id) for each in waiting - known - ahead - {other_id}
    )
    session.flush()
