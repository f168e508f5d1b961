"""Reads one line about a person into a record, and stores records in the directory.

A field that a line does not have at all is left as it is; an empty one is emptied. What people
choose themselves (language, time zone) is only ever suggested, and what they may do in Foyer is
touched only when whoever imports says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from app.access import Access
from app.config import LANGUAGES
from app.intake.fields import Complaint, Fields
from app.intake.report import Difference, Fate, Outcome
from app.intake.text import shown, slug
from app.models import Person, PersonRole
from app.people import service
from app.people.service import NewPerson

FIELDS = (
    "email",
    "name",
    "given_name",
    "external_id",
    "roles",
    "groups",
    "department",
    "location",
    "started_on",
    "access",
    "active",
    "locale",
    "time_zone",
    "manager",
)
_SUGGESTED = ("locale", "time_zone")
_RANKS = {access: rank for rank, access in enumerate(Access)}


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What a line says about a person: `said` holds only the fields that the line has."""

    new: NewPerson
    said: frozenset[str]
    manager: str = ""


class PersonImporter:
    """Imports people at the moment `now`; `allow_access` lets lines say what people may do.

    With `only_raises` no line takes a level away: the rules of a mapping know nothing of what an
    administrator gave.
    """

    def __init__(
        self, now: datetime, *, allow_access: bool = False, only_raises: bool = False
    ) -> None:
        """Remember what holds for every line."""
        self._now = now
        self._allow_access = allow_access
        self._only_raises = only_raises
        self._keys: set[str] = set()

    def record(self, values: Fields) -> PersonRecord | None:
        """Return the line's record; None when a field has complained."""
        values.ignore_others(FIELDS)
        email = values.email("email")
        if not values.has("email"):
            values.complain("email", "is missing")
        new = NewPerson(
            email=email,
            name=values.required("name", 200),
            given_name=values.text("given_name", 100),
            external_id=values.text("external_id", 200) or None,
            department=values.text("department", 100) or None,
            location=values.text("location", 100) or None,
            started_on=values.day("started_on"),
            access=self._access(values),
            locale=_locale(values),
            time_zone=_time_zone(values),
            active=values.flag("active") is not False,
            roles=_names(values, "roles"),
            groups=_names(values, "groups"),
        )
        manager = _manager(values)
        if values.problems:
            return None
        said = {name for name in FIELDS if values.mentions(name)}
        return PersonRecord(new, frozenset(self._heeded(values, said)), manager)

    def key(self, record: PersonRecord) -> str:
        """Return the e-mail address."""
        return record.new.email

    def store(
        self, session: Session, records: Sequence[PersonRecord], *, write: bool
    ) -> list[Outcome]:
        """Compare the records with the directory and, if `write`, bring it up to date."""
        self._keys.update(record.new.email for record in records)
        self._keys.update(record.new.external_id or "" for record in records)
        known = people_to_compare(session, [record.new.email for record in records])
        return [self._stored(session, one, known.get(one.new.email), write) for one in records]

    def points_elsewhere(self, record: PersonRecord) -> bool:
        """Tell whether the line speaks of a manager."""
        return "manager" in record.said

    def links(
        self, session: Session, records: Sequence[PersonRecord], *, write: bool
    ) -> list[Complaint | None]:
        """Set each person's manager; complain about managers who are not in the directory."""
        keys = {key for one in records for key in (one.new.email, one.manager) if key}
        people = people_with_keys(session, sorted(keys))
        return [self._managed(one, people, write) for one in records]

    def _access(self, values: Fields) -> Access:
        word = values.choice("access", [access.value for access in Access]) or "employee"
        if word != Access.EMPLOYEE.value and not self._allow_access:
            values.complain("access", f"{word} is only given when the import allows it")
        return Access(word)

    def _heeded(self, values: Fields, said: set[str]) -> set[str]:
        """Leave out what is not the import's to change."""
        empty = {name for name in (*_SUGGESTED, "access", "active") if not values.has(name)}
        return said - empty - (set() if self._allow_access else {"access"})

    def _stored(
        self, session: Session, record: PersonRecord, person: Person | None, write: bool
    ) -> Outcome:
        if person is None:
            if write:
                service.add_person(session, record.new, now=self._now)
            return Outcome(record.new.email, Fate.NEW)
        before = as_described(person)
        after = _merged(before, record)
        if self._only_raises and _RANKS[after.access] < _RANKS[before.access]:
            after = replace(after, access=before.access)
        differences = _differences(before, after)
        if differences and write:
            service.describe_person(session, person, after)
        fate = Fate.CHANGED if differences else Fate.UNCHANGED
        return Outcome(record.new.email, fate, differences)

    def _managed(
        self, record: PersonRecord, people: Mapping[str, Person], write: bool
    ) -> Complaint | None:
        person, manager = people.get(record.new.email), people.get(record.manager)
        if record.manager and record.manager in (record.new.email, record.new.external_id):
            return Complaint("manager", "nobody is their own manager")
        if record.manager and manager is None and (write or record.manager not in self._keys):
            return Complaint("manager", f"{shown(record.manager)} is not in the directory")
        if write and person:
            person.manager_id = manager.id if manager else None
        return None


