"""Asks connected tools a question while a reader waits, each with the breaker that all share.

A tool whose findings depend on who asks is never asked with the company's own token: it answers
with "connect" until there is one of the reader's own, and what it then finds is shown to this
reader alone. What a tool finds that the catalogue holds
already is that item, if the reader may see it, and nothing at all if they may not. A tool of whose
items the reader may see none is neither asked nor named.

Nobody waits longer than the deadline, nor for one tool longer than its budget; a question is given
up at its `LATEST`, until when a late answer may still be fetched (`Asked.answers` once more).
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

import httpx
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.queries import items_by_external_id, items_by_key
from app.catalogue.sameness import address_key
from app.connectors.base import ErrorKind, Hit, Searches, SourceError
from app.connectors.http import Http, Meter
from app.connectors.personal import AsksAsPerson
from app.errors import Wording
from app.harvest import breakers, own_accounts, own_tokens
from app.harvest.fit import fit_hit
from app.harvest.livehits import audience_of_new, may_see, opened_at
from app.harvest.reaching import Parts, Reached, kind_of, reached
from app.harvest.reading import understood
from app.models import Connection, Item, visible_to
from search.federate import Outcome, Round

DEADLINE = timedelta(milliseconds=800)
LATEST = timedelta(seconds=2)
# what answers one request out of its own index; others are given the whole deadline
BUDGETS: Mapping[str, timedelta] = {
    "kolibri": timedelta(milliseconds=600),
    "matrix": timedelta(milliseconds=600),
    "mediawiki": timedelta(milliseconds=600),
    "peertube": timedelta(milliseconds=600),
    "wordpress": timedelta(milliseconds=600),
}


class Said(StrEnum):
    """What became of the question to one tool."""

    ANSWERED = "answered"
    LATE = "late"
    RESTING = "resting"
    FAILED = "failed"
    CONNECT = "connect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, by whom. `tokens` are the reader's audience; `tools` None means every one."""

    words: str
    tokens: frozenset[str]
    person_id: int | None = None
    tools: frozenset[str] | None = None
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Found:
    """One hit; `item_id` is set where the catalogue holds it and the reader may see it.

    `keys` are what its address says of it (`sameness`): two with one in common are one thing.
    """

    hit: Hit
    item_id: int | None = None
    keys: frozenset[str] = frozenset()


