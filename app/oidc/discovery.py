"""What an OpenID provider publishes about itself: its addresses, abilities and keys.

OpenID Connect Discovery 1.0, section 4. What is kept stands in `IdentityProvider.discovery`:
`metadata`, `jwks`, when it was good last (`fetched_at`), and when it was last asked (`tried_at`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.errors import Invalid, Wording, said_by
from app.oidc.keys import ALGORITHMS, public_keys
from app.oidc.wire import Wire

GOOD_FOR = timedelta(hours=12)
AT_MOST_EVERY = timedelta(minutes=1)
AUTHENTICATION = ("client_secret_basic", "client_secret_post", "none")

_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_WELCOME = ("userinfo_endpoint", "end_session_endpoint")
_LISTS = (
    "id_token_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
    "response_types_supported",
    "code_challenge_methods_supported",
)
_FLAGS = (
    "authorization_response_iss_parameter_supported",
    "backchannel_logout_supported",
    "backchannel_logout_session_supported",
)


def discover(wire: Wire, issuer: str, *, now: datetime) -> dict[str, Any]:
    """Return what is to be kept of the provider with this issuer.

    Raises Invalid naming `issuer` for what cannot be trusted or used, and Unavailable.
    """
    try:
        wire.check_address(issuer)
        if "?" in issuer or "#" in issuer or not issuer.isascii():
            raise ValueError(Wording("the issuer has a query or letters beyond ASCII"))
        answer = wire.get(issuer.rstrip("/") + "/.well-known/openid-configuration")
    except ValueError as error:
        raise _unusable(
            Wording("No OpenID provider can be read there: %(why)s.", why=said_by(error))
        ) from error
    metadata = _checked(wire, issuer, answer)
    try:
        keys = public_keys(wire.get(metadata["jwks_uri"]))
    except ValueError as error:
        raise _unusable(
            Wording("The provider's keys cannot be read: %(why)s.", why=said_by(error))
        ) from error
    moment = now.isoformat()
    return {
        "metadata": metadata,
        "jwks": {"keys": keys},
        "fetched_at": moment,
        "tried_at": moment,
    }


def is_stale(known: Mapping[str, Any], *, now: datetime) -> bool:
    """Tell whether what is kept was good too long ago, so that a withdrawn key may be in it."""
    return now - _moment(known, "fetched_at") > GOOD_FOR


def may_ask(known: Mapping[str, Any], *, now: datetime) -> bool:
    """Tell whether the provider may be asked again: at most once a minute."""
    return now - _moment(known, "tried_at") >= AT_MOST_EVERY


def authentication(metadata: Mapping[str, Any], *, secret: bool) -> str:
    """Return how Foyer shows the token endpoint who it is; raise Invalid when it cannot.

    The default is client_secret_basic (OIDC Discovery, 3).
    """
    offered = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if not secret:
        return "none"
    found = next((name for name in AUTHENTICATION[:2] if name in offered), "")
    if not found:
        raise Invalid({"client_secret": Wording("This provider takes no client secret.")})
    return found


def _moment(known: Mapping[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(known.get(name, "2000-01-01T00:00:00+00:00"))


def _checked(wire: Wire, issuer: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of the metadata that Foyer uses, or raise Invalid."""
    if answer.get("issuer") != issuer:
        said = str(answer.get("issuer", ""))[:200]
        raise _unusable(Wording("The provider says that its issuer is “%(said)s”.", said=said))
    metadata: dict[str, Any] = {"issuer": issuer}
    for name in _NEEDED + _WELCOME:
        if name in _NEEDED or answer.get(name):
            metadata[name] = _address(wire, name, answer.get(name))
    for name in _LISTS:
        if isinstance(answer.get(name), list):
            metadata[name] = [str(one)[:50] for one in answer[name][:50]]
    metadata |= {name: True for name in _FLAGS if answer.get(name) is True}
    _check_abilities(metadata)
    return metadata


def _address(wire: Wire, name: str, address: Any) -> str:
    try:
        if not isinstance(address, str) or len(address) > 1000:
            raise ValueError(Wording("it is missing or cannot be read"))
        if "#" in address or not address.isascii():
            raise ValueError(Wording("it has a fragment or letters beyond ASCII"))
        wire.check_address(address)
    except ValueError as error:
        raise _unusable(
            Wording("The address %(name)s cannot be used: %(why)s.", name=name, why=said_by(error))
        ) from error
    return address


def _check_abilities(metadata: Mapping[str, Any]) -> None:
    """Raise Invalid unless the provider can do the code flow with PKCE and safe signatures."""
    signs = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
    if not set(signs) & set(ALGORITHMS):
        raise _unusable(Wording("The provider signs with no algorithm that Foyer trusts."))
    if "code" not in metadata.get("response_types_supported", ["code"]):
        raise _unusable(Wording("The provider does not offer the authorization code flow."))
    if "S256" not in metadata.get("code_challenge_methods_supported", ["S256"]):
        raise _unusable(Wording("The provider does not offer PKCE with S256."))


def _unusable(why: Wording) -> Invalid:
    return Invalid({"issuer": why})
