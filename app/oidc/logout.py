"""Signing out at the provider too, and being told by the provider that somebody signed out.

OpenID Connect RP-Initiated Logout 1.0 and Back-Channel Logout 1.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.common.urls import add_params_to_uri
from joserfc.errors import JoseError
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.auth.service import end_sessions_at
from app.db import insert_if_missing
from app.errors import Untrusted
from app.models import IdentityProvider, UsedMessage
from app.oidc import id_token
from app.oidc.keys import NOT_PROVEN
from app.oidc.tokens import LEEWAY, Renew, verified

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPES = frozenset({"", "jwt", "logout+jwt"})
OLDEST = timedelta(minutes=10)

_LONGEST_ADDRESS = 6000  # proxies take 8 KB; without the hint the provider asks the person


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Whose session is over: `subject` or `session_index` or both, named by the provider."""

    subject: str
    session_index: str
    message_id: str
    ends_at: datetime


def leave_address(
    metadata: Mapping[str, Any], *, client_id: str, hint: str, back_to: str, state: str
) -> str | None:
    """Return where the person signs out at the provider; None when it offers no such place.

    `hint` is the ID token, `back_to` where the provider sends the person then (RP-Initiated
    Logout, 2).
    """
    address = metadata.get("end_session_endpoint")
    if address is None:
        return None
    asked = {"client_id": client_id, "post_logout_redirect_uri": back_to, "state": state}
    plain: str = add_params_to_uri(address, asked)
    full: str = add_params_to_uri(plain, {"id_token_hint": hint} if hint else {})
    return full if len(full) <= _LONGEST_ADDRESS else plain


def read_notice(
    token: str,
    provider: IdentityProvider,
    known: Mapping[str, Any],
    *,
    renew: Renew,
    now: datetime,
) -> Notice:
    """Return what a logout token says (Back-Channel Logout, 2.4 and 2.6); raise Untrusted.

    Its type is `logout+jwt` or missing, as providers of before 2022 send it; a token of another
    kind cannot pass, for the event is required and a nonce forbidden.
    """
    signed = verified(token, known, types=TYPES, renew=renew)
    claims = signed.claims
    _check_times(claims, now)
    if claims.get("iss") != provider.entity_id:
        raise _refused("iss is not the provider's")
    id_token.check_audience(claims, provider.client_id)
    id_token.check_age(claims, OLDEST, now)
    _check_event(claims)
    return Notice(
        subject=_name(claims, "sub", 255),
        session_index=_name(claims, "sid", 300),
        message_id=_name(claims, "jti", 300),
        ends_at=_moment(claims["exp"], now),
    )


def end_named(session: Session, provider: IdentityProvider, notice: Notice, now: datetime) -> int:
    """End the sessions that the provider names, once; return how many.

    Raises Untrusted for a logout token that was taken before, also by another worker just now.
    """
    session.execute(
        delete(UsedMessage).where(
            UsedMessage.provider_id == provider.id, UsedMessage.expires_at < now
        )
    )
    first = insert_if_missing(
        session,
        UsedMessage,
        provider_id=provider.id,
        message_id=notice.message_id,
        expires_at=notice.ends_at + timedelta(seconds=LEEWAY),
    )
    if not first:
        raise _refused("jti was used before")
    return end_sessions_at(
        session, provider.id, subject=notice.subject, session_index=notice.session_index
    )


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    needed: ClaimsOption = {"essential": True}
    registry = JWTClaimsRegistry(
        now=int(now.timestamp()), leeway=LEEWAY, exp=needed, iat=needed, jti=needed
    )
    try:
        registry.validate(dict(claims))
    except (JoseError, TypeError) as error:
        raise _refused(str(error)) from error


def _check_event(claims: Mapping[str, Any]) -> None:
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise _refused("events does not name a back-channel logout")
    if "nonce" in claims:
        raise _refused("it carries a nonce")
    if claims.get("sub") is None and claims.get("sid") is None:
        raise _refused("it names neither sub nor sid")


def _name(claims: Mapping[str, Any], claim: str, longest: int) -> str:
    found = claims.get(claim)
    if found is None:
        return ""
    if not id_token.is_name(found, longest):
        raise _refused(f"{claim} is no name")
    return str(found)


def _moment(number: float, now: datetime) -> datetime:
    """Return the moment, but none so far away that no calendar holds it."""
    latest = (now + timedelta(days=1)).timestamp()
    return datetime.fromtimestamp(min(number, latest), UTC)


def _refused(why: str) -> Untrusted:
    return Untrusted(NOT_PROVEN, f"logout token: {why}"[:300])
