"""The skills that a job role asks for: what curators say, and how far a reader is with them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, delete, func, select
from sqlalchemy.orm import Session

from app.catalogue.queries import skill_visible_to
from app.curation.layout import lock
from app.errors import Invalid, Wording
from app.models import EVERYONE, ItemSkill, ItemState, RolePage, RoleSkill, Skill

MOST = 40
MOST_KNOWN = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSkill:
    """A skill that a role asks for; `finished` items on it the reader has finished."""

    slug: str
    name: str
    finished: int = 0


def asked_of(session: Session, role_id: int, *, person_id: int | None = None) -> list[AskedSkill]:
    """Return the skills that a role asks for, by name, with what this person has finished."""
    done = func.count(ItemState.item_id)
    rows = session.execute(
        select(Skill.slug, Skill.name, done)
        .join(RoleSkill, RoleSkill.skill_id == Skill.id)
        .outerjoin(ItemSkill, ItemSkill.skill_id == Skill.id)
        .outerjoin(
            ItemState,
            and_(
                ItemState.item_id == ItemSkill.item_id,
                ItemState.person_id == person_id,
                ItemState.done_at.is_not(None),
            ),
        )
        .where(RoleSkill.role_id == role_id)
        .group_by(Skill.id, Skill.slug, Skill.name)
        .order_by(Skill.name, Skill.id)
    )
    return [AskedSkill(slug=slug, name=name, finished=finished) for slug, name, finished in rows]


def skills_to_choose(session: Session, role_id: int) -> tuple[list[AskedSkill], list[str]]:
    """Return the skills that a role asks for, and the names of all others, 2000 at most.

    Both by name, in one statement; of others, those that everybody may know of.
    """
    is_asked = RoleSkill.skill_id.is_not(None)
    rows = session.execute(
        select(Skill.slug, Skill.name, is_asked)
        .outerjoin(RoleSkill, and_(RoleSkill.skill_id == Skill.id, RoleSkill.role_id == role_id))
        .where(skill_visible_to(EVERYONE))
        .order_by(is_asked.desc(), Skill.name, Skill.id)
        .limit(MOST_KNOWN)
    ).all()
    asked = [AskedSkill(slug=slug, name=name) for slug, name, is_one in rows if is_one]
    return asked, [name for _slug, name, is_one in rows if not is_one]


def ask_for(session: Session, page: RolePage, *, kept: Collection[str], added: str = "") -> None:
    """Let the page's role ask for the skills `kept` (slugs), and for the one called `added`.

    Raises Invalid for a name that no skill has, and for more than 40 skills; slugs that no skill
    has are passed over.
    """
    lock(session, page.id)
    of_role = RoleSkill.role_id == page.role_id
    wanted = set(session.scalars(select(Skill.id).where(Skill.slug.in_(sorted(kept)))))
    if added:
        wanted.add(_called(session, added))
    if len(wanted) > MOST:
        raise Invalid({"added": Wording("A role asks for %(most)s skills at most.", most=MOST)})
    known = set(session.scalars(select(RoleSkill.skill_id).where(of_role)))
    if known - wanted:
        gone = RoleSkill.skill_id.in_(sorted(known - wanted))
        session.execute(delete(RoleSkill).where(of_role, gone))
    new = sorted(wanted - known)
    session.add_all(RoleSkill(role_id=page.role_id, skill_id=skill_id) for skill_id in new)
    session.flush()


def _called(session: Session, name: str) -> int:
    """Return the skill of this name or slug, in whatever case."""
    wanted = name.lower()
    found = session.scalar(
        select(Skill.id)
        .where((func.lower(Skill.name) == wanted) | (Skill.slug == wanted))
        .order_by(Skill.id)
        .limit(1)
    )
    if found is None:
        raise Invalid({"added": Wording("No skill is called “%(name)s”.", name=name)})
    return found
