"""Foyer's own metadata for one identity provider: who we are, where to send what, our keys.

python3-saml's writer names no key for encryption unless every assertion must be encrypted, so the
document is built here; both certificates stand in it while a new key is being announced.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from app.saml.encoding import DS, MD, SAMLP
from app.saml.keys import KeyPair, KeyRing
from app.saml.messages import new_id
from app.saml.settings import ServiceProvider

CONTENT_TYPE = "application/samlmetadata+xml"
_BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings:"
_FORMATS = (
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
)


def written(here: ServiceProvider, ring: KeyRing) -> bytes:
    """Return the metadata as XML, signed with the current key (Metadata 2.3.2, 2.4.4, 3)."""
    root = etree.Element(f"{{{MD}}}EntityDescriptor", nsmap={"md": MD, "ds": DS})
    root.set("ID", new_id())
    root.set("entityID", here.entity_id)
    root.set("cacheDuration", "P1D")
    role = etree.SubElement(root, f"{{{MD}}}SPSSODescriptor")
    role.set("protocolSupportEnumeration", SAMLP)
    role.set("AuthnRequestsSigned", "true")
    role.set("WantAssertionsSigned", "true")
    role.extend(_parts(here, ring))
    pair = ring.current
    signed = OneLogin_Saml2_Utils.add_sign(etree.tostring(root), pair.private_key, pair.certificate)
    return signed if isinstance(signed, bytes) else signed.encode()


def _parts(here: ServiceProvider, ring: KeyRing) -> Iterator[Any]:
    """Yield what the role holds, in the order that the schema asks for."""
    for use in ("signing", "encryption"):
        for pair in ring.announced:
            yield _key(use, pair)
    for binding in ("HTTP-Redirect", "HTTP-POST"):
        yield _endpoint("SingleLogoutService", binding, here.sls)
    for name in _FORMATS:
        yield _element("NameIDFormat", name)
    consumer = _endpoint("AssertionConsumerService", "HTTP-POST", here.acs)
    consumer.set("index", "0")
    consumer.set("isDefault", "true")
    yield consumer


def _key(use: str, pair: KeyPair) -> Any:
    descriptor = _element("KeyDescriptor")
    descriptor.set("use", use)
    info = etree.SubElement(descriptor, f"{{{DS}}}KeyInfo")
    data = etree.SubElement(info, f"{{{DS}}}X509Data")
    lines = pair.certificate.strip().splitlines()[1:-1]
    etree.SubElement(data, f"{{{DS}}}X509Certificate").text = "".join(lines)
    return descriptor


def _endpoint(name: str, binding: str, address: str) -> Any:
    endpoint = _element(name)
    endpoint.set("Binding", _BINDINGS + binding)
    endpoint.set("Location", address)
    return endpoint


def _element(name: str, text: str | None = None) -> Any:
    element = etree.Element(f"{{{MD}}}{name}")
    element.text = text
    return element
