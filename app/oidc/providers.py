"""OpenID providers as rows: connecting one, and asking a known one again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.queries import free_slug
from app.errors import Invalid, Wording
from app.models import IdentityProvider, Protocol
from app.oidc.discovery import authentication, discover
from app.oidc.wire import Wire
from app.vault import Vault

SCOPES = "openid email profile"


def discovered(issuer: str, *, private_hosts: Collection[str], now: datetime) -> dict[str, Any]:
    """Return what the OpenID provider with this issuer publishes, for `add_provider`.

    Raises Invalid naming `issuer`, and Unavailable when it does not answer.
    """
    with Wire(private_hosts) as wire:
        return discover(wire, issuer, now=now)


def add_provider(
    session: Session,
    vault: Vault,
    *,
    name: str,
    issuer: str,
    client_id: str,
    client_secret: str,
    discovery: Mapping[str, Any],
    email_domains: Sequence[str] = (),
    scopes: str = SCOPES,
    now: datetime,
) -> IdentityProvider:
    """Add a provider, switched off; `discovery` is what `discovered` found for the issuer.

    An empty secret makes Foyer a public client. Raises Invalid naming the field.
    """
    if discovery["metadata"]["issuer"] != issuer:
        raise ValueError("discovery is that of another issuer")
    if session.scalar(select(IdentityProvider.id).where(IdentityProvider.entity_id == issuer)):
        raise Invalid({"issuer": Wording("A provider with this issuer is connected already.")})
    authentication(discovery["metadata"], secret=bool(client_secret))
    provider = IdentityProvider(
        slug=free_slug(session, name),
        name=name,
        protocol=Protocol.OIDC.value,
        entity_id=issuer,
        client_id=client_id,
        client_secret_sealed=vault.seal(client_secret),
        scopes=with_openid(scopes),
        discovery=dict(discovery),
        email_domains=list(email_domains),
        created_at=now,
        updated_at=now,
    )
    session.add(provider)
    session.flush()
    return provider


def ask_again(provider: IdentityProvider, *, private_hosts: Collection[str], now: datetime) -> None:
    """Replace what is kept of the provider by what it publishes now.

    Raises Invalid or Unavailable and then leaves the last good copy as it is.
    """
    provider.discovery = discovered(provider.entity_id, private_hosts=private_hosts, now=now)


def with_openid(scopes: str) -> str:
    """Return the scopes with `openid` first, without which there is no ID token."""
    return " ".join(dict.fromkeys(["openid", *scopes.split()]))
