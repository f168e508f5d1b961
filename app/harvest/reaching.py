"""Reaches a connected tool: opens its secrets, makes the client it may use, and its connector.

The client goes to public addresses; to the tool's own host also on the company's network, if the
administrator allowed that for this one connection. A secret that the tool replaces while it is
read (a refresh token) is sealed and kept at once, whatever becomes of the run.
"""

from collections.abc import Callable, Iterator, MutableSequence, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app import clock
from app.connectors.base import Connector, ErrorKind, SourceError, Spec
from app.connectors.http import Http, Meter
from app.connectors.registry import connected, connector_for
from app.connectors.settings import ToolSettings, read_settings, secret_names
from app.db import Database
from app.errors import Invalid, Wording
from app.harvest.budget import Budget
from app.harvest.fit import fit_sentence
from app.models import Connection
from app.outbound import OutboundRefused, client, parsed
from app.vault import CannotOpenError, Vault

TIMEOUT = timedelta(seconds=30)
Keep = Callable[[str, str], None]
MakeHttp = Callable[[Connection, Spec, ToolSettings, Sequence[str], Meter, Keep], Http]


def over_the_network(
    connection: Connection,
    spec: Spec,
    settings: ToolSettings,
    secrets: Sequence[str],
    meter: Meter,
    keep: Keep,
) -> Http:
    """Return the client for a tool, which reaches no private address unless the tool may be one."""
    own = own_host(settings.address) if connection.private else ""
    return Http(
        settings.address,
        client([own] if own else [], timeout=TIMEOUT),
        hosts=spec.hosts,
        secrets=secrets,
        meter=meter,
        keep=keep,
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """What a harvest works with.

    `after_commit` follows each transaction; `ending` tells that this process is to end, so that
    a run under way stops at its next step; `budget` is what one run may cost. Tests give their own
    clock, client and connectors.
    """

    database: Database
    vault: Vault
    after_commit: Callable[[Session], None] = lambda _session: None
    now: Callable[[], datetime] = clock.now
    make_http: MakeHttp = over_the_network
    ending: Callable[[], bool] = lambda: False
    budget: Budget = Budget()
    connector_for: Callable[[str], type[Connector] | None] = connector_for


@dataclass(frozen=True, slots=True)
class Reached:
    """A tool that can be asked now: its connector, and the client that the connector was given."""

    connector: Connector
    http: Http

    def cleaned(self, sentence: str) -> Wording:
        """Return a sentence without any of the tool's secrets, and such that it can be kept."""
        clean = self.http.redacted(sentence)
        if isinstance(sentence, Wording) and clean == sentence == fit_sentence(sentence):
            return sentence
        return Wording("%(why)s", why=fit_sentence(clean))


@contextmanager
def reached(parts: Parts, connection: Connection, meter: Meter | None = None) -> Iterator[Reached]:
    """Give the tool of a connection; its client is closed at the end.

    Raises SourceError(CONFIG) when its settings are not complete, a secret cannot be opened, or
    no connector of this kind is there any more.
    """
    kind = kind_of(parts, connection)
    settings, secrets = opened_settings(connection, kind.spec, parts.vault)
    keep = _keeper(parts, connection, kind.spec, secrets)
    http = parts.make_http(connection, kind.spec, settings, secrets, meter or Meter(), keep)
    try:
        yield Reached(connected(kind, settings, http), http)
    finally:
        http.client.close()


def kind_of(parts: Parts, connection: Connection) -> type[Connector]:
    """Return the connector of a connection; raise SourceError(CONFIG) where there is none."""
    kind = parts.connector_for(connection.kind)
    if kind is None:
        raise SourceError(
            ErrorKind.CONFIG,
            Wording("Foyer has no connector of the kind “%(kind)s”.", kind=connection.kind),
        )
    return kind


def opened_settings(
    connection: Connection, spec: Spec, vault: Vault
) -> tuple[ToolSettings, MutableSequence[str]]:
    """Return the settings with the secrets opened, and the secrets; raise SourceError(CONFIG)."""
    try:
        opened = {name: vault.open(sealed) for name, sealed in connection.secrets.items()}
        settings = read_settings(spec.settings, {**connection.settings, **opened})
    except CannotOpenError as error:
        raise SourceError(ErrorKind.CONFIG, _unopened(error)) from error
    except Invalid as error:
        name, why = next(iter(error.fields.items()))
        raise SourceError(
            ErrorKind.CONFIG, Wording("The setting “%(name)s”: %(why)s", name=name, why=why)
        ) from error
    return settings, [secret for secret in opened.values() if secret]


def _unopened(error: CannotOpenError) -> Wording:
    if error.variable:
        return Wording(
            "The environment variable %(name)s cannot be read as a secret.", name=error.variable
        )
    return Wording("A secret was sealed under another secret key: enter it again.")


def own_host(address: str) -> str:
    """Return the host of a tool's address, or an empty text where it has none."""
    try:
        return parsed(address).host
    except OutboundRefused:
        return ""


def _keeper(
    parts: Parts, connection: Connection, spec: Spec, secrets: MutableSequence[str]
) -> Keep:
    """Return what seals and keeps a new secret, in a transaction of its own.

    Nothing is kept once the tool is disconnected, or reached at another address: the secret of one
    host would be sent to another.
    """
    connection_id, address = connection.id, connection.settings.get("address")

    def keep(name: str, value: str) -> None:
        if name not in secret_names(spec.settings):
            raise ValueError(f"{name} is not a secret of this tool")
        secrets.append(value)
        with parts.database.transaction() as session:
            row = session.get(Connection, connection_id, with_for_update=True)
            if row is None or row.settings.get("address") != address:
                return
            row.secrets = {**row.secrets, name: parts.vault.seal(value)}

    return keep
