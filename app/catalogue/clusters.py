"""Gathers items of several tools that are one thing into clusters, and keeps curators' words.

    follow(session, records)            after items were made or changed
    decide(session, one, other, …)      a curator says: one thing, or two
    prefer_again(session, item_ids)     after the order of tools changed

Items that share a key (`app.catalogue.sameness`) are joined, the best evidence first: a curator's
word, a provider's id, an address, a title with provider and duration. A join that would bring two
items together which a curator has called different is left out. So a split or a merge outlives
every harvest, and the clusters depend on the items alone, not on the order in which they came.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.catalogue.records import ItemRecord
from app.catalogue.sameness import keys_of
from app.catalogue.stored import in_parts
from app.errors import Invalid, NotFound, Wording
from app.models import ClusterDecision, ClusterMember, IndexOutbox, Item, ItemKey, Status, Tool

SAME, DIFFERENT = "same", "different"
TOO_COMMON = 20  # a key that more items have says nothing
_EVIDENCE = ("id:", "address:", "title:")
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides which member of a cluster is opened and shown first."""

    item_id: int
    tool_id: int
    live: bool
    position: int
    published_on: date | None

    @property
    def rank(self) -> tuple[object, ...]:
        """Return the order: live, then the administrator's, then the newest, then the oldest id."""
        newest = -self.published_on.toordinal() if self.published_on else 0
        return not self.live, self.position, newest, self.item_id


def follow(session: Session, records: Mapping[int, ItemRecord]) -> None:
    """Bring keys and clusters in step with items that were made or changed, by their ids."""
    keys = {
        item_id: keys_of(
            title=record.title,
            url=record.url,
            minutes=record.minutes,
            provider=record.attribution,
            ids=record.keys,
        )
        for item_id, record in records.items()
    }
    touched = _write_keys(session, keys)
    if touched:
        recluster(session, touched)


def catch_up(session: Session, limit: int = 1000) -> int:
    """Give keys to items that have none yet, at most so many; return how many there were."""
    keyless = (
        select(Item.id, Item.title, Item.url, Item.minutes, Item.attribution)
        .outerjoin(ItemKey, ItemKey.item_id == Item.id)
        .where(ItemKey.item_id.is_(None))
        .order_by(Item.id)
        .limit(limit)
    )
    keys = {
        row.id: keys_of(title=row.title, url=row.url, minutes=row.minutes, provider=row.attribution)
        or frozenset({f"own:{row.id}"})
        for row in session.execute(keyless)
    }
    recluster(session, _write_keys(session, keys))
    return len(keys)


def decide(
    session: Session, one: int, other: int, verdict: str, *, by: int | None, now: datetime
) -> None:
    """Keep a curator's word on two items, and gather anew what it touches.

    Raises Invalid for an item and itself, NotFound where one of them is not there.
    """
    low, high = sorted((one, other))
    if low == high:
        raise Invalid({"item": Wording("An item is always the same as itself.")})
    if session.scalar(select(Item.id).where(Item.id == low)) is None or (
        session.scalar(select(Item.id).where(Item.id == high)) is None
    ):
        raise NotFound(Wording("There is no such item."))
    found = session.get(ClusterDecision, (low, high)) or ClusterDecision(low_id=low, high_id=high)
    found.verdict, found.decided_by, found.decided_at = verdict, by, now
    session.add(found)
    session.flush()
    recluster(session, {low, high})


def split_off(session: Session, item_id: int, *, by: int | None, now: datetime) -> None:
    """Say that an item is different from every other one of its cluster."""
    for other in members(session, item_id) - {item_id}:
        low, high = sorted((item_id, other))
        found = session.get(ClusterDecision, (low, high))
        found = found or ClusterDecision(low_id=low, high_id=high)
        found.verdict, found.decided_by, found.decided_at = DIFFERENT, by, now
        session.add(found)
    session.flush()
    recluster(session, {item_id})


def members(session: Session, item_id: int) -> set[int]:
    """Return the ids of an item's cluster, the item itself among them."""
    return _with_their_clusters(session, {item_id})


def in_clusters(session: Session, item_ids: Collection[int]) -> set[int]:
    """Return those of the items that have duplicates."""
    found: set[int] = set()
    for part in in_parts(item_ids):
        rows = select(ClusterMember.item_id).where(ClusterMember.item_id.in_(part))
        found |= set(session.scalars(rows))
    return found


