"""A draft as somebody else would see it, for its curator.

The reader is a role or a named person; their audience tokens decide what stands on the page. Items
that the curator may not know of are counted, never named: the page's role and the curator decide
that, as on the edit page. Nothing of what a person did is shown.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.curation import queries
from app.curation.laying import audience_tokens
from app.models import Person, Role, RolePage
from app.people.audiences import audience_tokens as tokens_of_person
from app.people.queries import people_page, with_roles_and_groups

MOST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """As whom the page is seen: `key` is what an address says, `name` is a role or a person."""

    key: str
    name: str
    is_person: bool
    tokens: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a reader would see; `is_for_them` is whether the page is for them at all."""

    shelves: list[queries.Shelf]
    hidden: int
    is_for_them: bool


def reader_called(session: Session, key: str) -> Reader | None:
    """Return the reader that an address names, as `role:designer` or `person:12`."""
    kind, _, name = key.partition(":")
    if kind == "role":
        role = session.scalar(select(Role).where(Role.slug == name))
        return reader_of_role(role) if role else None
    if kind == "person" and name.isascii() and name.isdigit() and len(name) < 10:
        person = with_roles_and_groups(session, int(name))
        return _reader_of_person(person) if person and person.active else None
    return None


def reader_of_role(role: Role) -> Reader:
    """Return somebody who holds this role, and nothing else is known of them."""
    return Reader(
        key=f"role:{role.slug}",
        name=role.name,
        is_person=False,
        tokens=frozenset({"everyone", f"role:{role.slug}"}),
    )


def people_called(session: Session, text: str) -> list[Person]:
    """Return some active people whose name or e-mail address holds this text."""
    if not text.strip():
        return []
    _total, found = people_page(session, text=text.strip(), limit=MOST)
    return [person for person in found if person.active]


def seen_as(
    session: Session, page: RolePage, reader: Reader, *, known_to: Collection[str], on: date
) -> Preview:
    """Return the page as the reader sees it on a day, as far as `known_to` may know of it."""
    shelves = queries.shelves_of(
        session, page.id, person_id=None, tokens=reader.tokens, today=on, known_to=known_to
    )
    hidden = queries.hidden_count(
        session, page.id, tokens=reader.tokens, known_to=known_to, today=on
    )
    is_for_them = not reader.tokens.isdisjoint(audience_tokens(session, page.id))
    return Preview(shelves=shelves, hidden=hidden, is_for_them=is_for_them)


def _reader_of_person(person: Person) -> Reader:
    return Reader(
        key=f"person:{person.id}",
        name=person.name,
        is_person=True,
        tokens=tokens_of_person(person),
    )
