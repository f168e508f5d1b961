"""One person as the administrator sees them: where everything about them came from."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.admin import queries
from app.auth.contexts import OpenSession, open_sessions
from app.errors import NotFound
from app.models import Identity, Person
from app.people import queries as directory


@dataclass(frozen=True, slots=True)
class ScimSource:
    """The SCIM client that keeps a person up to date, and their name and last change there."""

    client: str
    user_name: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """A person with everything that decides how they come in and what they may do.

    `manager` is empty for none; `access_from` names the provider or client that gave the access,
    and is empty where an administrator did.
    """

    person: Person
    manager: Person | None
    access_from: str
    identities: list[Identity]
    scim: ScimSource | None
    sessions: list[OpenSession]
    is_me: bool


def person(session: Session, person_id: int) -> Person:
    """Return the person with this number, roles and groups loaded; raise NotFound for nobody."""
    found = directory.with_roles_and_groups(session, person_id)
    if found is None:
        raise NotFound
    return found


def facts(session: Session, person_id: int, *, me: int, this: int, now: datetime) -> PersonFacts:
    """Return what the page about the person shows to `me`, whose session is `this`."""
    found = person(session, person_id)
    source = queries.scim_source(session, person_id)
    return PersonFacts(
        person=found,
        manager=session.get(Person, found.manager_id) if found.manager_id else None,
        access_from=queries.source_named(session, found.access_from) if found.access_from else "",
        identities=queries.identities(session, person_id),
        scim=ScimSource(*source) if source else None,
        sessions=open_sessions(session, person_id, now=now, this=this),
        is_me=person_id == me,
    )
