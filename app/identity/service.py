"""Writes of the administrator to identity providers, whatever their protocol."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.errors import Invalid, Wording
from app.models import IdentityProvider

CHANGEABLE = frozenset(
    {
        "name",
        "email_domains",
        "position",
        "creates_people",
        "idp_initiated",
        "metadata_url",
        "metadata_signer",
        "client_id",
        "client_secret_sealed",
        "scopes",
        "mapping",
    }
)


def change(
    session: Session, provider: IdentityProvider, values: Mapping[str, Any], *, now: datetime
) -> None:
    """Write the values, whose names are in CHANGEABLE, onto the provider."""
    unknown = values.keys() - CHANGEABLE
    if unknown:
        raise ValueError(f"not to be changed: {sorted(unknown)}")
    for name, value in values.items():
        setattr(provider, name, value)
    provider.updated_at = now
    session.flush()


def switch(session: Session, provider: IdentityProvider, *, on: bool, now: datetime) -> None:
    """Let people sign in through the provider, or no longer.

    Raises Invalid for a provider that may speak for no domain yet.
    """
    if on and not provider.email_domains:
        raise Invalid({"email_domains": Wording("Say first whose addresses it may speak for.")})
    provider.enabled = on
    provider.updated_at = now
    session.flush()


def remove(session: Session, provider: IdentityProvider) -> None:
    """Remove the provider with everything that came from it: identities, sessions, records."""
    session.delete(provider)
    session.flush()
