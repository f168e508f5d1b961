"""Writes to the catalogue: items as their tools describe them, always with the index's outbox.

An import is a plan that is carried out: `plan` compares records with rows and changes nothing,
which is all that a dry run needs.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from app.catalogue import clusters
from app.catalogue.locks import heard
from app.catalogue.queries import items_for_index
from app.catalogue.records import ItemKey, ItemRecord, ToolRecord
from app.catalogue.stored import Stored, ids_by_slug, in_parts, stored_items
from app.intake.report import Difference, Fate, Outcome
from app.models import (
    EVERYONE,
    IndexOutbox,
    Item,
    ItemRole,
    ItemSkill,
    Kind,
    Role,
    Skill,
    Status,
    Tool,
    audience_of,
)

PLAIN_FIELDS = (
    "kind",
    "source_kind",
    "title",
    "summary",
    "url",
    "app_url",
    "minutes",
    "level",
    "language",
    "published_on",
    "licence",
    "attribution",
    "quality",
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a record means for its item: `item` is None where the item is new or up to date."""

    record: ItemRecord
    stored: Stored | None
    item: Item | None
    differences: tuple[Difference, ...]

    @property
    def fate(self) -> Fate:
        """Return whether the item is new, changes or stays as it is."""
        if self.stored is None:
            return Fate.NEW
        return Fate.CHANGED if self.differences else Fate.UNCHANGED

    @property
    def comes_back(self) -> bool:
        """Tell whether the item is retired, and not by a curator: its tool has it again."""
        if self.stored is None or self.stored.status == Status.LIVE.value:
            return False
        return "status" not in self.stored.locked

    def outcome(self) -> Outcome:
        """Return the change for a report."""
        return Outcome(self.record.title, self.fate, self.differences)


def upsert(session: Session, records: Sequence[ItemRecord], *, now: datetime) -> list[Change]:
    """Bring the items of these records up to date, making those that are new.

    Fields that a curator has locked stay. A record that says nothing new writes no row.
    """
    changes = plan(session, records)
    carry_out(session, changes, now=now)
    return changes


def plan(session: Session, records: Sequence[ItemRecord]) -> list[Change]:
    """Return what each record would change, in the order of the records."""
    stored = stored_items(session, (record.key for record in records))
    outdated = [
        found.id
        for record in records
        if (found := stored.get(record.key)) and found.content_hash != record.fingerprint()
    ]
    items = {item.id: item for item in items_for_index(session, outdated)} if outdated else {}
    return [_compared(record, stored.get(record.key), items) for record in records]


def carry_out(session: Session, changes: Sequence[Change], *, now: datetime) -> None:
    """Write what the plan says, and queue every item that changes for the index."""
    news = [change for change in changes if change.fate is Fate.NEW]
    updates = [change for change in changes if change.item is not None]
    if not news and not updates:
        return
    names = _Names(session, [change.record for change in (*news, *updates)])
    new = _insert(session, [change.record for change in news], names, now)
    for change in updates:
        _update(session, change, names, now)
    changed = {
        change.item.id: change.record
        for change in updates
        if change.item and (change.differences or change.record.keys)
    }
    session.flush()
    clusters.follow(session, new | changed)
    queue_for_index(session, [*new, *changed], now=now)


def set_status(
    session: Session, item_ids: Collection[int], status: Status, *, now: datetime
) -> None:
    """Retire these items, or offer them again; let clusters and the index follow."""
    if not item_ids:
        return
    for part in in_parts(item_ids):
        session.execute(
            update(Item)
            .where(Item.id.in_(part))
            .values(status=status.value, updated_at=now)
            .execution_options(synchronize_session=False)
        )
    clusters.recluster(session, clusters.in_clusters(session, item_ids))
    queue_for_index(session, item_ids, now=now)


def queue_for_index(session: Session, item_ids: Iterable[int], *, now: datetime) -> None:
    """Let the search index follow these items once the transaction is committed."""
    rows = [{"item_id": item_id, "queued_at": now} for item_id in item_ids]
    if rows:
        session.execute(insert(IndexOutbox), rows)
        session.info["index_outdated"] = True


def link_channels(
    session: Session,
    records: Sequence[ItemRecord],
    *,
    expected: Collection[ItemKey] = (),
    write: bool = True,
) -> set[ItemKey]:
    """Point each item to its record's channel; return the items whose channel is not there.

    `expected` are keys that count as there although no row has them yet, for a dry run.
    """
    wished = {record.key: record.channel for record in records if record.channel}
    stored = stored_items(session, {*wished, *wished.values()})
    missing = set()
    for key, channel in wished.items():
        target = stored.get(channel)
        if target is None or target.kind != Kind.CHANNEL.value:
            missing |= {key} if target or channel not in expected else set()
        elif write:
            _link(session, stored[key], target.id)
    return missing


def tools_named(session: Session, tools: Iterable[ToolRecord]) -> dict[str, int]:
    """Return the ids of these tools by slug, making those that are new."""
    rows = {
        tool.slug: {
            "slug": tool.slug,
            "name": tool.name,
            "kind": tool.kind,
            "home_url": tool.home_url,
            "description": tool.description,
        }
        for tool in tools
    }
    return _ids(session, Tool, rows)


