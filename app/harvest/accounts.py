"""Finds the person whom a tool means, and keeps the accounts that nobody is known for.

A person is found by their e-mail address, by a user name that a directory gave, or by what an
administrator linked by hand; never by a name. Of an account that is nobody's only its name and the
number of its statements are kept. As soon as somebody is found for it, by hand or because they
joined, the tool's activity is read again from the beginning, and counts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.stored import in_parts
from app.connectors.base import Account, AccountKind
from app.db import insert_if_missing
from app.errors import Invalid, NotFound, Wording
from app.harvest import runs
from app.models import Connection, Identity, Person, ScimUser, Stream, ToolAccount

LONGEST = 320
MOST_WAITING = 5000
MOST_SHOWN = 500
_SEPARATOR = "|"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def named(account: Account) -> str:
    """Return the name under which an account is kept: `home|name`, or the name alone."""
    name = account.name.casefold() if account.kind is AccountKind.EMAIL else account.name
    return (f"{account.home}{_SEPARATOR}{name}" if account.home else name)[:LONGEST]


def people_of(session: Session, connection: Connection) -> list[Account]:
    """Return everybody whom Foyer knows, as this tool names people; each once."""
    kind = connection.people_by
    if kind == AccountKind.EMAIL:
        emails = session.scalars(select(Person.email).order_by(Person.id))
        return [Account(AccountKind.EMAIL, email) for email in emails]
    if kind == AccountKind.USERNAME:
        return [Account(AccountKind.USERNAME, name) for name in _user_names(session, connection)]
    linked = select(ToolAccount.name).where(
        ToolAccount.connection_id == connection.id,
        ToolAccount.by_hand,
        ToolAccount.name.is_not(None),
    )
    return [_account(name or "") for name in session.scalars(linked.order_by(ToolAccount.name))]


def persons(
    session: Session, connection: Connection, accounts: Collection[Account]
) -> dict[Account, int]:
    """Return the person's id for each account that is somebody's, at a few statements for all.

    A user name that two people have is nobody's. Whoever has left is found as well.
    """
    by_hand = _linked(session, connection.id, {named(one) for one in accounts})
    by_rule = {
        **_by_email(session, [one for one in accounts if one.kind is AccountKind.EMAIL]),
        **_by_user_name(session, connection, accounts),
    }
    found = {one: by_hand.get(named(one), by_rule.get(one)) for one in accounts}
    return {one: person_id for one, person_id in found.items() if person_id is not None}


def note_unknown(
    session: Session, connection_id: int, strangers: Mapping[Account, Sequence[datetime]]
) -> None:
    """Count what was told of accounts that are nobody's, from the moments of the statements.

    What is not later than the latest one counted so far is taken to have been counted. Of a tool
    5,000 accounts may wait: more are not kept, for whoever may write there could name any number.
    """
    known = _waiting_names(session, connection_id, {named(one) for one in strangers})
    left = MOST_WAITING - how_many_wait(session, connection_id)
    for account in sorted(strangers, key=named):
        if named(account) not in known:
            if left <= 0:
                continue
            left -= 1
        moments, row = strangers[account], _noted(session, connection_id, named(account))
        news = [moment for moment in moments if moment > row.seen_at]
        if news:
            row.statements += len(news)
            row.seen_at = max(news)
    session.flush()


def welcome(session: Session, connection: Connection) -> int:
    """See whether unknown accounts have become somebody's; return how many.

    Then the activity is read again from the beginning.
    """
    waiting = list(session.scalars(_waiting(connection.id)))
    accounts = {_account(row.name or ""): row for row in waiting}
    found = persons(session, connection, accounts)
    for account, person_id in found.items():
        accounts[account].person_id = person_id
    if found:
        read_again(session, connection)
    return len(found)


def read_again(session: Session, connection: Connection) -> None:
    """Let the next run read all activity from the beginning; what is known is not counted twice.

    A run that is under way goes on to its end before that.
    """
    connection.people_read_at = None
    runs.drop_cursor(session, connection.id, Stream.ACTIVITY)
    for row in session.scalars(_waiting(connection.id)):
        row.statements, row.seen_at = 0, _NEVER
    session.flush()


def unknown_accounts(
    session: Session, connection_id: int, most: int = MOST_SHOWN
) -> list[ToolAccount]:
    """Return the accounts that are nobody's, those with the most statements first."""
    wanted = _waiting(connection_id).order_by(ToolAccount.statements.desc(), ToolAccount.name)
    return list(session.scalars(wanted.limit(most)))


def linked_by_hand(session: Session, connection_id: int) -> list[ToolAccount]:
    """Return the accounts that an administrator linked, each with its person."""
    wanted = select(ToolAccount).where(
        ToolAccount.connection_id == connection_id,
        ToolAccount.by_hand,
        ToolAccount.person_id.is_not(None),
    )
    loaded = wanted.options(joinedload(ToolAccount.person)).order_by(ToolAccount.name)
    return list(session.scalars(loaded))


def link_account(
    session: Session, connection: Connection, account_id: int, *, email: str
) -> ToolAccount:
    """Say to whom an account belongs; all activity of the tool is then read again.

    Raises NotFound where there is no such account, Invalid for an address that is nobody's.
    """
    account = _row(session, connection.id, account_id)
    wanted = select(Person.id).where(Person.email == email.strip().casefold())
    person_id = session.scalar(wanted)
    if person_id is None:
        raise Invalid({"email": Wording("Nobody here has this e-mail address.")})
    account.person_id, account.by_hand, account.statements = person_id, True, 0
    session.flush()
    read_again(session, connection)
    return account


