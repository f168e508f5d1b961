"""Where a click on an item leads: resolved at the click itself, and never to where it must not.

A connector that makes addresses of stable ids is asked anew, without reaching its tool; else the
address counts that the last harvest kept. Whatever comes out must be a web address of the tool, of
a host that the connector names, or of the host that was kept; the address of an app must have a
scheme that the connector names. A room above may take over the launches of a kind of tool
(`offer`), as LTI does, whose launch is more than an address.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx
from flask import Response, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Viewer
from app.connectors.base import Connector, Launches, Link
from app.connectors.http import Http
from app.connectors.registry import CONNECTORS, connected, connector_for
from app.connectors.settings import read_settings, secret_names
from app.errors import FoyerError
from app.intake.text import web_address
from app.models import Connection, Item, ItemPresence, Status

log = logging.getLogger(__name__)
_EXTENSION = "foyer-launches"
_CLOSED = frozenset({"hidden", "gone"})
_WEB = frozenset({"http", "https"})
_NEVER = frozenset({"javascript", "data", "file", "vbscript", "blob", "about", "view-source"})
_UNREAD = "not read for a link"

Launcher = Callable[[Session, Viewer, Item, Connection], Response]


def offer(app: Any, launchers: Mapping[str, Launcher]) -> None:
    """Say which kinds of tool are launched by a room above; others lead to an address.

    The launcher is called once the launch is recorded, and answers the browser's GET.
    """
    app.extensions[_EXTENSION] = dict(launchers)


@dataclass(frozen=True, slots=True)
class Door:
    """One item, how its tool is reached, and what is known if the item is not simply there."""

    item: Item
    connection: Connection | None
    presence: ItemPresence | None

    @property
    def closed(self) -> bool:
        """Tell whether there is nothing to open: retired here, or hidden or gone in its tool.

        An item that a curator has declared live opens whatever its tool says.
        """
        known = self.presence
        away = known is not None and known.presence in _CLOSED and not known.held
        return self.item.status == Status.RETIRED.value or (
            away and "status" not in self.item.locked
        )

    @property
    def launcher(self) -> Launcher | None:
        """Return what launches items of this kind of tool in place of an address."""
        offered: Mapping[str, Launcher] = current_app.extensions.get(_EXTENSION, {})
        return offered.get(self.connection.kind) if self.connection else None


def door_to(session: Session, item: Item) -> Door:
    """Return the way to an item, in one statement."""
    connection, presence = session.execute(
        select(Connection, ItemPresence)
        .select_from(Item)
        .outerjoin(Connection, Connection.tool_id == Item.tool_id)
        .outerjoin(ItemPresence, ItemPresence.item_id == Item.id)
        .where(Item.id == item.id)
    ).one()
    return Door(item, connection, presence)


def link_to(door: Door) -> Link | None:
    """Return where the item opens now, made or kept; None when neither may be followed."""
    kept = Link(door.item.url, door.item.app_url)
    tool = _tool(door.connection) if door.connection else None
    made = _made(tool, door.item, kept)
    url = next((each.url for each in (made, kept) if _may_lead(each.url, kept, tool)), None)
    if url is None:
        log.warning("item %s has an address that must not be followed", door.item.id)
        return None
    schemes = tool.connector.spec.schemes if tool else frozenset()
    return Link(url, made.app_url if _starts_app(made.app_url, schemes) else None)


def app_of(address: str | None) -> str:
    """Return the name of the app that an address starts, or an empty text."""
    if not address:
        return ""
    kinds = (each.spec for each in CONNECTORS)
    return next((spec.name for spec in kinds if _starts_app(address, spec.schemes)), "")


@dataclass(frozen=True, slots=True)
class _Tool:
    """A connector with its settings but no secret and no way to its tool, which is at `address`."""

    connector: Connector
    address: str


def _tool(connection: Connection) -> _Tool | None:
    kind = connector_for(connection.kind)
    if kind is None:
        return None
    no_secrets = dict.fromkeys(secret_names(kind.spec.settings), _UNREAD)
    try:
        settings = read_settings(kind.spec.settings, {**connection.settings, **no_secrets})
    except FoyerError:
        log.warning("connection %s has settings that cannot be read", connection.id)
        return None
    http = Http(settings.address, _nowhere(), tries=1)
    return _Tool(connected(kind, settings, http), settings.address)


def _made(tool: _Tool | None, item: Item, kept: Link) -> Link:
    """Return what the connector makes of the item's id; what was kept, where it makes nothing."""
    if tool is None or not isinstance(tool.connector, Launches):
        return kept
    try:
        return tool.connector.link(item.external_id, kept)
    except (FoyerError, ValueError, LookupError) as error:
        log.warning("no address for item %s: %s", item.id, type(error).__name__)
        return kept


def _may_lead(address: str, kept: Link, tool: _Tool | None) -> bool:
    """Tell whether it is a web address of a host that this item may lead to."""
    parts = _web_parts(address)
    if parts is None:
        return False
    if _host(parts) == _host(_web_parts(kept.url)):
        return True
    if tool is None:
        return False
    named = parts.scheme == "https" and parts.port is None
    own = _host(parts) == _host(_web_parts(tool.address))
    return own or (named and parts.hostname in tool.connector.spec.hosts)


def _starts_app(address: str | None, schemes: frozenset[str]) -> bool:
    """Tell whether the address has one of the schemes, which are neither the web's nor harmful."""
    if not address or any(ord(letter) < 33 or ord(letter) == 127 for letter in address):
        return False
    scheme, colon, rest = address.partition(":")
    allowed = schemes - _WEB - _NEVER
    return bool(colon and rest) and "\\" not in address and scheme in allowed


def _web_parts(address: str) -> SplitResult | None:
    try:
        return urlsplit(web_address(address))
    except ValueError:
        return None


def _host(parts: SplitResult | None) -> tuple[str, str | None, int | None] | None:
    return (parts.scheme, parts.hostname, parts.port) if parts else None


class _Nowhere(httpx.BaseTransport):
    """Goes nowhere: whoever makes a link asks nobody."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Refuse every request."""
        raise httpx.ConnectError("a link is made without asking", request=request)


def _nowhere() -> httpx.Client:
    return httpx.Client(transport=_Nowhere(), trust_env=False)
