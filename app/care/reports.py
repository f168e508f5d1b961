"""What a tool's content is like: how much, how old, how much used, what of it needs care.

Figures are of what the curator may see. A tool takes six statements, the overview of all tools
three, whatever there is; use was counted by the job that tends items.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.care.reasons import OLD_ENOUGH, day_of, published
from app.models import (
    AudienceToken,
    ClusterMember,
    Item,
    ItemCare,
    ItemSkill,
    LinkCheck,
    LinkState,
    Role,
    RoleSkill,
    Skill,
    Status,
    Tool,
    ToolUse,
    visible_to,
)
from app.sums import AtLeast, told

AGES = (("0", 182), ("1", 365), ("2", 730), ("3", 1825))  # names with days; what is older is last
OLDEST = "4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """How many of the skills that a role asks for a tool teaches, and which it does not."""

    role: str
    slug: str
    asked: int
    taught: int
    missing: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolReport:
    """The figures of one tool. Use is in whole groups, and none where less than a group used it.

    `by_age` counts by the names in AGES and OLDEST, `links` by state, `overlaps` the groups of
    duplicates that it shares with another tool, by that tool's slug and name.
    """

    tool: Tool
    items: int
    by_kind: Mapping[str, int]
    by_age: Mapping[str, int]
    launches: AtLeast
    completions: AtLeast
    people: AtLeast
    never_opened: int
    old_enough: int
    waiting: int
    without_owner: int
    links: Mapping[str, int]
    overlaps: Sequence[tuple[str, str, int]]
    coverage: Sequence[Covered]

    @property
    def never_opened_share(self) -> int:
        """Return how many of 100 items, old enough to tell, were never opened."""
        return round(100 * self.never_opened / self.old_enough) if self.old_enough else 0

    @property
    def broken(self) -> int:
        """Return how many links are broken or moved."""
        return self.links.get(LinkState.GONE.value, 0) + self.links.get(LinkState.MOVED.value, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLine:
    """A tool in the overview, with the figures that say where to look."""

    tool: Tool
    items: int
    launches: AtLeast
    completions: AtLeast
    people: AtLeast
    never_opened: int
    old_enough: int
    older: int
    waiting: int
    broken: int
    shared: int

    @property
    def never_opened_share(self) -> int:
        """Return how many of 100 items, old enough to tell, were never opened."""
        return round(100 * self.never_opened / self.old_enough) if self.old_enough else 0


def report_of(
    session: Session, slug: str, *, tokens: Collection[str], today: date, at_least: int
) -> ToolReport | None:
    """Return the report of the tool with this slug; None if there is none."""
    tool = session.scalar(select(Tool).where(Tool.slug == slug))
    if tool is None:
        return None
    ours = _ours(tokens, Item.tool_id == tool.id)
    rows = session.execute(
        select(Item.kind, _age(today), *_sums(today))
        .select_from(Item)
        .outerjoin(ItemCare, ItemCare.item_id == Item.id)
        .where(*ours)
        .group_by(Item.kind, "age")
    ).all()
    by_kind, by_age, totals = Counter[str](), Counter[str](), Counter[str]()
    for kind, age, *sums in rows:
        figures = dict(zip(_FIGURES, sums, strict=True))
        by_kind[kind] += figures["items"]
        by_age[age] += figures["items"]
        totals.update({name: number or 0 for name, number in figures.items()})
    people, launches, completions = _use(session.get(ToolUse, tool.id), totals, at_least)
    return ToolReport(
        tool=tool,
        by_kind=by_kind,
        by_age=by_age,
        people=people,
        launches=launches,
        completions=completions,
        **{name: totals[name] for name in _FIGURES[:1] + _FIGURES[3:]},
        links=_links(session, ours),
        overlaps=_overlaps(session, tool.id, tokens),
        coverage=_coverage(session, ours),
    )


def overview(
    session: Session, *, tokens: Collection[str], today: date, at_least: int
) -> list[ToolLine]:
    """Return a line for each tool that has something for the curator, by name."""
    older = func.sum(case((published() <= today - timedelta(days=AGES[2][1]), 1), else_=0))
    rows = session.execute(
        select(_TOOL, older, *_sums(today))
        .select_from(Item)
        .outerjoin(ItemCare, ItemCare.item_id == Item.id)
        .where(*_ours(tokens))
        .group_by(_TOOL)
    ).all()
    tools = {
        tool.id: (tool, use)
        for tool, use in session.execute(
            select(Tool, ToolUse).outerjoin(ToolUse, ToolUse.tool_id == Tool.id)
        )
    }
    beside = _broken_and_shared(session, tokens)
    found = []
    for tool_id, old, *sums in rows:
        figures = {n: v or 0 for n, v in zip(_FIGURES, sums, strict=True)}
        tool, use = tools[tool_id]
        people, launches, completions = _use(use, figures, at_least)
        broken, shared = beside[tool_id]
        beside_use = ("items", "never_opened", "old_enough", "waiting")
        found.append(
            ToolLine(
                tool=tool,
                older=old or 0,
                broken=broken,
                shared=shared,
                people=people,
                launches=launches,
                completions=completions,
                **{name: figures[name] for name in beside_use},
            )
        )
    return sorted(found, key=lambda line: (line.tool.name.casefold(), line.tool.id))


_FIGURES = (
    "items",
    "launches",
    "completions",
    "never_opened",
    "old_enough",
    "waiting",
    "without_owner",
)


# grouped by this, no index of tools is walked, which reads every item in an order of its own
_TOOL = (Item.tool_id + 0).label("tool")


def _sums(today: date) -> tuple[ColumnElement[Any], ...]:
    old_enough = day_of(Item.created_at) <= today - OLD_ENOUGH
    never = and_(old_enough, ItemCare.opened_on.is_(None))
    return (
        func.count(),
        func.coalesce(func.sum(ItemCare.launches), 0),
        func.coalesce(func.sum(ItemCare.completions), 0),
        func.sum(case((never, 1), else_=0)),
        func.sum(case((old_enough, 1), else_=0)),
        func.sum(case((ItemCare.urgency > 0, 1), else_=0)),
        func.sum(case((ItemCare.owner_id.is_(None), 1), else_=0)),
    )


def _ours(
    tokens: Collection[str], *conditions: ColumnElement[bool]
) -> tuple[ColumnElement[bool], ...]:
    return (
        Item.status == Status.LIVE.value,
        visible_to(Item.audience_id, tokens),
        *conditions,
    )


def _seen(tokens: Collection[str], item: Any = Item) -> tuple[ColumnElement[bool], ...]:
    """Return the same as `_ours`, so that the statement begins at the few rows beside the items."""
    admitted = select(AudienceToken.audience_id).where(AudienceToken.token.in_(sorted(tokens)))
    return item.status + "" == Status.LIVE.value, (item.audience_id + 0).in_(admitted)


def _age(today: date) -> ColumnElement[str]:
    limits = [(published() > today - timedelta(days=days), name) for name, days in AGES]
    return case(*limits, else_=OLDEST).label("age")


def _use(
    use: ToolUse | None, figures: Mapping[str, int], at_least: int
) -> tuple[AtLeast, AtLeast, AtLeast]:
    """Return how many people used a tool, launches and completions, in whole groups."""
    people = told(use.people if use else 0, fewest=at_least)
    launches, completions = (
        told(figures[name] if people else 0, fewest=at_least)
        for name in ("launches", "completions")
    )
    return people, launches, completions


def _links(session: Session, ours: Collection[ColumnElement[bool]]) -> dict[str, int]:
    rows = session.execute(
        select(LinkCheck.state, func.count())
        .join(Item, Item.id == LinkCheck.item_id)
        .where(*ours)
        .group_by(LinkCheck.state)
    )
    return dict(rows.all())


def _overlaps(
    session: Session, tool_id: int, tokens: Collection[str]
) -> list[tuple[str, str, int]]:
    mine, other, beside = aliased(ClusterMember), aliased(ClusterMember), aliased(Item)
    number = func.count(mine.cluster_id.distinct())
    rows = session.execute(
        select(Tool.slug, Tool.name, number)
        .select_from(mine)
        .join(Item, Item.id == mine.item_id)
        .join(other, other.cluster_id == mine.cluster_id)
        .join(beside, beside.id == other.item_id)
        .join(Tool, Tool.id == beside.tool_id)
        .where(
            *_seen(tokens),
            *_seen(tokens, beside),
            Item.tool_id == tool_id,
            beside.tool_id != tool_id,
        )
        .group_by(Tool.slug, Tool.name)
        .order_by(number.desc(), Tool.name)
    )
    return [(slug, name, count) for slug, name, count in rows]


def _coverage(session: Session, ours: Collection[ColumnElement[bool]]) -> list[Covered]:
    """Return for each role that asks for skills what the tool teaches of them."""
    teaches = (
        exists()
        .where(ItemSkill.skill_id == Skill.id, Item.id == ItemSkill.item_id, *ours)
        .correlate(Skill)
    )
    rows = session.execute(
        select(Role.name, Role.slug, Skill.name, teaches)
        .select_from(RoleSkill)
        .join(Role, Role.id == RoleSkill.role_id)
        .join(Skill, Skill.id == RoleSkill.skill_id)
        .order_by(Role.name, Skill.name)
    )
    found: dict[tuple[str, str], list[tuple[str, bool]]] = defaultdict(list)
    for role, slug, skill, taught in rows:
        found[role, slug].append((skill, taught))
    return [
        Covered(
            role=role,
            slug=slug,
            asked=len(skills),
            taught=sum(1 for _, taught in skills if taught),
            missing=[name for name, taught in skills if not taught],
        )
        for (role, slug), skills in found.items()
    ]


def _broken_and_shared(session: Session, tokens: Collection[str]) -> dict[int, tuple[int, int]]:
    """Return by tool how many links are broken or moved, and how many items stand elsewhere too."""
    broken = LinkCheck.state.in_([LinkState.GONE.value, LinkState.MOVED.value])
    links = session.execute(
        select(_TOOL, func.count())
        .join(LinkCheck, LinkCheck.item_id == Item.id)
        .where(*_seen(tokens), broken)
        .group_by(_TOOL)
    ).all()
    other, beside = aliased(ClusterMember), aliased(Item)
    elsewhere = exists().where(
        other.cluster_id == ClusterMember.cluster_id,
        beside.id == other.item_id,
        beside.tool_id != Item.tool_id,
        beside.status == Status.LIVE.value,
        visible_to(beside.audience_id, tokens),
    )
    shared = session.execute(
        select(_TOOL, func.count())
        .join(ClusterMember, ClusterMember.item_id == Item.id)
        .where(*_seen(tokens), elsewhere)
        .group_by(_TOOL)
    ).all()
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for tool_id, number in links:
        found[tool_id] = (number, 0)
    for tool_id, number in shared:
        found[tool_id] = (found[tool_id][0], number)
    return found
