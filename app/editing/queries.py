"""Reads for curators who change items, and of pictures for whoever may see their item."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from app.catalogue.locks import EDITABLE
from app.catalogue.service import own_values
from app.models import Item, Picture, visible_to

_LINES = frozenset({"title", "summary"})


def item_to_edit(
    session: Session, item_id: int, *, person_id: int, tokens: Collection[str]
) -> Item | None:
    """Return an item that this curator sees or answers for, all that is edited loaded."""
    return session.scalar(
        select(Item)
        .where(
            Item.id == item_id,
            or_(visible_to(Item.audience_id, tokens), Item.curator_id == person_id),
        )
        .options(
            joinedload(Item.tool),
            selectinload(Item.skills),
            selectinload(Item.roles),
        )
        .execution_options(populate_existing=True)
    )


def values_to_edit(item: Item) -> dict[str, Any]:
    """Return the fields that a curator may change, texts on one line, as a form gives them back."""
    values = own_values(item)
    return {
        name: " ".join(str(values[name]).split()) if name in _LINES else values[name]
        for name in EDITABLE
    }


def differing(item: Item) -> list[str]:
    """Return the locked fields of which the tool says something else, or nobody knows what."""
    values = values_to_edit(item)
    return [
        name
        for name in EDITABLE
        if name in item.locked and (name not in item.told or item.told[name] != values[name])
    ]


def picture_to_see(session: Session, digest: str, *, tokens: Collection[str]) -> Picture | None:
    """Return a picture with its bytes, if it belongs to an item that a holder of `tokens` sees."""
    shown = exists().where(Item.picture == digest, visible_to(Item.audience_id, tokens))
    return session.scalar(
        select(Picture).where(Picture.digest == digest, shown).options(undefer(Picture.data))
    )


def size_of_picture(session: Session, digest: str | None) -> tuple[int, int] | None:
    """Return width and height of a picture in pixels."""
    if digest is None:
        return None
    row = session.execute(
        select(Picture.width, Picture.height).where(Picture.digest == digest)
    ).one_or_none()
    return (row.width, row.height) if row else None
