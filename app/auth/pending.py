"""Sign-ins under way at a provider: bound to the browser that asked, good for one return.

The browser carries a random token in a cookie of its own, `SameSite=None`, since a SAML answer
comes as a POST from another site; the row keeps its hash, and where the browser wanted to go. So
no address travels through the provider (ASVS 5.0, 7.6.2 and 10.1.2).
"""

import secrets
from datetime import datetime, timedelta

from flask import Response, request
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.auth.service import hashed
from app.config import Config
from app.errors import Untrusted, Wording
from app.models import IdentityProvider, PendingSignIn, Purpose
from app.web.viewer import viewer_or_none

LIFE = timedelta(minutes=30)
UNKNOWN = Wording(
    "This sign-in was not started in this browser, was used already, or took too long."
)


def cookie_name(config: Config) -> str:
    """Return the name of the cookie that binds a browser to its own sign-ins."""
    return "__Host-foyer-way-in" if config.https else "foyer-way-in"


def browser_token(config: Config) -> str:
    """Return the token that this browser carries, or a new one for it to carry."""
    return request.cookies.get(cookie_name(config), "") or secrets.token_urlsafe(32)


def keep_token(response: Response, config: Config, token: str) -> Response:
    """Let the browser carry the token for as long as a sign-in may take."""
    response.set_cookie(
        cookie_name(config),
        token,
        max_age=LIFE,
        path="/",
        secure=True,
        httponly=True,
        samesite="None",
    )
    return response


def begin(
    session: Session,
    provider: IdentityProvider,
    *,
    request_id: str,
    browser: str,
    next_url: str,
    now: datetime,
    purpose: Purpose = Purpose.SIGN_IN,
    person_id: int | None = None,
    nonce: str = "",
    code_verifier: str = "",
) -> PendingSignIn:
    """Remember that this browser was sent to the provider; sweep out what has run out.

    The reader's open session is remembered too, since a SAML answer comes without its cookie.
    """
    reader = viewer_or_none()
    session.execute(delete(PendingSignIn).where(PendingSignIn.expires_at < now - LIFE))
    row = PendingSignIn(
        request_id=request_id,
        provider_id=provider.id,
        browser_hash=hashed(browser),
        next_url=next_url,
        purpose=purpose.value,
        person_id=person_id,
        session_id=reader.session_id if reader else None,
        nonce=nonce,
        code_verifier=code_verifier,
        created_at=now,
        expires_at=now + LIFE,
    )
    session.add(row)
    session.flush()
    return row


def take(
    session: Session, provider: IdentityProvider, *, request_id: str, browser: str, now: datetime
) -> PendingSignIn:
    """Use up this browser's sign-in at the provider and return it; of two that race, one wins.

    Raises Untrusted when there is none, or it belongs to another browser or provider.
    """
    taken = session.execute(
        update(PendingSignIn)
        .where(
            PendingSignIn.request_id == request_id,
            PendingSignIn.provider_id == provider.id,
            PendingSignIn.browser_hash == hashed(browser),
            PendingSignIn.used_at.is_(None),
            PendingSignIn.expires_at > now,
        )
        .values(used_at=now)
        .returning(PendingSignIn.id)
    ).scalar()
    found = session.get(PendingSignIn, taken) if taken else None
    if found is None:
        raise Untrusted(UNKNOWN, "no pending sign-in of this browser has that request id")
    return found
