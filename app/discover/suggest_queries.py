"""Reads for the suggestions of the search box, each with the reader's audience in the statement."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, literal, select, union_all
from sqlalchemy.orm import Session

from app.models import (
    Item,
    ItemSkill,
    RecentSearch,
    Role,
    RolePage,
    Skill,
    Status,
    Tool,
    page_visible_to,
    visible_to,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedItem:
    """An item as a suggestion shows it."""

    id: int
    title: str
    kind: str
    language: str
    tool_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A skill or a role page: its slug, its name, and the page's title."""

    slug: str
    name: str
    title: str = ""


def searches_of(session: Session, person_id: int, limit: int) -> list[RecentSearch]:
    """Return what a person searched for, the newest first."""
    wanted = select(RecentSearch).where(RecentSearch.person_id == person_id)
    newest = wanted.order_by(RecentSearch.searched_at.desc(), RecentSearch.id.desc())
    return list(session.scalars(newest.limit(limit)))


def items_named(
    session: Session, ids: Sequence[int], *, tokens: Collection[str]
) -> dict[int, NamedItem]:
    """Return those of these items that are live and that a holder of `tokens` may see."""
    if not ids:
        return {}
    rows = session.execute(
        select(Item.id, Item.title, Item.kind, Item.language, Tool.name)
        .join(Tool, Tool.id == Item.tool_id)
        .where(Item.id.in_(ids), *_seen_by(tokens))
    )
    return {
        item_id: NamedItem(id=item_id, title=title, kind=kind, language=language, tool_name=tool)
        for item_id, title, kind, language, tool in rows
    }


def places(
    session: Session, skill_names: Sequence[str], *, tokens: Collection[str]
) -> tuple[list[Place], list[Place]]:
    """Return the skills of these names, in their order, and all role pages that may be seen."""
    on_an_item = (
        select(ItemSkill.skill_id)
        .join(Item, Item.id == ItemSkill.item_id)
        .where(ItemSkill.skill_id == Skill.id, *_seen_by(tokens))
    )
    skills = select(literal("skill"), Skill.slug, Skill.name, literal("")).where(
        Skill.name.in_(skill_names), on_an_item.exists()
    )
    pages = (
        select(literal("page"), Role.slug, Role.name, RolePage.title)
        .join(RolePage, RolePage.role_id == Role.id)
        .where(page_visible_to(tokens))
    )
    rows = session.execute(union_all(skills, pages)).all()
    found = [(kind, Place(slug=slug, name=name, title=title)) for kind, slug, name, title in rows]
    asked = [place for kind, place in found if kind == "skill"]
    others = [place for kind, place in found if kind == "page"]
    return (
        sorted(asked, key=lambda place: skill_names.index(place.name)),
        sorted(others, key=lambda place: place.name),
    )


def _seen_by(tokens: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return Item.status == Status.LIVE.value, visible_to(Item.audience_id, tokens)
