"""What python3-saml is told, from the provider's metadata and our own addresses alone.

Nothing of it comes from a request: Foyer's addresses are built from the configured base address,
and the provider is the one whose address was called, never the one that a message names.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from onelogin.saml2.settings import OneLogin_Saml2_Settings

from app.saml.keys import KeyPair
from app.saml.metadata import IdpMetadata

# what python3-saml leaves open unless told otherwise; it only reads responses here, while requests
# are written and signed in app.saml.messages and logout messages checked in app.saml.logout
SECURITY: dict[str, Any] = {
    "wantAssertionsSigned": True,
    "wantMessagesSigned": False,  # many providers sign only the assertion, which is what is read
    "wantNameId": True,
    "wantAttributeStatement": False,
    "allowRepeatAttributeName": True,
    "rejectDeprecatedAlgorithm": True,
    "requestedAuthnContext": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProvider:
    """Foyer as one identity provider knows it: its entity ID and full addresses."""

    entity_id: str
    acs: str
    sls: str


def library_settings(
    here: ServiceProvider, idp: IdpMetadata, pair: KeyPair
) -> OneLogin_Saml2_Settings:
    """Return strict settings for reading a response; `pair` opens encrypted assertions.

    The provider is known by its certificates in full, two during a rollover, and never by a
    fingerprint, which would let the message bring its own.
    """
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "debug": False,
            "sp": {
                "entityId": here.entity_id,
                "assertionConsumerService": {"url": here.acs},
                "singleLogoutService": {"url": here.sls},
                "x509cert": pair.certificate,
                "privateKey": pair.private_key,
            },
            "idp": {
                "entityId": idp.entity_id,
                "singleSignOnService": {"url": idp.sso_redirect or idp.sso_post},
                "x509certMulti": {"signing": list(idp.signing_certificates)},
            },
            "security": SECURITY | {"allowSingleLabelDomains": _single_label(here.acs)},
        }
    )


def as_received(address: str) -> dict[str, Any]:
    """Return what python3-saml takes for the request: our own address, whatever Host says."""
    parts = urlsplit(address)
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": {},
        "post_data": {},
    }


def _single_label(address: str) -> bool:
    """Tell whether the portal itself stands at a name without a dot, such as localhost."""
    return "." not in (urlsplit(address).hostname or "")
