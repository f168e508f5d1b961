"""Reads that an import needs: which items are there already, and what the rows behind names are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.records import ItemKey
from app.models import Item, Role, Skill, Tool

_PART = 1000
T = TypeVar("T")


def in_parts(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values in lists of at most 1,000: a statement takes only so many parameters."""
    rest = iter(values)
    while part := list(islice(rest, _PART)):
        yield part


@dataclass(frozen=True, slots=True)
class Stored:
    """What is there of an item: enough to see whether a record is news."""

    id: int
    kind: str
    content_hash: str
    channel_id: int | None
    locked: tuple[str, ...]
    status: str


def stored_items(session: Session, keys: Iterable[ItemKey]) -> dict[ItemKey, Stored]:
    """Return what is there of the items with these keys, one statement for each tool's thousand."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for tool, external_id in keys:
        wanted[tool].append(external_id)
    return {
        (tool, row.external_id): Stored(
            row.id, row.kind, row.content_hash, row.channel_id, tuple(row.locked), row.status
        )
        for tool, external_ids in wanted.items()
        for part in in_parts(external_ids)
        for row in session.execute(
            select(
                Item.id,
                Item.external_id,
                Item.kind,
                Item.content_hash,
                Item.channel_id,
                Item.locked,
                Item.status,
            )
            .join(Tool, Tool.id == Item.tool_id)
            .where(Tool.slug == tool, Item.external_id.in_(part))
        )
    }


def ids_by_slug(
    session: Session, table: type[Tool] | type[Skill] | type[Role], slugs: Collection[str]
) -> dict[str, int]:
    """Return the ids of the rows of a table that has slugs."""
    return {
        row.slug: row.id
        for part in in_parts(slugs)
        for row in session.execute(select(table.slug, table.id).where(table.slug.in_(part)))
    }
