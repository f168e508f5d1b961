"""Fetches newer metadata of the providers that publish theirs, hour by hour.

Whatever goes wrong, the last good copy stays and the provider's row says what went wrong. A new
signing key is believed only if the metadata is signed by the pinned signer or came over TLS from
the host that an administrator named. Nothing is fetched while a transaction is open.
"""

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import outbound
from app.audit.service import Event, append
from app.db import Database
from app.errors import FoyerError, Invalid, Wording, said_by
from app.models import IdentityProvider, Protocol
from app.saml import documents, metadata, providers
from app.saml.providers import Changes

ACTOR = "the hourly refresh"
SHORTEST, LONGEST = timedelta(hours=1), timedelta(hours=24)

_SLACK = timedelta(minutes=5)  # runs are an hour apart, but for what each one takes
_LONGEST_PROBLEM = 500
log = logging.getLogger(__name__)

Fetch = Callable[[str], bytes]


def fetch_metadata(url: str, private_hosts: Collection[str] = ()) -> bytes:
    """Return what the address answers; raise Invalid, for `metadata_url`, saying why it cannot.

    Redirects are followed on the same host only, since that host is what vouches for the keys.
    """
    try:
        with outbound.client(private_hosts) as client:
            found = outbound.fetch(client, url, largest=documents.LARGEST, redirects=3)
    except FoyerError as error:
        raise _not_fetched(
            Wording("It could not be fetched: %(why)s.", why=said_by(error))
        ) from error
    there = outbound.parsed(found.url).host
    if there != outbound.parsed(url).host:
        raise _not_fetched(Wording("It leads to another host, %(host)s.", host=there))
    if found.status != 200:
        raise _not_fetched(Wording("It answers with status %(status)d.", status=found.status))
    return found.body


def refresh(
    session: Session,
    provider: IdentityProvider,
    fetch: Fetch,
    *,
    private_hosts: Collection[str] = (),
    now: datetime,
) -> Changes | None:
    """Take newer metadata from the provider's address; return what changed.

    Returns None when that failed: `metadata_problem` then says why, and the last good copy stays.
    `fetch` gives the document at an address or raises a FoyerError.
    """
    provider.metadata_checked_at = now
    try:
        xml = fetch(provider.metadata_url)
        _check_new_keys(provider, xml, private_hosts, now)
        return providers.replace_metadata(
            session, provider, xml, private_hosts=private_hosts, now=now
        )
    except FoyerError as error:
        provider.metadata_problem = _in_words(error)
        session.flush()
        return None


def is_due(provider: IdentityProvider, *, now: datetime) -> bool:
    """Tell whether the provider's metadata should be fetched again.

    As often as its cacheDuration says, but at least daily and at most hourly; hourly after a
    failure and on its last day.
    """
    if not provider.metadata_url:
        return False
    if provider.metadata_checked_at is None:
        return True
    return now - provider.metadata_checked_at >= _pause(provider, now) - _SLACK


def refresh_due(database: Database, private_hosts: Collection[str] = (), *, now: datetime) -> None:
    """Refresh every provider that is due, each in a transaction of its own.

    What one of them does wrong stops none of the others.
    """
    with database.transaction() as session:
        due = [row.id for row in _published(session) if is_due(row, now=now)]
    for provider_id in due:
        try:
            refresh_one(database, provider_id, private_hosts, now=now)
        except Exception:
            log.exception("the metadata was not refreshed", extra={"provider": provider_id})


def refresh_one(
    database: Database,
    provider_id: int,
    private_hosts: Collection[str] = (),
    *,
    now: datetime,
    actor: str = ACTOR,
) -> None:
    """Fetch one provider's metadata, then take it and write the audit log in one transaction."""
    with database.transaction() as session:
        found = session.get(IdentityProvider, provider_id)
        url = found.metadata_url if found else ""
    if not url:
        return
    answer = _answer(url, private_hosts)
    with database.transaction() as session:
        provider = session.get(IdentityProvider, provider_id)
        if provider is None or provider.metadata_url != url:
            return
        before = provider.metadata_problem
        changes = refresh(session, provider, answer, private_hosts=private_hosts, now=now)
        append(session, events(provider, changes, before=before, actor=actor), now=now)


def events(
    provider: IdentityProvider, changes: Changes | None, *, before: str, actor: str
) -> list[Event]:
    """Return what the audit log should say of a refresh; nothing when nothing is new.

    `before` is the problem that the provider had before it.
    """
    if changes is None:
        if provider.metadata_problem == before:
            return []
        problem = {"problem": provider.metadata_problem}
        return [_event(provider, "metadata_refused", actor, outcome="refused", details=problem)]
    found = [
        _event(
            provider,
            "new_signing_key",
            actor,
            details={"fingerprint": one.fingerprint, "valid_until": one.valid_until.isoformat()},
        )
        for one in changes.keys_added
    ]
    if changes:
        found.insert(0, _event(provider, "metadata_changed", actor, details=changes.details()))
    return found


def _published(session: Session) -> list[IdentityProvider]:
    saml = select(IdentityProvider).filter_by(protocol=Protocol.SAML.value)
    return list(session.scalars(saml.where(IdentityProvider.metadata_url != "")))


def _answer(url: str, private_hosts: Collection[str]) -> Fetch:
    """Fetch now; return what gives the answer, or raises what went wrong, when it is asked for."""
    try:
        body = fetch_metadata(url, private_hosts)
    except FoyerError as error:
        failure = error

        def refuse(_url: str) -> bytes:
            raise failure

        return refuse
    return lambda _url: body


def _pause(provider: IdentityProvider, now: datetime) -> timedelta:
    ends = provider.metadata_valid_until
    if provider.metadata_problem or (ends is not None and ends - now < LONGEST):
        return SHORTEST
    try:
        wanted = providers.current(provider, now=now).cache_duration or LONGEST
    except Invalid:
        return SHORTEST
    return min(max(wanted, SHORTEST), LONGEST)


def _check_new_keys(
    provider: IdentityProvider, xml: bytes, private_hosts: Collection[str], now: datetime
) -> None:
    """Raise Invalid for a new signing key that neither a signature nor TLS vouches for."""
    if provider.metadata_signer.strip() or provider.metadata_url.startswith("https://"):
        return
    new = metadata.read(xml, now=now, entity_id=provider.entity_id, private_hosts=private_hosts)
    if providers.changes_to(provider, new, now=now).keys_added:
        raise _not_fetched(
            Wording(
                "It names a new signing key, which is not believed over plain http: pin the "
                "certificate that signs the metadata, or use an https address."
            )
        )


def _not_fetched(why: Wording) -> Invalid:
    return Invalid({"metadata_url": why})


def _in_words(error: FoyerError) -> str:
    if isinstance(error, Invalid):
        return next(iter(error.fields.values()))
    return said_by(error, _LONGEST_PROBLEM)


def _event(provider: IdentityProvider, what: str, actor: str, **values: Any) -> Event:
    return Event(action=f"saml.{what}", actor=actor, subject=provider.name, **values)
