"""The keys with which Foyer signs launches, and the key set that tools check them with.

A key is published before it is used and stays published after it, so that a tool which keeps the
key set for a while never meets a key that it does not know: `prepare_next`, then `use_next`, then
`old` for another 30 days (the rollover of OpenID Connect Core 1.0, 10.1.1).
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.errors import Conflict, Unavailable, Wording
from app.models import LtiKey, LtiKeyState
from app.vault import CannotOpenError, Vault

BITS = 2048
ALGORITHM = "RS256"
STAYS_PUBLISHED = timedelta(days=30)
_ORDER = (LtiKeyState.CURRENT, LtiKeyState.NEXT, LtiKeyState.OLD)


def signed(session: Session, vault: Vault, claims: Mapping[str, Any], *, now: datetime) -> str:
    """Return the claims as a token that the current key signs (RFC 7515; RS256 by LTI 1.3).

    Raises Unavailable when the key cannot be opened.
    """
    row = current(session, vault, now=now)
    header = {"alg": ALGORITHM, "kid": row.kid}
    return jwt.encode(header, dict(claims), _opened(row, vault), algorithms=[ALGORITHM])


def key_set(session: Session, vault: Vault, *, now: datetime) -> dict[str, list[dict[str, str]]]:
    """Return the public keys as a JWK Set (RFC 7517, 5), making the first key at the first call."""
    current(session, vault, now=now)
    return {"keys": [dict(row.public_jwk) for row in published(session, now=now)]}


def published(session: Session, *, now: datetime) -> Sequence[LtiKey]:
    """Return the keys that tools are told, the one that signs first."""
    rows = session.scalars(select(LtiKey).order_by(LtiKey.created_at.desc(), LtiKey.kid)).all()
    there = [row for row in rows if not _is_over(row, now)]
    return sorted(there, key=lambda row: _ORDER.index(LtiKeyState(row.state)))


def current(session: Session, vault: Vault, *, now: datetime) -> LtiKey:
    """Return the key that signs, making one at the first call; of two the newer one."""
    return _newest(session, LtiKeyState.CURRENT) or _made(
        session, vault, LtiKeyState.CURRENT, now=now
    )


def prepare_next(session: Session, vault: Vault, *, now: datetime) -> None:
    """Publish the key that comes after the current one; one that is there already stays."""
    if _newest(session, LtiKeyState.NEXT) is None:
        _made(session, vault, LtiKeyState.NEXT, now=now)
    sweep(session, now=now)


def use_next(session: Session, *, now: datetime) -> None:
    """Sign with the published next key from now on; raise Conflict when there is none."""
    waiting = _newest(session, LtiKeyState.NEXT)
    if waiting is None:
        raise Conflict(Wording("There is no next key yet. Prepare one first."))
    for row in session.scalars(select(LtiKey).where(LtiKey.state == LtiKeyState.CURRENT.value)):
        row.state, row.retired_at = LtiKeyState.OLD.value, now
    waiting.state = LtiKeyState.CURRENT.value
    session.flush()
    sweep(session, now=now)


def sweep(session: Session, *, now: datetime) -> None:
    """Delete the keys that were retired longer ago than they stay published."""
    session.execute(delete(LtiKey).where(LtiKey.retired_at < now - STAYS_PUBLISHED))


def _opened(row: LtiKey, vault: Vault) -> RSAKey:
    """Return the private key; that it is one was seen when it was made, which takes 50 ms."""
    try:
        pem = vault.open(row.private_key).encode()
    except CannotOpenError as error:
        raise Unavailable(Wording("Foyer’s key for launches cannot be opened.")) from error
    found: Any = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    return RSAKey.import_key(found)


def _is_over(row: LtiKey, now: datetime) -> bool:
    return row.retired_at is not None and row.retired_at < now - STAYS_PUBLISHED


def _newest(session: Session, state: LtiKeyState) -> LtiKey | None:
    return session.scalars(
        select(LtiKey)
        .where(LtiKey.state == state.value)
        .order_by(LtiKey.created_at.desc(), LtiKey.kid)
        .limit(1)
    ).first()


def _made(session: Session, vault: Vault, state: LtiKeyState, *, now: datetime) -> LtiKey:
    kid = secrets.token_urlsafe(16)
    key = RSAKey.generate_key(BITS, {"kid": kid, "use": "sig", "alg": ALGORITHM})
    row = LtiKey(
        kid=kid,
        state=state.value,
        private_key=vault.seal(key.as_pem(private=True).decode()),
        public_jwk=key.as_dict(private=False),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row
