"""Says when what people did in a tool is read again from the beginning.

What was told of an item that was not in the catalogue yet is not kept, for nothing would say what
it is about. That there was some is remembered: once items have come, everything is read again, and
counts by itself. As a long history costs its tool something, that happens once a day at most.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.harvest import runs
from app.models import Connection, Item, Stream

AT_MOST_EVERY = timedelta(days=1)
_UNDER_WAY = timedelta(minutes=2)  # items may have been on their way in when the reading began


def is_due(session: Session, connection: Connection, *, own_items: bool, now: datetime) -> bool:
    """Tell whether items have come that what people did may have been about.

    Of a tool with `own_items` only those count that came from it, else those of every tool.
    """
    read_at = connection.people_read_at
    if not connection.items_missed or read_at is None or now - read_at < AT_MOST_EVERY:
        return False
    since = read_at - _UNDER_WAY
    # the time of the last change has an index, and no item is younger than it
    came = select(Item.id).where(Item.updated_at > since, Item.created_at > since)
    if own_items:
        came = came.where(Item.tool_id == connection.tool_id)
    return session.scalar(came.limit(1)) is not None


def where_to_begin(session: Session, connection: Connection, *, now: datetime) -> bytes | None:
    """Return the cursor where the reading goes on; None, and noted, where it begins anew."""
    if connection.people_read_at is None:
        runs.drop_cursor(session, connection.id, Stream.ACTIVITY)
    cursor = runs.cursors_of(session, connection.id).get(Stream.ACTIVITY)
    if cursor is None:
        connection.people_read_at, connection.items_missed = now, False
        session.flush()
    return cursor
