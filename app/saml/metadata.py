"""Reads an identity provider's metadata, or says in plain words why it cannot be used.

SAML V2.0 Metadata (saml-metadata-2.0-os). python3-saml's own reader takes the first descriptor it
finds and knows neither validUntil nor the strength of keys, so Foyer reads metadata itself.
"""

import ipaddress
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from lxml import etree

from app.errors import Wording, said_by
from app.intake.text import web_address
from app.saml import documents, metadata_signature
from app.saml.certificates import Certificate, certificate, pinned
from app.saml.metadata_roles import FIELD, MD, chosen, entity_id_of, invalid
from app.saml.moments import duration, moment

POST_ONLY = Wording(
    "It takes requests to sign in by POST only. Foyer sends them by redirect, so people can only "
    "come in from the provider's own pages."
)

_DS = "http://www.w3.org/2000/09/xmldsig#"
_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdpMetadata:
    """What Foyer needs to know of a SAML identity provider; addresses it lacks are empty.

    `slo_response` is where answers to its logout requests go. `remarks` are things that an
    administrator should know and that do not stand in the way.
    """

    entity_id: str
    sso_redirect: str
    sso_post: str
    slo_redirect: str
    slo_response: str
    certificates: tuple[Certificate, ...]
    valid_until: datetime | None
    cache_duration: timedelta | None
    name_id_formats: tuple[str, ...]
    wants_signed_requests: bool
    remarks: tuple[str, ...] = ()

    @property
    def signing_certificates(self) -> tuple[str, ...]:
        """Return the certificates of the signing keys as PEM: two during a rollover."""
        return tuple(one.pem for one in self.certificates)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Return the SHA-256 fingerprints of the certificates."""
        return tuple(one.fingerprint for one in self.certificates)


def read(
    xml: bytes | str,
    *,
    now: datetime,
    entity_id: str = "",
    signer: str = "",
    private_hosts: Collection[str] = (),
) -> IdpMetadata:
    """Read metadata that has just arrived.

    `entity_id` chooses in a federation's aggregate and is what a single provider must be called;
    `signer` holds the certificates (PEM) one of which must have signed the document;
    `private_hosts` may be reached by plain http. Raises Invalid, for `metadata`, in words that an
    administrator understands.
    """
    root = documents.parsed(xml, FIELD)
    if signer.strip():
        metadata_signature.check(root, pinned(signer, "metadata_signer"), FIELD)
    found = _described(chosen(root, entity_id), now, private_hosts)
    if found.valid_until and found.valid_until <= now:
        raise invalid(
            Wording(
                "This metadata was valid until %(date)s only. Ask the identity provider for newer.",
                date=f"{found.valid_until:%Y-%m-%d %H:%M} UTC",
            )
        )
    return found


def kept(xml: str, entity_id: str, *, now: datetime) -> IdpMetadata:
    """Read the last good copy again, whatever has become of its dates meanwhile.

    Raises Invalid as `read` does when the copy was damaged.
    """
    root = documents.parsed(xml, FIELD)
    return _described(chosen(root, entity_id), now, None)


def _described(
    role: etree._Element, now: datetime, private_hosts: Collection[str] | None
) -> IdpMetadata:
    """Return what the descriptor says; with None for hosts the addresses are not judged again."""
    sso_redirect = _address(role, "SingleSignOnService", _REDIRECT, private_hosts)
    sso_post = _address(role, "SingleSignOnService", _POST, private_hosts)
    if not (sso_redirect or sso_post):
        raise invalid(Wording("It names no address to sign in at, by redirect or by POST."))
    slo = _address(role, "SingleLogoutService", _REDIRECT, private_hosts)
    answers = _address(
        role, "SingleLogoutService", _REDIRECT, private_hosts, attribute="ResponseLocation"
    )
    certificates = tuple(_certificates(role))
    return IdpMetadata(
        entity_id=entity_id_of(role),
        sso_redirect=sso_redirect,
        sso_post=sso_post,
        slo_redirect=slo,
        slo_response=answers or slo,
        certificates=certificates,
        valid_until=_valid_until(role),
        cache_duration=_cache_duration(role),
        name_id_formats=tuple(_texts(role, "NameIDFormat")),
        wants_signed_requests=role.get("WantAuthnRequestsSigned", "").strip() in {"true", "1"},
        remarks=_remarks(sso_redirect, certificates, now),
    )


def _address(
    role: etree._Element,
    service: str,
    binding: str,
    private_hosts: Collection[str] | None,
    attribute: str = "Location",
) -> str:
    """Return the service's first address with the binding; raise Invalid for one not to be used."""
    for one in role.findall(f"{{{MD}}}{service}"):
        if one.get("Binding") == binding:
            address = one.get(attribute, "").strip()
            if address and private_hosts is not None:
                _check_address(address, private_hosts)
            return address
    return ""


def _check_address(address: str, private_hosts: Collection[str]) -> None:
    try:
        parts = urlsplit(web_address(address))
    except ValueError as error:
        raise invalid(
            Wording(
                "The address %(address)s cannot be used: %(why)s.",
                address=address[:200],
                why=said_by(error),
            )
        ) from error
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" and not (host in private_hosts or _is_local(host)):
        raise invalid(
            Wording("The address %(address)s does not begin with https://.", address=address[:200])
        )


def _is_local(host: str) -> bool:
    """Tell whether the host is this machine or an address of a private network."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_private and not address.is_unspecified


def _certificates(role: etree._Element) -> Iterator[Certificate]:
    """Yield each signing certificate once, in the order of the document."""
    texts: dict[str, None] = {}
    for key in role.findall(f"{{{MD}}}KeyDescriptor"):
        if key.get("use", "signing") == "signing":
            texts |= dict.fromkeys(
                "".join(str(found.xpath("string()")).split())
                for found in key.iter(f"{{{_DS}}}X509Certificate")
            )
    if not texts:
        raise invalid(Wording("It names no certificate that the provider signs with."))
    for number, text in enumerate(texts, start=1):
        yield certificate(text, number, FIELD)


def _remarks(
    sso_redirect: str, certificates: Sequence[Certificate], now: datetime
) -> tuple[str, ...]:
    expired = tuple(
        Wording(
            "Signing certificate %(number)d was valid until %(date)s; its key still counts.",
            number=number,
            date=f"{one.valid_until:%Y-%m-%d}",
        )
        for number, one in enumerate(certificates, start=1)
        if one.valid_until < now
    )
    return expired if sso_redirect else (*expired, POST_ONLY)


def _around(role: etree._Element) -> list[etree._Element]:
    return [role, *role.iterancestors()]


def _valid_until(role: etree._Element) -> datetime | None:
    """Return the earliest validUntil of the descriptor and of what it stands in."""
    said = [one.get("validUntil", "") for one in _around(role)]
    try:
        return min((moment(text) for text in said if text.strip()), default=None)
    except ValueError as error:
        raise invalid(Wording("Its validUntil is not a time.")) from error


def _cache_duration(role: etree._Element) -> timedelta | None:
    """Return the shortest cacheDuration; what cannot be read is as if it were not there."""
    said = (duration(one.get("cacheDuration", "")) for one in _around(role))
    return min((one for one in said if one is not None), default=None)


def _texts(role: etree._Element, name: str) -> Iterator[str]:
    for found in role.findall(f"{{{MD}}}{name}"):
        text = str(found.xpath("string()")).strip()
        if text:
            yield text