def people_to_compare(session: Session, emails: Sequence[str]) -> dict[str, Person]:
    """Return the people with these e-mail addresses, active or not, with roles and groups."""
    wanted = (
        select(Person)
        .where(Person.email.in_(emails))
        .options(
            selectinload(Person.roles).joinedload(PersonRole.role), selectinload(Person.groups)
        )
    )
    return {person.email: person for person in session.scalars(wanted)}


def people_with_keys(session: Session, keys: Sequence[str]) -> dict[str, Person]:
    """Return the people with these e-mail addresses or external ids, by either."""
    found = session.scalars(
        select(Person).where(or_(Person.email.in_(keys), Person.external_id.in_(keys)))
    ).all()
    by_id = {person.external_id: person for person in found if person.external_id}
    return by_id | {person.email: person for person in found}


def as_described(person: Person) -> NewPerson:
    """Return what the directory holds of a person whose roles and groups are loaded."""
    return NewPerson(
        email=person.email,
        name=person.name,
        given_name=person.given_name,
        external_id=person.external_id,
        department=person.department,
        location=person.location,
        started_on=person.started_on,
        access=Access(person.access),
        locale=person.locale,
        time_zone=person.time_zone,
        active=person.active,
        roles=tuple(held.role.slug for held in person.roles),
        groups=tuple(group.slug for group in person.groups),
    )


def _merged(before: NewPerson, record: PersonRecord) -> NewPerson:
    """Return the person as the line wants it; a language or time zone of their own stays."""
    said = record.said - {"email", "manager"}
    chosen = {name for name in _SUGGESTED if getattr(before, name)}
    wanted = {name: getattr(record.new, name) for name in said - chosen}
    if "given_name" in wanted:
        wanted["given_name"] = wanted["given_name"] or record.new.name.split()[0]
    return replace(before, **wanted)


def _differences(before: NewPerson, after: NewPerson) -> tuple[Difference, ...]:
    before, after = _comparable(before), _comparable(after)
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in FIELDS[:-1])
    return tuple(Difference(name, old, new) for name, old, new in pairs if old != new)


def _comparable(person: NewPerson) -> NewPerson:
    """Return the person with slugs for roles in their order, and for groups sorted."""
    roles = tuple(dict.fromkeys(slug(role) for role in person.roles))
    return replace(person, roles=roles, groups=tuple(sorted({slug(one) for one in person.groups})))


def _names(values: Fields, name: str) -> tuple[str, ...]:
    """Return names of roles or groups, each of which makes a slug that can be kept."""
    names = values.names(name, 80)
    bad = next((one for one in names if not 0 < len(slug(one)) <= 80), None)
    if bad:
        values.complain(name, f"{shown(bad)} cannot be made into an address")
    return names


def _manager(values: Fields) -> str:
    """Return the manager's e-mail address or external id."""
    text = values.text("manager", 320)
    return values.email("manager") if "@" in text else text


def _locale(values: Fields) -> str | None:
    locale = values.text("locale", 20).replace("_", "-").split("-")[0].lower()
    if locale and locale not in LANGUAGES:
        values.remark("locale", f"{shown(locale)} is not a language of these pages: not read")
        return None
    return locale or None


def _time_zone(values: Fields) -> str | None:
    name = values.text("time_zone", 60)
    try:
        return ZoneInfo(name).key if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        values.complain("time_zone", f"{shown(name)} is not a time zone such as Europe/Berlin")
        return None