def prefer_again(session: Session, tool_id: int) -> None:
    """Choose anew which member stands for each cluster that has an item of this tool."""
    clusters = select(ClusterMember.cluster_id).join(Item, Item.id == ClusterMember.item_id)
    of_tool = clusters.where(Item.tool_id == tool_id)
    ids = set(
        session.scalars(select(ClusterMember.item_id).where(ClusterMember.cluster_id.in_(of_tool)))
    )
    if ids:
        recluster(session, ids)


def recluster(session: Session, item_ids: Collection[int]) -> None:
    """Gather anew these items and everything that may belong with them."""
    around = _around(session, set(item_ids))
    if not around:
        return
    standing = _standings(session, around)
    decided = _decisions(session, around)
    groups = _joined(standing, _edges(_keys(session, around), standing), decided)
    _write_clusters(session, around, groups, standing)


def _write_keys(session: Session, keys: Mapping[int, frozenset[str]]) -> set[int]:
    """Write the keys that differ; return the items that have gained or lost one."""
    before: dict[int, set[str]] = defaultdict(set)
    for part in in_parts(keys):
        rows = select(ItemKey.item_id, ItemKey.key).where(ItemKey.item_id.in_(part))
        for item_id, key in session.execute(rows):
            before[item_id].add(key)
    gone = [(one, key) for one, now in keys.items() for key in before[one] - now]
    new = [{"item_id": one, "key": key} for one, now in keys.items() for key in now - before[one]]
    neighbours = _with_their_clusters(session, {one for one, _ in gone})
    for item_id, key in gone:
        session.execute(delete(ItemKey).where(ItemKey.item_id == item_id, ItemKey.key == key))
    if new:
        session.execute(insert(ItemKey), new)
    return neighbours | {int(str(row["item_id"])) for row in new}


def _around(session: Session, item_ids: set[int]) -> set[int]:
    """Return the items and all that keys, clusters and decisions connect with them."""
    known: set[int] = set()
    fresh = item_ids
    while fresh:
        known |= fresh
        fresh = (
            _sharing_keys(session, fresh)
            | _with_their_clusters(session, fresh)
            | _decided_with(session, fresh)
        ) - known
    return known


def _sharing_keys(session: Session, item_ids: set[int]) -> set[int]:
    found: set[int] = set()
    for part in in_parts(sorted(item_ids)):
        mine = select(ItemKey.key).where(ItemKey.item_id.in_(part)).distinct()
        shared: dict[str, set[int]] = defaultdict(set)
        rows = select(ItemKey.key, ItemKey.item_id).where(ItemKey.key.in_(mine))
        for key, item_id in session.execute(rows):
            shared[key].add(item_id)
        found |= {one for ids in shared.values() if 1 < len(ids) <= TOO_COMMON for one in ids}
    return found


def _with_their_clusters(session: Session, item_ids: Iterable[int]) -> set[int]:
    found = set(item_ids)
    for part in in_parts(sorted(found)):
        mine = select(ClusterMember.cluster_id).where(ClusterMember.item_id.in_(part))
        rows = select(ClusterMember.item_id).where(ClusterMember.cluster_id.in_(mine))
        found |= set(session.scalars(rows))
    return found


def _decided_with(session: Session, item_ids: set[int]) -> set[int]:
    return {one for pair in _decisions(session, item_ids) for one in pair}


def _decisions(session: Session, item_ids: Collection[int]) -> dict[Pair, str]:
    found: dict[Pair, str] = {}
    for part in in_parts(sorted(item_ids)):
        either = or_(ClusterDecision.low_id.in_(part), ClusterDecision.high_id.in_(part))
        for row in session.scalars(select(ClusterDecision).where(either)):
            found[row.low_id, row.high_id] = row.verdict
    return found


