"""Says something in a channel of a connected tool, where its connector can.

Somebody waits for it, so it takes some seconds at most and is tried twice. The network is asked
outside of any transaction. A tool that rests after failures is not asked.
"""

from dataclasses import replace
from datetime import timedelta

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.connectors.base import Posts, SourceError
from app.connectors.http import Http
from app.errors import Wording
from app.harvest import breakers
from app.harvest.reaching import Parts, reached
from app.harvest.reading import understood
from app.models import Connection, Item

ONE_ANSWER = timedelta(seconds=6)
TRIES = 2
PATIENCE = timedelta(seconds=3)


def can_post(session: Session, parts: Parts, item: Item) -> bool:
    """Tell whether something can be said in this channel by Foyer."""
    connection = session.scalar(select(Connection).where(Connection.tool_id == item.tool_id))
    kind = parts.connector_for(connection.kind) if connection else None
    return kind is not None and issubclass(kind, Posts)


def post(parts: Parts, tool_id: int, external_id: str, text: str, *, key: str) -> str:
    """Say a text in a channel; return an empty text, or the sentence that says why it was not.

    The same `key` is said once.
    """
    with parts.database.transaction() as session:
        connection = session.scalar(select(Connection).where(Connection.tool_id == tool_id))
        if connection is None:
            return Wording("The tool is not connected.")
        session.expunge(connection)
        if not breakers.may_ask(session, connection.id, now=parts.now()):
            return Wording("The tool rests after failures.")
    try:
        with reached(_quick(parts), connection) as tool:
            tool.http.client.timeout = httpx.Timeout(ONE_ANSWER.total_seconds())
            if not isinstance(tool.connector, Posts):
                return Wording("Foyer cannot say anything in this tool.")
            with understood(tool):
                tool.connector.post(external_id, text, key)
    except SourceError as error:
        if error.passing:
            with parts.database.transaction() as session:
                breakers.failed(session, connection.id, now=parts.now())
        return error.sentence
    with parts.database.transaction() as session:
        breakers.succeeded(session, connection.id)
    return ""


def _quick(parts: Parts) -> Parts:
    """Return the parts with clients that ask twice at most, and wait for seconds only."""

    def twice(*given: object) -> Http:
        made = parts.make_http(*given)  # type: ignore[arg-type]
        return replace(made, tries=TRIES, patience=PATIENCE)

    return replace(parts, make_http=twice)
