"""A SCIM user as plain attributes, under names that mappings know: `app.people.attribute_names`."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.scim.protocol import ENTERPRISE

Attributes = dict[str, tuple[str, ...]]
_PLAIN = (
    "userName",
    "displayName",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
    "externalId",
)
_NAME = {"formatted": "name.formatted", "givenName": "givenName", "familyName": "familyName"}
_ENTERPRISE = ("employeeNumber", "department", "costCenter", "organization", "division")


def attributes(body: Mapping[str, Any]) -> Attributes:
    """Return what a user's body says (RFC 7643, sections 4.1 and 4.3), attribute by attribute.

    `email` holds the addresses, the primary one first, then those of work, and the `userName`
    last; `manager` is the id by which the client calls the manager.
    """
    name, enterprise = body.get("name") or {}, body.get(ENTERPRISE) or {}
    found = {one: body.get(one) for one in _PLAIN}
    found |= {plain: name.get(one) for one, plain in _NAME.items()}
    found |= {one: enterprise.get(one) for one in _ENTERPRISE}
    found["manager"] = (enterprise.get("manager") or {}).get("value")
    said: Attributes = {one: (value,) for one, value in found.items() if value}
    said["email"] = tuple(_addresses(body))
    for one, part in (("roles", "value"), ("entitlements", "value"), ("addresses", "locality")):
        values = tuple(entry[part] for entry in body.get(one) or [] if entry.get(part))
        if values:
            said["city" if one == "addresses" else one] = values
    return said


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Attributes:
    """Return what the new body says, and nothing for each attribute that only the old one had."""
    said = attributes(after)
    gone: Attributes = {one: () for one in attributes(before) if one not in said}
    return gone | said


def is_active(body: Mapping[str, Any]) -> bool:
    """Tell whether the user may come in; a body that does not say so says yes."""
    return body.get("active") is not False


def _addresses(body: Mapping[str, Any]) -> Sequence[str]:
    emails = [one for one in body.get("emails") or [] if one.get("value")]
    emails.sort(key=lambda one: (not one.get("primary"), one.get("type") != "work"))
    return [one["value"] for one in emails] + [body.get("userName") or ""]
