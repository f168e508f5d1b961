"""Giving playlists to people by hand, and taking them away.

Nobody has a playlist twice, in whatever version. What somebody gave to themselves is theirs alone:
it is neither shown to curators nor taken away.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db import insert_if_missing
from app.errors import Conflict, Invalid, NotFound, Wording
from app.models import (
    Assignment,
    NoticeKind,
    Person,
    Playlist,
    PlaylistState,
    PlaylistWithdrawal,
    visible_to,
)
from app.notices.service import tell
from app.people.audiences import audience_tokens
from app.people.queries import with_roles_and_groups
from app.playlists import queries, service
from app.playlists.drafts import Author, lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """To whom a playlist was given, and whether they did not have it before."""

    person: Person
    is_new: bool


def give(
    session: Session,
    slug: str,
    person_id: int,
    *,
    starts_on: date,
    author: Author,
    buddy_id: int | None = None,
) -> Given:
    """Give the live version of a playlist to a person; who has it in any version keeps that.

    Raises NotFound for somebody unknown or not active, Conflict for a playlist that is not live,
    Invalid for somebody who may not see it, or who would be their own buddy.
    """
    lock(session, slug)
    live = session.scalar(
        select(Playlist).where(
            Playlist.slug == slug,
            Playlist.state == PlaylistState.LIVE.value,
            Playlist.is_template.is_(False),
        )
    )
    if live is None:
        raise Conflict(Wording("This playlist is not offered at present."))
    person = _receiver(session, person_id, live)
    if buddy_id is not None:
        _check_buddy(session, buddy_id, person_id)
    session.execute(
        delete(PlaylistWithdrawal).where(
            PlaylistWithdrawal.slug == slug, PlaylistWithdrawal.person_id == person_id
        )
    )
    is_new = hand_over(
        session,
        live,
        person_id,
        starts_on=starts_on,
        by=author.id,
        buddy_id=buddy_id,
        now=author.now,
    )
    if is_new and buddy_id is not None:
        _tell_buddy(session, slug, person, buddy_id, now=author.now)
    return Given(person=person, is_new=is_new)


def hand_over(
    session: Session,
    playlist: Playlist,
    person_id: int,
    *,
    starts_on: date,
    by: int | None,
    now: datetime,
    buddy_id: int | None = None,
    rule_id: int | None = None,
) -> bool:
    """Give a version to a person and tell them; return whether they did not have it before."""
    if queries.assignment_of(session, playlist.slug, person_id=person_id) is not None:
        return False
    service.assign(
        session,
        playlist.id,
        person_id,
        starts_on=starts_on,
        by=by,
        now=now,
        buddy_id=buddy_id,
        rule_id=rule_id,
    )
    tell(
        session,
        [person_id],
        NoticeKind.PLAYLIST,
        key=f"playlist:{playlist.slug}:given:{now.date()}",
        sentence=Wording("You were given the playlist “%(title)s”.", title=playlist.title),
        path=f"/playlists/{playlist.slug}",
        now=now,
    )
    return True


def take_away(session: Session, slug: str, person_id: int, *, author: Author) -> Person:
    """Take a playlist away from a person, progress and all; no rule gives it to them again.

    Raises Conflict if they do not have it, or gave it to themselves.
    """
    lock(session, slug)
    found = queries.assignment_of(session, slug, person_id=person_id)
    person = session.get(Person, person_id)
    if found is None or person is None or found.assigned_by_id == person_id:
        raise Conflict(Wording("Nobody has given them this playlist, or it is gone already."))
    session.execute(delete(Assignment).where(Assignment.id == found.id))
    insert_if_missing(
        session, PlaylistWithdrawal, slug=slug, person_id=person_id, by_id=author.id, at=author.now
    )
    return person


def _receiver(session: Session, person_id: int, playlist: Playlist) -> Person:
    person = with_roles_and_groups(session, person_id)
    if person is None or not person.active:
        raise NotFound(Wording("There is nobody of that name."))
    may_see = visible_to(Playlist.audience_id, audience_tokens(person))
    if session.scalar(select(Playlist.id).where(Playlist.id == playlist.id, may_see)) is None:
        raise Invalid(
            {
                "person": Wording(
                    "%(name)s may not see this playlist: change first who it is for.",
                    name=person.name,
                )
            }
        )
    return person


def _check_buddy(session: Session, buddy_id: int, person_id: int) -> None:
    if buddy_id == person_id:
        raise Invalid({"buddy": Wording("Nobody is their own buddy.")})
    wanted = select(Person.id).where(Person.id == buddy_id, Person.active)
    if session.scalar(wanted) is None:
        raise Invalid({"buddy": Wording("There is nobody of that name.")})


def _tell_buddy(
    session: Session, slug: str, person: Person, buddy_id: int, *, now: datetime
) -> None:
    tell(
        session,
        [buddy_id],
        NoticeKind.PLAYLIST,
        key=f"buddy:{slug}:{person.id}",
        sentence=Wording("You are the buddy of %(name)s now: say hello.", name=person.name),
        now=now,
    )
