"""Remembers of which other tools a record store has told completions, so that pages can say so."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.stored import in_parts
from app.db import insert_if_missing
from app.models import Connection, Item, ReportedTool


def note_tools(session: Session, connection: Connection, completed: Collection[int]) -> None:
    """Note the tools of these items, of which the connection to another tool told completions."""
    for part in in_parts(sorted(completed)):
        tools = select(Item.tool_id).where(Item.id.in_(part), Item.tool_id != connection.tool_id)
        for tool_id in session.scalars(tools.distinct()).all():
            insert_if_missing(session, ReportedTool, connection_id=connection.id, tool_id=tool_id)
