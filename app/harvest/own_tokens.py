"""A person's own tokens: sealed, opened for a question, renewed by one request at a time.

A tool may take a refresh token once and give the next with the answer. So one request alone asks
for new tokens: it takes a lease in the account's row, keeps what it is given in a transaction of
its own, and only where the old tokens still stand; others wait for what it keeps. Renewing has ten
seconds of its own and goes on when the page that began it is no longer waiting: an answer that
nobody hears would be the end of the account.
"""

import html
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.connectors.base import ErrorKind, Hit, SourceError
from app.connectors.http import Meter
from app.connectors.personal import AsksAsPerson, Grant, renewed
from app.db import insert_if_missing
from app.errors import Wording
from app.harvest.reaching import Parts, Reached, reached
from app.harvest.reading import understood
from app.intake.text import keepable, plain
from app.models import Connection, Person, PersonalAccount
from app.vault import CannotOpenError, Vault

PATIENCE = timedelta(seconds=10)
LEASE = timedelta(seconds=30)
OVER = frozenset({ErrorKind.AUTH_EXPIRED, ErrorKind.AUTH_INVALID})
_SOON = timedelta(seconds=60)
_STEP = 0.05
_LONGEST_NAME = 200
_AGAIN = Wording("Connect your account again.")


def seal(vault: Vault, grant: Grant) -> str:
    """Return what the database keeps of a grant."""
    values = {"access": grant.access, "refresh": grant.refresh, "place": grant.place}
    return vault.seal(json.dumps(values))


def opened(vault: Vault, sealed: str) -> Grant:
    """Return the grant; raise CannotOpenError when it was sealed under another key."""
    return Grant(**json.loads(vault.open(sealed)))


def keep_new(
    session: Session,
    parts: Parts,
    connection: Connection,
    person_id: int,
    grant: Grant,
    name: str,
) -> None:
    """Keep a grant as the person's account in this tool, in place of an earlier one.

    Raises SourceError(CONFIG) when the tool is meanwhile another, or the person is not let in.
    """
    row = session.get(Connection, connection.id, with_for_update=True)
    person = session.get(Person, person_id)
    same = row is not None and row.settings.get("address") == connection.settings.get("address")
    if not same or person is None or not person.active:
        raise SourceError(ErrorKind.CONFIG, Wording("The tool was changed meanwhile."))
    now, tokens = parts.now(), seal(parts.vault, grant)
    key = {"person_id": person_id, "connection_id": connection.id}
    insert_if_missing(session, PersonalAccount, **key, tokens=tokens, connected_at=now)
    session.execute(
        update(PersonalAccount)
        .filter_by(**key)
        .values(
            name=_kept_name(name),
            scopes=keepable(grant.scopes),
            tokens=tokens,
            expires_at=_end(grant, now),
            renewing_until=None,
            connected_at=now,
            trouble="",
        )
    )


def ask_as(
    parts: Parts, connection: Connection, tool: Reached, account_id: int, query: str, limit: int
) -> Sequence[Hit]:
    """Return what the tool finds for the account's person, asked with their token alone.

    Raises SourceError; AUTH_EXPIRED or AUTH_INVALID when they have to connect it again, which the
    account then says.
    """
    grant, tokens = _usable(parts, connection, account_id)
    try:
        return _found(tool, grant, query, limit)
    except SourceError as error:
        if error.kind not in OVER:
            raise
        if not grant.refresh:
            _give_up(parts, account_id, tokens, error)
            raise
    grant, tokens = _renew(parts, connection, account_id, tokens)
    try:
        return _found(tool, grant, query, limit)
    except SourceError as error:
        if error.kind in OVER:
            _give_up(parts, account_id, tokens, error)
        raise


def asking(tool: Reached) -> AsksAsPerson:
    """Return the connector as one that asks as a person; raise SourceError for another."""
    if not isinstance(tool.connector, AsksAsPerson):
        raise SourceError(ErrorKind.CONFIG, Wording("This tool cannot be asked as a person."))
    return tool.connector


@contextmanager
def reached_soon(parts: Parts, connection: Connection) -> Iterator[Reached]:
    """Give the tool of a connection for a question or two that may take ten seconds."""
    ends_at = time.monotonic() + PATIENCE.total_seconds()

    def stop() -> None:
        if time.monotonic() > ends_at:
            raise SourceError(ErrorKind.TRANSIENT, Wording("It did not answer in time."))

    with reached(parts, connection, Meter(stop=stop)) as tool:
        tool.http.client.timeout = PATIENCE.total_seconds()
        yield tool


