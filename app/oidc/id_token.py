"""Checks what an ID token says, beyond its signature (OpenID Connect Core 1.0, 3.1.3.7).

Authlib's claims class does what it does well; what it lets through is checked here: an audience
that is not Foyer though `azp` is, more than one audience, old tokens, odd subjects, and how fresh
the proof is when somebody had to prove themselves again.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from app.errors import Untrusted, Wording
from app.oidc.keys import NOT_PROVEN
from app.oidc.tokens import LEEWAY, SignedToken

TYPES = frozenset({"", "jwt"})
OLDEST = timedelta(minutes=15)  # Entra dates its tokens five minutes back
NOT_FRESH = Wording("The identity provider did not ask you to sign in again. Try once more.")

_LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the ID token must say; `proved_after` is set when the person had to sign in anew."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str
    proved_after: datetime | None = None


def check(token: SignedToken, expected: Expected, *, now: datetime) -> None:
    """Raise Untrusted unless the token was made for Foyer, for this sign-in and just now."""
    _check_with_authlib(token, expected, now)
    claims = token.claims
    if claims["iss"] != expected.issuer:
        raise _refused("iss is not the provider's")
    check_audience(claims, expected.client_id)
    check_age(claims, OLDEST, now)
    if not same(claims.get("nonce"), expected.nonce):
        raise _refused("nonce is not the one that was sent")
    if not is_name(claims["sub"], _LONGEST_SUBJECT):
        raise _refused("sub is empty, too long or holds control characters")
    proved_at = authenticated_at(claims, now=now)
    if expected.proved_after is not None:
        _check_fresh(proved_at, expected.proved_after)


def check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """Raise Untrusted unless Foyer is the one and only audience and authorized party."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not named or any(name != client_id for name in named):
        raise _refused("aud is not Foyer alone")
    if claims.get("azp", client_id) != client_id:
        raise _refused("azp is not Foyer")


def check_age(claims: Mapping[str, Any], oldest: timedelta, now: datetime) -> None:
    """Raise Untrusted for a token that was made too long ago."""
    if claims["iat"] < now.timestamp() - oldest.total_seconds() - LEEWAY:
        raise _refused("iat is too long ago")


def authenticated_at(claims: Mapping[str, Any], *, now: datetime) -> datetime | None:
    """Return when the provider last saw the person prove themselves, if it says so."""
    moment = claims.get("auth_time")
    if moment is None:
        return None
    number = isinstance(moment, int | float) and not isinstance(moment, bool)
    if not number or not 0 <= moment <= now.timestamp() + LEEWAY:
        raise _refused("auth_time is not a moment that has been")
    return datetime.fromtimestamp(moment, UTC)


def is_name(text: Any, longest: int) -> bool:
    """Tell whether this is a text that may name a person, a session or a message."""
    return isinstance(text, str) and 0 < len(text) <= longest and text.isprintable()


def same(given: Any, secret: str) -> bool:
    """Compare two secrets in constant time; what is no text is not the same."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(), secret.encode())


def _check_with_authlib(token: SignedToken, expected: Expected, now: datetime) -> None:
    """Check presence, kinds, times, nonce, azp and at_hash as Authlib does."""
    claims = CodeIDToken(
        dict(token.claims),
        dict(token.header),
        options={"iss": {"essential": True, "value": expected.issuer}},
        params={
            "nonce": expected.nonce,
            "client_id": expected.client_id,
            "access_token": expected.access_token,
        },
    )
    try:
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, TypeError) as error:
        raise _refused(str(error)) from error


def _check_fresh(proved_at: datetime | None, proved_after: datetime) -> None:
    if proved_at is None or proved_at < proved_after - timedelta(seconds=LEEWAY):
        raise Untrusted(NOT_FRESH, "auth_time is missing or from before the request")


def _refused(why: str) -> Untrusted:
    return Untrusted(NOT_PROVEN, f"ID token: {why}"[:300])
