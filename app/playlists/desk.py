"""What curators see of playlists: the list, a draft to edit, versions, rules, who was given it.

Any curator may change any playlist, so playlists are not filtered by audience here. Items are: a
curator is named what they see themselves, and what the holders of the playlist's role see.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from app.models import (
    Assignment,
    AssignmentRule,
    Group,
    Item,
    Person,
    Playlist,
    PlaylistState,
    Role,
    Status,
    Step,
    Tool,
    visible_to,
)
from app.playlists.moving import under_way
from app.sums import AtLeast, told


class Standing(StrEnum):
    """Where a playlist stands as a whole."""

    LIVE = "live"
    DRAFT = "draft"
    PAST = "past"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """A playlist in the curators' list; its title is the live one's, else its newest version's."""

    slug: str
    title: str
    standing: Standing
    number: int
    has_draft: bool
    steps: int
    days: int
    under_way: AtLeast
    owner_name: str
    role_name: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """A version in the history, with how many people are under way with it, in whole groups."""

    number: int
    state: str
    title: str
    steps: int
    published_at: datetime | None
    published_by: str
    why: str
    under_way: AtLeast


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule, and how many people have the playlist by it."""

    id: int
    role_name: str
    group_name: str
    started_from: date | None
    starts_on: date | None
    enabled: bool
    given: AtLeast


@dataclass(frozen=True, slots=True, kw_only=True)
class StepToEdit:
    """A step as its curator sees it. `title` is empty for an item that they may not see."""

    step: Step
    title: str
    kind: str
    tool_name: str
    minutes: int | None
    person_name: str
    is_retired: bool


def playlists_to_tend(session: Session) -> list[Tended]:
    """Return every playlist once, in two statements, by title."""
    counted = dict(session.execute(_under_way_by_slug()).all())
    steps = select(func.count()).where(Step.playlist_id == Playlist.id).scalar_subquery()
    rows = session.execute(
        select(Playlist, Person.name, Role.name, steps)
        .select_from(Playlist)
        .outerjoin(Person, Person.id == Playlist.owner_id)
        .outerjoin(Role, Role.id == Playlist.role_id)
        .order_by(Playlist.slug, Playlist.number)
    )
    by_slug: dict[str, list[Any]] = {}
    for row in rows:
        by_slug.setdefault(row[0].slug, []).append(row)
    found = [_tended(versions, counted) for versions in by_slug.values()]
    return sorted(found, key=lambda each: (each.title.casefold(), each.slug))


def face_of(session: Session, slug: str) -> Playlist | None:
    """Return the version that stands for a playlist: the live one, else the newest."""
    return session.scalar(
        select(Playlist)
        .where(Playlist.slug == slug)
        .order_by(
            (Playlist.state == PlaylistState.LIVE.value).desc(),
            (Playlist.state == PlaylistState.PAST.value).desc(),
            Playlist.number.desc(),
        )
        .limit(1)
    )


def history_of(session: Session, slug: str) -> list[VersionLine]:
    """Return a playlist's published versions, the newest first, in one statement."""
    steps = select(func.count()).where(Step.playlist_id == Playlist.id).scalar_subquery()
    going = (
        select(func.count())
        .where(Assignment.playlist_id == Playlist.id, under_way(Playlist.slug))
        .scalar_subquery()
    )
    rows = session.execute(
        select(Playlist, Person.name, steps, going)
        .select_from(Playlist)
        .outerjoin(Person, Person.id == Playlist.published_by_id)
        .where(Playlist.slug == slug, Playlist.state != PlaylistState.DRAFT.value)
        .order_by(Playlist.number.desc())
    ).all()
    return [
        VersionLine(
            number=each.number,
            state=each.state,
            title=each.title,
            steps=count,
            published_at=each.published_at,
            published_by=name or "",
            why=each.why,
            under_way=told(people),
        )
        for each, name, count, people in rows
    ]


def rules_of(session: Session, slug: str) -> list[RuleLine]:
    """Return the rules that give a playlist, the oldest first."""
    given = select(func.count()).where(Assignment.rule_id == AssignmentRule.id).scalar_subquery()
    rows = session.execute(
        select(AssignmentRule, Role.name, Group.name, given)
        .select_from(AssignmentRule)
        .outerjoin(Role, Role.id == AssignmentRule.role_id)
        .outerjoin(Group, Group.id == AssignmentRule.group_id)
        .where(AssignmentRule.slug == slug)
        .order_by(AssignmentRule.id)
    )
    return [
        RuleLine(
            id=rule.id,
            role_name=role or "",
            group_name=group or "",
            started_from=rule.started_from,
            starts_on=rule.starts_on,
            enabled=rule.enabled,
            given=told(count),
        )
        for rule, role, group, count in rows
    ]


