"""Writes the messages that Foyer sends to identity providers, and the addresses that carry them.

They are built as trees: python3-saml's templates put texts into XML as they are, so that an
address with `&` or a session index with `<` would spoil the message or say something else.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from app.saml.encoding import SAML, SAMLP, deflated, in_saml
from app.saml.keys import KeyPair
from app.saml.settings import ServiceProvider
from app.saml.signatures import signed_query

_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_BY_USER = "urn:oasis:names:tc:SAML:2.0:logout:user"
_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Message:
    """A message to be sent: its ID, by which the answer will name it, and its XML."""

    id: str
    xml: bytes


def authn_request(
    here: ServiceProvider, destination: str, *, force: bool, now: datetime
) -> Message:
    """Return a request to sign somebody in (Core 3.4.1).

    With `force` the provider must ask them anew, whatever session it has.
    """
    root = _message("AuthnRequest", here, destination, now)
    root.set("ProtocolBinding", _POST)
    root.set("AssertionConsumerServiceURL", here.acs)
    if force:
        root.set("ForceAuthn", "true")
    etree.SubElement(
        root, f"{{{SAMLP}}}NameIDPolicy", {"Format": _UNSPECIFIED, "AllowCreate": "true"}
    )
    return _written(root)


def logout_request(
    here: ServiceProvider,
    destination: str,
    *,
    subject: str,
    subject_format: str,
    session_index: str,
    now: datetime,
) -> Message:
    """Return a request to end somebody's session at the provider (Core 3.7.1)."""
    root = _message("LogoutRequest", here, destination, now)
    root.set("NotOnOrAfter", in_saml(now + _LIFE))
    root.set("Reason", _BY_USER)
    name = etree.SubElement(root, f"{{{SAML}}}NameID")
    name.text = subject
    if subject_format:
        name.set("Format", subject_format)
    if session_index:
        etree.SubElement(root, f"{{{SAMLP}}}SessionIndex").text = session_index
    return _written(root)


def logout_response(
    here: ServiceProvider, destination: str, *, in_response_to: str, now: datetime
) -> Message:
    """Return the answer that the session here is over (Core 3.7.2)."""
    root = _message("LogoutResponse", here, destination, now)
    root.set("InResponseTo", in_response_to)
    status = etree.SubElement(root, f"{{{SAMLP}}}Status")
    etree.SubElement(status, f"{{{SAMLP}}}StatusCode", {"Value": _SUCCESS})
    return _written(root)


def redirect_address(
    destination: str, kind: str, message: Message, pair: KeyPair, relay_state: str = ""
) -> str:
    """Return the address that carries the message, signed (Bindings 3.4.4).

    `kind` is SAMLRequest or SAMLResponse; a RelayState is given back just as it came.
    """
    fields = [(kind, deflated(message.xml))]
    if relay_state:
        fields.append(("RelayState", relay_state))
    return destination + ("&" if "?" in destination else "?") + signed_query(fields, pair)


def new_id() -> str:
    """Return an ID that nobody can guess and XML allows (Core 1.3.4)."""
    return f"_{secrets.token_hex(20)}"


def _message(name: str, here: ServiceProvider, destination: str, now: datetime) -> Any:
    root = etree.Element(f"{{{SAMLP}}}{name}", nsmap={"samlp": SAMLP, "saml": SAML})
    root.set("ID", new_id())
    root.set("Version", "2.0")
    root.set("IssueInstant", in_saml(now))
    root.set("Destination", destination)
    etree.SubElement(root, f"{{{SAML}}}Issuer").text = here.entity_id
    return root


def _written(root: Any) -> Message:
    return Message(root.get("ID"), etree.tostring(root))
