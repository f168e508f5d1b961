"""Who has a playlist, as curators see it: people found by name, and those given it by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.models import Assignment, Person, Playlist
from app.playlists.moving import under_way


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody found by name, and what they have to do with a playlist."""

    person: Person
    has_it: bool
    gave_it_themselves: bool
    starts_on: date | None
    buddy_name: str
    is_finished: bool


def holders(session: Session, slug: str, people: Sequence[Person]) -> list[Holder]:
    """Return what these people have to do with a playlist, in their order."""
    buddy = aliased(Person)
    rows = session.execute(
        select(Assignment, buddy.name)
        .select_from(Assignment)
        .join(Playlist, Playlist.id == Assignment.playlist_id)
        .outerjoin(buddy, buddy.id == Assignment.buddy_id)
        .where(Playlist.slug == slug, Assignment.person_id.in_([person.id for person in people]))
    )
    by_person = {row[0].person_id: row for row in rows}
    return [_holder(person, by_person.get(person.id)) for person in people]


def given_by_hand(session: Session, slug: str, *, limit: int = 50) -> list[Holder]:
    """Return whom people gave a playlist by hand and who are under way, the latest first.

    Not those who took it themselves, nor those to whom a rule gave it: nobody chose to know them.
    """
    buddy = aliased(Person)
    rows = session.execute(
        select(Assignment, buddy.name, Person)
        .select_from(Assignment)
        .join(Person, Person.id == Assignment.person_id)
        .outerjoin(buddy, buddy.id == Assignment.buddy_id)
        .where(
            under_way(slug),
            Assignment.rule_id.is_(None),
            Assignment.assigned_by_id != Assignment.person_id,
        )
        .order_by(Assignment.assigned_at.desc(), Assignment.id.desc())
        .limit(limit)
    )
    return [_holder(person, (given, name)) for given, name, person in rows]


def _holder(person: Person, row: Any) -> Holder:
    given, buddy_name = row or (None, None)
    return Holder(
        person=person,
        has_it=given is not None,
        gave_it_themselves=given is not None and given.assigned_by_id == person.id,
        starts_on=given.starts_on if given else None,
        buddy_name=buddy_name or "",
        is_finished=given is not None and given.finished_at is not None,
    )
