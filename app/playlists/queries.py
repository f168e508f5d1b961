"""Reads of playlists. A step counts only while its item is live and its reader may see it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.models import (
    Absence,
    Assignment,
    Item,
    ItemState,
    Kind,
    Meet,
    Playlist,
    PlaylistWeek,
    Progress,
    Step,
    StepKind,
    visible_to,
)
from app.playlists import statements
from app.playlists.days import Calendar, FreeDays, Span
from app.playlists.moments import Held, Moment, held_for, moment_of
from app.playlists.plans import DueStep, Plan, current, due_in
from app.playlists.progress import Colleague, PlannedStep

_BUDDY, _CONTACT, _MANAGER = slice(3, 8), slice(8, 13), slice(13, 18)
_ABSENCES, _HOLIDAYS, _ZONE = 20, 21, 22


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
    """Return the live playlist with this slug if a holder of `tokens` may see it."""
    return session.scalar(
        select(Playlist).where(
            Playlist.slug == slug, statements.live(), visible_to(Playlist.audience_id, tokens)
        )
    )


def week_titles(session: Session, playlist_id: int) -> dict[int, str]:
    """Return the titles of a playlist's weeks by their number."""
    weeks = session.scalars(select(PlaylistWeek).where(PlaylistWeek.playlist_id == playlist_id))
    return {week.number: week.title for week in weeks}


def assignment_of(session: Session, slug: str, *, person_id: int) -> Assignment | None:
    """Return the person's assignment of this playlist in any version, the newest; or None."""
    return session.scalar(
        select(Assignment)
        .join(Playlist, Playlist.id == Assignment.playlist_id)
        .where(Playlist.slug == slug, Assignment.person_id == person_id)
        .order_by(Playlist.number.desc())
        .limit(1)
    )


def assignment_met(
    session: Session, slug: str, *, person_id: int, tokens: Collection[str]
) -> Assignment | None:
    """Return the person's assignment of a playlist that they may see, the newest; or None."""
    return session.scalar(
        select(Assignment)
        .join(Playlist, Playlist.id == Assignment.playlist_id)
        .where(
            Playlist.slug == slug,
            Assignment.person_id == person_id,
            visible_to(Playlist.audience_id, tokens),
        )
        .order_by(Playlist.number.desc())
        .limit(1)
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


def absences_of(session: Session, person_id: int) -> list[Absence]:
    """Return what a person said of their absences, the earliest first."""
    wanted = select(Absence).where(Absence.person_id == person_id)
    return list(session.scalars(wanted.order_by(Absence.starts_on, Absence.id)))


def assigned_steps(session: Session, person_id: int) -> dict[int, bool]:
    """Return every item of the person's playlists, with whether it is the next step of one.

    These are not recommended besides.
    """
    rows = session.execute(
        select(Step.playlist_id, Item.id, statements.done_at(person_id).is_not(None))
        .select_from(Step)
        .join(Playlist, Playlist.id == Step.playlist_id)
        .join(Assignment, statements.assigned_to(person_id))
        .join(Item, Item.id == Step.item_id)
        .outerjoin(Progress, statements.recorded())
        .outerjoin(ItemState, statements.state_of(person_id))
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
        .join(Assignment, statements.assigned_to(person_id))
        .join(Item, statements.on_offer(tokens))
        .outerjoin(Progress, statements.recorded())
        .outerjoin(ItemState, statements.state_of(person_id))
        .where(statements.done_at(person_id).is_(None), visible_to(Playlist.audience_id, tokens))
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
    """Return the person's plans under these conditions, one for each slug, in two statements."""
    rows = session.execute(
        statements.playlists_for(person_id, tokens, *conditions, today=today)
    ).all()
    newest = {row[0].slug: row for row in sorted(rows, key=lambda row: row[0].number)}
    rows = [row for row in rows if newest[row[0].slug] is row]
    if not rows:
        return []
    ids = [row[0].id for row in rows]
    by_playlist: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(statements.steps_of(ids, person_id, tokens, today=today)):
        by_playlist[row[0].playlist_id].append(row)
    free = _free_days(rows)
    return [_plan(row, by_playlist[row[0].id], free, today) for row in rows]


def _free_days(rows: Iterable[Any]) -> FreeDays:
    """Return the days on which the person of these rows does not work."""
    away = {text for row in rows for text in row[_ABSENCES].split(",") if text}
    holidays = {text for row in rows for text in row[_HOLIDAYS].split(",") if text}
    spans = (text.split("/") for text in away)
    return FreeDays(
        holidays=frozenset(date.fromisoformat(text) for text in holidays),
        away=tuple(
            sorted(
                Span(date.fromisoformat(first), date.fromisoformat(last)) for first, last in spans
            )
        ),
    )


def _plan(row: Any, steps: Iterable[Any], free: FreeDays, today: date) -> Plan:
    playlist, assignment, channel = row[0], row[2], (row[18], row[19])
    buddy, contact = _colleague(row[_BUDDY]), _colleague(row[_CONTACT])
    people = {Meet.BUDDY: buddy, Meet.MANAGER: _colleague(row[_MANAGER]), Meet.CONTACT: contact}
    calendar = Calendar(
        starts_on=assignment.starts_on if assignment else today,
        working=playlist.working_days,
        free=free,
    )
    held = partial(
        held_for,
        own_zone=row[_ZONE],
        calendar=calendar,
        given_at=assignment.assigned_at if assignment else None,
        today=today,
    )
    return Plan(
        playlist=playlist,
        role_name=row[1] or "",
        steps=tuple(_planned(step, people, held) for step in steps),
        assignment=assignment,
        buddy=buddy,
        contact=contact,
        channel=channel if channel[0] else None,
        today=today,
        calendar=calendar,
    )


def _planned(
    row: Any, people: dict[Meet, Colleague | None], held: Callable[[Moment], Held]
) -> PlannedStep:
    step, item_id, title, kind, minutes, changed_at, tool_name = row[:7]
    done_at, by_hand, planned_on, told, needs = row[7:12]
    moment = moment_of(step, kind or step.kind)
    is_event = (kind or step.kind) == Kind.EVENT.value
    meets_as = step.meets if step.kind == StepKind.MEET.value else ""
    return PlannedStep(
        id=step.id,
        playlist_id=step.playlist_id,
        key=step.key,
        what=StepKind(step.kind),
        item_id=item_id,
        title=title or step.title,
        kind=kind or step.kind,
        tool_name=tool_name or "",
        minutes=step.minutes or minutes,
        due_day=step.due_day,
        note=step.note,
        required=step.required,
        choice=step.choice,
        needs=frozenset(int(each) for each in needs.split(",") if each),
        done_at=done_at,
        by_hand=bool(by_hand),
        planned_on=planned_on,
        told=bool(told),
        meets=_colleague(row[12:17]) or (people[Meet(meets_as)] if meets_as else None),
        meets_as=meets_as,
        changed_at=changed_at,
        away=bool(row[17]),
        held=held(moment) if moment else None,
        place=step.place if is_event else "",
        link=step.link if is_event else "",
    )


def _colleague(columns: Sequence[Any]) -> Colleague | None:
    person_id, name, email, department, location = columns
    if person_id is None:
        return None
    detail = " · ".join(part for part in (department, location) if part)
    return Colleague(id=person_id, name=name, email=email, detail=detail)
