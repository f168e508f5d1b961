"""Reads of the directory."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.models import Group, GroupMember, Person, PersonRole, Role


def person_by_email(session: Session, email: str) -> Person | None:
    """Return the person with this e-mail address, in any case of letters."""
    return session.scalar(select(Person).where(Person.email == email.strip().lower()))


def person_by_external_id(session: Session, external_id: str) -> Person | None:
    """Return the person whom the identity provider or HR system calls by this id."""
    return session.scalar(select(Person).where(Person.external_id == external_id))


def role_slugs(session: Session, person_id: int) -> list[str]:
    """Return the slugs of a person's job roles, the main one first."""
    wanted = select(Role.slug).join(PersonRole).where(PersonRole.person_id == person_id)
    return list(session.scalars(wanted.order_by(PersonRole.position)))


def group_slugs(session: Session, person_id: int) -> list[str]:
    """Return the slugs of a person's groups in the order of the alphabet."""
    wanted = select(Group.slug).join(GroupMember).where(GroupMember.person_id == person_id)
    return sorted(session.scalars(wanted))


def sharing_of(session: Session, person_id: int) -> tuple[bool, bool]:
    """Tell whether a person shares their expertise, and whether their searches are kept."""
    columns = select(Person.shares_expertise, Person.keeps_searches)
    shares, keeps = session.execute(columns.where(Person.id == person_id)).one()
    return shares, keeps


def pauses_signals(session: Session, person_id: int) -> bool:
    """Tell whether a person lets nothing that they do count for recommendations at the moment."""
    return bool(session.scalar(select(Person.pauses_signals).where(Person.id == person_id)))


def people_by_email(session: Session, emails: Sequence[str]) -> dict[str, Person]:
    """Return the active people with these e-mail addresses, by address."""
    found = session.scalars(select(Person).where(Person.email.in_(emails), Person.active))
    return {person.email: person for person in found}


def people_page(
    session: Session, *, text: str = "", offset: int = 0, limit: int = 50
) -> tuple[int, list[Person]]:
    """Return how many people match the text, and one page of them by name, with their roles."""
    wanted = select(Person)
    if text:
        pattern = f"%{_escaped(text)}%"
        wanted = wanted.where(
            Person.name.ilike(pattern, escape="\\") | Person.email.ilike(pattern, escape="\\")
        )
    found = list(
        session.scalars(
            wanted.options(selectinload(Person.roles).joinedload(PersonRole.role))
            .order_by(Person.name, Person.id)
            .offset(offset)
            .limit(limit)
        )
    )
    total = session.scalar(select(func.count()).select_from(wanted.subquery()))
    return total or 0, found


def with_roles_and_groups(session: Session, person_id: int) -> Person | None:
    """Return the person with roles and groups loaded, in one statement."""
    wanted = (
        select(Person)
        .where(Person.id == person_id)
        .options(joinedload(Person.roles).joinedload(PersonRole.role), joinedload(Person.groups))
    )
    return session.scalars(wanted).unique().one_or_none()


def roles_in_order(session: Session) -> list[Role]:
    """Return every job role by name."""
    return list(session.scalars(select(Role).order_by(Role.name)))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