@contextmanager
def told_safely(tool: Reached) -> Iterator[None]:
    """Let a connector answer; what it complains of is told without the tool's secrets."""
    try:
        with understood(tool):
            yield
    except SourceError as error:
        said = tool.cleaned(error.sentence)
        raise SourceError(error.kind, said, retry_after=error.retry_after) from None


def _kept_name(name: str) -> str:
    """Return a name on one line, without what a database refuses to keep."""
    return keepable(plain(html.escape(name[:_LONGEST_NAME], quote=False)))[:_LONGEST_NAME]


def _found(tool: Reached, grant: Grant, query: str, limit: int) -> Sequence[Hit]:
    return asking(tool).search_as(grant, query, limit)


def _usable(parts: Parts, connection: Connection, account_id: int) -> tuple[Grant, str]:
    """Return the account's grant, renewed if it is about to end, and how it is kept."""
    row = _row(parts, account_id)
    if row.expires_at and row.expires_at - parts.now() < _SOON:
        grant = _opened(parts, row)
        if grant.refresh:
            return _renew(parts, connection, account_id, row.tokens)
    return _opened(parts, row), row.tokens


def _renew(parts: Parts, connection: Connection, account_id: int, tokens: str) -> tuple[Grant, str]:
    """Return new tokens for these, got by this request or by the one that is at it already."""
    ends_at = time.monotonic() + PATIENCE.total_seconds()
    while not _leased(parts, account_id, tokens):
        row = _row(parts, account_id)
        if row.tokens != tokens:
            return _opened(parts, row), row.tokens
        if time.monotonic() > ends_at:
            raise SourceError(ErrorKind.TRANSIENT, Wording("It did not answer in time."))
        time.sleep(_STEP)
    try:
        return _exchanged(parts, connection, account_id, tokens)
    except SourceError as error:
        if error.kind in OVER:
            _give_up(parts, account_id, tokens, error)
        else:
            _change(parts, account_id, tokens, renewing_until=None)
        raise


def _exchanged(
    parts: Parts, connection: Connection, account_id: int, tokens: str
) -> tuple[Grant, str]:
    with reached_soon(parts, connection) as tool, told_safely(tool):
        connector = asking(tool)
        oauth = connector.personal()
        if oauth is None:
            raise SourceError(ErrorKind.CONFIG, Wording("Its settings name no app for that."))
        grant = renewed(tool.http, oauth, opened(parts.vault, tokens))
    sealed, now = seal(parts.vault, grant), parts.now()
    ends_at = _end(grant, now)
    if not _change(
        parts, account_id, tokens, tokens=sealed, expires_at=ends_at, renewing_until=None
    ):
        raise SourceError(ErrorKind.AUTH_EXPIRED, _AGAIN)
    return grant, sealed


def _leased(parts: Parts, account_id: int, tokens: str) -> bool:
    """Tell whether this request is the one to renew these tokens."""
    now = parts.now()
    free = (PersonalAccount.renewing_until.is_(None)) | (PersonalAccount.renewing_until < now)
    with parts.database.transaction() as session:
        done = session.execute(
            update(PersonalAccount)
            .where(PersonalAccount.id == account_id, PersonalAccount.tokens == tokens, free)
            .values(renewing_until=now + LEASE)
            .returning(PersonalAccount.id)
        )
        return done.first() is not None


def _change(parts: Parts, account_id: int, held: str, **values: object) -> bool:
    """Change the account, if it still has these tokens; tell whether it had."""
    with parts.database.transaction() as session:
        done = session.execute(
            update(PersonalAccount)
            .where(PersonalAccount.id == account_id, PersonalAccount.tokens == held)
            .values(**values)
            .returning(PersonalAccount.id)
        )
        return done.first() is not None


def _give_up(parts: Parts, account_id: int, tokens: str, error: SourceError) -> None:
    _change(parts, account_id, tokens, trouble=error.sentence, renewing_until=None)


def _row(parts: Parts, account_id: int) -> PersonalAccount:
    """Return the account; raise SourceError(AUTH_EXPIRED) when it is gone or in trouble."""
    with parts.database.transaction() as session:
        row = session.get(PersonalAccount, account_id)
        session.expunge_all()
    if row is None or row.trouble:
        raise SourceError(ErrorKind.AUTH_EXPIRED, _AGAIN)
    return row


def _opened(parts: Parts, row: PersonalAccount) -> Grant:
    try:
        return opened(parts.vault, row.tokens)
    except CannotOpenError as error:
        trouble = SourceError(ErrorKind.AUTH_EXPIRED, Wording("It was sealed under another key."))
        _give_up(parts, row.id, row.tokens, trouble)
        raise trouble from error


def _end(grant: Grant, now: datetime) -> datetime | None:
    return now + grant.lasts if grant.lasts else None
