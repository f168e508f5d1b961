"""Takes each signed message once."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.auth.recognition import Arrival
from app.db import insert_if_missing
from app.errors import Untrusted
from app.models import IdentityProvider, UsedMessage
from app.saml.refusals import USED
from app.saml.responses import Proved


def use_up(
    session: Session,
    provider: IdentityProvider,
    message_id: str,
    *,
    good_until: datetime,
    now: datetime,
) -> None:
    """Take a message of the provider's, and never again; raise Untrusted for the second time.

    Of two that race in different workers, the one that commits first wins (ASVS 5.0, 6.8.3). What
    no rule would let pass any more is forgotten.
    """
    session.execute(delete(UsedMessage).where(UsedMessage.expires_at < now))
    is_new = insert_if_missing(
        session,
        UsedMessage,
        provider_id=provider.id,
        message_id=message_id,
        expires_at=good_until,
    )
    if not is_new:
        raise Untrusted(USED, f"replay: {message_id} was taken already")


def arrival_of(proved: Proved) -> Arrival:
    """Return what an answer proves in the form that all protocols share."""
    facts = proved.facts
    return Arrival(
        subject=facts.subject,
        subject_format=facts.subject_format,
        attributes=facts.attributes,
        message_id=facts.assertion_id,
        fingerprint=proved.fingerprint,
        authenticated_at=facts.authenticated_at,
        session_index=facts.session_index,
        ends_by=facts.ends_by,
    )
