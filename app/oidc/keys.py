"""The public keys of a provider: which are kept, and which one proves a token.

Keys come from the provider's JWK Set alone, never from the token that they are to prove
(RFC 8725, 3.10).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from app.errors import Untrusted, Wording

ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)
NOT_PROVEN = Wording("What the identity provider sent does not prove who you are.")

_MOST = 50
_LEAST_RSA_LETTERS = 342  # of base64url: 2048 bits
_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_PUBLIC = ("kty", "kid", "use", "alg", "n", "e", "crv", "x", "y")


class UnknownKey(Untrusted):
    """No key that is known proves the token: the provider may have newer ones."""


def public_keys(key_set: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the signature keys of a JWK Set (RFC 7517, 5), their public parts only.

    What is no public key for our algorithms is left out. Raises ValueError when none is left.
    """
    listed = key_set.get("keys")
    if not isinstance(listed, list):
        raise ValueError(Wording("the key set holds no list of keys"))
    found: list[dict[str, str]] = []
    for entry in listed[:_MOST]:
        key = _public_part(entry)
        if key and key not in found:
            found.append(key)
    if not found:
        raise ValueError(Wording("the key set holds no key that can be used"))
    return found


def proving_key(keys: Sequence[Mapping[str, str]], header: Mapping[str, Any]) -> Key:
    """Return the key that a token with this header must be proved with (OIDC Core, 10.1).

    Raises UnknownKey, or Untrusted when several keys fit a header that names none.
    """
    algorithm, name = str(header["alg"]), header.get("kid")
    fitting = [
        key
        for key in keys
        if key["kty"] == _TYPES[algorithm[:2]] and key.get("alg", algorithm) == algorithm
    ]
    if name is not None:
        fitting = [key for key in fitting if key.get("kid") == name]
    if not fitting:
        raise UnknownKey(NOT_PROVEN, "the token names a key that the provider does not publish")
    if len(fitting) > 1:
        raise Untrusted(NOT_PROVEN, "several keys of the provider fit the token")
    return import_key(dict(fitting[0]))


def _public_part(entry: Any) -> dict[str, str] | None:
    """Return the public members of a key, or None if it is not one for our algorithms."""
    if not isinstance(entry, dict):
        return None
    key = {name: entry[name] for name in _PUBLIC if isinstance(entry.get(name), str)}
    short = key.get("kty") == "RSA" and len(key.get("n", "")) < _LEAST_RSA_LETTERS
    if key.get("kty") not in set(_TYPES.values()) or short or key.get("use", "sig") != "sig":
        return None
    if key.get("alg", ALGORITHMS[0]) not in ALGORITHMS or len(str(key)) > 8000:
        return None
    try:
        import_key(dict(key))
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key
