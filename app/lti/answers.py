"""Believes what a tool sends, once its own key has proved it (Deep Linking 2.0, 4.5).

The answer is a token that the tool signs (1EdTech Security Framework 1.0, 5.1.1 and RFC 8725). The
algorithm is one of our list, the key is the connection's and never one that the token brings.
"""

import binascii
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from app.errors import Untrusted, Wording
from app.lti.claims import DEEP_LINKING, LTI, VERSION

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LARGEST = 256 * 1024
LEEWAY = timedelta(seconds=60)
LONGEST_LIFE = timedelta(hours=24)
NOT_PROVEN = Wording("What the tool sent does not prove where it comes from. Nothing was added.")

_NEVER = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64"})
_LEAST_BITS = 2048
_MOST_KEYS = 50
_LONGEST = 500
Key = RSAKey | ECKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the answer must say of itself."""

    client_id: str
    issuer: str
    deployment_id: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A tool's answer that is believed: what was picked there, and the nonce to be used up."""

    items: object
    message: object
    nonce: str
    good_until: datetime


def data_of(token: str) -> str:
    """Return what the token says it answers, unproved: enough to see whether it was asked for.

    Raises Untrusted for what is no token, or none of ours.
    """
    parts = token.split(".")
    if len(token) > LARGEST or not token.isascii() or len(parts) != 3:
        raise _refused("it is no token, or too large")
    found = _object(parts[1]).get(DEEP_LINKING + "data")
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST:
        raise _refused("it carries no data of ours")
    return found


def read(
    token: str, keys: Callable[[], Sequence[Key]], expected: Expected, *, now: datetime
) -> Answer:
    """Return what the token holds, once a key of the tool has proved it and every claim fits.

    `keys` is only asked for when the header is one that could be proved. Raises Untrusted.
    """
    header = _object(token.split(".", 1)[0])
    _check_header(header)
    claims = _proved(token, header, keys())
    _check_parties(claims, expected)
    _check_message(claims, expected)
    return Answer(
        items=claims.get(DEEP_LINKING + "content_items"),
        message=claims.get(DEEP_LINKING + "msg"),
        nonce=_nonce(claims),
        good_until=_good_until(claims, now),
    )


def keys_of_set(key_set: object) -> list[Key]:
    """Return the public signature keys of a JWK Set (RFC 7517, 5); what is none is left out."""
    listed = key_set.get("keys") if isinstance(key_set, dict) else None
    found = [_key_of(entry) for entry in (listed if isinstance(listed, list) else [])[:_MOST_KEYS]]
    return [key for key in found if key is not None]


def key_of_pem(text: str) -> list[Key]:
    """Return the public key in a PEM; none for a key that is too short or of another kind."""
    try:
        found: Any = load_pem_public_key(text.encode())
        curve = isinstance(found, EllipticCurvePublicKey)
        key: Key = ECKey.import_key(found) if curve else RSAKey.import_key(found)
    except (JoseError, ValueError, TypeError):
        return []
    return [key] if _is_long(key) else []


def _key_of(entry: object) -> Key | None:
    """Return the key of a set's entry, its public part alone, or None."""
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    names = {"RSA": ("n", "e"), "EC": ("crv", "x", "y")}.get(str(entry.get("kty")), ())
    kept = {name: entry.get(name) for name in ("kty", "kid", "alg", *names) if name in entry}
    if not names or not all(isinstance(value, str) for value in kept.values()):
        return None
    try:
        key: Key = (RSAKey if names[0] == "n" else ECKey).import_key(kept)  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if _is_long(key) else None


def _is_long(key: Key) -> bool:
    size = getattr(key.public_key, "key_size", 0)
    return isinstance(key, ECKey) or size >= _LEAST_BITS


def _object(part: str) -> dict[str, Any]:
    """Return the JSON object in a part of a token; raise Untrusted for anything else."""
    try:
        found = json.loads(urlsafe_b64decode(part.encode()))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _refused("the token cannot be read") from error
    if not isinstance(found, dict):
        raise _refused("a part of the token is no JSON object")
    return found


def _check_header(header: Mapping[str, Any]) -> None:
    if header.get("alg") not in ALGORITHMS:
        raise _refused(f"the token's algorithm is {header.get('alg')!r}")
    if named := _NEVER & header.keys():
        raise _refused(f"the token's header holds {', '.join(sorted(named))}")
    if not isinstance(header.get("kid", ""), str):
        raise _refused("the token's key id is not a text")


def _proved(token: str, header: Mapping[str, Any], keys: Sequence[Key]) -> dict[str, Any]:
    """Return the claims, once the one key that fits the header has proved them."""
    wanted = RSAKey if header["alg"][:2] in {"RS", "PS"} else ECKey
    fitting = [
        key
        for key in keys
        if isinstance(key, wanted) and (key.alg or header["alg"]) == header["alg"]
    ]
    named = [key for key in fitting if key.kid and key.kid == header.get("kid")]
    usable = named or [key for key in fitting if not key.kid or "kid" not in header]
    if len(usable) != 1:
        raise _refused("no key of the tool, or more than one, fits the token")
    registry = JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    registry.max_payload_length = LARGEST
    try:
        signed = jws.deserialize_compact(token, usable[0], registry=registry)
    except (JoseError, ValueError, TypeError) as error:
        raise _refused(f"the signature does not hold: {type(error).__name__}") from error
    return _object_in(signed.payload)


def _object_in(payload: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(payload or b"")
    except (ValueError, RecursionError) as error:
        raise _refused("the claims are no JSON") from error
    if not isinstance(found, dict):
        raise _refused("the claims are no JSON object")
    return found


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    """Raise Untrusted unless this tool made it, for this Foyer alone, in this deployment."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != expected.client_id:
        raise _refused("iss is not the tool's client id")
    if not named or any(name != expected.issuer for name in named):
        raise _refused("aud is not Foyer alone")
    if claims.get("azp", expected.issuer) != expected.issuer:
        raise _refused("azp is not Foyer")
    if claims.get(LTI + "deployment_id") != expected.deployment_id:
        raise _refused("deployment_id is another one")


def _check_message(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get(LTI + "message_type") != "LtiDeepLinkingResponse":
        raise _refused("message_type is not LtiDeepLinkingResponse")
    if claims.get(LTI + "version") != VERSION:
        raise _refused("version is not 1.3.0")
    data = claims.get(DEEP_LINKING + "data")
    if not isinstance(data, str) or not hmac.compare_digest(data.encode(), expected.data.encode()):
        raise _refused("data is not what was sent")


def _nonce(claims: Mapping[str, Any]) -> str:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not 0 < len(nonce) <= _LONGEST:
        raise _refused("nonce is missing or too long")
    return nonce


def _good_until(claims: Mapping[str, Any], now: datetime) -> datetime:
    """Return until when the token counts; raise Untrusted when it has run out or lasts too long."""
    issued, ends = _moment(claims, "iat"), _moment(claims, "exp")
    if ends <= now - LEEWAY:
        raise _refused("it has run out")
    if issued > now + LEEWAY or ends > now + LONGEST_LIFE:
        raise _refused("it is from the future, or good for too long")
    return ends + LEEWAY


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e11:
        raise _refused(f"{name} is not a moment")
    return datetime.fromtimestamp(value, UTC)


def _refused(why: str) -> Untrusted:
    return Untrusted(NOT_PROVEN, f"Deep Linking: {why}"[:300])
