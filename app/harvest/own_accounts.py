"""People's own accounts in tools: the way there, the way back, and forgetting them again.

The way there is a row with the hash of a random state, bound to the person and to the session in
which they left: it is used up by the first return of that very session, and good for fifteen
minutes. Tokens are sealed under the vault's key. Nothing is asked of a tool inside a transaction.
"""

import json
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from app.connectors.base import ErrorKind, SourceError, Spec
from app.connectors.personal import AsksAsPerson, Grant, authorise_address, redeemed
from app.errors import Untrusted, Wording
from app.harvest import own_tokens
from app.harvest.reaching import Parts, reached
from app.models import Connection, PendingAccount, Person, PersonalAccount
from app.vault import CannotOpenError

LIFE = timedelta(minutes=15)
UNKNOWN = Wording(
    "This connection was not begun in this session, was used already, or took too long. "
    "Please begin again."
)
_SETTINGS = "accounts_client_id"
_SECRET = "accounts_client_secret"  # noqa: S105 (a setting's name)


@dataclass(frozen=True, slots=True)
class OwnTool:
    """A tool that people can have asked as themselves, and this person's account in it if any."""

    connection: Connection
    spec: Spec
    account: PersonalAccount | None
    offered: bool


@dataclass(frozen=True, slots=True)
class Back:
    """A return that may be believed: from where, the secret of the way there, where to go now."""

    connection_id: int
    verifier: str
    return_to: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a tool gave for a code, and what it calls the account."""

    grant: Grant
    name: str


def hashed(state: str) -> str:
    """Return what is kept of a state."""
    return sha256(state.encode()).hexdigest()


def tools_of(session: Session, parts: Parts, person_id: int) -> list[OwnTool]:
    """Return the tools where the person has an account or can connect one, by name."""
    rows = session.scalars(select(PersonalAccount).where(PersonalAccount.person_id == person_id))
    accounts = {row.connection_id: row for row in rows}
    found = []
    for one in session.scalars(select(Connection).options(joinedload(Connection.tool))):
        kind = parts.connector_for(one.kind)
        if kind is None or not issubclass(kind, AsksAsPerson):
            continue
        own = OwnTool(one, kind.spec, accounts.get(one.id), is_offered(parts, one))
        if own.offered or own.account:
            found.append(own)
    return sorted(found, key=lambda own: own.connection.tool.name.casefold())


def is_offered(parts: Parts, connection: Connection) -> bool:
    """Tell whether people can connect their own accounts in this tool."""
    kind = parts.connector_for(connection.kind)
    return (
        kind is not None
        and issubclass(kind, AsksAsPerson)
        and connection.enabled
        and bool(connection.settings.get(_SETTINGS))
        and bool(connection.secrets.get(_SECRET))
    )


def begin(
    session: Session,
    parts: Parts,
    connection: Connection,
    *,
    person_id: int,
    session_id: int,
    return_to: str = "",
) -> None:
    """Remember that this session wants to connect an account; an earlier way there ends."""
    now = parts.now()
    session.execute(
        delete(PendingAccount).where(
            (PendingAccount.expires_at < now)
            | (
                (PendingAccount.session_id == session_id)
                & (PendingAccount.connection_id == connection.id)
            )
        )
    )
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    sealed = parts.vault.seal(json.dumps({"state": state, "verifier": verifier}))
    session.add(
        PendingAccount(
            state_hash=hashed(state),
            person_id=person_id,
            session_id=session_id,
            connection_id=connection.id,
            verifier=sealed,
            return_to=return_to,
            expires_at=now + LIFE,
        )
    )
    session.flush()


def way_there(
    session: Session,
    parts: Parts,
    connection: Connection,
    *,
    person_id: int,
    session_id: int,
    redirect_uri: str,
) -> str:
    """Return the address at the tool to which this session was about to go, or an empty text.

    Raises SourceError when the tool's settings are not complete.
    """
    row = session.scalar(
        select(PendingAccount).where(
            PendingAccount.person_id == person_id,
            PendingAccount.session_id == session_id,
            PendingAccount.connection_id == connection.id,
            PendingAccount.expires_at > parts.now(),
        )
    )
    if row is None:
        return ""
    kept = _opened(parts, row.verifier)
    with reached(parts, connection) as tool:
        oauth = own_tokens.asking(tool).personal()
        if oauth is None:
            return ""
        return authorise_address(oauth, redirect_uri=redirect_uri, **kept)


def take_back(
    session: Session, parts: Parts, state: str, *, person_id: int, session_id: int
) -> Back:
    """Use up the state that somebody brings back; of two returns that race, one wins.

    Raises Untrusted when it is not this person's, of this session, or over.
    """
    found = session.execute(
        delete(PendingAccount)
        .where(
            PendingAccount.state_hash == hashed(state),
            PendingAccount.person_id == person_id,
            PendingAccount.session_id == session_id,
            PendingAccount.expires_at > parts.now(),
        )
        .returning(PendingAccount.connection_id, PendingAccount.verifier, PendingAccount.return_to)
    ).first()
    if found is None:
        raise Untrusted(UNKNOWN, "no pending account of this session has that state")
    verifier = _opened(parts, found.verifier)["verifier"]
    return Back(found.connection_id, verifier, found.return_to)


def exchange(
    parts: Parts,
    connection: Connection,
    back: Back,
    *,
    code: str,
    redirect_uri: str,
    issuer: str = "",
) -> Given:
    """Change the code for tokens, and ask whose account they are of.

    `issuer` is who says to have answered (RFC 9207), if anybody does. Raises SourceError, without
    the tool's secrets, when the tool does not give any tokens.
    """
    with own_tokens.reached_soon(parts, connection) as tool, own_tokens.told_safely(tool):
        asking = own_tokens.asking(tool)
        oauth = asking.personal()
        if oauth is None:
            raise SourceError(ErrorKind.CONFIG, Wording("Its settings name no app for that."))
        if issuer and not _same_host(issuer, oauth.authorise):
            raise SourceError(ErrorKind.CONFIG, Wording("Another service answered than was asked."))
        grant = redeemed(
            tool.http, oauth, code=code, verifier=back.verifier, redirect_uri=redirect_uri
        )
        whose = asking.whose(grant)
    return Given(replace(grant, place=whose.place), whose.name)


def revoke(parts: Parts, *, person_id: int, connection_id: int) -> bool:
    """Let the tool forget a person's account, within ten seconds; return whether it has.

    Ours is not touched, and whoever forgets that afterwards need not mind what is returned here.
    """
    with parts.database.transaction() as session:
        account = account_of(session, person_id, connection_id)
        connection = session.get(Connection, connection_id)
        session.expunge_all()
    if account is None or connection is None:
        return False
    try:
        grant = own_tokens.opened(parts.vault, account.tokens)
        with own_tokens.reached_soon(parts, connection) as tool, own_tokens.told_safely(tool):
            return own_tokens.asking(tool).revoke(grant)
    except (SourceError, CannotOpenError):
        return False


def forget(session: Session, *, person_id: int, connection_id: int) -> None:
    """Forget a person's account."""
    session.execute(
        delete(PersonalAccount).where(
            PersonalAccount.person_id == person_id,
            PersonalAccount.connection_id == connection_id,
        )
    )