Hits = Sequence[Found]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one tool said. `indexed_at` is when its copy in the catalogue was last brought up."""

    tool: str
    name: str
    said: Said
    found: tuple[Found, ...] = ()
    error: str = ""
    indexed_at: datetime | None = None
    kind: str = ""


class Asked:
    """A question on its way to every tool that may be asked."""

    def __init__(self, parts: Parts, question: Question, latest: timedelta = LATEST) -> None:
        """Ask all of them now. The network is asked outside of any transaction."""
        self._parts, self._question = parts, question
        self._ends_at = ends_at = time.monotonic() + latest.total_seconds()
        with parts.database.transaction() as session:
            self._tools = _searching(session, parts, question)
            accounts = own_accounts.usable_accounts(session, question.person_id)
            may = [one for one in self._tools if _may_ask(session, parts, one, accounts)]
        self._round = Round(
            {str(one.id): _put(parts, one, question, accounts, ends_at) for one in may},
        )
        self._accounts = frozenset(accounts)
        self._budgets = {str(one.id): BUDGETS.get(one.kind, DEADLINE) for one in may}
        self._noted: set[str] = set()

    @property
    def anybody(self) -> bool:
        """Tell whether there is any tool to speak of."""
        return bool(self._tools)

    @property
    def is_over(self) -> bool:
        """Tell whether nobody is given any more time."""
        return time.monotonic() > self._ends_at

    def answers(self, deadline: timedelta = DEADLINE) -> list[Answer]:
        """Return what every tool said by the deadline, by name; called later, what came since."""
        budgets = self._budgets if deadline <= DEADLINE else {}  # more time is for every tool
        outcomes = self._round.wait(deadline, budgets)
        with self._parts.database.transaction() as session:
            for one in self._tools:
                if outcome := outcomes.get(str(one.id)):
                    self._note(session, one, outcome)
            said = [(one, outcomes.get(str(one.id))) for one in self._tools]
            return _answers(session, self._parts, self._question, said, self._accounts)

    def _note(self, session: Session, one: Connection, outcome: Outcome[Hits]) -> None:
        """Tell the breaker what became of a question, and again if the answer came late."""
        name = f"{one.id} late" if outcome.late else f"{one.id}"
        if name in self._noted:
            return
        self._noted.add(name)
        if outcome.answer is not None:
            breakers.succeeded(session, one.id)
        elif outcome.late or (_passing(outcome.error) and f"{one.id} late" not in self._noted):
            breakers.failed(session, one.id, now=self._parts.now())


def ask(
    parts: Parts,
    query: str,
    *,
    tokens: Collection[str],
    person_id: int | None = None,
    limit: int = 10,
    deadline: timedelta = DEADLINE,
) -> list[Answer]:
    """Ask every connected tool that can be asked; return by the deadline, tools by name."""
    question = Question(words=query, tokens=frozenset(tokens), person_id=person_id, limit=limit)
    return Asked(parts, question, max(deadline, LATEST)).answers(deadline)


def anybody_to_ask(session: Session, parts: Parts) -> bool:
    """Tell, in one statement, whether any connected tool can be asked at all."""
    rows = session.scalars(select(Connection).where(Connection.enabled))
    return any(_can_search(parts, one) for one in rows.all())


def _searching(session: Session, parts: Parts, question: Question) -> list[Connection]:
    """Return the connections to speak of, by the name of their tools."""
    items = select(Item.id).where(Item.tool_id == Connection.tool_id)
    seen = items.where(visible_to(Item.audience_id, question.tokens))
    rows = session.scalars(
        select(Connection)
        .where(Connection.enabled, or_(seen.exists(), ~items.exists()))
        .options(joinedload(Connection.tool))
    )
    found = [
        one
        for one in rows
        if _can_search(parts, one) and (question.tools is None or one.tool.slug in question.tools)
    ]
    session.expunge_all()
    return sorted(found, key=lambda one: one.tool.name.casefold())


def _can_search(parts: Parts, connection: Connection) -> bool:
    kind = parts.connector_for(connection.kind)
    if kind is not None and issubclass(kind, AsksAsPerson):
        return own_accounts.is_offered(parts, connection)
    return kind is not None and issubclass(kind, Searches)


def _may_ask(
    session: Session, parts: Parts, connection: Connection, accounts: Mapping[int, int]
) -> bool:
    trimmed = kind_of(parts, connection).spec.capabilities.per_user_trim
    if trimmed and connection.id not in accounts:
        return False
    return breakers.may_ask(session, connection.id, now=parts.now())


def _put(
    parts: Parts,
    connection: Connection,
    question: Question,
    accounts: Mapping[int, int],
    ends_at: float,
) -> Callable[[], Hits]:
    """Return what puts the question to one tool, once: nobody waits for a second try.

    A tool that trims by person is asked with the reader's own account, and with nothing else.
    """
    trimmed = kind_of(parts, connection).spec.capabilities.per_user_trim
    words, limit = question.words, question.limit

    def stop() -> None:
        if time.monotonic() > ends_at:
            raise SourceError(ErrorKind.TRANSIENT, Wording("It did not answer in time."))

    def once(*given: object) -> Http:
        return replace(parts.make_http(*given), tries=1)  # type: ignore[arg-type]

    def asked() -> Hits:
        patient = replace(parts, make_http=once)
        with reached(patient, connection, Meter(stop=stop)) as tool, _said_safely(tool):
            tool.http.client.timeout = httpx.Timeout(max(0.001, ends_at - time.monotonic()))
            hits: Sequence[Hit] = ()
            if trimmed:
                own = accounts[connection.id]
                hits = own_tokens.ask_as(parts, connection, tool, own, words, limit)
            elif isinstance(tool.connector, Searches):
                hits = tool.connector.search(words, limit)
            return [shown for hit in islice(hits, limit) if (shown := _shown(tool, hit))]

    return asked


def _shown(tool: Reached, hit: Hit) -> Found | None:
    """Return a hit as it can be shown and opened; None where it cannot."""
    kept = fit_hit(hit, tool.http.redacted)
    opened = opened_at(tool.connector, tool.http.base, kept) if kept else None
    if kept is None or opened is None:
        return None
    keys = {address_key(kept.url), address_key(opened.url)} - {""}
    return Found(opened, keys=frozenset(keys))


@contextmanager
def _said_safely(tool: Reached) -> Iterator[None]:
    """Let a connector answer; what it complains of is told without the tool's secrets."""
    try:
        with understood(tool):
            yield
    except SourceError as error:
        said = tool.cleaned(error.sentence)
        raise SourceError(error.kind, said, retry_after=error.retry_after) from None


