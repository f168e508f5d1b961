"""The authorization code flow with PKCE: the way to a provider and the way back.

OpenID Connect Core 1.0, 3.1; RFC 7636 (PKCE, S256); RFC 9207 (who answers); RFC 9700.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from app.auth.recognition import Arrival
from app.errors import Invalid, Untrusted, Wording
from app.oidc import id_token
from app.oidc.claims import attributes
from app.oidc.discovery import authentication
from app.oidc.keys import NOT_PROVEN
from app.oidc.tokens import Renew, SignedToken, verified
from app.oidc.wire import Wire

UNREADABLE = Wording("The identity provider's answer cannot be read. Please sign in again.")
NOT_GIVEN = Wording("The identity provider did not confirm the sign-in. Please sign in again.")

_STATE = re.compile(r"[A-Za-z0-9_-]{1,100}")
_VISIBLE = re.compile(r"[\x21-\x7e]{1,16384}")
_PARAMETERS = ("state", "code", "iss", "error", "error_description")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Foyer as it is registered at one provider; `known` is `IdentityProvider.discovery`."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: str
    redirect_uri: str
    known: Mapping[str, Any] = field(repr=False)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Return what the provider publishes about itself."""
        found: Mapping[str, Any] = self.known["metadata"]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """The address to send a browser to, and the secrets that bind its return to it."""

    address: str
    state: str
    nonce: str
    code_verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a browser brings back from the provider."""

    state: str
    code: str = field(repr=False)
    issuer: str
    error: str
    error_description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a sign-in under way expects; `proved_after` if the person had to sign in anew."""

    nonce: str
    code_verifier: str = field(repr=False)
    proved_after: datetime | None = None


def depart(registration: Registration, *, prove: bool = False) -> Trip:
    """Return the way to the provider; with `prove` it must ask the person to sign in anew."""
    client = _client(registration, None)
    nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    anew = {"prompt": "login", "max_age": "0"} if prove else {}
    address, state = client.create_authorization_url(
        registration.metadata["authorization_endpoint"],
        state=secrets.token_urlsafe(32),
        code_verifier=verifier,
        nonce=nonce,
        **anew,
    )
    return Trip(address=address, state=state, nonce=nonce, code_verifier=verifier)


def read_answer(values: Mapping[str, Sequence[str]]) -> Answer:
    """Return the answer in the address; raise Untrusted when it has no form that could be one.

    No parameter may stand there twice (RFC 6749, 3.1).
    """
    given = {name: values.get(name, ()) for name in _PARAMETERS}
    if any(len(found) > 1 for found in given.values()):
        raise Untrusted(UNREADABLE, "a parameter of the answer stands there twice")
    state, code, issuer, error, description = (next(iter(one), "") for one in given.values())
    if not _STATE.fullmatch(state):
        sentence = NOT_GIVEN if error else UNREADABLE
        raise Untrusted(sentence, f"the answer carries no state {error[:100]}".rstrip())
    return Answer(
        state=state,
        code=code,
        issuer=issuer,
        error=error[:100],
        error_description=description[:300],
    )


def check_answer(registration: Registration, answer: Answer) -> None:
    """Raise Untrusted when another provider answers, or nobody with a code (RFC 9207, 2.4)."""
    says_who = registration.metadata.get("authorization_response_iss_parameter_supported", False)
    if (answer.issuer or says_who) and answer.issuer != registration.issuer:
        raise Untrusted(NOT_PROVEN, "iss of the answer is missing or not the provider's")
    if not answer.error and not _VISIBLE.fullmatch(answer.code):
        raise Untrusted(UNREADABLE, "the answer carries no code")


