"""Reads of playlists. A step counts only while its item is live and its reader may see it."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from app.models import (
    Assignment,
    Item,
    ItemState,
    Person,
    Playlist,
    PlaylistWeek,
    Progress,
    Role,
    Status,
    Step,
    Tool,
    visible_to,
)
from app.playlists.plans import DueStep, Plan, current, due_in
from app.playlists.progress import PlannedStep

_Columns = TypeVarTuple("_Columns")


def plans(session: Session, person_id: int, *, tokens: Collection[str], today: date) -> list[Plan]:
    """Return every playlist that the reader may see; those assigned first, latest start first."""
    return _plans(session, person_id, tokens, today)


def assigned_plans(
    session: Session, person_id: int, *, tokens: Collection[str], today: date
) -> list[Plan]:
    """Return the playlists given to the reader, the latest start first."""
    return _plans(session, person_id, tokens, today, Assignment.id.is_not(None))


def plan_called(
    session: Session, slug: str, *, person_id: int, tokens: Collection[str], today: date
) -> Plan | None:
    """Return one playlist for the reader, or None when there is none that they may see."""
    found = _plans(session, person_id, tokens, today, Playlist.slug == slug)
    return found[0] if found else None


def visible_playlist(session: Session, slug: str, *, tokens: Collection[str]) -> Playlist | None:
    """Return the playlist with this slug if a holder of `tokens` may see it."""
    return session.scalar(
        select(Playlist).where(Playlist.slug == slug, visible_to(Playlist.audience_id, tokens))
    )


def week_titles(session: Session, playlist_id: int) -> dict[int, str]:
    """Return the titles of a playlist's weeks by their number."""
    weeks = session.scalars(select(PlaylistWeek).where(PlaylistWeek.playlist_id == playlist_id))
    return {week.number: week.title for week in weeks}


def assignment_of(session: Session, playlist_id: int, *, person_id: int) -> Assignment | None:
    """Return the person's assignment of this playlist, or None."""
    return session.scalar(
        select(Assignment).where(
            Assignment.playlist_id == playlist_id, Assignment.person_id == person_id
        )
    )


def current_assignment(
    session: Session, person_id: int, *, tokens: Collection[str], today: date
) -> Plan | None:
    """Return the assigned playlist that asks for the reader's attention first, if there is one."""
    return current(assigned_plans(session, person_id, tokens=tokens, today=today))


def due_soon(
    session: Session, person_id: int, *, tokens: Collection[str], today: date, limit: int = 4
) -> list[DueStep]:
    """Return the reader's steps that are late or due within two weeks, the most urgent first."""
    return due_in(assigned_plans(session, person_id, tokens=tokens, today=today), limit=limit)


def assigned_item_ids(session: Session, person_id: int) -> frozenset[int]:
    """Return every item of the person's playlists: these are not recommended besides."""
    rows = session.scalars(
        select(Step.item_id)
        .join(Assignment, Assignment.playlist_id == Step.playlist_id)
        .where(Assignment.person_id == person_id)
    )
    return frozenset(rows)


def open_step_items(session: Session, person_id: int, *, tokens: Collection[str]) -> dict[int, str]:
    """Return the items that the reader has still to do, each with the title of its playlist."""
    rows = session.execute(
        _for_person(select(Step.item_id, Playlist.title).select_from(Step), person_id, tokens)
        .join(Playlist, Playlist.id == Step.playlist_id)
        .where(
            Assignment.id.is_not(None),
            _done_at().is_(None),
            visible_to(Playlist.audience_id, tokens),
        )
        .order_by(Assignment.starts_on)
    )
    return dict(rows.all())


def _plans(
    session: Session,
    person_id: int,
    tokens: Collection[str],
    today: date,
    *conditions: ColumnElement[bool],
) -> list[Plan]:
    """Return the visible playlists under these conditions, in two statements however many."""
    own = and_(Assignment.playlist_id == Playlist.id, Assignment.person_id == person_id)
    rows = session.execute(
        select(Playlist, Role.name, Assignment, Person)
        .outerjoin(Role, Role.id == Playlist.role_id)
        .outerjoin(Assignment, own)
        .outerjoin(Person, Person.id == Assignment.buddy_id)
        .where(visible_to(Playlist.audience_id, tokens), *conditions)
        .order_by(Assignment.starts_on.desc().nulls_last(), Playlist.title, Playlist.id)
    ).all()
    steps = _steps(session, [row[0].id for row in rows], person_id=person_id, tokens=tokens)
    return [
        Plan(
            playlist=playlist,
            role_name=role_name or "",
            steps=tuple(steps[playlist.id]),
            assignment=assignment,
            buddy=buddy,
            today=today,
        )
        for playlist, role_name, assignment, buddy in rows
    ]


def _steps(
    session: Session, playlist_ids: list[int], *, person_id: int, tokens: Collection[str]
) -> dict[int, list[PlannedStep]]:
    """Return the steps of these playlists in the order in which they are due."""
    found: dict[int, list[PlannedStep]] = defaultdict(list)
    if not playlist_ids:
        return found
    wanted = select(Step, Item.title, Item.kind, Item.minutes, Tool.name, _done_at())
    rows = session.execute(
        _for_person(wanted.select_from(Step), person_id, tokens)
        .join(Tool, Tool.id == Item.tool_id)
        .where(Step.playlist_id.in_(playlist_ids))
        .order_by(Step.due_day, Step.position, Step.id)
    )
    for row in rows:
        found[row[0].playlist_id].append(_planned(*row))
    return found


def _planned(
    step: Step, title: str, kind: str, minutes: int | None, tool: str, done_at: datetime | None
) -> PlannedStep:
    return PlannedStep(
        id=step.id,
        playlist_id=step.playlist_id,
        item_id=step.item_id,
        title=title,
        kind=kind,
        tool_name=tool,
        minutes=minutes,
        due_day=step.due_day,
        note=step.note,
        done_at=done_at,
    )


def _for_person(
    wanted: Select[*_Columns], person_id: int, tokens: Collection[str]
) -> Select[*_Columns]:
    """Join steps with the items that may be shown and with what is known of this person."""
    own = and_(Assignment.playlist_id == Step.playlist_id, Assignment.person_id == person_id)
    done = and_(Progress.assignment_id == Assignment.id, Progress.step_id == Step.id)
    state = and_(ItemState.item_id == Item.id, ItemState.person_id == person_id)
    return (
        wanted.join(Item, Item.id == Step.item_id)
        .outerjoin(Assignment, own)
        .outerjoin(Progress, done)
        .outerjoin(ItemState, state)
        .where(Item.status == Status.LIVE.value, visible_to(Item.audience_id, tokens))
    )


def _done_at() -> ColumnElement[Any]:
    """Return the moment of a step: as the assignment recorded it, else as the item itself says.

    The second covers steps that were added to a playlist after their item had been done.
    """
    return func.coalesce(Progress.done_at, ItemState.done_at)
