"""Foyer's own key pair, with which it signs SAML messages and reads encrypted assertions.

A key is announced before it is used: `prepare_next` puts a second certificate into the metadata,
`use_next` signs with it once every provider has it. Assertions encrypted for any of them, the last
retired one included, can be read, so that no provider has to be told on the same day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.db import insert_if_missing
from app.errors import Conflict, Wording
from app.models import KeyState, SigningKey
from app.vault import Vault

BITS = 3072
LIFE = timedelta(days=3 * 365)
_NO_NEXT = Wording("There is no next key yet. Prepare one first.")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate and its private key, both as PEM."""

    certificate: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The key that signs, the one announced beside it, and the one that still reads."""

    current: KeyPair
    next: KeyPair | None = None
    retired: KeyPair | None = None

    @property
    def announced(self) -> tuple[KeyPair, ...]:
        """Return the keys whose certificates stand in the metadata."""
        return tuple(pair for pair in (self.current, self.next) if pair)

    @property
    def readers(self) -> tuple[KeyPair, ...]:
        """Return the keys that an assertion may be encrypted for."""
        return tuple(pair for pair in (self.current, self.next, self.retired) if pair)


def generate(*, now: datetime, bits: int = BITS) -> KeyPair:
    """Make a new RSA key and a certificate that it signs itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Foyer")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFE)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return KeyPair(certificate.public_bytes(Encoding.PEM).decode(), private.decode())


def ring(session: Session, vault: Vault, *, now: datetime) -> KeyRing:
    """Return Foyer's keys, making the first one at the first call; of two that race, one stays."""
    found = _opened(session, vault)
    if KeyState.CURRENT not in found:
        keep(session, vault, generate(now=now), KeyState.CURRENT, now=now)
        found = _opened(session, vault)
    return KeyRing(found[KeyState.CURRENT], found.get(KeyState.NEXT), found.get(KeyState.RETIRED))


def keep(session: Session, vault: Vault, pair: KeyPair, state: KeyState, *, now: datetime) -> None:
    """Store a key in this state, unless another one is in it already."""
    insert_if_missing(
        session,
        SigningKey,
        state=state.value,
        private_key_sealed=vault.seal(pair.private_key),
        certificate=pair.certificate,
        created_at=now,
        expires_at=now + LIFE,
    )


def in_use(session: Session) -> Sequence[SigningKey]:
    """Return the keys as rows, the one that signs first."""
    return session.scalars(select(SigningKey).order_by(SigningKey.state)).all()


def prepare_next(session: Session, vault: Vault, *, now: datetime) -> None:
    """Make the key that comes after the current one and announce it; one that is there stays."""
    if KeyState.NEXT not in _opened(session, vault):
        keep(session, vault, generate(now=now), KeyState.NEXT, now=now)


def use_next(session: Session) -> None:
    """Sign with the announced key from now on; the one before it only reads.

    Raises Conflict when none is announced.
    """
    waiting = session.scalar(select(SigningKey.id).where(SigningKey.state == KeyState.NEXT.value))
    if waiting is None:
        raise Conflict(_NO_NEXT)
    session.execute(delete(SigningKey).where(SigningKey.state == KeyState.RETIRED.value))
    _move(session, KeyState.CURRENT, KeyState.RETIRED)
    _move(session, KeyState.NEXT, KeyState.CURRENT)


def _move(session: Session, old: KeyState, new: KeyState) -> None:
    session.execute(update(SigningKey).where(SigningKey.state == old.value).values(state=new.value))


def _opened(session: Session, vault: Vault) -> dict[KeyState, KeyPair]:
    return {
        KeyState(row.state): KeyPair(row.certificate, vault.open(row.private_key_sealed))
        for row in session.execute(
            select(SigningKey.state, SigningKey.certificate, SigningKey.private_key_sealed)
        )
    }
