"""Reads for the pages about tools: each tool with its counts, and what several tools share."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.models import (
    ClusterMember,
    Connection,
    HarvestProblem,
    HarvestRun,
    Item,
    ItemPresence,
    ItemSkill,
    Pin,
    Skill,
    Status,
    Step,
    Tool,
)


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A tool with its items counted; `connector` is empty where it is not connected."""

    id: int
    slug: str
    name: str
    kind: str
    quadrants: tuple[str, ...]
    connector: str
    people_by: str
    live: int
    retired: int
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """What several tools share: a kind of item, or so many items that are the same."""

    tools: tuple[str, ...]
    about: str
    count: int


def tools(session: Session) -> list[ToolRow]:
    """Return every tool by name with its items counted, in one statement."""
    live = func.sum(case((Item.status == Status.LIVE.value, 1), else_=0))
    rows = session.execute(
        select(
            Tool.id,
            Tool.slug,
            Tool.name,
            Tool.kind,
            Tool.quadrants,
            Connection.kind.label("connector"),
            Connection.people_by,
            live.label("live"),
            func.count(Item.id).label("items"),
            func.max(Item.updated_at).label("changed_at"),
        )
        .outerjoin(Item, Item.tool_id == Tool.id)
        .outerjoin(Connection, Connection.tool_id == Tool.id)
        .group_by(Tool.id, Connection.id)
        .order_by(func.lower(Tool.name))
    )
    return [
        ToolRow(
            row.id,
            row.slug,
            row.name,
            row.kind,
            tuple(row.quadrants or ()),
            row.connector or "",
            row.people_by or "",
            row.live or 0,
            row.items - (row.live or 0),
            row.changed_at,
        )
        for row in rows
    ]


def tool_named(session: Session, slug: str) -> Tool | None:
    """Return the tool with this slug."""
    return session.scalar(select(Tool).where(Tool.slug == slug))


def connection_of(session: Session, tool_id: int) -> Connection | None:
    """Return how the tool is connected, with its tool, if it is."""
    wanted = select(Connection).where(Connection.tool_id == tool_id)
    return session.scalar(wanted.options(joinedload(Connection.tool)))


def runs(session: Session, connection_id: int, limit: int) -> list[HarvestRun]:
    """Return the newest runs of a connection, the latest first."""
    return list(
        session.scalars(
            select(HarvestRun)
            .where(HarvestRun.connection_id == connection_id)
            .order_by(HarvestRun.started_at.desc(), HarvestRun.id.desc())
            .limit(limit)
        )
    )


def run(session: Session, connection_id: int, run_id: int) -> HarvestRun | None:
    """Return this run if it is one of the connection's."""
    return session.scalar(
        select(HarvestRun).where(HarvestRun.id == run_id, HarvestRun.connection_id == connection_id)
    )


def problems(session: Session, run_id: int, limit: int) -> list[HarvestProblem]:
    """Return what a run could not take, in the order in which it met it."""
    return list(
        session.scalars(
            select(HarvestProblem)
            .where(HarvestProblem.run_id == run_id)
            .order_by(HarvestProblem.id)
            .limit(limit)
        )
    )


def held_items(session: Session, tool_id: int, limit: int) -> tuple[int, list[Item]]:
    """Return how many items a quarantined sweep would take away, and the first of them."""
    held = (
        select(Item)
        .join(ItemPresence, ItemPresence.item_id == Item.id)
        .where(Item.tool_id == tool_id, ItemPresence.held)
    )
    count = session.scalar(select(func.count()).select_from(held.subquery())) or 0
    return count, list(session.scalars(held.order_by(Item.title).limit(limit)))


def what_hangs_on(session: Session, tool_id: int) -> tuple[int, int, int]:
    """Return how many items of a tool are live, pinned on role pages, and steps of playlists."""
    of_tool = select(Item.id).where(Item.tool_id == tool_id)
    live = select(func.count(Item.id)).where(
        Item.tool_id == tool_id, Item.status == Status.LIVE.value
    )
    pinned = select(func.count(Pin.item_id.distinct())).where(Pin.item_id.in_(of_tool))
    steps = select(func.count(Step.item_id.distinct())).where(Step.item_id.in_(of_tool))
    return (
        session.scalar(live) or 0,
        session.scalar(pinned) or 0,
        session.scalar(steps) or 0,
    )


def overlaps(session: Session, limit: int) -> list[Overlap]:
    """Return the kinds of which several tools have items, the commonest first."""
    rows = session.execute(
        select(Item.kind, Tool.name, func.count(Item.id))
        .join(Tool, Tool.id == Item.tool_id)
        .where(Item.status == Status.LIVE.value)
        .group_by(Item.kind, Tool.name)
        .order_by(Item.kind, func.count(Item.id).desc(), Tool.name)
    )
    by_kind: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for kind, name, count in rows:
        by_kind[kind].append((name, count))
    found = [
        Overlap(tuple(name for name, _ in tools), kind, sum(count for _, count in tools))
        for kind, tools in by_kind.items()
        if len(tools) > 1
    ]
    return sorted(found, key=lambda one: -len(one.tools))[:limit]


def twins(session: Session, limit: int) -> list[Overlap]:
    """Return the pairs of tools that have the same items, by how many."""
    one, other = aliased(ClusterMember), aliased(ClusterMember)
    its, others = aliased(Item), aliased(Item)
    tool, another = aliased(Tool), aliased(Tool)
    rows = session.execute(
        select(tool.name, another.name, func.count())
        .select_from(one)
        .join(other, one.cluster_id == other.cluster_id)
        .join(its, its.id == one.item_id)
        .join(others, others.id == other.item_id)
        .join(tool, tool.id == its.tool_id)
        .join(another, another.id == others.tool_id)
        .where(its.tool_id < others.tool_id)
        .group_by(tool.name, another.name)
        .order_by(func.count().desc(), tool.name)
        .limit(limit)
    )
    return [Overlap((name, twin), "", count) for name, twin, count in rows]


def thin_skills(session: Session, limit: int) -> Sequence[tuple[str, int]]:
    """Return skills that a job role's items name and hardly anything teaches."""
    count = func.count(Item.id)
    rows = session.execute(
        select(Skill.name, count)
        .join(ItemSkill, ItemSkill.skill_id == Skill.id)
        .join(Item, Item.id == ItemSkill.item_id)
        .where(Item.status == Status.LIVE.value)
        .group_by(Skill.id, Skill.name)
        .having(count == 1)
        .order_by(Skill.name)
        .limit(limit)
    )
    return [(name, number) for name, number in rows]
