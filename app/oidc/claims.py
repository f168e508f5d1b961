"""Claims as plain attributes, each a list of texts, for the mapping to read.

A list gives several values; an object inside gives names with dots (`address.locality`,
`realm_access.roles`), but for those that begin with an underscore, which are passed as JSON (the
link that Entra ID sends instead of more than 200 groups). Truth is written `true` and `false`.
An e-mail address that the provider itself calls unverified is passed as `unverified_email`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_ABOUT_THE_TOKEN = frozenset(
    {"iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "jti", "sid", "at_hash", "c_hash"}
)
_MOST_NAMES = 200
_MOST_VALUES = 1000
_LONGEST = 2000
_NOT_VERIFIED = (False, "false")


def attributes(claims: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the claims about the person; what is more or longer than is sensible is cut off."""
    spoken = {name: value for name, value in claims.items() if name not in _ABOUT_THE_TOKEN}
    if spoken.get("email_verified") in _NOT_VERIFIED and "email" in spoken:
        spoken["unverified_email"] = spoken.pop("email")
    found: dict[str, tuple[str, ...]] = {}
    for name, value in _flat(spoken):
        texts = value if isinstance(value, list) else [value]
        values = tuple(_text(one) for one in texts[:_MOST_VALUES] if one is not None)
        if values and len(found) < _MOST_NAMES:
            found[name[:200]] = values
    return found


def _flat(claims: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in claims.items():
        if isinstance(value, dict) and not name.startswith("_"):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value[:_LONGEST]
    return json.dumps(value, ensure_ascii=False)[:_LONGEST]
