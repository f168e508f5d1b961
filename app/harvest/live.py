"""Asks connected tools a question while a reader waits, each with the breaker that all share.

A tool whose findings depend on who asks is never asked with the company's own token: it answers
with "connect" until there is one of the reader's own. What a tool finds that the catalogue holds
already is that item, if the reader may see it, and nothing at all if they may not.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.queries import items_by_external_id
from app.connectors.base import ErrorKind, Hit, Searches, SourceError
from app.connectors.http import Meter
from app.errors import Wording
from app.harvest import breakers
from app.harvest.fit import fit_hit
from app.harvest.reaching import Parts, Reached, kind_of, reached
from app.harvest.reading import understood
from app.models import Connection
from search.federate import Outcome, ask_all

DEADLINE = timedelta(milliseconds=800)


class Said(StrEnum):
    """What became of the question to one tool."""

    ANSWERED = "answered"
    LATE = "late"
    RESTING = "resting"
    FAILED = "failed"
    CONNECT = "connect"


@dataclass(frozen=True, slots=True)
class Found:
    """One hit; `item_id` is set where the catalogue holds it and the reader may see it."""

    hit: Hit
    item_id: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one tool said. `indexed_at` is when its copy in the catalogue was last brought up."""

    tool: str
    name: str
    said: Said
    found: tuple[Found, ...] = ()
    error: str = ""
    indexed_at: datetime | None = None


def ask(
    parts: Parts,
    query: str,
    *,
    tokens: Collection[str],
    limit: int = 10,
    deadline: timedelta = DEADLINE,
) -> list[Answer]:
    """Ask every connected tool that can be asked; return by the deadline, tools by name.

    `tokens` are the reader's audience. The network is asked outside of any transaction.
    """
    with parts.database.transaction() as session:
        asked = _searching(session, parts)
        may = {one.id for one in asked if _may_ask(session, parts, one)}
    questions = {
        str(one.id): _question(parts, one, query, limit, deadline) for one in asked if one.id in may
    }
    outcomes = ask_all(questions, deadline=deadline)
    with parts.database.transaction() as session:
        for one in asked:
            if one.id in may:
                _note(session, parts, one, outcomes[str(one.id)])
        return [_answer(session, parts, one, outcomes.get(str(one.id)), tokens) for one in asked]


def _searching(session: Session, parts: Parts) -> list[Connection]:
    rows = session.scalars(
        select(Connection).where(Connection.enabled).options(joinedload(Connection.tool))
    )
    found = [one for one in rows if _can_search(parts, one)]
    session.expunge_all()
    return sorted(found, key=lambda one: one.tool.name.casefold())


def _can_search(parts: Parts, connection: Connection) -> bool:
    kind = parts.connector_for(connection.kind)
    return kind is not None and issubclass(kind, Searches)


def _may_ask(session: Session, parts: Parts, connection: Connection) -> bool:
    if kind_of(parts, connection).spec.capabilities.per_user_trim:
        return False
    return breakers.may_ask(session, connection.id, now=parts.now())


def _question(
    parts: Parts, connection: Connection, query: str, limit: int, deadline: timedelta
) -> Callable[[], Sequence[Hit]]:
    ends_at = time.monotonic() + deadline.total_seconds()

    def stop() -> None:
        if time.monotonic() > ends_at:
            raise SourceError(ErrorKind.TRANSIENT, Wording("It did not answer in time."))

    def question() -> Sequence[Hit]:
        with reached(parts, connection, Meter(stop=stop)) as tool, _said_safely(tool):
            tool.http.client.timeout = httpx.Timeout(deadline.total_seconds())
            if not isinstance(tool.connector, Searches):
                return []
            hits = islice(tool.connector.search(query, limit), limit)
            return [kept for hit in hits if (kept := fit_hit(hit, tool.http.redacted))]

    return question


@contextmanager
def _said_safely(tool: Reached) -> Iterator[None]:
    """Let a connector answer; what it complains of is told without the tool's secrets."""
    try:
        with understood(tool):
            yield
    except SourceError as error:
        said = tool.cleaned(error.sentence)
        raise SourceError(error.kind, said, retry_after=error.retry_after) from None


def _note(
    session: Session, parts: Parts, connection: Connection, outcome: Outcome[Sequence[Hit]]
) -> None:
    if outcome.answer is not None:
        breakers.succeeded(session, connection.id)
    elif outcome.late or (isinstance(outcome.error, SourceError) and outcome.error.passing):
        breakers.failed(session, connection.id, now=parts.now())


def _answer(
    session: Session,
    parts: Parts,
    connection: Connection,
    outcome: Outcome[Sequence[Hit]] | None,
    tokens: Collection[str],
) -> Answer:
    said, error = _said(parts, connection, outcome)
    hits = outcome.answer if outcome and outcome.answer else ()
    return Answer(
        connection.tool.slug,
        connection.tool.name,
        said,
        tuple(_seen(session, connection.tool_id, hits, tokens)),
        error,
        connection.last_ok_at,
    )


def _said(
    parts: Parts, connection: Connection, outcome: Outcome[Sequence[Hit]] | None
) -> tuple[Said, str]:
    if outcome is None:
        trimmed = kind_of(parts, connection).spec.capabilities.per_user_trim
        return (Said.CONNECT if trimmed else Said.RESTING), ""
    if outcome.late:
        return Said.LATE, ""
    if outcome.error is not None:
        sentence = outcome.error.sentence if isinstance(outcome.error, SourceError) else ""
        return Said.FAILED, sentence
    return Said.ANSWERED, ""


def _seen(
    session: Session, tool_id: int, hits: Sequence[Hit], tokens: Collection[str]
) -> list[Found]:
    """Return the hits that the reader may see; of what the catalogue holds, by its own word."""
    held = items_by_external_id(session, tool_id, [hit.external_id for hit in hits], tokens=tokens)
    found = []
    for hit in hits:
        if hit.external_id not in held:
            found.append(Found(hit, None))
        elif (item_id := held[hit.external_id]) is not None:
            found.append(Found(hit, item_id))
    return found
