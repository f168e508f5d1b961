"""Reads of My data: the connection of a tool."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import Connection, Tool


def connection_named(session: Session, slug: str) -> Connection | None:
    """Return how the tool of this name is connected, with the tool."""
    return session.scalar(
        select(Connection).join(Tool).where(Tool.slug == slug).options(joinedload(Connection.tool))
    )


def connection(session: Session, connection_id: int) -> Connection | None:
    """Return a connection, with its tool."""
    return session.get(Connection, connection_id, options=[joinedload(Connection.tool)])
