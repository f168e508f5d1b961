"""From what stands in a form or an address to an XML tree, and back, within bounds.

Everything that cannot be read is Untrusted, whatever the parser says of it. Document types and
entities are refused by python3-saml's parser, which also drops comments, so that text beside a
comment is one text (CVE-2017-11427 and its kin).
"""

import base64
import zlib
from datetime import UTC, datetime
from typing import Any

from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from app.saml.refusals import unreadable

LARGEST = 300_000
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
NAMES = {"samlp": SAMLP, "saml": SAML, "ds": DS, "xenc": XENC, "md": MD}
_YEARS = range(1970, 9999)  # a little can be added to and taken from each
_SCHEMA = "saml-schema-protocol-2.0.xsd"


def decoded(text: str) -> bytes:
    """Return what base64 text stands for; raise Untrusted when it is none or too long."""
    if len(text) > LARGEST:
        raise unreadable(f"the message has {len(text)} characters, more than {LARGEST}")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise unreadable(f"the message is not base64: {error}") from error


def inflated(data: bytes) -> bytes:
    """Return what the redirect binding has deflated (Bindings 3.4.4.1), up to the largest size.

    Raises Untrusted for anything else, and for what would grow beyond that size.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = inflater.decompress(data, LARGEST)
    except zlib.error as error:
        raise unreadable(f"the message is not deflated: {error}") from error
    if not inflater.eof:
        raise unreadable("the message is cut short or too large")
    return plain


def deflated(xml: bytes) -> str:
    """Return a message as the redirect binding carries it (Bindings 3.4.4.1)."""
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return base64.b64encode(deflater.compress(xml) + deflater.flush()).decode()


def parsed(xml: bytes, name: str) -> Any:
    """Return the root of a protocol message that fits the schema and is called `name`.

    Raises Untrusted for everything else.
    """
    try:
        root = OneLogin_Saml2_XML.to_etree(xml)
        fits = not isinstance(OneLogin_Saml2_XML.validate_xml(root, _SCHEMA), str)
    except Exception as error:
        raise unreadable(f"the message is no XML that may be read: {error}") from error
    if root.tag != f"{{{SAMLP}}}{name}":
        raise unreadable(f"the message is no {name}")
    if not fits:
        raise unreadable(f"the {name} does not fit its schema")
    return root


def text_of(element: Any) -> str:
    """Return the whole text of an element, whatever stands between its parts."""
    return str(element.xpath("string()"))


def moment(text: str) -> datetime:
    """Return a SAML moment, which is always UTC (Core 1.3.3); raise Untrusted for any other."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise unreadable(f"{text[:40]!r} is no moment") from error
    if found.tzinfo is None or found.utcoffset() or found.year not in _YEARS:
        raise unreadable(f"{text[:40]!r} is no moment in UTC")
    return found.astimezone(UTC)


def in_saml(when: datetime) -> str:
    """Return a moment as SAML writes it (Core 1.3.3)."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