def arrive(
    registration: Registration,
    wire: Wire,
    answer: Answer,
    waiting: Waiting,
    *,
    renew: Renew,
    now: datetime,
) -> Arrival:
    """Return who has arrived with this answer, once every check has passed.

    Raises Untrusted, and Unavailable when the provider does not answer.
    """
    tokens = _redeem(registration, wire, answer.code, waiting.code_verifier)
    signed = verified(tokens["id_token"], registration.known, types=id_token.TYPES, renew=renew)
    expected = id_token.Expected(
        issuer=registration.issuer,
        client_id=registration.client_id,
        nonce=waiting.nonce,
        access_token=tokens["access_token"],
        proved_after=waiting.proved_after,
    )
    id_token.check(signed, expected, now=now)
    more = _userinfo(registration, wire, tokens["access_token"], signed.claims["sub"])
    return _arrival(signed, more, tokens["id_token"], now)


def _arrival(
    signed: SignedToken, more: Mapping[str, Any], raw_token: str, now: datetime
) -> Arrival:
    """Put together what the ID token says and, where that is silent, the UserInfo endpoint."""
    jti, sid = signed.claims.get("jti"), signed.claims.get("sid")
    digest = hashlib.sha256(raw_token.encode()).hexdigest()[:16]
    return Arrival(
        subject=signed.claims["sub"],
        attributes=attributes({**more, **signed.claims}),
        message_id=str(jti) if id_token.is_name(jti, 300) else digest,
        fingerprint=signed.fingerprint,
        authenticated_at=id_token.authenticated_at(signed.claims, now=now),
        session_index=str(sid) if id_token.is_name(sid, 300) else "",
        id_token=raw_token,
    )


def _redeem(registration: Registration, wire: Wire, code: str, verifier: str) -> dict[str, str]:
    """Change the code for tokens (OIDC Core, 3.1.3); raise Untrusted for any other answer."""
    client = _client(registration, wire)
    try:
        answer = client.fetch_token(
            registration.metadata["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
        )
    except OAuth2Error as error:
        raise Untrusted(NOT_GIVEN, f"token endpoint: {error}"[:300].rstrip(": ")) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise Untrusted(UNREADABLE, f"token endpoint: {error}"[:300].rstrip(": ")) from error
    return {name: _text_in(answer, name) for name in ("id_token", "access_token")}


def _text_in(answer: Mapping[str, Any], name: str) -> str:
    found = answer.get(name)
    kind = answer.get("token_type")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise Untrusted(UNREADABLE, "token endpoint: token_type is not Bearer")
    if not isinstance(found, str) or not found:
        raise Untrusted(UNREADABLE, f"token endpoint: no {name}")
    return found


def _userinfo(
    registration: Registration, wire: Wire, access_token: str, subject: str
) -> dict[str, Any]:
    """Return what the UserInfo endpoint says of this very subject (OIDC Core, 5.3)."""
    address = registration.metadata.get("userinfo_endpoint")
    if address is None:
        return {}
    try:
        if not _VISIBLE.fullmatch(access_token):
            raise ValueError("the access token cannot be sent")
        found = wire.get(address, bearer=access_token)
    except ValueError as error:
        raise Untrusted(UNREADABLE, f"UserInfo: {error}"[:300]) from error
    if found.get("sub") != subject:
        raise Untrusted(NOT_PROVEN, "UserInfo: sub is not that of the ID token")
    return found


def _client(registration: Registration, wire: Wire | None) -> OAuth2Client:
    """Return Authlib's client over our own wire."""
    secret = registration.client_secret
    try:
        method = authentication(registration.metadata, secret=bool(secret))
    except Invalid as error:
        raise Untrusted(UNREADABLE, str(error)) from error
    client = OAuth2Client(
        wire,
        client_id=registration.client_id,
        client_secret=secret,
        token_endpoint_auth_method=method,
        scope=registration.scopes,
        redirect_uri=registration.redirect_uri,
        code_challenge_method="S256",
    )
    client.register_client_auth_method(("client_secret_basic", _basic))
    return client


def _basic(
    auth: Any, _method: str, uri: str, headers: Mapping[str, str], body: str
) -> tuple[str, dict[str, str], str]:
    """Write id and secret form-encoded, as RFC 6749, 2.3.1 has it and Authlib does not."""
    pair = f"{quote_plus(auth.client_id)}:{quote_plus(auth.client_secret)}"
    token = base64.b64encode(pair.encode()).decode()
    return uri, {**headers, "Authorization": f"Basic {token}"}, body
