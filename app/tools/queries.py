"""Reads for the pages about tools: each tool with its counts, and what several tools share."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.catalogue.queries import item_counts
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
    counts = item_counts()
    live = func.sum(case((counts.c.status == Status.LIVE.value, counts.c.number), else_=0))
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
            func.sum(counts.c.number).label("items"),
            func.max(counts.c.changed_at).label("changed_at"),
        )
        .outerjoin(counts, counts.c.tool_id == Tool.id)
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
            (row.items or 0) - (row.live or 0),
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
    counts = item_counts()
    rows = session.execute(
        select(counts.c.kind, counts.c.status, Tool.name, counts.c.number)
        .join(Tool, Tool.id == counts.c.tool_id)
        .order_by(counts.c.kind, counts.c.number.desc(), Tool.name)
    )
    by_kind: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for kind, status, name, count in rows:
        if status == Status.LIVE.value:
            by_kind[kind].append((name, count))
    found = [
        Overlap(tuple(name for name, _ in tools), kind, sum(count for _, count in tools))
        for kind, tools in by_kind.items()
        if len(tools) > 1
    ]
    return sorted(found, key=lambda one: -len(one.tools))[:limit]


def twins(session: Session, limit: int) -> list[Overlap]:
    """Return the pairs of tools that have the same items, by how many."""
    there = ClusterMember.cluster_id, Item.tool_id
    members = select(*there).join(Item, Item.id == ClusterMember.item_id).group_by(*there)
    one = members.cte("members")
    other = one.alias()
    tool, another = aliased(Tool), aliased(Tool)
    both = (one.c.cluster_id == other.c.cluster_id) & (one.c.tool_id < other.c.tool_id)
    rows = session.execute(
        select(tool.name, another.name, func.count())
        .select_from(one)
        .join(other, both)
        .join(tool, tool.id == one.c.tool_id)
        .join(another, another.id == other.c.tool_id)
        .group_by(tool.name, another.name)
        .order_by(func.count().desc(), tool.name, another.name)
        .limit(limit)
    )
    return [Overlap((name, twin), "", count) for name, twin, count in rows]


def thin_skills(session: Session, limit: int) -> Sequence[tuple[str, int]]:
    """Return the skills that a single live item teaches; few are retired, so those are counted."""
    retired = select(Item.id).where(Item.status == Status.RETIRED.value)
    by_skill = select(ItemSkill.skill_id, func.count().label("number")).group_by(ItemSkill.skill_id)
    every = by_skill.subquery()
    gone = by_skill.where(ItemSkill.item_id.in_(retired)).subquery()
    live = every.c.number - func.coalesce(gone.c.number, 0)
    rows = session.execute(
        select(Skill.name, live)
        .join(every, every.c.skill_id == Skill.id)
        .outerjoin(gone, gone.c.skill_id == Skill.id)
        .where(live == 1)
        .order_by(Skill.name)
        .limit(limit)
    )
    return [(name, number) for name, number in rows]