def unlink_account(session: Session, connection: Connection, account_id: int) -> ToolAccount:
    """Take back to whom an account belongs; what was counted stays. Raises NotFound."""
    account = _row(session, connection.id, account_id)
    account.person_id, account.by_hand = None, False
    session.flush()
    return account


def _waiting_names(session: Session, connection_id: int, names: Collection[str]) -> set[str]:
    return {
        name
        for part in in_parts(sorted(names))
        for name in session.scalars(
            select(ToolAccount.name).where(
                ToolAccount.connection_id == connection_id, ToolAccount.name.in_(part)
            )
        )
        if name is not None
    }


def how_many_wait(session: Session, connection_id: int) -> int:
    """Return how many accounts are nobody's."""
    waiting = _waiting(connection_id).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def _noted(session: Session, connection_id: int, name: str) -> ToolAccount:
    insert_if_missing(
        session,
        ToolAccount,
        connection_id=connection_id,
        name=name,
        by_hand=False,
        statements=0,
        seen_at=_NEVER,
    )
    wanted = select(ToolAccount).where(
        ToolAccount.connection_id == connection_id, ToolAccount.name == name
    )
    return session.scalars(wanted).one()


def _waiting(connection_id: int) -> Select[ToolAccount]:
    return select(ToolAccount).where(
        ToolAccount.connection_id == connection_id,
        ToolAccount.person_id.is_(None),
        ToolAccount.name.is_not(None),
    )


def _row(session: Session, connection_id: int, account_id: int) -> ToolAccount:
    found = session.get(ToolAccount, account_id)
    if found is None or found.connection_id != connection_id or found.name is None:
        raise NotFound(Wording("There is no such account."))
    return found


def _account(name: str) -> Account:
    """Return the account that is kept under this name."""
    home, separator, own = name.partition(_SEPARATOR)
    if separator:
        return Account(AccountKind.ACCOUNT, own, home)
    kind = AccountKind.EMAIL if "@" in name else AccountKind.USERNAME
    return Account(kind, name)


def _linked(session: Session, connection_id: int, names: Collection[str]) -> dict[str, int]:
    return {
        row.name: row.person_id
        for part in in_parts(sorted(names))
        for row in session.execute(
            select(ToolAccount.name, ToolAccount.person_id).where(
                ToolAccount.connection_id == connection_id,
                ToolAccount.name.in_(part),
                ToolAccount.by_hand,
                ToolAccount.person_id.is_not(None),
            )
        )
    }


def _by_email(session: Session, accounts: Collection[Account]) -> dict[Account, int]:
    ids = _ids_by_email(session, {one.name.casefold() for one in accounts})
    return {one: ids[one.name.casefold()] for one in accounts if one.name.casefold() in ids}


def _ids_by_email(session: Session, emails: Iterable[str]) -> dict[str, int]:
    return {
        row.email: row.id
        for part in in_parts(sorted(emails))
        for row in session.execute(select(Person.email, Person.id).where(Person.email.in_(part)))
    }


def _by_user_name(
    session: Session, connection: Connection, accounts: Collection[Account]
) -> dict[Account, int]:
    """Return who has each user name: by SCIM, by a provider, or as the name of their address.

    The name of an xAPI account counts as a user name only where the administrator said so.
    """
    if connection.people_by != AccountKind.USERNAME:
        return {}
    asked = [one for one in accounts if one.kind is not AccountKind.EMAIL]
    names = sorted({one.name for one in asked})
    lower = sorted({name.lower() for name in names})
    found: dict[str, set[int]] = defaultdict(set)
    for part in in_parts(lower):
        by_scim = select(ScimUser.user_name, ScimUser.person_id).where(ScimUser.user_name.in_(part))
        for user_name, person_id in session.execute(by_scim):
            found[user_name].add(person_id)
    subjects: dict[str, set[int]] = defaultdict(set)
    for part in in_parts(names):
        by_provider = select(Identity.subject, Identity.person_id).where(Identity.subject.in_(part))
        for subject, person_id in session.execute(by_provider):
            subjects[subject].add(person_id)
    domain = connection.people_domain.strip().lstrip("@").casefold()
    emails = {f"{name}@{domain}": name for name in lower} if domain else {}
    for email, person_id in _ids_by_email(session, emails).items():
        found[emails[email]].add(person_id)
    alike = {one: found[one.name.lower()] | subjects[one.name] for one in asked}
    return {one: min(ids) for one, ids in alike.items() if len(ids) == 1}


def _user_names(session: Session, connection: Connection) -> list[str]:
    names = dict.fromkeys(session.scalars(select(ScimUser.user_name).order_by(ScimUser.person_id)))
    domain = connection.people_domain.strip().lstrip("@").casefold()
    if domain:
        ending = f"@{domain}"
        emails = session.scalars(select(Person.email).order_by(Person.id))
        names |= dict.fromkeys(
            email.removesuffix(ending) for email in emails if email.endswith(ending)
        )
    subjects = session.scalars(select(Identity.subject).order_by(Identity.id))
    return list(names | dict.fromkeys(subjects))
