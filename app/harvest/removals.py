"""A curator's answer to a sweep that would have taken too much away.

The sweep has marked the items that it would have retired; they stay live until somebody answers.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import service
from app.harvest.writing import forget_presence
from app.models import Connection, Item, ItemPresence, Status


def accept(session: Session, connection: Connection, *, now: datetime) -> int:
    """Retire what the sweep would have taken away; return how many items."""
    held = _held(session, connection)
    for row in held:
        row.held = False
    session.flush()
    service.set_status(session, [row.item_id for row in held], Status.RETIRED, now=now)
    return len(held)


def reject(session: Session, connection: Connection) -> int:
    """Keep what the sweep would have taken away; return how many items."""
    held = [row.item_id for row in _held(session, connection)]
    forget_presence(session, held)
    return len(held)


def _held(session: Session, connection: Connection) -> list[ItemPresence]:
    return list(
        session.scalars(
            select(ItemPresence)
            .join(Item, Item.id == ItemPresence.item_id)
            .where(
                Item.tool_id == connection.tool_id,
                Item.status == Status.LIVE.value,
                ItemPresence.held.is_(True),
            )
        )
    )
