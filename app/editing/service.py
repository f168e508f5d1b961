"""Writes of curators to items: fields that stay whatever the tool says later, and pictures.

A field that a curator changes is locked: harvests and imports leave it, and keep beside it what the
tool says. Who writes first holds the item's row until the end.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, insert, update
from sqlalchemy.orm import Session

from app.catalogue.locks import EDITABLE
from app.catalogue.service import queue_for_index, roles_named, skills_named
from app.catalogue.stored import ids_by_slug
from app.curation.texts import checked
from app.db import insert_if_missing
from app.editing.merging import Values, merged
from app.editing.pictures import MEDIA_TYPE, made_small
from app.editing.queries import item_to_edit, values_to_edit
from app.errors import FoyerError, NotFound, Wording
from app.models import Item, ItemRole, ItemSkill, Picture, Role, Skill

ALT = 300
_UNUSED_FOR = timedelta(days=7)  # a picture that was taken away can be put back by an undo
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit changed: for each field its value before and after, lists by their slugs."""

    item: Item
    changes: Mapping[str, tuple[Any, Any]]


class Crossed(FoyerError):
    """Somebody else has changed the same fields meanwhile; `now` is what they say, by field."""

    def __init__(self, now: Values) -> None:
        """Keep what the fields say now."""
        super().__init__(Wording("Somebody else has changed this meanwhile."))
        self.now = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a curator wants an item: `values` by field, lists as slugs; new names stand beside."""

    values: Values
    skills: Sequence[Pair] = ()
    roles: Sequence[Pair] = ()


def edit(
    session: Session,
    item_id: int,
    wish: Wish,
    *,
    seen: Mapping[str, str],
    person_id: int,
    tokens: Collection[str],
    now: datetime,
) -> Edited:
    """Write what the curator changed, and lock it; leave what they left as they saw it.

    `seen` are the digests of the values that they saw. Raises NotFound for an item that is not
    there for them, Crossed (and writes nothing) where somebody else changed the same field.
    """
    item = _held(session, item_id, person_id=person_id, tokens=tokens)
    before = values_to_edit(item)
    found = merged(before, wish.values, seen)
    if found.conflicts:
        raise Crossed(found.conflicts)
    if found.changes:
        skills_named(session, wish.skills)
        roles_named(session, wish.roles)
        _lock(item, before, found.changes)
        _write(session, item, found.changes, now=now)
    return Edited(item, {name: (before[name], new) for name, new in found.changes.items()})


def take_again(
    session: Session,
    item_id: int,
    fields: Collection[str],
    *,
    person_id: int,
    tokens: Collection[str],
    now: datetime,
) -> Edited:
    """Let the tool have its say again on these fields, and take what it says now.

    Where it is not known what the tool says, that comes with its next reading.
    """
    item = _held(session, item_id, person_id=person_id, tokens=tokens)
    freed = [name for name in EDITABLE if name in fields and name in item.locked]
    before = values_to_edit(item)
    known = {name: item.told[name] for name in freed if name in item.told}
    item.locked = [name for name in item.locked if name not in freed]
    item.told = {name: value for name, value in item.told.items() if name not in freed}
    if len(known) < len(freed):
        item.content_hash = ""  # no reading has this one, so the next is compared
    if freed:
        _write(session, item, known, now=now)
    return Edited(item, {name: (before[name], known.get(name)) for name in freed})


def give_picture(
    session: Session,
    item_id: int,
    body: bytes,
    *,
    alt: str,
    person_id: int,
    tokens: Collection[str],
    now: datetime,
) -> Item:
    """Give an item a picture, or without a file only another description of the one it has.

    Raises Invalid for what is no picture, and for a missing or too long description; NotFound for
    an item that is not there for this curator.
    """
    item = _held(session, item_id, person_id=person_id, tokens=tokens)
    text = " ".join(checked("alt", alt, longest=ALT, required=True).split())
    if body or not item.picture:
        item.picture = _kept(session, body, now=now)
    item.picture_alt = text
    _forget_unused(session, now=now)
    session.flush()
    return item


def take_picture_away(
    session: Session, item_id: int, *, person_id: int, tokens: Collection[str]
) -> tuple[str, str]:
    """Take an item's picture away; return its digest and description, by which it comes back."""
    item = _held(session, item_id, person_id=person_id, tokens=tokens)
    gone = (item.picture or "", item.picture_alt)
    item.picture, item.picture_alt = None, ""
    session.flush()
    return gone


def put_picture_back(
    session: Session,
    item_id: int,
    picture: tuple[str, str],
    *,
    person_id: int,
    tokens: Collection[str],
) -> None:
    """Give an item the picture that was taken away; raise NotFound if it is gone for good."""
    item = _held(session, item_id, person_id=person_id, tokens=tokens)
    digest, alt = picture
    if not session.query(exists().where(Picture.digest == digest)).scalar():
        raise NotFound("This picture is gone.")
    item.picture, item.picture_alt = digest, alt
    session.flush()


def _held(session: Session, item_id: int, *, person_id: int, tokens: Collection[str]) -> Item:
    """Return the item as it is now, held until the transaction ends; raise NotFound."""
    session.execute(
        update(Item)
        .where(Item.id == item_id)
        .values(status=Item.status)
        .execution_options(synchronize_session=False, changes_nothing=True)
    )
    item = item_to_edit(session, item_id, person_id=person_id, tokens=tokens)
    if item is None:
        raise NotFound("There is no such item for you.")
    return item


def _lock(item: Item, before: Values, changes: Values) -> None:
    """Lock what is changed; what is changed back to what the tool says is free again."""
    locked, told = set(item.locked), dict(item.told)
    for name, new in changes.items():
        if name not in locked:
            told[name] = before[name]
        if name in told and told[name] == new:
            locked.discard(name)
            del told[name]
        else:
            locked.add(name)
    item.locked, item.told = sorted(locked), told


def _write(session: Session, item: Item, values: Values, *, now: datetime) -> None:
    for name, value in values.items():
        if name == "skills":
            ids = ids_by_slug(session, Skill, value)
            links = [
                {"item_id": item.id, "skill_id": ids[slug], "position": place}
                for place, slug in enumerate(value)
                if slug in ids
            ]
            _link(session, ItemSkill, item.id, links)
        elif name == "roles":
            ids = ids_by_slug(session, Role, value)
            _link(
                session,
                ItemRole,
                item.id,
                [{"item_id": item.id, "role_id": ids[slug]} for slug in value if slug in ids],
            )
        else:
            setattr(item, name, value)
    item.updated_at = now
    session.flush()
    session.expire(item, ["skills", "roles"])
    queue_for_index(session, [item.id], now=now)


def _link(
    session: Session,
    table: type[ItemSkill] | type[ItemRole],
    item_id: int,
    links: list[dict[str, int]],
) -> None:
    session.execute(delete(table).where(table.item_id == item_id))
    if links:
        session.execute(insert(table), links)


def _kept(session: Session, body: bytes, *, now: datetime) -> str:
    small = made_small(body)
    insert_if_missing(
        session,
        Picture,
        digest=small.digest,
        media_type=MEDIA_TYPE,
        width=small.width,
        height=small.height,
        data=small.data,
        made_at=now,
    )
    return small.digest


def _forget_unused(session: Session, *, now: datetime) -> None:
    used = exists().where(Item.picture == Picture.digest)
    session.flush()
    session.execute(
        delete(Picture)
        .where(~used, Picture.made_at < now - _UNUSED_FOR)
        .execution_options(synchronize_session=False)
    )
