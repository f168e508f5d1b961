"""Reads of clusters for curators: their members, why they were joined, and who said what.

A curator sees of a cluster what they see themselves; each page takes the same few statements.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.catalogue.clusters import DIFFERENT, SAME
from app.catalogue.duplicates import clusters_seen, clusters_with
from app.catalogue.lookup import item_named, titled
from app.models import (
    ClusterDecision,
    ClusterMember,
    Item,
    ItemKey,
    Person,
    Status,
    Tool,
    visible_to,
)

_LOW, _HIGH = aliased(Item), aliased(Item)


class Evidence(StrEnum):
    """Why an item was joined with another one, the best reason first."""

    WORD = "word"
    ID = "id"
    ADDRESS = "address"
    TITLE = "title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An item of a cluster, or alone. `because` says what joins it with the others."""

    id: int
    cluster_id: int | None
    title: str
    kind: str
    tool_name: str
    url: str
    minutes: int | None
    published_on: date | None
    retired: bool
    preferred: bool
    because: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What somebody decided about two items: one thing, or two. `by` is empty if they have left."""

    verdict: str
    by: str
    at: datetime
    one: Member
    other: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What a curator sees of a cluster, the preferred member first, and what was said of it."""

    members: Sequence[Member]
    sayings: Sequence[Saying]

    @property
    def ids(self) -> list[int]:
        """Return the ids of the members, in order of their numbers."""
        return sorted(member.id for member in self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPage:
    """One page of clusters, and how many there are in all."""

    total: int
    clusters: list[Cluster]


@dataclass(frozen=True, slots=True, kw_only=True)
class SayingPage:
    """One page of what was said, and how much there is in all."""

    total: int
    sayings: list[Saying]


def clusters(
    session: Session, *, tokens: Collection[str], tool: str, text: str, offset: int, limit: int
) -> ClusterPage:
    """Return the clusters that have an item of a tool (its slug) and one with these words."""
    wanted = clusters_seen(tokens)
    if tool:
        of_tool = Item.tool_id == select(Tool.id).where(Tool.slug == tool).scalar_subquery()
        wanted = wanted.where(ClusterMember.cluster_id.in_(clusters_with(of_tool, tokens)))
    if text:
        wanted = wanted.where(ClusterMember.cluster_id.in_(clusters_with(titled(text), tokens)))
    rows = session.execute(
        wanted.add_columns(func.count().over().label("total"))
        .order_by(ClusterMember.cluster_id)
        .offset(offset)
        .limit(limit)
    ).all()
    found = members(session, _in_clusters([row[0] for row in rows]), tokens)
    return ClusterPage(
        total=rows[0].total if rows else 0, clusters=_clusters(session, found, tokens)
    )


def cluster_of(session: Session, item_id: int, *, tokens: Collection[str]) -> Cluster | None:
    """Return an item's cluster, or the item alone; None if this curator may not see it."""
    own = select(ClusterMember.cluster_id).where(ClusterMember.item_id == item_id)
    beside = select(ClusterMember.item_id).where(ClusterMember.cluster_id.in_(own))
    found = members(session, Item.id.in_(beside.union(select(literal(item_id)))), tokens)
    if all(member.id != item_id for member in found):
        return None
    return _clusters(session, found, tokens)[0]


def groups_called(
    session: Session, text: str, *, tokens: Collection[str], without: Collection[int], limit: int
) -> list[Cluster]:
    """Return what has these words in a title, or this address or id: clusters and single items.

    Each stands there once, however many of its members fit; the items of `without` are left out.
    """
    number = item_named(text)
    condition = Item.id == number if number else titled(text)
    fitting = members(session, and_(condition, Item.id.not_in(list(without))), tokens, limit=limit)
    beside = {member.cluster_id for member in fitting} - {None}
    whole: dict[int | None, list[Member]] = defaultdict(list)
    for member in members(session, _in_clusters([one for one in beside if one]), tokens):
        whole[member.cluster_id].append(member)
    once = {
        member.cluster_id or -member.id: whole[member.cluster_id] or [member] for member in fitting
    }
    return [Cluster(members=group, sayings=()) for group in once.values()]


def members(
    session: Session, condition: ColumnElement[bool], tokens: Collection[str], limit: int = 2000
) -> list[Member]:
    """Return the visible items of which the condition holds, the preferred ones first."""
    rows = session.execute(
        select(Item, Tool.name, ClusterMember.cluster_id, ClusterMember.preferred)
        .join(Tool, Tool.id == Item.tool_id)
        .outerjoin(ClusterMember, ClusterMember.item_id == Item.id)
        .where(condition, visible_to(Item.audience_id, tokens))
        .order_by(func.coalesce(ClusterMember.preferred, False).desc(), Tool.position, Item.id)
        .limit(limit)
    )
    return [_member(*row) for row in rows]


def told_apart(session: Session, *, tokens: Collection[str], offset: int, limit: int) -> SayingPage:
    """Return what curators have told apart, the latest first."""
    wanted = _sayings(tokens).where(ClusterDecision.verdict == DIFFERENT)
    rows = session.execute(
        wanted.add_columns(func.count().over().label("total"))
        .order_by(
            ClusterDecision.decided_at.desc(), ClusterDecision.low_id, ClusterDecision.high_id
        )
        .offset(offset)
        .limit(limit)
    ).all()
    return SayingPage(total=rows[0].total if rows else 0, sayings=[_saying(row) for row in rows])


def tools_with_duplicates(session: Session, *, tokens: Collection[str]) -> list[Tool]:
    """Return the tools that have an item in a cluster which this curator may see, by name."""
    clustered = (
        select(ClusterMember.item_id)
        .join(Item, Item.id == ClusterMember.item_id)
        .where(Item.tool_id == Tool.id, visible_to(Item.audience_id, tokens))
        .exists()
    )
    return list(session.scalars(select(Tool).where(clustered).order_by(Tool.name, Tool.id)))


def _clusters(session: Session, found: Sequence[Member], tokens: Collection[str]) -> list[Cluster]:
    """Return the clusters of these members, each with its reasons and what was said of it."""
    ids = [member.id for member in found]
    keys, sayings = _keys(session, ids), _sayings_about(session, ids, tokens)
    grouped: dict[int | None, list[Member]] = defaultdict(list)
    for member in found:
        grouped[member.cluster_id].append(member)
    return [
        _cluster(group, keys, sayings)
        for _, group in sorted(grouped.items(), key=lambda one: one[0] or 0)
    ]


def _cluster(
    group: Sequence[Member], keys: Mapping[int, Collection[str]], sayings: Sequence[Saying]
) -> Cluster:
    ids = {member.id for member in group}
    about = [one for one in sayings if {one.one.id, one.other.id} & ids]
    inside = [one for one in about if {one.one.id, one.other.id} <= ids and one.verdict == SAME]
    sworn = {member.id for one in inside for member in (one.one, one.other)}
    shared = Counter(key for one in ids for key in keys.get(one, ()))
    reasons = {one: _reasons(keys.get(one, ()), shared, said=one in sworn) for one in ids}
    apart = [one for one in about if one.verdict == DIFFERENT]
    return Cluster(
        members=[replace(member, because=reasons[member.id]) for member in group],
        sayings=_once_each([*inside, *apart], ids),
    )


def _reasons(keys: Iterable[str], shared: Mapping[str, int], *, said: bool) -> tuple[Evidence, ...]:
    found = {key.partition(":")[0] for key in keys if shared[key] > 1}
    found |= {Evidence.WORD} if said else set()
    return tuple(evidence for evidence in Evidence if evidence in found)


def _once_each(sayings: Iterable[Saying], ids: Collection[int]) -> list[Saying]:
    """Return one saying where an item was told apart from every member of a cluster at once."""
    found = {}
    for one in sayings:
        outside = frozenset({one.one.id, one.other.id} - set(ids))
        found[outside or (one.one.id, one.other.id), one.by, one.at] = _turned(one, ids)
    return sorted(found.values(), key=lambda one: one.at, reverse=True)


def _turned(saying: Saying, ids: Collection[int]) -> Saying:
    """Return the saying with the item that stands outside the cluster first."""
    if saying.one.id not in ids or saying.other.id in ids:
        return saying
    return replace(saying, one=saying.other, other=saying.one)


def _keys(session: Session, ids: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    rows = select(ItemKey.item_id, ItemKey.key).where(ItemKey.item_id.in_(list(ids)))
    for item_id, key in session.execute(rows):
        found[item_id].add(key)
    return found


def _sayings_about(session: Session, ids: Sequence[int], tokens: Collection[str]) -> list[Saying]:
    either = or_(ClusterDecision.low_id.in_(ids), ClusterDecision.high_id.in_(ids))
    return [_saying(row) for row in session.execute(_sayings(tokens).where(either))]


def _sayings(tokens: Collection[str]) -> Select[*tuple[Any, ...]]:
    """Return the statement for what was said of two items that a holder of `tokens` sees both."""
    low_tool, high_tool = aliased(Tool), aliased(Tool)
    return (
        select(ClusterDecision, Person.name, _LOW, low_tool.name, _HIGH, high_tool.name)
        .join(_LOW, _LOW.id == ClusterDecision.low_id)
        .join(low_tool, low_tool.id == _LOW.tool_id)
        .join(_HIGH, _HIGH.id == ClusterDecision.high_id)
        .join(high_tool, high_tool.id == _HIGH.tool_id)
        .outerjoin(Person, Person.id == ClusterDecision.decided_by)
        .where(visible_to(_LOW.audience_id, tokens), visible_to(_HIGH.audience_id, tokens))
    )


def _saying(row: Row[*tuple[Any, ...]]) -> Saying:
    decision, by, low, low_tool, high, high_tool = row[:6]
    return Saying(
        verdict=decision.verdict,
        by=by or "",
        at=decision.decided_at,
        one=_member(low, low_tool),
        other=_member(high, high_tool),
    )


def _in_clusters(ids: Collection[int]) -> ColumnElement[bool]:
    inside = select(ClusterMember.item_id).where(ClusterMember.cluster_id.in_(list(ids)))
    return Item.id.in_(inside)


def _member(
    item: Item, tool_name: str, cluster_id: int | None = None, preferred: bool | None = None
) -> Member:
    return Member(
        id=item.id,
        cluster_id=cluster_id,
        title=item.title,
        kind=item.kind,
        tool_name=tool_name,
        url=item.url,
        minutes=item.minutes,
        published_on=item.published_on,
        retired=item.status == Status.RETIRED.value,
        preferred=bool(preferred),
    )
