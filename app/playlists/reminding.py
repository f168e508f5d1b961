"""Reminds people of the steps of their plans: due on the next working day, due today, late.

Each is told once for each day on which the step is due, so that a step that is moved is told anew.
Nobody is reminded on a day on which they do not work; what fell due meanwhile is told after it.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import Wording
from app.models import Assignment, NoticeKind, Person, Playlist, PlaylistState
from app.notices.service import tell
from app.people.audiences import audience_tokens
from app.people.queries import with_roles_and_groups
from app.playlists import queries
from app.playlists.moments import Held, clock_text
from app.playlists.plans import Plan, asked_for
from app.playlists.progress import DatedStep, StepState
from app.playlists.service import settle

_OVER, _TODAY, _NEXT = "late", "today", "next"
_MORNING = range(6, 9)  # three runs of an hourly job, so that one that is missed loses nothing


def people_to_remind(session: Session, *, time_zone: str, now: datetime) -> list[int]:
    """Return the active people who have a playlist to finish and whose morning it is.

    Who has no time zone of their own lives in `time_zone`.
    """
    rows = session.execute(
        select(Person.id, Person.time_zone)
        .join(Assignment, Assignment.person_id == Person.id)
        .join(Playlist, Playlist.id == Assignment.playlist_id)
        .where(
            Person.active,
            Assignment.finished_at.is_(None),
            Playlist.state != PlaylistState.DRAFT.value,
        )
        .distinct()
        .order_by(Person.id)
    )
    return [
        person_id
        for person_id, zone in rows
        if now.astimezone(clock.zone(zone, time_zone)).hour in _MORNING
    ]


def remind(session: Session, person_id: int, *, time_zone: str, now: datetime) -> int:
    """Tell a person of their steps; return how many notices are new.

    A plan of which nothing is left any more, because its last item was retired, is written down as
    finished.
    """
    person = with_roles_and_groups(session, person_id)
    if person is None:
        return 0
    settle(session, person_id, now=now)
    today = now.astimezone(clock.zone(person.time_zone, time_zone)).date()
    plans = queries.assigned_plans(session, person_id, tokens=audience_tokens(person), today=today)
    return sum(_remind(session, plan, person_id, now=now) for plan in plans)


def _remind(session: Session, plan: Plan, person_id: int, *, now: datetime) -> int:
    given = plan.assignment
    if given is None or given.finished_at or plan.today in plan.calendar.free:
        return 0
    return sum(
        tell(
            session,
            [person_id],
            NoticeKind.STEP,
            key=f"step:{given.id}:{each.step.key}:{kind}:{_moment_of(each)}",
            sentence=_sentence(each, plan, kind),
            now=now,
            path=f"/playlists/{plan.playlist.slug}#step_{each.step.id}",
            item_id=each.step.item_id,
        )
        for each, kind in _due(plan)
    )


def _due(plan: Plan) -> Iterator[tuple[DatedStep, str]]:
    """Yield the steps to speak of today, each with why.

    Not an event during which the person is away, nor one that is over and of which its tool tells.
    """
    free = plan.calendar.free
    following = free.working_after(plan.today)
    for each in asked_for(plan.dated):
        if each.step.held and (free.is_away(each.due_on) or (each.over and each.step.told)):
            continue
        if each.state is StepState.LATE:
            yield each, _OVER
        elif each.due_on == plan.today:
            yield each, _TODAY
        elif plan.today < each.due_on <= following:
            yield each, _NEXT


def _moment_of(each: DatedStep) -> str:
    """Return day, and time of day if it has one: what is told anew when it becomes another."""
    held = each.step.held
    return f"{held.at:%Y%m%dT%H%M}" if held else f"{each.due_on:%Y%m%d}"


def _sentence(each: DatedStep, plan: Plan, kind: str) -> Wording:
    title, playlist = each.step.title, plan.playlist.title
    if each.step.held:
        return _of_an_event(each, each.step.held, plan, kind)
    if kind == _OVER:
        return Wording(
            "“%(title)s” of “%(playlist)s” is still waiting for you. One tap gives it a new day.",
            title=title,
            playlist=playlist,
        )
    if kind == _TODAY:
        return Wording(
            "“%(title)s” of “%(playlist)s” is due today.", title=title, playlist=playlist
        )
    if (each.due_on - plan.today).days == 1:
        return Wording(
            "“%(title)s” of “%(playlist)s” is due tomorrow.", title=title, playlist=playlist
        )
    return Wording(
        "“%(title)s” of “%(playlist)s” is due on your next working day.",
        title=title,
        playlist=playlist,
    )


def _of_an_event(each: DatedStep, held: Held, plan: Plan, kind: str) -> Wording:
    title, playlist, time = each.step.title, plan.playlist.title, clock_text(held)
    if kind == _OVER:
        return Wording(
            "“%(title)s” of “%(playlist)s” is over. If you were there, one tap says so.",
            title=title,
            playlist=playlist,
        )
    if kind == _TODAY:
        return Wording(
            "“%(title)s” of “%(playlist)s” is today at %(time)s.",
            title=title,
            playlist=playlist,
            time=time,
        )
    days = (each.due_on - plan.today).days
    if days == 1:
        return Wording(
            "“%(title)s” of “%(playlist)s” is tomorrow at %(time)s.",
            title=title,
            playlist=playlist,
            time=time,
        )
    return Wording(
        "“%(title)s” of “%(playlist)s” is in %(days)d days at %(time)s.",
        title=title,
        playlist=playlist,
        days=days,
        time=time,
    )
