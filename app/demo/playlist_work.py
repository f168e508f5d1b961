"""What the sample company's curators have done with its playlists: versions, a draft, a rule.

Made up, with the curators' own services, so that every page of theirs has something to show.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import EVERYONE, Playlist, Role, StepKind
from app.playlists import removals, rules, steps, versions
from app.playlists.drafts import Author, contents
from app.playlists.rules import Whom
from app.playlists.versions import Moving

_LONG_AGO, _LATELY, _YESTERDAY = timedelta(days=120), timedelta(days=12), timedelta(days=1)
_TOWN_HALL = timedelta(days=20)
_FIRST, _FIELD, _SQL = "first-five-weeks", "first-month-in-the-field", "from-spreadsheet-to-sql"


def tend(session: Session, *, now: datetime) -> None:
    """Give the loaded playlists a history, one of them a draft, and the company a template."""
    for playlist in session.scalars(select(Playlist)).all():
        playlist.published_at = playlist.changed_at = now - _LONG_AGO
        playlist.published_by_id = playlist.changed_by_id = playlist.owner_id
    session.flush()
    _publish_a_version(session, now=now - _LATELY)
    _begin_a_draft(session, now=now - _YESTERDAY)
    _make_a_template(session, now=now - _LATELY)
    _give_by_rule(session, now=now)


def _author(session: Session, slug: str, now: datetime) -> Author:
    owner = session.scalar(select(Playlist.owner_id).where(Playlist.slug == slug))
    return Author(id=owner or 0, tokens=EVERYONE, now=now)


def _publish_a_version(session: Session, *, now: datetime) -> None:
    author = _author(session, _FIELD, now)
    draft = versions.begin_draft(session, _FIELD, author=author)
    given = {
        "title": "Pack the bag for your first site",
        "note": "The list hangs beside the door of the store. Ask for the good torch.",
        "due_day": "4",
        "minutes": "30",
        "required": "yes",
    }
    steps.add_step(session, _FIELD, StepKind.TASK, given, author=author)
    versions.publish(
        session,
        _FIELD,
        moving=Moving.KEEP,
        why="Three people in a row stood at their first site without a torch.",
        revision=draft.revision,
        author=author,
    )


def _begin_a_draft(session: Session, *, now: datetime) -> None:
    author = _author(session, _SQL, now)
    draft = versions.begin_draft(session, _SQL, author=author)
    held = contents(session, draft, tokens=EVERYONE)
    removals.remove_step(session, _SQL, held.steps[-1].key, author=author)
    given = {
        "title": "Meet your buddy over a query of your own",
        "note": "Bring a table that you know well.",
        "due_day": "30",
        "minutes": "45",
        "meets": "buddy",
    }
    steps.add_step(session, _SQL, StepKind.MEET, given, author=author)
    given = {
        "title": "Town hall: what our numbers said this quarter",
        "note": "Sit near the front: the questions are the best part.",
        "due_day": "12",
        "date": f"{now + _TOWN_HALL:%Y-%m-%d}",
        "time": "14:00",
        "zone": "Europe/Berlin",
        "minutes": "60",
        "place": "Aula, and online",
        "link": "https://meet.example.org/town-hall",
    }
    steps.add_step(session, _SQL, StepKind.EVENT, given, author=author)


def _make_a_template(session: Session, *, now: datetime) -> None:
    author = _author(session, _FIRST, now)
    title = "A first week in any role"
    made = versions.create(session, title, author=author, is_template=True)
    for day, title_of, meets in (
        (1, "Meet your buddy", "buddy"),
        (3, "Meet your manager", "manager"),
    ):
        given = {"title": title_of, "due_day": str(day), "meets": meets, "required": "yes"}
        steps.add_step(session, made.slug, StepKind.MEET, given, author=author)
    given = {"title": "Write down one thing that puzzled you", "due_day": "5", "required": "yes"}
    steps.add_step(session, made.slug, StepKind.TASK, given, author=author)


def _give_by_rule(session: Session, *, now: datetime) -> None:
    """Let whoever starts as a field engineer from today on get their first month."""
    role_id = session.scalar(select(Role.id).where(Role.slug == "field-engineer"))
    whom = Whom(role_id=role_id, started_from=now.date())
    rules.add_rule(session, _FIELD, whom, author=_author(session, _FIELD, now))
