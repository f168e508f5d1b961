"""Reads of duplicates as a reader may know of them.

A cluster is one of those that a reader sees two members of at least; what it holds for others is
neither shown nor counted.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from app.models import ClusterMember, Item, Status, Tool, visible_to


@dataclass(frozen=True, slots=True)
class Twin:
    """The same thing in another tool, live and visible. `newer` is a later edition of it."""

    id: int
    title: str
    kind: str
    tool_name: str
    minutes: int | None
    published_on: date | None
    preferred: bool
    newer: bool


def clusters_seen(tokens: Collection[str]) -> Select[int]:
    """Return the statement for the ids of the clusters that a holder of `tokens` knows of."""
    return (
        select(ClusterMember.cluster_id)
        .join(Item, Item.id == ClusterMember.item_id)
        .where(visible_to(Item.audience_id, tokens))
        .group_by(ClusterMember.cluster_id)
        .having(func.count() > 1)
    )


def cluster_count(session: Session, tokens: Collection[str]) -> int:
    """Return how many clusters a holder of `tokens` knows of."""
    counted = select(func.count()).select_from(clusters_seen(tokens).subquery())
    return session.scalar(counted) or 0


def clusters_with(condition: ColumnElement[bool], tokens: Collection[str]) -> Select[int]:
    """Return the statement for the clusters with a visible member of which the condition holds."""
    return (
        select(ClusterMember.cluster_id)
        .join(Item, Item.id == ClusterMember.item_id)
        .where(visible_to(Item.audience_id, tokens), condition)
    )


def also_in(session: Session, item_id: int, *, tokens: Collection[str]) -> list[Twin]:
    """Return where else an item is live and visible, the preferred edition first."""
    mine, own = aliased(ClusterMember), aliased(Item)
    rows = session.execute(
        select(Item, Tool.name, ClusterMember.preferred, own.published_on.label("own_day"))
        .select_from(mine)
        .join(own, own.id == mine.item_id)
        .join(ClusterMember, ClusterMember.cluster_id == mine.cluster_id)
        .join(Item, Item.id == ClusterMember.item_id)
        .join(Tool, Tool.id == Item.tool_id)
        .where(
            mine.item_id == item_id,
            ClusterMember.item_id != item_id,
            Item.status == Status.LIVE.value,
            visible_to(Item.audience_id, tokens),
        )
        .order_by(ClusterMember.preferred.desc(), Tool.position, Item.id)
    )
    return [_twin(item, tool, preferred, own_day) for item, tool, preferred, own_day in rows]


def _twin(item: Item, tool_name: str, preferred: bool, own_day: date | None) -> Twin:
    day = item.published_on
    return Twin(
        id=item.id,
        title=item.title,
        kind=item.kind,
        tool_name=tool_name,
        minutes=item.minutes,
        published_on=day,
        preferred=preferred,
        newer=day is not None and own_day is not None and day > own_day,
    )
