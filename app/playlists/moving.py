"""Moves people under way on to another version of their playlist, with all that they have done.

Progress and dates planned anew follow by the key of the step, else by its item. What has no
counterpart stays with the step of the former version and comes back with one that has it again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session, aliased

from app.db import insert_from
from app.models import Assignment, Person, Playlist, Progress, Step, StepDate
from app.playlists import service
from app.playlists.remapping import StepOf, counterparts

_AT_ONCE = 500
_VERSION, _FOLLOWER = aliased(Playlist), aliased(Person)


def under_way(slug: Any) -> ColumnElement[bool]:
    """Return the condition for an assignment of somebody active who has not finished it.

    `slug` names the playlist, in whatever version: a text, or a column of another table.
    """
    return and_(
        Assignment.playlist_id.in_(select(_VERSION.id).where(_VERSION.slug == slug)),
        Assignment.finished_at.is_(None),
        exists().where(_FOLLOWER.id == Assignment.person_id, _FOLLOWER.active),
    )


def not_begun() -> ColumnElement[bool]:
    """Return the condition for an assignment of which nothing is done."""
    return ~exists().where(Progress.assignment_id == Assignment.id)


def how_many(session: Session, slug: str) -> tuple[int, int]:
    """Return how many people are under way with a playlist, and how many of them have not begun."""
    counted = select(func.count(), func.count().filter(not_begun()))
    row = session.execute(counted.select_from(Assignment).where(under_way(slug))).one()
    return row[0], row[1]


def move_on(
    session: Session, to: Playlist, *, now: datetime, only_not_begun: bool = False
) -> list[int]:
    """Move people under way with any version of a playlist to this one; return who has moved.

    Its lock is held by the caller. What they have done of a new step's item counts, and who has
    nothing left to do by then has finished.
    """
    wanted = select(Assignment.id, Assignment.person_id).where(
        under_way(to.slug), Assignment.playlist_id != to.id
    )
    if only_not_begun:
        wanted = wanted.where(not_begun())
    moving = dict(session.execute(wanted.order_by(Assignment.id)).all())
    into = _into(session, to)
    for some in _in_parts(list(moving)):
        carry(session, into, of=some)
        session.execute(update(Assignment).where(Assignment.id.in_(some)).values(playlist_id=to.id))
        _count_again(session, some, now=now)
    return list(moving.values())


def carry(session: Session, into: Mapping[int, int], *, of: Collection[int] | None = None) -> None:
    """Let progress and dates of some steps stand with others, `into` by id.

    `of` are the ids of assignments; None: all of them. What is done of both is done since the
    first time, and where both have a date planned anew, that of the new step stays.
    """
    if not into:
        return
    number = case(into, value=Progress.step_id)
    by_hand = func.min(case((Progress.by_hand, 1), else_=0)) == 1
    done = select(Progress.assignment_id, number, func.min(Progress.done_at), by_hand)
    rows = and_(Progress.step_id.in_(into), _whose(Progress.assignment_id, of))
    insert_from(
        session,
        Progress,
        ["assignment_id", "step_id", "done_at", "by_hand"],
        done.where(rows).group_by(Progress.assignment_id, number),
    )
    session.execute(delete(Progress).where(rows).execution_options(synchronize_session=False))
    number = case(into, value=StepDate.step_id)
    planned = select(StepDate.assignment_id, number, func.max(StepDate.due_on))
    rows = and_(StepDate.step_id.in_(into), _whose(StepDate.assignment_id, of))
    insert_from(
        session,
        StepDate,
        ["assignment_id", "step_id", "due_on"],
        planned.where(rows).group_by(StepDate.assignment_id, number),
    )
    session.execute(delete(StepDate).where(rows).execution_options(synchronize_session=False))


def settle_those(session: Session, assignments: Collection[int], *, now: datetime) -> None:
    """Write down who has finished, among those of whom no required step is open.

    Events with a date are left to `settle`, which knows who could not be there.
    """
    done = exists().where(Progress.assignment_id == Assignment.id, Progress.step_id == Step.id)
    is_open = exists().where(
        Step.playlist_id == Assignment.playlist_id,
        Step.required,
        Step.choice.is_(None),
        Step.held_on.is_(None),
        ~done,
    )
    people = session.scalars(
        select(Assignment.person_id).where(
            Assignment.id.in_(assignments), Assignment.finished_at.is_(None), ~is_open
        )
    )
    for person_id in people.all():
        service.settle(session, person_id, now=now)


def _into(session: Session, to: Playlist) -> dict[int, int]:
    """Return which step of a version stands for which one of all others."""
    columns = select(Step.playlist_id, Step.id, Step.key, Step.item_id)
    rows = session.execute(
        columns.join(Playlist, Playlist.id == Step.playlist_id)
        .where(Playlist.slug == to.slug)
        .order_by(Playlist.number.desc(), Step.id)
    ).all()
    new = [StepOf(*row[1:]) for row in rows if row[0] == to.id]
    return counterparts((StepOf(*row[1:]) for row in rows if row[0] != to.id), new)


def _count_again(session: Session, assignments: Sequence[int], *, now: datetime) -> None:
    """Count what people have done of the new steps, and write down who has finished."""
    wanted = select(Assignment).where(Assignment.id.in_(assignments))
    for assignment in session.scalars(wanted.execution_options(populate_existing=True)):
        service.count_what_is_done(session, assignment)
    settle_those(session, assignments, now=now)


def _whose(column: Any, assignments: Collection[int] | None) -> ColumnElement[bool]:
    if assignments is None:
        return true()
    return column.in_(assignments) if assignments else false()


def _in_parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
