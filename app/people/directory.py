"""Writes what a provider, SCIM client or HR system says about a person into the directory.

    take_profile(session, person, profile, *, source, speaks_for=()) -> Taken
    add_from_profile(session, profile, *, source, now) -> tuple[Person, Taken]

Only fields that the profile speaks of are touched; language and time zone are the person's own,
and who may do what follows one rule (`_give_access`). Both flush and never commit.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app import clock, events
from app.access import Access
from app.errors import Conflict, Invalid, Wording
from app.intake.text import slug
from app.models import Person
from app.people import service
from app.people.mapping import Profile
from app.people.queries import (
    group_slugs,
    person_by_email,
    person_by_external_id,
    role_slugs,
)
from app.people.service import NewPerson

EVERY_DOMAIN = ("*",)
_RANK = {access.value: rank for rank, access in enumerate(Access)}


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a person that became another, in words; `before` is empty for a new person."""

    field: str
    before: str
    after: str


@dataclass(slots=True)
class Taken:
    """What became of a profile: every change, for the audit log, and what was left, in words."""

    changes: list[Change] = field(default_factory=list)
    remarks: list[Wording] = field(default_factory=list)

    def note(self, name: str, before: str | None, after: str | None) -> bool:
        """Keep the change, if it is one; tell whether it is."""
        if (before or "") == (after or ""):
            return False
        self.changes.append(Change(name, before or "", after or ""))
        return True


def take_profile(
    session: Session,
    person: Person,
    profile: Profile,
    *,
    source: str,
    speaks_for: Collection[str] = (),
) -> Taken:
    """Bring a person up to date with what the source says; return what changed and what did not.

    `source` is the slug of a provider or SCIM client. `speaks_for` are the e-mail domains that it
    may give (`*`: every one); an address elsewhere is left and remarked on. A manager who is not
    in the directory, or an external id that is another person's, is left and remarked on. Where
    anything changed, `events.person_changed` is sent.

    Raises Conflict when the new e-mail address is another person's.
    """
    taken = Taken()
    _move_to_address(session, person, profile, speaks_for, taken)
    _describe(session, person, profile, taken)
    _give_access(person, profile.access, source, taken)
    _place(session, person, profile, taken)
    _lead(session, person, profile, taken)
    session.flush()
    session.expire(person, ["roles", "groups"])
    if taken.changes:
        events.person_changed.send(session, person_id=person.id, at=clock.now())
    return taken


def add_from_profile(
    session: Session, profile: Profile, *, source: str, now: datetime
) -> tuple[Person, Taken]:
    """Add a person from a profile; without a name they are called by their e-mail address.

    The caller has settled that the source may speak for the address. `events.person_joined` is
    sent. Raises Invalid without an e-mail address, Conflict when somebody has it already.
    """
    if not profile.email:
        raise Invalid({"email": Wording("There is no e-mail address.")})
    name = profile.name or profile.email.split("@")[0][:200]
    new = NewPerson(email=profile.email, name=name, roles=profile.roles, groups=profile.groups)
    person = service.add_person(session, new, now=now)
    added = Taken([Change("email", "", person.email), Change("name", "", name)])
    for one, names in (("roles", profile.roles), ("groups", profile.groups)):
        added.note(one, "", ", ".join(map(slug, names)))
    taken = take_profile(session, person, profile, source=source)
    added.changes += taken.changes
    added.remarks += taken.remarks
    return person, added


def may_speak_for(email: str, domains: Collection[str]) -> bool:
    """Tell whether an address is in one of the domains; `*` is every domain, no domain is none."""
    domain = email.rpartition("@")[2].lower()
    return "*" in domains or domain in {one.strip().lower().lstrip("@") for one in domains}


def _move_to_address(
    session: Session, person: Person, profile: Profile, domains: Collection[str], taken: Taken
) -> None:
    email = profile.email
    if not email or email == person.email:
        return
    if not may_speak_for(email, domains):
        why = Wording("The source may not give the address %(email)s: it was left.", email=email)
        taken.remarks.append(why)
        return
    if person_by_email(session, email):
        raise Conflict(Wording("Somebody else has the address %(email)s already.", email=email))
    taken.note("email", person.email, email)
    person.email = email


def _describe(session: Session, person: Person, profile: Profile, taken: Taken) -> None:
    """Write the plain fields that the profile speaks of."""
    values: dict[str, str | None] = {
        name: getattr(profile, name) for name in ("name", "given_name") if name in profile.said
    }
    if "name" in values and person.given_name == person.name.split()[0][:100]:
        values.setdefault("given_name", profile.name.split()[0][:100])
    optional = ("department", "location", "external_id")
    values |= {name: getattr(profile, name) or None for name in optional if name in profile.said}
    if "locale" in profile.said and not person.locale:
        values["locale"] = profile.locale
    if _is_anothers(session, person, values.get("external_id")):
        del values["external_id"]
        taken.remarks.append(Wording("The external id is another person's: it was left."))
    for name, value in values.items():
        if taken.note(name, getattr(person, name), value):
            setattr(person, name, value)


def _is_anothers(session: Session, person: Person, external_id: str | None) -> bool:
    other = person_by_external_id(session, external_id) if external_id else None
    return other is not None and other.id != person.id


def _give_access(person: Person, access: Access | None, source: str, taken: Taken) -> None:
    """Set the level that rules give: a source raises anybody, and lowers only what it gave.

    So a level that an administrator gave, or another source, is never taken away.
    """
    if access is None:
        return
    raises = _RANK[access.value] > _RANK[person.access]
    if (raises or person.access_from == source) and taken.note(
        "access", person.access, access.value
    ):
        person.access = access.value
        person.access_from = "" if access is Access.EMPLOYEE else source


def _place(session: Session, person: Person, profile: Profile, taken: Taken) -> None:
    """Give the person the roles and groups that the profile speaks of, in place of the old."""
    if "roles" in profile.said:
        held = role_slugs(session, person.id)
        wanted = [slug(name) for name in profile.roles]
        if taken.note("roles", ", ".join(held), ", ".join(wanted)):
            service.hold_roles(session, person, profile.roles)
    if "groups" in profile.said:
        held = group_slugs(session, person.id)
        wanted = sorted(map(slug, profile.groups))
        if taken.note("groups", ", ".join(held), ", ".join(wanted)):
            service.join_groups(session, person, profile.groups)


def _lead(session: Session, person: Person, profile: Profile, taken: Taken) -> None:
    """Set the manager if they are in the directory; an empty one is taken away."""
    if "manager" not in profile.said:
        return
    key = profile.manager
    manager = None
    if key:
        manager = person_by_email(session, key) or person_by_external_id(session, key)
        if manager is None or manager.id == person.id:
            why = Wording("The manager “%(manager)s” is not in the directory.", manager=key)
            taken.remarks.append(why)
            return
    before = session.get(Person, person.manager_id) if person.manager_id else None
    emails = (one.email if one else "" for one in (before, manager))
    if taken.note("manager", *emails):
        person.manager_id = manager.id if manager else None
