"""Rules that give playlists by themselves: to a role, a group, to whoever starts in the company.

One statement finds who is to get what by which rule; it is asked when somebody's roles, groups or
first day change, by a job that catches up, and, for a rule not kept yet, by its preview.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.errors import Conflict, Invalid, NotFound, Wording
from app.intake.text import slug as slug_of
from app.models import (
    EVERYONE,
    Assignment,
    AssignmentRule,
    AudienceToken,
    Group,
    GroupMember,
    Person,
    PersonRole,
    Playlist,
    PlaylistState,
    PlaylistWithdrawal,
    Role,
)
from app.playlists.drafts import Author, lock
from app.playlists.giving import hand_over

AT_ONCE = 50  # a second or so, for which others wait to write
_SAME = aliased(Playlist)
_GONE = Wording("Somebody has removed this rule in the meantime.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Whom a rule gives a playlist, and from when it counts; None asks for nothing."""

    role_id: int | None = None
    group_id: int | None = None
    started_from: date | None = None
    starts_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How many people would get the playlist now, and the names that its reader may see."""

    count: int
    names: tuple[str, ...]


def add_rule(session: Session, slug: str, whom: Whom, *, author: Author) -> AssignmentRule:
    """Keep a rule, switched on, and give the playlist to whom it finds now.

    Raises NotFound for an unknown playlist, Invalid for a rule that asks for nobody or everybody,
    Conflict where there is the same one.
    """
    check(session, whom)
    lock(session, slug)
    _check_new(session, slug, whom)
    rule = AssignmentRule(
        slug=slug,
        role_id=whom.role_id,
        group_id=whom.group_id,
        started_from=whom.started_from,
        starts_on=whom.starts_on,
        made_by_id=author.id,
        made_at=author.now,
    )
    session.add(rule)
    session.flush()
    return rule


def check(session: Session, whom: Whom) -> None:
    """Raise Invalid for a rule that would give to everybody, or names what is not there."""
    if whom.role_id is None and whom.group_id is None and whom.started_from is None:
        raise Invalid(
            {"role": Wording("Choose a role, a group, or the first day from which people get it.")}
        )
    for name, table, id_ in (("role", Role, whom.role_id), ("group", Group, whom.group_id)):
        if id_ is not None and session.get(table, id_) is None:
            raise Invalid({name: Wording("Choose one of the list.")})


def switch_rule(session: Session, slug: str, rule_id: int, *, enabled: bool) -> AssignmentRule:
    """Let a rule give, or no longer; who has the playlist keeps it. Raises Conflict if it is gone.

    Who is found when it is switched on gets the playlist with the next `give`.
    """
    rule = rule_called(session, slug, rule_id)
    rule.enabled = enabled
    session.flush()
    return rule


def remove_rule(session: Session, slug: str, rule_id: int) -> None:
    """Delete a rule; who has the playlist keeps it. Raises Conflict if it is gone."""
    session.delete(rule_called(session, slug, rule_id))
    session.flush()


def rule_called(session: Session, slug: str, rule_id: int) -> AssignmentRule:
    """Return a rule of a playlist; raise Conflict if it is gone."""
    rule = session.scalar(
        select(AssignmentRule).where(AssignmentRule.slug == slug, AssignmentRule.id == rule_id)
    )
    if rule is None:
        raise Conflict(_GONE)
    return rule


def preview(session: Session, slug: str, whom: Whom, *, reader_id: int, sees_all: bool) -> Preview:
    """Return who would get the playlist at once if this rule were switched on.

    Its reader is named their own team, and everybody where they see all.
    """
    playlist = session.scalar(select(Playlist).where(Playlist.slug == slug, *_is_live()))
    if playlist is None:
        return Preview(count=0, names=())
    found = and_(_asked_by(whom), _without(playlist.slug), _may_see(session, playlist.audience_id))
    count = session.scalar(select(func.count()).select_from(Person).where(found)) or 0
    mine = true() if sees_all else Person.manager_id == reader_id
    names = session.scalars(
        select(Person.name).where(found, mine).order_by(Person.name, Person.id).limit(20)
    )
    return Preview(count=count, names=tuple(names))


def on_person_changed(session: Session, *, person_id: int, at: datetime) -> None:
    """Give somebody the playlists that rules now have for them."""
    give(session, now=at, person_id=person_id)


def give(
    session: Session,
    *,
    now: datetime,
    person_id: int | None = None,
    rule_id: int | None = None,
    limit: int | None = None,
) -> int:
    """Give playlists by the rules that are switched on; return how many were given.

    To one person, by one rule, to at most `limit` people, or all of it. Nobody gets a playlist
    that they have in any version, that was taken away from them, or that they may not see.
    """
    found = _found(session, person_id=person_id, rule_id=rule_id, limit=limit)
    for slug in sorted({playlist.slug for _rule, playlist, *_ in found}):
        lock(session, slug)
    given = 0
    for rule, playlist, person, started_on in found:
        starts_on = max(rule.starts_on or started_on or now.date(), now.date())
        given += hand_over(
            session, playlist, person, starts_on=starts_on, by=None, rule_id=rule.id, now=now
        )
    return given


def catch_up(session: Session, *, now: datetime) -> int:
    """Give what the rules have for at most `AT_ONCE` people; return how many were given."""
    return give(session, now=now, limit=AT_ONCE)


def _found(
    session: Session, *, person_id: int | None, rule_id: int | None, limit: int | None
) -> Sequence[Any]:
    """Return (rule, live version, person's id, their first day) of all that is to be given."""
    wanted = (
        select(AssignmentRule, Playlist, Person.id, Person.started_on)
        .join(Playlist, and_(Playlist.slug == AssignmentRule.slug, *_is_live()))
        .join(Person, and_(_asked_by_row(), _without(Playlist.slug)))
        .where(AssignmentRule.enabled)
        .order_by(AssignmentRule.id, Person.id)
    )
    if person_id is not None:
        wanted = wanted.where(Person.id == person_id)
    if rule_id is not None:
        wanted = wanted.where(AssignmentRule.id == rule_id)
    if session.scalar(select(AssignmentRule.id).where(AssignmentRule.enabled).limit(1)) is None:
        return ()
    wanted = wanted.where(_may_see(session, Playlist.audience_id))
    return session.execute(wanted.limit(limit)).all()


def _is_live() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Playlist.state == PlaylistState.LIVE.value, Playlist.is_template.is_(False)


def _asked_by_row() -> ColumnElement[bool]:
    """Return whom a row of the rules asks for."""
    row = AssignmentRule
    return and_(
        or_(row.role_id.is_(None), _holds(row.role_id)),
        or_(row.group_id.is_(None), _belongs(row.group_id)),
        or_(row.started_from.is_(None), Person.started_on >= row.started_from),
    )


def _asked_by(whom: Whom) -> ColumnElement[bool]:
    """Return whom a rule asks for that is not kept yet."""
    asked: list[ColumnElement[bool]] = [true()]
    if whom.role_id is not None:
        asked.append(_holds(whom.role_id))
    if whom.group_id is not None:
        asked.append(_belongs(whom.group_id))
    if whom.started_from is not None:
        asked.append(Person.started_on >= whom.started_from)
    return and_(*asked)


def _holds(role_id: Any) -> ColumnElement[bool]:
    return exists().where(PersonRole.person_id == Person.id, PersonRole.role_id == role_id)


def _belongs(group_id: Any) -> ColumnElement[bool]:
    return exists().where(GroupMember.person_id == Person.id, GroupMember.group_id == group_id)


def _without(slug: Any) -> ColumnElement[bool]:
    """Return the condition for somebody active who neither has the playlist nor was relieved."""
    had = exists().where(
        Assignment.person_id == Person.id, Assignment.playlist_id == _SAME.id, _SAME.slug == slug
    )
    relieved = exists().where(
        PlaylistWithdrawal.person_id == Person.id, PlaylistWithdrawal.slug == slug
    )
    return and_(Person.active, ~had, ~relieved)


def _may_see(session: Session, audience_id: Any) -> ColumnElement[bool]:
    """Return the condition under which a person is in an audience, as `audience_tokens` has it.

    Departments and locations are spelt as the directory has them, so they are looked up first,
    and only where an audience names any. What a person holds is looked up for that person: unless
    it is said, two levels down the statement would look among everybody.
    """
    of = AudienceToken.audience_id == audience_id
    role = select("role:" + Role.slug).join(PersonRole, PersonRole.role_id == Role.id)
    role = role.where(PersonRole.person_id == Person.id)
    group = select("group:" + Group.slug).join(GroupMember, GroupMember.group_id == Group.id)
    group = group.where(GroupMember.person_id == Person.id)
    ways: list[ColumnElement[bool]] = [
        exists().where(of, AudienceToken.token.in_(EVERYONE)),
        exists().where(of, AudienceToken.token.in_(role.correlate(Person))),
        exists().where(of, AudienceToken.token.in_(group.correlate(Person))),
    ]
    for column, prefix in ((Person.department, "dept:"), (Person.location, "loc:")):
        for token, names in _spelt(session, column, prefix).items():
            ways.append(and_(column.in_(names), exists().where(of, AudienceToken.token == token)))
    return or_(*ways)


def _spelt(session: Session, column: Any, prefix: str) -> dict[str, list[str]]:
    """Return the names in the directory of each department or location that playlists name."""
    used = set(
        session.scalars(
            select(AudienceToken.token)
            .join(Playlist, Playlist.audience_id == AudienceToken.audience_id)
            .where(AudienceToken.token.startswith(prefix))
            .distinct()
        )
    )
    if not used:
        return {}
    found: dict[str, list[str]] = {}
    for name in session.scalars(select(column).where(column.is_not(None)).distinct()):
        token = prefix + slug_of(name)
        if token in used:
            found.setdefault(token, []).append(name)
    return found


def _check_new(session: Session, slug: str, whom: Whom) -> None:
    same = select(AssignmentRule.id).where(
        AssignmentRule.slug == slug,
        AssignmentRule.role_id.is_not_distinct_from(whom.role_id),
        AssignmentRule.group_id.is_not_distinct_from(whom.group_id),
        AssignmentRule.started_from.is_not_distinct_from(whom.started_from),
    )
    if session.scalar(same) is not None:
        raise Conflict(Wording("There is a rule for the same people already."))
    template = select(Playlist.id).where(Playlist.slug == slug, Playlist.is_template)
    if session.scalar(template) is not None:
        raise NotFound(Wording("A template is never given to people."))
