"""Reads of playlists. A step counts only while its item is live and its reader may see it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
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


def assigned_steps(session: Session, person_id: int) -> dict[int, bool]:
    """Return every item of the person's playlists, with whether it is the next step of one.

    These are not recommended besides.
    """
    rows = session.execute(
        select(Step.playlist_id, Item.id, _done_at().is_not(None))
        .select_from(Step)
        .join(Playlist, Playlist.id == Step.playlist_id)
        .join(Assignment, _own(person_id))
        .join(Item, Item.id == Step.item_id)
        .outerjoin(Progress, _recorded())
        .outerjoin(ItemState, _state_of(person_id))
        .order_by(Step.playlist_id, Step.due_day, Step.position, Step.id)
    )
    found: dict[int, bool] = {}
    waiting: set[int] = set()
    for playlist_id, item_id, done in rows:
        is_next = not done and playlist_id not in waiting
        found[item_id] = found.get(item_id, False) or is_next
        if is_next:
            waiting.add(playlist_id)
    return found


def open_step_items(session: Session, person_id: int, *, tokens: Collection[str]) -> dict[int, str]:
    """Return the items that the reader has still to do, each with the title of its playlist."""
    rows = session.execute(
        select(Item.id, Playlist.title)
        .select_from(Step)
        .join(Playlist, Playlist.id == Step.playlist_id)
        .join(Assignment, _own(person_id))
        .join(Item, _on_offer(tokens))
        .outerjoin(Progress, _recorded())
        .outerjoin(ItemState, _state_of(person_id))
        .where(_done_at().is_(None), visible_to(Playlist.audience_id, tokens))
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
    """Return the visible playlists under these conditions, all of their steps in one statement."""
    wanted = select(Playlist, Role.name, Assignment, Person, Step, Item, Tool.name, _done_at())
    rows = session.execute(
        wanted.select_from(Playlist)
        .outerjoin(Role, Role.id == Playlist.role_id)
        .outerjoin(Assignment, _own(person_id))
        .outerjoin(Person, Person.id == Assignment.buddy_id)
        .outerjoin(Step, Step.playlist_id == Playlist.id)
        .outerjoin(Item, _on_offer(tokens))
        .outerjoin(Tool, Tool.id == Item.tool_id)
        .outerjoin(Progress, _recorded())
        .outerjoin(ItemState, _state_of(person_id))
        .where(visible_to(Playlist.audience_id, tokens), *conditions)
        .order_by(Assignment.starts_on.desc().nulls_last(), Playlist.title, Playlist.id)
        .order_by(Step.due_day, Step.position, Step.id)
    )
    by_playlist = groupby(rows, key=lambda row: row[0].id)
    return [_plan(list(group), today) for _id, group in by_playlist]


def _plan(rows: Sequence[Any], today: date) -> Plan:
    """Make one plan of its rows: one for each step, `Item` being None where it is not on offer."""
    playlist, role_name, assignment, buddy, *_step = rows[0]
    return Plan(
        playlist=playlist,
        role_name=role_name or "",
        steps=tuple(_planned(*row[4:]) for row in rows if row[5] is not None),
        assignment=assignment,
        buddy=buddy,
        today=today,
    )


def _planned(step: Step, item: Item, tool_name: str, done_at: datetime | None) -> PlannedStep:
    return PlannedStep(
        id=step.id,
        playlist_id=step.playlist_id,
        item_id=item.id,
        title=item.title,
        kind=item.kind,
        tool_name=tool_name,
        minutes=item.minutes,
        due_day=step.due_day,
        note=step.note,
        done_at=done_at,
    )


def _own(person_id: int) -> ColumnElement[bool]:
    return and_(Assignment.playlist_id == Playlist.id, Assignment.person_id == person_id)


def _on_offer(tokens: Collection[str]) -> ColumnElement[bool]:
    return and_(
        Item.id == Step.item_id,
        Item.status == Status.LIVE.value,
        visible_to(Item.audience_id, tokens),
    )


def _recorded() -> ColumnElement[bool]:
    return and_(Progress.assignment_id == Assignment.id, Progress.step_id == Step.id)


def _state_of(person_id: int) -> ColumnElement[bool]:
    return and_(ItemState.item_id == Item.id, ItemState.person_id == person_id)


def _done_at() -> ColumnElement[Any]:
    """Return the moment of a step: as the assignment recorded it, else as the item itself says.

    The second covers steps that were added to a playlist after their item had been done.
    """
    return func.coalesce(Progress.done_at, ItemState.done_at)