def _passing(error: Exception | None) -> bool:
    return isinstance(error, SourceError) and error.passing


def _answers(
    session: Session,
    parts: Parts,
    question: Question,
    said: Sequence[tuple[Connection, Outcome[Hits] | None]],
    accounts: Collection[int],
) -> list[Answer]:
    answers = [_answer(session, parts, question, *one, accounts) for one in said]
    keys = {key for each in answers for one in each.found if not one.item_id for key in one.keys}
    held = items_by_key(session, keys, tokens=question.tokens)
    return [replace(each, found=tuple(_recognised(each.found, held))) for each in answers]


def _answer(
    session: Session,
    parts: Parts,
    question: Question,
    connection: Connection,
    outcome: Outcome[Hits] | None,
    accounts: Collection[int],
) -> Answer:
    trimmed = kind_of(parts, connection).spec.capabilities.per_user_trim
    to_connect = trimmed and (connection.id not in accounts or _is_over(outcome))
    said, error = (Said.CONNECT, "") if to_connect else _said(outcome)
    hits = outcome.answer if outcome and outcome.answer else ()
    return Answer(
        connection.tool.slug,
        connection.tool.name,
        said,
        tuple(_seen(session, parts, connection, hits, question.tokens)),
        error,
        connection.last_ok_at,
        connection.tool.kind,
    )


def _is_over(outcome: Outcome[Hits] | None) -> bool:
    """Tell whether a person's own account does not count any more."""
    error = outcome.error if outcome else None
    return isinstance(error, SourceError) and error.kind in own_tokens.OVER


def _said(outcome: Outcome[Hits] | None) -> tuple[Said, str]:
    if outcome is None:
        return Said.RESTING, ""
    if outcome.late:
        return Said.LATE, ""
    if outcome.error is not None:
        sentence = outcome.error.sentence if isinstance(outcome.error, SourceError) else ""
        return Said.FAILED, sentence
    return Said.ANSWERED, ""


def _seen(
    session: Session, parts: Parts, connection: Connection, hits: Hits, tokens: Collection[str]
) -> Iterator[Found]:
    """Yield the hits that the reader may see; of what the catalogue holds, by its own word."""
    if not hits:
        return
    one_each = {one.hit.external_id: one for one in hits}
    held = items_by_external_id(session, connection.tool_id, list(one_each), tokens=tokens)
    spec = kind_of(parts, connection).spec
    own = spec.capabilities.per_user_trim  # found with the reader's own token, shown to nobody else
    new = own or may_see(audience_of_new(connection, spec), tokens)
    for external_id, one in one_each.items():
        item_id = held.get(external_id)
        if item_id is not None or (new and external_id not in held):
            yield replace(one, item_id=item_id)


def _recognised(found: Hits, held: Mapping[str, int | None]) -> Iterator[Found]:
    """Yield hits, those as items that another tool's item is; none that may not be seen there."""
    for one in found:
        known = [held[key] for key in one.keys if key in held]
        if one.item_id or not known:
            yield one
        elif item_ids := [item_id for item_id in known if item_id is not None]:
            yield replace(one, item_id=min(item_ids))
