"""Reads of the versions of a role's page: who published what and when, and what differs."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload

from app.curation.content import NOTHING, PageContent, from_json
from app.models import Item, Person, RolePageVersion, visible_to

MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version: who published it, when, why, and what it came from.

    `who` is empty where Foyer itself made it. `back_to` is the version that it repeats, `replaced`
    the items of which one took the other's place, `is_first` the page before its first draft.
    """

    number: int
    who: str
    at: datetime
    note: str
    makers: tuple[str, ...]
    back_to: int | None
    replaced: tuple[int, ...]
    is_first: bool
    content: PageContent


def versions(session: Session, role_id: int) -> list[Version]:
    """Return the newest hundred versions of a role's page, the newest first."""
    rows = session.scalars(_versions(role_id).limit(MOST)).all()
    names = _names(session, rows)
    return [_version(row, names) for row in rows]


def pair(session: Session, role_id: int, number: int) -> tuple[Version, PageContent] | None:
    """Return a version and the content of the one before it; None where there is no such one."""
    rows = session.scalars(
        _versions(role_id).where(RolePageVersion.number <= number).limit(2)
    ).all()
    if not rows or rows[0].number != number:
        return None
    before = from_json(rows[1].content) if len(rows) > 1 else NOTHING
    return _version(rows[0], _names(session, rows)), before


def latest_number(session: Session, role_id: int) -> int:
    """Return the number of the newest version; 0 while there is none."""
    newest = session.scalars(
        _versions(role_id).options(defer(RolePageVersion.content)).limit(1)
    ).first()
    return newest.number if newest else 0


def titles_of(
    session: Session, item_ids: Iterable[int], *, tokens: Collection[str]
) -> dict[int, str]:
    """Return the titles of those of these items that a holder of `tokens` may know of."""
    rows = session.execute(
        select(Item.id, Item.title).where(
            Item.id.in_(sorted(set(item_ids))), visible_to(Item.audience_id, tokens)
        )
    )
    return {row[0]: row[1] for row in rows}


def _versions(role_id: int) -> Any:
    return (
        select(RolePageVersion)
        .where(RolePageVersion.role_id == role_id)
        .options(joinedload(RolePageVersion.published_by))
        .order_by(RolePageVersion.number.desc())
    )


def _names(session: Session, rows: Iterable[RolePageVersion]) -> dict[int, str]:
    ids = {one for row in rows for one in row.content.get("makers", ())}
    found = session.execute(select(Person.id, Person.name).where(Person.id.in_(sorted(ids))))
    return {row[0]: row[1] for row in found}


def _version(row: RolePageVersion, names: dict[int, str]) -> Version:
    makers = (names.get(one) for one in row.content.get("makers", ()))
    return Version(
        number=row.number,
        who=row.published_by.name if row.published_by else "",
        at=row.published_at,
        note=row.note,
        makers=tuple(name for name in makers if name),
        back_to=row.content.get("back_to"),
        replaced=tuple(row.content.get("replaced", ())),
        is_first=bool(row.content.get("first")),
        content=from_json(row.content),
    )