def steps_to_edit(
    session: Session, playlist_id: int, *, tokens: Collection[str]
) -> list[StepToEdit]:
    """Return a version's steps in order with what they ask for, in one statement."""
    seen = and_(Item.id == Step.item_id, visible_to(Item.audience_id, tokens))
    columns = (Item.title, Item.kind, Item.minutes, Item.status, Tool.name, Person.name)
    rows = session.execute(
        select(Step, *columns)
        .select_from(Step)
        .outerjoin(Item, seen)
        .outerjoin(Tool, Tool.id == Item.tool_id)
        .outerjoin(Person, Person.id == Step.meets_id)
        .where(Step.playlist_id == playlist_id)
        .order_by(Step.due_day, Step.position, Step.id)
    )
    return [
        StepToEdit(
            step=step,
            title=title or step.title,
            kind=kind or step.kind,
            tool_name=tool or "",
            minutes=step.minutes or minutes,
            person_name=name or "",
            is_retired=status == Status.RETIRED.value,
        )
        for step, title, kind, minutes, status, tool, name in rows
    ]


def names_of(session: Session, playlist: Playlist, *, tokens: Collection[str]) -> dict[str, str]:
    """Return the names of a version's owner, contact, role, channel, and who changed it last."""
    owner, contact, changer = aliased(Person), aliased(Person), aliased(Person)
    seen = and_(Item.id == Playlist.channel_id, visible_to(Item.audience_id, tokens))
    row = session.execute(
        select(owner.name, contact.name, Role.name, Item.title, changer.name)
        .select_from(Playlist)
        .outerjoin(owner, owner.id == Playlist.owner_id)
        .outerjoin(contact, contact.id == Playlist.contact_id)
        .outerjoin(changer, changer.id == Playlist.changed_by_id)
        .outerjoin(Role, Role.id == Playlist.role_id)
        .outerjoin(Item, seen)
        .where(Playlist.id == playlist.id)
    ).one()
    keys = ("owner", "contact", "role", "channel", "changer")
    return {key: value or "" for key, value in zip(keys, row, strict=True)}


def groups_in_order(session: Session) -> list[Group]:
    """Return every group by name."""
    return list(session.scalars(select(Group).order_by(Group.name)))


def places(session: Session) -> tuple[list[str], list[str]]:
    """Return the departments and the locations of active people, in the order of the alphabet."""
    rows = session.execute(
        select(Person.department, Person.location).where(Person.active).distinct()
    ).all()
    departments = sorted({row[0] for row in rows if row[0]})
    return departments, sorted({row[1] for row in rows if row[1]})


def _under_way_by_slug() -> Any:
    versions = aliased(Playlist)
    return (
        select(versions.slug, func.count())
        .select_from(Assignment)
        .join(versions, versions.id == Assignment.playlist_id)
        .join(Person, and_(Person.id == Assignment.person_id, Person.active))
        .where(Assignment.finished_at.is_(None))
        .group_by(versions.slug)
    )


def _tended(rows: Iterable[Any], counted: dict[str, int]) -> Tended:
    """Make one line of a playlist's versions, which are in the order of their numbers."""
    versions = list(rows)
    by_state = {row[0].state: row for row in versions}
    face = (
        by_state.get(PlaylistState.LIVE.value)
        or by_state.get(PlaylistState.PAST.value)
        or versions[-1]
    )
    playlist, owner, role, steps = face
    changes = [row[0].changed_at or row[0].published_at for row in versions]
    return Tended(
        slug=playlist.slug,
        title=playlist.title,
        standing=Standing.TEMPLATE if playlist.is_template else Standing(playlist.state),
        number=playlist.number,
        has_draft=PlaylistState.DRAFT.value in by_state and not playlist.is_template,
        steps=steps,
        days=playlist.days,
        under_way=told(counted.get(playlist.slug, 0)),
        owner_name=owner or "",
        role_name=role or "",
        changed_at=max((each for each in changes if each), default=None),
    )
