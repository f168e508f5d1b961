"""Who knows about what, told only of people who share it, and only by what the asker may see.

Somebody knows about a skill when they have finished enough items that teach it, and about a role
that they hold when they have finished enough items that are meant for it. Counting everybody's
items takes half a second at 10,000 people, so only a few are looked at: by the counts of the last
night the most experienced in a skill, and of a role's holders those who have been here longest.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, union_all
from sqlalchemy.orm import Session, joinedload

from app.models import (
    Expertise,
    Item,
    ItemRole,
    ItemSkill,
    ItemState,
    Person,
    PersonRole,
    Role,
    Skill,
    visible_to,
)

ENOUGH = 3  # finished items, from which on somebody knows about their topic
LOOKED_AT = 20  # people whose items are counted while somebody waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Expert:
    """Somebody who knows about a topic, a skill's or role's name."""

    person_id: int
    name: str
    topic: str
    finished: int

    @property
    def initials(self) -> str:
        """Return one or two letters for the round picture."""
        parts = self.name.split()
        return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper()


def experts(
    session: Session,
    *,
    skills: Sequence[str],
    roles: Sequence[str],
    but: int,
    tokens: Collection[str],
    limit: int,
) -> list[Expert]:
    """Return who knows about one of these skills or roles (slugs), the most experienced first.

    `but` is the asker, who is not told of themselves; of what others have finished, only the items
    count that a holder of `tokens` may see.
    """
    asked = [
        *([_of_skills(skills, but)] if skills else []),
        *([_of_roles(roles, but)] if roles else []),
    ]
    if not asked or limit < 1:
        return []
    sharing = [
        each.where(ItemState.done_at.is_not(None), visible_to(Item.audience_id, tokens)).having(
            func.count() >= ENOUGH
        )
        for each in asked
    ]
    found = union_all(*sharing).subquery()
    rows = session.execute(select(found).order_by(found.c.finished.desc(), found.c.name))
    return _once(rows, limit)


def sharing_person(session: Session, person_id: int) -> Person | None:
    """Return an active person who shares their expertise, roles loaded, or None."""
    wanted = select(Person).where(Person.id == person_id, Person.active, Person.shares_expertise)
    loaded = wanted.options(joinedload(Person.roles).joinedload(PersonRole.role))
    return session.scalars(loaded).unique().one_or_none()


def skills_known(
    session: Session, person_id: int, *, tokens: Collection[str]
) -> list[tuple[str, str]]:
    """Return (slug, name) of the skills that a person knows about, the most practised first."""
    finished = func.count()
    rows = session.execute(
        select(Skill.slug, Skill.name)
        .join(ItemSkill, ItemSkill.skill_id == Skill.id)
        .join(Item, Item.id == ItemSkill.item_id)
        .join(ItemState, ItemState.item_id == Item.id)
        .where(
            ItemState.person_id == person_id,
            ItemState.done_at.is_not(None),
            visible_to(Item.audience_id, tokens),
        )
        .group_by(Skill.id, Skill.slug, Skill.name)
        .having(finished >= ENOUGH)
        .order_by(finished.desc(), Skill.name)
    )
    return [(slug, name) for slug, name in rows]


def _of_skills(slugs: Sequence[str], but: int) -> Select[int, str, str, int]:
    few = (
        select(Expertise.person_id, Expertise.skill_id)
        .join(Person, Person.id == Expertise.person_id)
        .join(Skill, Skill.id == Expertise.skill_id)
        .where(Skill.slug.in_(slugs), *_sharing(but))
        .order_by(Expertise.finished.desc(), Expertise.person_id)
        .limit(LOOKED_AT)
        .subquery()
    )
    return (
        select(Person.id, Person.name, Skill.name.label("topic"), func.count().label("finished"))
        .join(few, few.c.person_id == Person.id)
        .join(Skill, Skill.id == few.c.skill_id)
        .join(ItemState, ItemState.person_id == Person.id)
        .join(Item, Item.id == ItemState.item_id)
        .join(ItemSkill, (ItemSkill.item_id == Item.id) & (ItemSkill.skill_id == Skill.id))
        .group_by(Person.id, Person.name, Skill.id, Skill.name)
    )


def _of_roles(slugs: Sequence[str], but: int) -> Select[int, str, str, int]:
    few = (
        select(PersonRole.person_id, PersonRole.role_id)
        .join(Person, Person.id == PersonRole.person_id)
        .join(Role, Role.id == PersonRole.role_id)
        .where(Role.slug.in_(slugs), *_sharing(but))
        .order_by(Person.started_on, Person.id)
        .limit(LOOKED_AT)
        .subquery()
    )
    return (
        select(Person.id, Person.name, Role.name.label("topic"), func.count().label("finished"))
        .join(few, few.c.person_id == Person.id)
        .join(Role, Role.id == few.c.role_id)
        .join(ItemState, ItemState.person_id == Person.id)
        .join(Item, Item.id == ItemState.item_id)
        .join(ItemRole, (ItemRole.item_id == Item.id) & (ItemRole.role_id == Role.id))
        .group_by(Person.id, Person.name, Role.id, Role.name)
    )


def _sharing(but: int) -> tuple[ColumnElement[bool], ...]:
    return Person.id != but, Person.active.is_(True), Person.shares_expertise.is_(True)


def _once(rows: Any, limit: int) -> list[Expert]:
    """Return each person once, with the topic of which they have finished most."""
    best: dict[int, Expert] = {}
    for person_id, name, topic, finished in rows:
        expert = Expert(person_id=person_id, name=name, topic=topic, finished=finished)
        best.setdefault(person_id, expert)
        if len(best) == limit:
            break
    return list(best.values())
