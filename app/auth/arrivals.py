"""Somebody comes back from a provider: who they are here, and what becomes of the visit.

SAML and OIDC check their messages and hand over an `Arrival`; from here on both go the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.models import IdentityProvider, PendingSignIn, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What a provider has proved about somebody, in any protocol.

    `subject` is the NameID or `sub`; `authenticated_at` is when the provider last saw them prove
    it (AuthnInstant, `auth_time`); `session_index` is the provider's name for its session (OIDC:
    `sid`), `ends_by` when that ends. `message_id` (assertion ID, or `jti`) and `fingerprint`
    (SHA-256 of the certificate, or key id) go to the audit log.
    """

    subject: str
    attributes: Mapping[str, tuple[str, ...]]
    message_id: str
    fingerprint: str
    authenticated_at: datetime | None = None
    session_index: str = ""
    ends_by: datetime | None = None
    subject_format: str = ""
    id_token: str = field(default="", repr=False)


def person_of(
    session: Session, provider: IdentityProvider, arrival: Arrival, *, now: datetime
) -> Person:
    """Return whom the provider speaks of, bringing the directory up to date; make them if allowed.

    A person is known by (provider, subject) alone (ASVS 5.0, 6.8.1). At a first visit somebody
    with the same e-mail address is taken to be them if the provider may speak for that domain and
    nobody else speaks for the person. Raises Untrusted when there is nobody.
    """
    raise NotImplementedError


def welcome(
    provider: IdentityProvider, pending: PendingSignIn, arrival: Arrival
) -> ResponseReturnValue:
    """End the visit as it was meant: sign in and go on, step up, or show what a test received.

    Keeps what was received and made of it, notes it for the audit log, and raises Untrusted.
    """
    raise NotImplementedError


def refuse(provider: IdentityProvider | None, refusal: Exception, **details: object) -> None:
    """Note a refused return: a record for the provider's page and one for the audit log.

    Both are kept though the request itself is rolled back. Raises `refusal` at the end.
    """
    raise NotImplementedError
