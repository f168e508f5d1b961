"""What a reader is shown in place of an item that cannot be opened: what is known, and ways on.

What is like it comes from a room above, which the factory names (`offer`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.access import Viewer
from app.activity import queries
from app.activity.cards import Card, cards_by_id, cards_in_order
from app.activity.launches import Door
from app.models import Item, Status

_EXTENSION = "foyer-alike"
_MOST = 4

Alike = Callable[[Session, Viewer, int], list[Card]]


def offer(app: Any, alike: Alike) -> None:
    """Say what finds the items that are like one."""
    app.extensions[_EXTENSION] = alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """The page in place of an item. `state` is hidden, gone, retired or astray (no address).

    `since` is when the tool first said so, `elsewhere` the same thing in other tools.
    """

    item: Item
    state: str
    since: datetime | None
    elsewhere: list[Card]
    alike: list[Card]


def in_place_of(session: Session, reader: Viewer, door: Door) -> Instead:
    """Gather what this reader may see of and beside an item that cannot be opened."""
    item, known = door.item, door.presence
    same = queries.same_elsewhere(session, item.id)
    found = cards_by_id(session, same, person_id=reader.id, tokens=reader.tokens)
    alike: Alike = current_app.extensions[_EXTENSION]
    return Instead(
        item=item,
        state=_state(door),
        since=known.since if known and known.presence in {"hidden", "gone"} else None,
        elsewhere=cards_in_order(same, found),
        alike=[card for card in alike(session, reader, item.id) if card.id not in found][:_MOST],
    )


def _state(door: Door) -> str:
    known = door.presence
    if known and known.presence in {"hidden", "gone"} and not known.held:
        return known.presence
    return "retired" if door.item.status == Status.RETIRED.value else "astray"
