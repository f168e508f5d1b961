"""An identity provider with keys, metadata and a row; it answers whatever a test wants."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.models import IdentityProvider, Protocol
from tests.support.saml.flow import Started
from tests.support.saml.keys import KeyPair, key_pair
from tests.support.saml.mint import Answer, honest, mint

_METADATA = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
 xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{entity_id}"{valid}>
<md:IDPSSODescriptor WantAuthnRequestsSigned="true"
 protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}
<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
 Location="{slo}"/>
<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
 Location="{sso}"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""
_KEY = (
    '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der}'
    "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
)


@dataclass
class Provider:
    """A provider called `slug`; `pairs` are its signing keys, the first of which it signs with."""

    slug: str = "acme"
    pairs: list[KeyPair] = field(default_factory=lambda: [key_pair("idp")])
    now: datetime = None  # type: ignore[assignment]

    @property
    def entity_id(self) -> str:
        """Return its entity ID."""
        return f"https://{self.slug}.idp.example.org/metadata"

    @property
    def sso(self) -> str:
        """Return where it takes AuthnRequests."""
        return f"https://{self.slug}.idp.example.org/sso"

    @property
    def slo(self) -> str:
        """Return where it takes LogoutRequests."""
        return f"https://{self.slug}.idp.example.org/slo"

    @property
    def pair(self) -> KeyPair:
        """Return the key pair that it signs with."""
        return self.pairs[0]

    def metadata(self, *, valid_until: str = "") -> str:
        """Return its metadata with all its signing certificates."""
        return _METADATA.format(
            entity_id=self.entity_id,
            sso=self.sso,
            slo=self.slo,
            keys="".join(_KEY.format(der=pair.der) for pair in self.pairs),
            valid=f' validUntil="{valid_until}"' if valid_until else "",
        )

    def enrol(self, session: Session, **values: Any) -> IdentityProvider:
        """Add the provider's row, enabled, allowed to speak for example.org; commit."""
        row = IdentityProvider(
            **{
                "slug": self.slug,
                "name": self.slug.capitalize(),
                "protocol": Protocol.SAML.value,
                "entity_id": self.entity_id,
                "enabled": True,
                "email_domains": ["example.org"],
                "metadata_xml": self.metadata(),
                "created_at": self.now,
                "updated_at": self.now,
            }
            | values
        )
        session.add(row)
        session.commit()
        return row

    def says(self, started: Started, **changes: Any) -> Answer:
        """Return an honest answer to what was started, with these fields changed."""
        fields = honest(
            issuer=self.entity_id,
            acs=started.acs,
            audience=started.audience,
            request_id=started.request_id,
            now=self.now,
        )
        return Answer(**(fields | changes))

    def answer(self, started: Started, how: dict[str, Any] | None = None, **changes: Any) -> bytes:
        """Return that answer signed; `how` is what `mint` takes: sign, signature, encrypt_to …"""
        return mint(self.says(started, **changes), self.pair, **(how or {}))