def _keys(session: Session, item_ids: Collection[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for part in in_parts(sorted(item_ids)):
        rows = select(ItemKey.key, ItemKey.item_id).where(ItemKey.item_id.in_(part))
        for key, item_id in session.execute(rows):
            found[key].append(item_id)
    return found


def _standings(session: Session, item_ids: Collection[int]) -> dict[int, Standing]:
    found = {}
    for part in in_parts(sorted(item_ids)):
        rows = select(Item.id, Item.tool_id, Item.status, Tool.position, Item.published_on).join(
            Tool, Tool.id == Item.tool_id
        )
        for row in session.execute(rows.where(Item.id.in_(part))):
            live = row.status == Status.LIVE.value
            found[row.id] = Standing(row.id, row.tool_id, live, row.position, row.published_on)
    return found


def _edges(keys: Mapping[str, Sequence[int]], standing: Mapping[int, Standing]) -> list[Pair]:
    """Return the pairs that keys speak for, the best evidence first, always in the same order."""
    found = []
    for key, ids in keys.items():
        kind = next((place for place, name in enumerate(_EVIDENCE) if key.startswith(name)), None)
        if kind is None or not 1 < len(ids) <= TOO_COMMON:
            continue
        alone = _alone_in_their_tools(ids, standing)
        found += [
            (kind, key, (one, other))
            for place, one in enumerate(alone)
            for other in alone[place + 1 :]
        ]
    return [pair for _, _, pair in sorted(found)]


def _alone_in_their_tools(ids: Sequence[int], standing: Mapping[int, Standing]) -> list[int]:
    """Return, in order, the items whose tool has no other with the same key.

    A tool that lists several at one address means several things: chapters, meetings, editions.
    """
    tools = Counter(standing[one].tool_id for one in ids)
    return sorted(one for one in ids if tools[standing[one].tool_id] == 1)


def _joined(
    items: Collection[int], edges: Iterable[Pair], decided: Mapping[Pair, str]
) -> dict[int, frozenset[int]]:
    """Return each item's group: joined pair by pair, never against a curator's word."""
    group = {one: frozenset({one}) for one in items}
    words = sorted(pair for pair, verdict in decided.items() if verdict == SAME)
    apart = {pair for pair, verdict in decided.items() if verdict == DIFFERENT}
    for one, other in (*words, *edges):
        if one not in group or other not in group or other in group[one]:
            continue
        if _forbidden(group[one], group[other], apart):
            continue
        whole = group[one] | group[other]
        group.update(dict.fromkeys(whole, whole))
    return group


def _forbidden(these: Iterable[int], those: Collection[int], apart: Collection[Pair]) -> bool:
    return bool(apart) and any(
        (min(one, other), max(one, other)) in apart for one in these for other in those
    )


def _write_clusters(
    session: Session,
    items: Collection[int],
    groups: Mapping[int, frozenset[int]],
    standing: Mapping[int, Standing],
) -> None:
    """Write what differs from the rows that are there."""
    wanted = {}
    for group in set(groups.values()):
        if len(group) > 1:
            first = min((standing[one] for one in group), key=lambda one: one.rank).item_id
            wanted.update({one: (min(group), one == first) for one in group})
    before = {}
    for part in in_parts(sorted(items)):
        rows = select(ClusterMember.item_id, ClusterMember.cluster_id, ClusterMember.preferred)
        for item_id, cluster_id, preferred in session.execute(
            rows.where(ClusterMember.item_id.in_(part))
        ):
            before[item_id] = (cluster_id, preferred)
    gone = sorted(before.keys() - wanted.keys())
    for part in in_parts(gone):
        session.execute(delete(ClusterMember).where(ClusterMember.item_id.in_(part)))
    differing = [
        {"of_item": item_id, "cluster_id": cluster_id, "preferred": preferred}
        for item_id, (cluster_id, preferred) in sorted(wanted.items())
        if before.get(item_id) != (cluster_id, preferred)
    ]
    table = ClusterMember.metadata.tables[ClusterMember.__tablename__]
    if new := [row for row in differing if row["of_item"] not in before]:
        session.execute(insert(table).values(item_id=bindparam("of_item")), new)
    if changed := [row for row in differing if row["of_item"] in before]:
        session.execute(update(table).where(table.c.item_id == bindparam("of_item")), changed)
    _let_the_index_follow(session, [*gone, *(int(str(row["of_item"])) for row in differing)])


def _let_the_index_follow(session: Session, item_ids: Sequence[int]) -> None:
    """Queue items for the search index, which shows a cluster as one hit."""
    if item_ids:
        rows = [{"item_id": item_id} for item_id in item_ids]
        session.execute(insert(IndexOutbox).values(queued_at=func.now()), rows)
        session.info["index_outdated"] = True