def account_of(session: Session, person_id: int, connection_id: int) -> PersonalAccount | None:
    """Return a person's own account in a tool, or None."""
    return session.scalar(
        select(PersonalAccount).where(
            PersonalAccount.person_id == person_id,
            PersonalAccount.connection_id == connection_id,
        )
    )


def usable_accounts(session: Session, person_id: int | None) -> dict[int, int]:
    """Return the person's accounts that can be used now, by connection; none of who has left."""
    if person_id is None:
        return {}
    rows = session.execute(
        select(PersonalAccount.connection_id, PersonalAccount.id)
        .join(Person)
        .where(
            PersonalAccount.person_id == person_id,
            PersonalAccount.trouble == "",
            Person.active,
        )
    )
    return {row.connection_id: row.id for row in rows}


def _same_host(one: str, other: str) -> bool:
    try:
        return urlsplit(one).hostname == urlsplit(other).hostname
    except ValueError:
        return False


def _opened(parts: Parts, sealed: str) -> dict[str, str]:
    """Return the state and the verifier; raise Untrusted when the secret key has changed since."""
    try:
        kept: dict[str, str] = json.loads(parts.vault.open(sealed))
    except CannotOpenError as error:
        raise Untrusted(UNKNOWN, "the pending account was sealed under another key") from error
    return kept
