"""Reads a signed token: its header, its signature and the JSON inside; not yet what that says.

ID tokens and logout tokens both pass here (RFC 7515, RFC 7519 and the advice of RFC 8725).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import BadSignatureError, JoseError, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from app.errors import Untrusted
from app.oidc.documents import document
from app.oidc.keys import ALGORITHMS, NOT_PROVEN, UnknownKey, proving_key

LEEWAY = 60
LARGEST = 64 * 1024
Renew = Callable[[], Mapping[str, Any] | None]

_LARGEST_HEADER = 4096
_NEVER = frozenset({"jwk", "jku", "x5u", "crit", "b64"})


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A token whose signature holds. `fingerprint` is its key's thumbprint (RFC 7638)."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    fingerprint: str


class _Registry(JWSRegistry):
    """Our sizes, and our own list of algorithms, without a warning about the name EdDSA."""

    max_header_length = _LARGEST_HEADER
    max_payload_length = LARGEST

    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


def verified(
    token: str, known: Mapping[str, Any], *, types: frozenset[str], renew: Renew
) -> SignedToken:
    """Return what the token holds, once one of the provider's keys has proved it.

    `known` is `IdentityProvider.discovery`, `types` the `typ` values that the token may have
    (lower case, empty for none). If no known key proves it, `renew` may give newer ones. Raises
    Untrusted.
    """
    try:
        return _read(token, known, types)
    except UnknownKey:
        newer = renew()
        if newer is None:
            raise
        return _read(token, newer, types)


def _read(token: str, known: Mapping[str, Any], types: frozenset[str]) -> SignedToken:
    header = _header(token)
    allowed = _allowed(known["metadata"])
    _check_header(header, allowed, types)
    registry = _Registry(algorithms=allowed, strict_check_header=False)
    key = proving_key(known["jwks"]["keys"], header)
    try:
        signed = jws.deserialize_compact(token, key, registry=registry)
        claims = document(signed.payload or b"")
    except BadSignatureError as error:
        raise UnknownKey(NOT_PROVEN, "the signature of the token does not hold") from error
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Untrusted(NOT_PROVEN, f"the token cannot be read: {error}"[:300]) from error
    return SignedToken(header, claims, key.thumbprint())


def _header(token: str) -> dict[str, Any]:
    if not token.isascii() or len(token) > LARGEST:
        raise Untrusted(NOT_PROVEN, "the token is too large or not of ASCII letters")
    first = token.split(".", 1)[0]
    try:
        return document(urlsafe_b64decode(first[:_LARGEST_HEADER].encode()))
    except ValueError as error:
        raise Untrusted(NOT_PROVEN, "the token's header cannot be read") from error


def _check_header(header: Mapping[str, Any], allowed: list[str], types: frozenset[str]) -> None:
    """Raise Untrusted for another algorithm or type, for keys and for demands in the header."""
    if header.get("alg") not in allowed:
        raise Untrusted(NOT_PROVEN, f"the token's algorithm is {header.get('alg')!r}"[:300])
    if named := _NEVER & header.keys():
        raise Untrusted(NOT_PROVEN, f"the token's header holds {', '.join(sorted(named))}")
    if not isinstance(header.get("kid", ""), str):
        raise Untrusted(NOT_PROVEN, "the token's key id is not a text")
    kind = header.get("typ", "")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in types:
        raise Untrusted(NOT_PROVEN, f"the token's type is {kind!r}"[:300])


def _allowed(metadata: Mapping[str, Any]) -> list[str]:
    """Return the algorithms that both the provider and Foyer know."""
    offered = metadata.get("id_token_signing_alg_values_supported", ALGORITHMS)
    return [name for name in ALGORITHMS if name in offered]
