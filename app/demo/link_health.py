"""What was found of the sample company's links, and a cohort that follows one of its playlists.

Made up: nobody's site is asked. Only links that nobody pinned are said to have trouble.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.access import Access
from app.activity import service as activity
from app.errors import Wording
from app.links.answers import Found
from app.links.noting import ADDRESS, TOOL, note, past_check
from app.links.states import LIVE_AGAIN, Finding, share_of
from app.links.telling import watched_among
from app.models import (
    Assignment,
    Item,
    LinkCheck,
    LinkState,
    Person,
    Playlist,
    PlaylistState,
    Progress,
    Status,
    Step,
)

_COHORT = "from-spreadsheet-to-sql"
_PEOPLE = 12
_NOT_SOON = timedelta(days=365)  # unless somebody asks
_LIVE = Wording("The address opens.")
_MISSING = Wording("The address answers that there is nothing (status %(status)s).", status=404)
_STORIES: tuple[tuple[str, Sequence[tuple[Finding, Wording]]], ...] = (
    (ADDRESS, ((Finding.MISSING, _MISSING), (Finding.MISSING, _MISSING))),
    (
        TOOL,
        (
            (Finding.MISSING, Wording("The tool says that it is not there.")),
            (Finding.MISSING, Wording("The tool says that it is not there.")),
        ),
    ),
    (TOOL, ((Finding.HIDDEN, Wording("The tool says that readers may not open it.")),)),
    (ADDRESS, ((Finding.MISSING, _MISSING),)),
    (
        ADDRESS,
        (
            (
                Finding.CLOSED,
                Wording("The address asks to sign in, and Foyer cannot look behind that."),
            ),
        ),
    ),
)


def add_links(session: Session, *, now: datetime) -> None:
    """Say of every link that it was looked at, and of a few that they want a look."""
    ids = list(
        session.scalars(select(Item.id).where(Item.status == Status.LIVE.value).order_by(Item.id))
    )
    session.execute(insert(LinkCheck), [_live(item_id, now) for item_id in ids])
    watched = watched_among(session, ids)
    others = [item_id for item_id in reversed(ids) if item_id not in watched]
    for item_id, (asked, checks) in zip(others, _STORIES, strict=False):
        for place, (finding, said) in enumerate(checks):
            at = now - timedelta(days=1) + timedelta(hours=2 * place)
            found = Found(finding=finding, said=said)
            note(session, item_id, found, asked=asked, watched=False, now=at)
    session.execute(update(LinkCheck).values(next_at=now + _NOT_SOON))
    session.flush()


def add_cohort(session: Session, *, now: datetime) -> None:
    """Let a dozen colleagues follow one playlist, most of whom wait at its third step."""
    playlist = session.scalar(
        select(Playlist).where(Playlist.slug == _COHORT, Playlist.state == PlaylistState.LIVE.value)
    )
    if playlist is None:
        return
    steps = session.scalars(
        select(Step).where(Step.playlist_id == playlist.id).order_by(Step.due_day, Step.position)
    ).all()
    for place, person_id in enumerate(_colleagues(session)):
        given = Assignment(
            playlist_id=playlist.id,
            person_id=person_id,
            starts_on=now.date() - timedelta(days=12 + place % 3),
            assigned_by_id=playlist.owner_id,
            assigned_at=now - timedelta(days=15),
        )
        session.add(given)
        session.flush()
        done = 2 if place < _PEOPLE // 2 else 0 if place < _PEOPLE - 1 else 5
        for step in steps[:done]:
            _do(session, given, step, now=now - timedelta(days=9))
    session.flush()


def _do(session: Session, given: Assignment, step: Step, *, now: datetime) -> None:
    if step.item_id:
        activity.complete(session, given.person_id, step.item_id, now=now)
    key = {"assignment_id": given.id, "step_id": step.id}
    if session.get(Progress, key) is None:
        session.add(Progress(**key, done_at=now))


def _colleagues(session: Session) -> list[int]:
    """Return employees who follow nothing yet."""
    busy = select(Assignment.person_id)
    wanted = select(Person.id).where(Person.access == Access.EMPLOYEE.value, Person.id.not_in(busy))
    return list(session.scalars(wanted.order_by(Person.id.desc()).limit(_PEOPLE)))


def _live(item_id: int, now: datetime) -> dict[str, object]:
    checked = now - timedelta(days=2) - LIVE_AGAIN * share_of(item_id)
    return {
        "item_id": item_id,
        "state": LinkState.LIVE.value,
        "since": checked,
        "checked_at": checked,
        "next_at": now + _NOT_SOON,
        "asked": ADDRESS,
        "status_code": 200,
        "detail": _LIVE,
        "history": [past_check(Finding.LIVE.value, _LIVE, asked=ADDRESS, now=checked)],
    }
