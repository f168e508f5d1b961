"""Finding an item by what a person has at hand: its title, an address, or its number."""

import re
from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import AudienceToken, Item, visible_to

LONGEST = 300
MOST_WORDS = 8
_ADDRESS = re.compile(r"(?:.*/)?(?:items|go)/(\d{1,9})(?:[/?#].*)?")
_ID = re.compile(r"#?(\d{1,9})")


def typed(text: str) -> str:
    """Return what was typed as one line of at most 300 letters, all of which can be printed."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:LONGEST]


def audience_of_item(session: Session, item_id: int) -> frozenset[str]:
    """Return the tokens of which one is enough to see the item."""
    tokens = select(AudienceToken.token).join(Item, Item.audience_id == AudienceToken.audience_id)
    return frozenset(session.scalars(tokens.where(Item.id == item_id)))


def item_named(text: str) -> int | None:
    """Return the id in an address of Foyer's own (`/items/7`, `/go/7`) or the id itself."""
    found = _ID.fullmatch(text.strip()) or _ADDRESS.fullmatch(text.strip())
    return int(found[1]) if found else None


def titled(text: str) -> ColumnElement[bool]:
    """Return the condition that a title holds all of these words, or the first eight of them."""
    words = text.split()[:MOST_WORDS]
    return and_(*(Item.title.icontains(word, autoescape=True) for word in words))


def items_called(session: Session, text: str, *, tokens: Collection[str], limit: int) -> list[Item]:
    """Return the visible items, live or retired, that a text names, their tools loaded.

    By their number or address in Foyer, by their address in the tool, or by words of the title.
    """
    wanted = text.strip()
    if not wanted:
        return []
    number = item_named(wanted)
    named = [Item.url == wanted, Item.id == number if number is not None else titled(wanted)]
    return list(
        session.scalars(
            select(Item)
            .where(or_(*named), visible_to(Item.audience_id, tokens))
            .options(joinedload(Item.tool))
            .order_by(Item.title, Item.id)
            .limit(limit)
        )
    )
