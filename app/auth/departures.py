"""Signing out at the provider too, once the session here is gone.

The sign-out form may only lead inside Foyer (CSP `form-action 'self'` counts redirects too), so a
page stands between: it says that this session is over and takes the browser on to the provider.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.auth import queries
from app.auth.service import hashed
from app.models import Departure, IdentityProvider

LIFE = timedelta(minutes=10)


def begin(
    session: Session, session_id: int, *, now: datetime
) -> tuple[str, IdentityProvider] | None:
    """Keep what signing out at the session's provider needs; return the ticket and the provider.

    Returns None for a session that no provider began.
    """
    session.execute(delete(Departure).where(Departure.expires_at < now))
    found = queries.session_with_provider(session, session_id)
    if found is None or found.provider is None:
        return None
    ticket = secrets.token_urlsafe(32)
    session.add(
        Departure(
            ticket_hash=hashed(ticket),
            provider_id=found.provider.id,
            subject=found.subject,
            subject_format=found.subject_format,
            session_index=found.session_index,
            id_token_sealed=found.id_token_sealed,
            expires_at=now + LIFE,
        )
    )
    session.flush()
    return ticket, found.provider


def destination(session: Session, ticket: str, *, now: datetime) -> IdentityProvider | None:
    """Return the provider to which the departure with this ticket is under way."""
    return session.scalar(
        select(IdentityProvider)
        .join(Departure, Departure.provider_id == IdentityProvider.id)
        .where(Departure.ticket_hash == hashed(ticket), Departure.expires_at > now)
    )


def by_ticket(
    session: Session, provider: IdentityProvider, ticket: str, *, now: datetime
) -> Departure | None:
    """Return the departure with this ticket if it is still under way to this provider."""
    return session.scalar(
        select(Departure).where(
            Departure.ticket_hash == hashed(ticket),
            Departure.provider_id == provider.id,
            Departure.expires_at > now,
        )
    )


def end(session: Session, provider: IdentityProvider, request_id: str, *, now: datetime) -> bool:
    """Forget the departure that the provider has answered; False when there was none."""
    return bool(
        request_id
        and session.query(Departure)
        .filter_by(provider_id=provider.id, request_id=request_id)
        .filter(Departure.expires_at > now)
        .delete()
    )
