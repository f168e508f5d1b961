"""Keeps identity providers of protocol SAML: adding one, and taking newer metadata for it.

The row holds the metadata as it came; what Foyer needs of it is read again where it is needed. A
copy is replaced only by one that could be read whole, so that the last good one is always there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.queries import free_slug
from app.errors import Invalid, Wording, said_by
from app.models import IdentityProvider, Protocol
from app.outbound import OutboundRefused, Rules, parsed
from app.saml import certificates, documents, metadata
from app.saml.certificates import Certificate
from app.saml.metadata import IdpMetadata
from app.saml.metadata_roles import FIELD

_ADDRESSES = ("sso_redirect", "sso_post", "slo_redirect", "slo_response")
NO_METADATA = Wording("This provider cannot be used yet: its metadata is missing.")
RUN_OUT = Wording(
    "This provider cannot be used at the moment: what Foyer knows of it is no longer valid. Please "
    "tell your administrator."
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What newer metadata changed: signing keys, and addresses as before and after. May be empty.

    Truth says whether anything changed.
    """

    keys_added: tuple[Certificate, ...] = ()
    keys_removed: tuple[Certificate, ...] = ()
    addresses: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.keys_added or self.keys_removed or self.addresses)

    def details(self) -> dict[str, Any]:
        """Return the changes as the audit log keeps them."""
        return {
            "keys_added": [one.fingerprint for one in self.keys_added],
            "keys_removed": [one.fingerprint for one in self.keys_removed],
            "addresses": {name: list(pair) for name, pair in self.addresses.items()},
        }


def add_provider(
    session: Session,
    *,
    name: str,
    xml: bytes | str,
    metadata_url: str = "",
    entity_id: str = "",
    metadata_signer: str = "",
    email_domains: Sequence[str] = (),
    private_hosts: Collection[str] = (),
    now: datetime,
) -> IdentityProvider:
    """Add the provider that the metadata describes, switched off, at the end of the list.

    `metadata_url` is where newer metadata is fetched, `entity_id` chooses in an aggregate,
    `metadata_signer` holds the certificates (PEM) one of which signs the metadata. Raises Invalid
    naming `metadata`, `metadata_url` or `metadata_signer`.
    """
    check_source(metadata_url, metadata_signer, private_hosts)
    found = metadata.read(
        xml, now=now, entity_id=entity_id, signer=metadata_signer, private_hosts=private_hosts
    )
    if session.scalar(select(IdentityProvider).filter_by(entity_id=found.entity_id)):
        why = Wording("There is a provider with the entity ID %(id)s already.", id=found.entity_id)
        raise Invalid({FIELD: why})
    provider = IdentityProvider(
        slug=free_slug(session, name),
        name=name,
        protocol=Protocol.SAML.value,
        entity_id=found.entity_id,
        position=(session.scalar(select(func.max(IdentityProvider.position))) or 0) + 1,
        email_domains=list(email_domains),
        metadata_url=metadata_url,
        metadata_signer=metadata_signer,
        created_at=now,
        updated_at=now,
    )
    keep(provider, xml, found, now=now)
    session.add(provider)
    session.flush()
    return provider


def replace_metadata(
    session: Session,
    provider: IdentityProvider,
    xml: bytes | str,
    *,
    private_hosts: Collection[str] = (),
    now: datetime,
) -> Changes:
    """Take newer metadata for the provider and return what it changed.

    Raises Invalid, for `metadata`, when it cannot be read or speaks of another provider.
    """
    found = metadata.read(
        xml,
        now=now,
        entity_id=provider.entity_id,
        signer=provider.metadata_signer,
        private_hosts=private_hosts,
    )
    changes = changes_to(provider, found, now=now)
    keep(provider, xml, found, now=now)
    provider.updated_at = now
    session.flush()
    return changes


def check_source(url: str, signer: str, private_hosts: Collection[str] = ()) -> None:
    """Raise Invalid unless metadata may be fetched there and the signer's certificates be read."""
    if signer.strip():
        certificates.pinned(signer, "metadata_signer")
    if not url:
        return
    try:
        Rules(frozenset(private_hosts)).check_address(parsed(url))
    except OutboundRefused as error:
        why = Wording("This address cannot be used: %(why)s.", why=said_by(error))
        raise Invalid({"metadata_url": why}) from error


def current(provider: IdentityProvider, *, now: datetime) -> IdpMetadata:
    """Return what the last good copy says, even when it has run out (see `is_usable`).

    Raises Invalid when there is none.
    """
    return metadata.kept(provider.metadata_xml, provider.entity_id, now=now)


def is_usable(provider: IdentityProvider, now: datetime) -> bool:
    """Tell whether people may sign in through the provider, as far as its metadata goes."""
    return not unusable(provider, now)


def unusable(provider: IdentityProvider, now: datetime) -> str:
    """Return in words why nobody can sign in through the provider; empty when they can."""
    if not provider.metadata_xml:
        return NO_METADATA
    ends = provider.metadata_valid_until
    return RUN_OUT if ends is not None and ends <= now else ""


def changes_to(provider: IdentityProvider, new: IdpMetadata, *, now: datetime) -> Changes:
    """Return what would change if the provider took the new metadata."""
    try:
        old = current(provider, now=now)
    except Invalid:
        return Changes(keys_added=new.certificates)
    return Changes(
        keys_added=_without(new.certificates, old.fingerprints),
        keys_removed=_without(old.certificates, new.fingerprints),
        addresses={
            name: (getattr(old, name), getattr(new, name))
            for name in _ADDRESSES
            if getattr(old, name) != getattr(new, name)
        },
    )


def keep(
    provider: IdentityProvider, xml: bytes | str, found: IdpMetadata, *, now: datetime
) -> None:
    """Make this the provider's last good copy."""
    provider.metadata_xml = documents.decoded(xml, FIELD)
    provider.metadata_valid_until = found.valid_until
    provider.metadata_kept_at = provider.metadata_checked_at = now
    provider.metadata_problem = ""


def _without(these: Sequence[Certificate], fingerprints: Sequence[str]) -> tuple[Certificate, ...]:
    return tuple(one for one in these if one.fingerprint not in fingerprints)
