"""Reads who is under way with a playlist, in any version: a few statements for any number of them.

What leaves this module for a page goes through `cohort`, which tells sums alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from app.models import (
    Absence,
    Assignment,
    Holiday,
    Item,
    ItemState,
    Person,
    Playlist,
    PlaylistState,
    Progress,
    Step,
    StepDate,
    StepKind,
    links_gone,
    visible_to,
)
from app.playlists.cohort import Traveller
from app.playlists.days import Calendar, FreeDays, Span
from app.playlists.moments import Held, Moment, held_for, moment_of
from app.playlists.progress import PlannedStep, StepState, dated, next_step

_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StepName:
    """A step of the playlist as it stands now; the title is empty for what may not be seen."""

    key: str
    title: str
    kind: str
    due_day: int


@dataclass(frozen=True, slots=True)
class _Step:
    """A step as it is for everybody who has not done it, and for everybody who has.

    `moment` is when it takes place, if it is an event with a date.
    """

    id: int
    open: PlannedStep
    done: PlannedStep
    moment: Moment | None


def people_under_way(session: Session, slug: str, *, today: date) -> list[int]:
    """Return the ids of those who have begun a playlist and not finished it."""
    wanted = select(Assignment.person_id).select_from(Assignment).where(_under_way(slug, today))
    return list(session.scalars(_joined(wanted).order_by(Assignment.person_id)))


def step_names(session: Session, playlist: Playlist, *, tokens: Collection[str]) -> list[StepName]:
    """Return the steps of this version in the order of their days."""
    rows = session.execute(
        select(Step, Item.title, Item.kind)
        .outerjoin(Item, and_(Item.id == Step.item_id, visible_to(Item.audience_id, tokens)))
        .where(Step.playlist_id == playlist.id)
        .order_by(Step.due_day, Step.position, Step.id)
    )
    return [
        StepName(step.key, title or step.title, kind or step.kind, step.due_day)
        for step, title, kind in rows
    ]


def travellers(session: Session, slug: str, *, today: date) -> list[Traveller]:
    """Return everybody under way with a playlist, and how far they are today."""
    given = _assignments(session, slug, today)
    if not given:
        return []
    steps = _steps(session, {row.playlist_id for row in given})
    done = _done(session, slug, today)
    chosen = _chosen_days(session, slug, today)
    away = _absences(session, slug, today)
    holidays = _holidays(session)
    found = []
    for row in given:
        free = FreeDays(
            holidays=holidays[""] | holidays[(row.location or "").casefold()],
            away=tuple(sorted(away[row.person_id])),
        )
        calendar = Calendar(starts_on=row.starts_on, working=row.working_days, free=free)
        own = [
            _of(
                each,
                done=(row.id, each.id) in done,
                on=chosen.get((row.id, each.id)),
                held=_held(each.moment, row, calendar, today),
            )
            for each in steps[row.playlist_id]
        ]
        found.append(_traveller(own, calendar, today))
    return found


def _under_way(slug: str, today: date) -> ColumnElement[bool]:
    return and_(
        Playlist.slug == slug,
        Playlist.state != PlaylistState.DRAFT.value,
        Assignment.finished_at.is_(None),
        Assignment.starts_on <= today,
        Person.active,
    )


def _joined(statement: Any) -> Any:
    return statement.join(Playlist, Playlist.id == Assignment.playlist_id).join(
        Person, Person.id == Assignment.person_id
    )


def _assignments(session: Session, slug: str, today: date) -> list[Any]:
    wanted = select(
        Assignment.id,
        Assignment.person_id,
        Assignment.playlist_id,
        Assignment.starts_on,
        Assignment.assigned_at,
        Playlist.working_days,
        Person.location,
        Person.time_zone,
    )
    rows = session.execute(_joined(wanted).where(_under_way(slug, today)).order_by(Assignment.id))
    return list(rows)


def _steps(session: Session, playlists: Collection[int]) -> Mapping[int, list[_Step]]:
    """Return the steps of each version, and whether its link is gone."""
    rows = session.execute(
        select(Step, Item.kind, Step.item_id.in_(links_gone()))
        .outerjoin(Item, Item.id == Step.item_id)
        .where(Step.playlist_id.in_(list(playlists)))
        .order_by(Step.due_day, Step.position, Step.id)
    )
    found: dict[int, list[_Step]] = defaultdict(list)
    for step, kind, away in rows:
        found[step.playlist_id].append(
            _Step(
                step.id,
                open=_planned(step, None, away=bool(away)),
                done=_planned(step, _ONCE, away=bool(away)),
                moment=moment_of(step, kind or step.kind),
            )
        )
    return found


def _done(session: Session, slug: str, today: date) -> set[tuple[int, int]]:
    """Return the assignments and their steps that are done, as recorded or as an item says."""
    by_item = _joined(
        select(Assignment.id, Step.id)
        .select_from(Assignment)
        .join(Step, Step.playlist_id == Assignment.playlist_id)
        .join(
            ItemState,
            and_(ItemState.item_id == Step.item_id, ItemState.person_id == Assignment.person_id),
        )
    ).where(_under_way(slug, today), ItemState.done_at.is_not(None))
    recorded = _joined(
        select(Assignment.id, Progress.step_id)
        .select_from(Assignment)
        .join(Progress, Progress.assignment_id == Assignment.id)
    ).where(_under_way(slug, today))
    return {
        (assignment_id, step_id)
        for rows in (session.execute(by_item), session.execute(recorded))
        for assignment_id, step_id in rows
    }


def _chosen_days(session: Session, slug: str, today: date) -> dict[tuple[int, int], date]:
    rows = session.execute(
        _joined(
            select(StepDate.assignment_id, StepDate.step_id, StepDate.due_on)
            .select_from(StepDate)
            .join(Assignment, Assignment.id == StepDate.assignment_id)
        ).where(_under_way(slug, today))
    )
    return {(assignment_id, step_id): due_on for assignment_id, step_id, due_on in rows}


def _absences(session: Session, slug: str, today: date) -> Mapping[int, list[Span]]:
    rows = session.execute(
        _joined(
            select(Absence.person_id, Absence.starts_on, Absence.ends_on)
            .select_from(Absence)
            .join(Assignment, Assignment.person_id == Absence.person_id)
        )
        .where(_under_way(slug, today))
        .distinct()
    )
    found: dict[int, list[Span]] = defaultdict(list)
    for person_id, first, last in rows:
        found[person_id].append(Span(first, last))
    return found


def _holidays(session: Session) -> Mapping[str, frozenset[date]]:
    found: dict[str, frozenset[date]] = defaultdict(frozenset)
    for day, location in session.execute(select(Holiday.day, Holiday.location)):
        found[location.casefold()] |= {day}
    return found


def _held(moment: Moment | None, row: Any, calendar: Calendar, today: date) -> Held | None:
    if moment is None:
        return None
    return held_for(
        moment,
        own_zone=row.time_zone,
        calendar=calendar,
        given_at=row.assigned_at,
        today=today,
    )


def _of(step: _Step, *, done: bool, on: date | None, held: Held | None) -> PlannedStep:
    """Return a step as it is for one person, made anew only for what is their own of it."""
    found = step.done if done else step.open
    return replace(found, planned_on=on, held=held) if on or held else found


def _planned(row: Step, done_at: datetime | None, *, away: bool) -> PlannedStep:
    """Return a step; at what moment it was done counts for nothing here."""
    return PlannedStep(
        id=row.id,
        playlist_id=row.playlist_id,
        item_id=row.item_id,
        key=row.key,
        title="",
        kind="",
        tool_name="",
        minutes=None,
        due_day=row.due_day,
        note="",
        what=StepKind.ITEM,
        required=row.required,
        choice=row.choice,
        done_at=done_at,
        away=away,
    )


def _traveller(steps: Iterable[PlannedStep], calendar: Calendar, today: date) -> Traveller:
    found = dated(steps, calendar=calendar, today=today)
    following = next_step(found)
    settled = {StepState.DONE, StepState.SPARE}
    return Traveller(
        starts_on=calendar.starts_on,
        steps=frozenset(each.step.key for each in found),
        done=frozenset(each.step.key for each in found if each.state in settled),
        late=frozenset(each.step.key for each in found if each.state is StepState.LATE),
        next=following.step.key if following else "",
    )
