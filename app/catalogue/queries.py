"""Reads of the catalogue. Each carries the reader's audience inside the statement."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.models import (
    ClusterMember,
    Item,
    ItemKey,
    ItemSkill,
    RoleSkill,
    Skill,
    Status,
    Tool,
    visible_to,
)


def live_items(tokens: Collection[str]) -> Select[Item]:
    """Return the statement for every live item that a holder of `tokens` may see."""
    return select(Item).where(
        Item.status == Status.LIVE.value, visible_to(Item.audience_id, tokens)
    )


def item_to_read(session: Session, item_id: int, *, tokens: Collection[str]) -> Item | None:
    """Return one visible item, live or retired, its tool, skills and roles loaded."""
    return session.scalar(
        select(Item)
        .where(Item.id == item_id, visible_to(Item.audience_id, tokens))
        .options(joinedload(Item.tool), selectinload(Item.skills), selectinload(Item.roles))
    )


def visible_item(session: Session, item_id: int, *, tokens: Collection[str]) -> Item | None:
    """Return one visible item with its tool, live or retired."""
    return session.scalar(
        select(Item)
        .where(Item.id == item_id, visible_to(Item.audience_id, tokens))
        .options(joinedload(Item.tool))
    )


def items_for_index(session: Session, ids: Sequence[int]) -> list[Item]:
    """Return these items, live or not, with all that the search index holds of them."""
    return list(
        session.scalars(
            select(Item)
            .where(Item.id.in_(ids))
            .options(
                joinedload(Item.tool),
                joinedload(Item.audience),
                selectinload(Item.skills),
                selectinload(Item.roles),
            )
            .order_by(Item.id)
        )
    )


def places_in_clusters(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, bool]]:
    """Return (cluster, whether it speaks for it) of those of these items that have duplicates."""
    rows = session.execute(
        select(ClusterMember.item_id, ClusterMember.cluster_id, ClusterMember.preferred).where(
            ClusterMember.item_id.in_(ids)
        )
    )
    return {item_id: (cluster, preferred) for item_id, cluster, preferred in rows}


def all_item_ids(session: Session) -> list[int]:
    """Return the ids of all live items in order."""
    return list(
        session.scalars(select(Item.id).where(Item.status == Status.LIVE.value).order_by(Item.id))
    )


def item_counts() -> Subquery:
    """Return the statement that counts items by tool, status and kind, with the newest change.

    Grouped in the order of the one index that holds all of it, so that no item's row is read.
    """
    by = Item.tool_id, Item.status, Item.kind
    counted = func.count().label("number"), func.max(Item.updated_at).label("changed_at")
    return select(*by, *counted).group_by(*by).subquery()


def tools_in_order(session: Session) -> list[Tool]:
    """Return every tool by name."""
    return list(session.scalars(select(Tool).order_by(Tool.name)))


def skill_visible_to(tokens: Collection[str]) -> ColumnElement[bool]:
    """Return the condition under which a holder of `tokens` may know of a skill.

    A role asks for it, an item that they may see teaches it, or none does: a skill's name may tell
    what the only items with it are about.
    """
    taught = select(ItemSkill.skill_id).where(ItemSkill.skill_id == Skill.id)
    seen = taught.join(Item, Item.id == ItemSkill.item_id).where(
        visible_to(Item.audience_id, tokens)
    )
    asked = select(RoleSkill.skill_id).where(RoleSkill.skill_id == Skill.id)
    return or_(
        asked.correlate(Skill).exists(),
        seen.correlate(Skill).exists(),
        ~taught.correlate(Skill).exists(),
    )


def skill_names(session: Session, slugs: Iterable[str]) -> dict[str, str]:
    """Return the names of these skills by slug."""
    rows = session.execute(select(Skill.slug, Skill.name).where(Skill.slug.in_(list(slugs))))
    return dict(rows.all())


def items_by_key(
    session: Session, keys: Collection[str], *, tokens: Collection[str]
) -> dict[str, int | None]:
    """Return by which of these keys (`sameness`) an item is known: its id, None if not to be seen.

    Of several items the first counts that may be seen; not to be seen is what is retired too.
    """
    if not keys:
        return {}
    may_see = and_(visible_to(Item.audience_id, tokens), Item.status == Status.LIVE.value)
    rows = session.execute(
        select(ItemKey.key, func.min(case((may_see, Item.id))))
        .join(Item, Item.id == ItemKey.item_id)
        .where(ItemKey.key.in_(list(keys)))
        .group_by(ItemKey.key)
    )
    return {row[0]: row[1] for row in rows}


def items_by_external_id(
    session: Session, tool_id: int, external_ids: Collection[str], *, tokens: Collection[str]
) -> dict[str, int | None]:
    """Return which of a tool's items the catalogue holds: the item's id, None where not to be seen.

    Not to be seen is what is retired and what a holder of `tokens` may not see.
    """
    may_see = and_(visible_to(Item.audience_id, tokens), Item.status == Status.LIVE.value)
    rows = session.execute(
        select(Item.external_id, case((may_see, Item.id))).where(
            Item.tool_id == tool_id, Item.external_id.in_(list(external_ids))
        )
    )
    return {row[0]: row[1] for row in rows}