def skills_named(session: Session, pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the ids of the skills with these (slug, name) pairs, making those that are new."""
    return _ids(session, Skill, {slug: {"slug": slug, "name": name} for slug, name in pairs})


def roles_named(session: Session, pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the ids of the job roles with these (slug, name) pairs, making those that are new."""
    return _ids(session, Role, {slug: {"slug": slug, "name": name} for slug, name in pairs})


class _Names:
    """The rows behind the names in some records: each is looked up, or made, once."""

    def __init__(self, session: Session, records: Sequence[ItemRecord]) -> None:
        self.tools = tools_named(session, (record.tool for record in records))
        self.skills = skills_named(session, (pair for one in records for pair in one.skills))
        self.roles = roles_named(session, (pair for one in records for pair in one.roles))
        audiences = {record.audience or EVERYONE for record in records}
        self.audiences = {tokens: audience_of(session, tokens).id for tokens in audiences}

    def audience(self, record: ItemRecord) -> int:
        return self.audiences[record.audience or EVERYONE]

    def skill_links(self, item_id: int, record: ItemRecord) -> list[dict[str, int]]:
        return [
            {"item_id": item_id, "skill_id": self.skills[slug], "position": place}
            for place, (slug, _) in enumerate(record.skills)
        ]

    def role_links(self, item_id: int, record: ItemRecord) -> list[dict[str, int]]:
        return [{"item_id": item_id, "role_id": self.roles[slug]} for slug, _ in record.roles]


def _compared(record: ItemRecord, stored: Stored | None, items: Mapping[int, Item]) -> Change:
    item = items.get(stored.id) if stored else None
    if item is None:
        return Change(record, stored, None, ())
    before = own_values(item) | {"audience": sorted(item.audience.as_set())}
    after = _values_of_record(record)
    differences = tuple(
        Difference(name, before[name], after[name])
        for name in after
        if before[name] != after[name] and name not in item.locked
    )
    return Change(record, stored, item, differences)


def _values_of_record(record: ItemRecord) -> dict[str, object]:
    audience = {} if record.audience is None else {"audience": sorted(record.audience)}
    return {name: getattr(record, name) for name in PLAIN_FIELDS} | {
        "skills": [slug for slug, _ in record.skills],
        "roles": sorted(slug for slug, _ in record.roles),
        **audience,
    }


def own_values(item: Item) -> dict[str, object]:
    """Return what an item says now, field by field but its audience; skills and roles by slug."""
    return {name: getattr(item, name) for name in PLAIN_FIELDS} | {
        "skills": [skill.slug for skill in item.skills],
        "roles": sorted(role.slug for role in item.roles),
    }


def _insert(
    session: Session, records: Sequence[ItemRecord], names: _Names, now: datetime
) -> dict[int, ItemRecord]:
    """Insert items with their links; return the records by id. A handful of statements in all."""
    if not records:
        return {}
    session.execute(insert(Item), [_row(record, names, now) for record in records])
    ids = {
        key: stored.id for key, stored in stored_items(session, (r.key for r in records)).items()
    }
    _insert_all(session, ItemSkill, (names.skill_links(ids[r.key], r) for r in records))
    _insert_all(session, ItemRole, (names.role_links(ids[r.key], r) for r in records))
    return {ids[record.key]: record for record in records}


def _row(record: ItemRecord, names: _Names, now: datetime) -> dict[str, object]:
    return {name: getattr(record, name) for name in PLAIN_FIELDS} | {
        "tool_id": names.tools[record.tool.slug],
        "external_id": record.external_id,
        "audience_id": names.audience(record),
        "content_hash": record.fingerprint(),
        "created_at": now,
        "updated_at": now,
    }


def _insert_all(
    session: Session, table: type[ItemSkill] | type[ItemRole], parts: Iterable[list[dict[str, int]]]
) -> None:
    rows = [row for part in parts for row in part]
    if rows:
        session.execute(insert(table), rows)


def _update(session: Session, change: Change, names: _Names, now: datetime) -> None:
    """Write the differences onto the item; one whose every difference is locked keeps its date.

    Of locked fields, what the tool says is kept beside.
    """
    item, record = change.item, change.record
    if item is None:
        return
    item.content_hash = record.fingerprint()
    told = heard(item.told, item.locked, _values_of_record(record))
    if told != item.told:
        item.told = told
    for name in (difference.field for difference in change.differences):
        item.updated_at = now
        if name == "skills":
            session.execute(delete(ItemSkill).where(ItemSkill.item_id == item.id))
            _insert_all(session, ItemSkill, [names.skill_links(item.id, record)])
        elif name == "roles":
            session.execute(delete(ItemRole).where(ItemRole.item_id == item.id))
            _insert_all(session, ItemRole, [names.role_links(item.id, record)])
        elif name == "audience":
            item.audience_id = names.audience(record)
        else:
            setattr(item, name, getattr(record, name))


def _link(session: Session, item: Stored, channel_id: int) -> None:
    if item.channel_id != channel_id and "channel" not in item.locked:
        session.execute(update(Item).where(Item.id == item.id).values(channel_id=channel_id))


def _ids(
    session: Session,
    table: type[Tool] | type[Skill] | type[Role],
    rows: Mapping[str, Mapping[str, object]],
) -> dict[str, int]:
    if not rows:
        return {}
    known = ids_by_slug(session, table, list(rows))
    new = [dict(row) for slug, row in rows.items() if slug not in known]
    if not new:
        return known
    session.execute(insert(table), new)
    return ids_by_slug(session, table, list(rows))
