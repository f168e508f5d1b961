"""Says of what a tool finds live, and the catalogue does not hold, where it opens and who sees it.

Such a hit has no item, no audience of its own and nobody who looked at it. It may lead to its own
tool alone, and it may be seen by those who would see it once it is harvested. Where that cannot be
known before, nobody does.
"""

from collections.abc import Collection
from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from app.connectors.base import Connector, Hit, Launches, Link, Spec
from app.connectors.mapping import Rule, apply, rules_from
from app.errors import FoyerError
from app.intake.text import web_address
from app.models import Connection

EVERYONE = frozenset({"everyone"})
NOBODY: frozenset[str] = frozenset()
_NO_LINK = Link("")


def opened_at(connector: Connector, address: str, hit: Hit) -> Hit | None:
    """Return the hit with an address that may be followed; None where it has none.

    The address is the one that the connector makes of the stable id. Else the tool's own counts,
    if it leads to the origin of the tool's `address` or, by https, to a host of the spec.
    """
    for url, ours in ((_made(connector, hit), True), (hit.url, False)):
        parts = _web_parts(url)
        if parts and (ours or _is_own(parts, address, connector.spec)):
            return replace(hit, url=url)
    return None


def audience_of_new(connection: Connection, spec: Spec) -> frozenset[str]:
    """Return the audience that a new item of this tool would have, NOBODY where it depends on it.

    Without a rule for the audience that is everyone; a rule without a path names it for all.
    """
    try:
        rules = spec.mapping if connection.mapping is None else rules_from(connection.mapping)
    except ValueError:
        return NOBODY
    told = [rule for rule in rules if rule.field == "audience"]
    if not told:
        return EVERYONE
    return NOBODY if any(rule.path for rule in told) else _named(told)


def may_see(audience: Collection[str], tokens: Collection[str]) -> bool:
    """Tell whether a holder of `tokens` is among those whom an audience names."""
    return not frozenset(audience).isdisjoint(tokens)


def _named(rules: Collection[Rule]) -> frozenset[str]:
    found = apply(rules, {}).fields.get("audience")
    names = found.replace(",", " ").split() if isinstance(found, str) else found
    return frozenset(map(str, names)) if isinstance(names, list | tuple) else NOBODY


def _made(connector: Connector, hit: Hit) -> str:
    if not isinstance(connector, Launches):
        return ""
    try:
        return connector.link(hit.external_id, _NO_LINK).url
    except (FoyerError, ValueError, LookupError):
        return ""


def _is_own(parts: SplitResult, address: str, spec: Spec) -> bool:
    own = _web_parts(address)
    if own and (own.scheme, own.hostname, own.port) == (parts.scheme, parts.hostname, parts.port):
        return True
    return parts.scheme == "https" and parts.port is None and parts.hostname in spec.hosts


def _web_parts(address: str) -> SplitResult | None:
    try:
        return urlsplit(web_address(address))
    except ValueError:
        return None
