"""Writes to the directory."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, events
from app.access import Access
from app.errors import Conflict, NotFound, Wording
from app.intake.text import slug
from app.models import Group, GroupMember, LoginSession, Person, PersonRole, Role
from app.people.queries import person_by_email


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What the directory takes about a person; `roles` and `groups` are names or slugs."""

    email: str
    name: str
    given_name: str = ""
    external_id: str | None = None
    department: str | None = None
    location: str | None = None
    started_on: date | None = None
    access: Access = Access.EMPLOYEE
    locale: str | None = None
    time_zone: str | None = None
    active: bool = True
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def add_person(session: Session, new: NewPerson, *, now: datetime) -> Person:
    """Add a person with roles and groups, making roles and groups that are new.

    Raises Conflict when somebody has that e-mail address already.
    """
    if person_by_email(session, new.email):
        raise Conflict(Wording("%(email)s is in the directory already", email=new.email))
    person = Person(email=new.email.strip().lower(), created_at=now, roles=[], groups=[])
    session.add(person)
    describe_person(session, person, new)
    events.person_joined.send(session, person_id=person.id, at=now)
    return person


def describe_person(session: Session, person: Person, new: NewPerson) -> None:
    """Write everything in `new` but the e-mail address onto the person; send `person_changed`.

    An access level that changes here is an administrator's: no provider takes it away again. Who
    is not active any more loses every session.
    """
    for name in ("name", "external_id", "department", "location", "started_on", "locale"):
        setattr(person, name, getattr(new, name))
    person.given_name = new.given_name or new.name.split()[0][:100]
    if person.access != new.access.value:
        person.access, person.access_from = new.access.value, ""
    person.time_zone = new.time_zone
    switch_person(session, person, active=new.active)
    hold_roles(session, person, new.roles)
    join_groups(session, person, new.groups)
    events.person_changed.send(session, person_id=person.id, at=clock.now())


def switch_person(session: Session, person: Person, *, active: bool) -> None:
    """Let a person sign in, or no longer: then every session of theirs ends at once.

    Who comes back is a person changed.
    """
    is_back = active and person.active is False
    person.active = active
    session.flush()
    if not active:
        session.query(LoginSession).filter_by(person_id=person.id).delete()
    if is_back:
        events.person_changed.send(session, person_id=person.id, at=clock.now())


def group_named(session: Session, name: str) -> Group:
    """Return the group with this name or slug, making it when it is new."""
    return _groups(session, (name,))[0]


def choose_settings(
    session: Session, person_id: int, *, locale: str | None, time_zone: str | None, theme: str
) -> None:
    """Keep a reader's language, time zone and theme; raise NotFound for an unknown person."""
    person = _person(session, person_id)
    person.locale, person.time_zone, person.theme = locale, time_zone, theme
    session.flush()


def choose_theme(session: Session, person_id: int, theme: str) -> None:
    """Keep a reader's theme; raise NotFound for an unknown person."""
    _person(session, person_id).theme = theme
    session.flush()


def choose_sharing(
    session: Session, person_id: int, *, shares_expertise: bool, keeps_searches: bool
) -> None:
    """Keep what a reader lets others see and Foyer remember; raise NotFound for an unknown one.

    What was remembered before stays until the reader deletes it.
    """
    person = _person(session, person_id)
    person.shares_expertise, person.keeps_searches = shares_expertise, keeps_searches
    session.flush()


def hold_roles(session: Session, person: Person, names: tuple[str, ...]) -> None:
    """Give the person these job roles, by name or slug and in this order, in place of the old.

    A role that they held already keeps its first day; one that follows another begins today.
    """
    wanted = [role.id for role in _roles(session, names)]
    held = session.query(PersonRole).filter_by(person_id=person.id)
    since = {each.role_id: each.since for each in held}
    held.delete()
    today = clock.now().date() if since else None
    session.add_all(
        PersonRole(
            person_id=person.id, role_id=role_id, position=place, since=since.get(role_id, today)
        )
        for place, role_id in enumerate(wanted)
    )
    session.flush()


def join_groups(session: Session, person: Person, names: tuple[str, ...]) -> None:
    """Put the person into these groups, by name or slug, and out of all others."""
    wanted = [group.id for group in _groups(session, names)]
    session.query(GroupMember).filter_by(person_id=person.id).delete()
    session.add_all(GroupMember(person_id=person.id, group_id=group_id) for group_id in wanted)
    session.flush()


def _person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound("There is nobody with that number.")
    return person


def _roles(session: Session, names: Iterable[str]) -> list[Role]:
    """Return the job roles with these names or slugs, in their order; new ones are made."""
    keys = _by_slug(names)
    found = {one.slug: one for one in session.scalars(select(Role).where(Role.slug.in_(keys)))}
    for key in [one for one in keys if one not in found]:
        name = keys[key]
        called = name.replace("-", " ").capitalize() if name == key else name
        found[key] = Role(slug=key, name=called)
        session.add(found[key])
    session.flush()
    return [found[key] for key in keys]


def _groups(session: Session, names: Iterable[str]) -> list[Group]:
    """Return the groups with these names or slugs, in their order; new ones are made."""
    keys = _by_slug(names)
    found = {one.slug: one for one in session.scalars(select(Group).where(Group.slug.in_(keys)))}
    for key in [one for one in keys if one not in found]:
        found[key] = Group(slug=key, name=keys[key])
        session.add(found[key])
    session.flush()
    return [found[key] for key in keys]


def _by_slug(names: Iterable[str]) -> dict[str, str]:
    """Return each name once, by its slug and in their order; of two that are the same the first."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(slug(name), name)
    return found
