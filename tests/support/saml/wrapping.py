"""Signature wrapping, XSW1 to XSW8 ("On Breaking SAML", USENIX 2012; numbered as in SAML Raider).

Each leaves what was signed unharmed somewhere in the message and puts beside, around or inside it
what the attacker wants read. Where both were signed, the response's signature is wrapped as well,
as in XSW2.
"""

import copy

from lxml import etree

from tests.support.saml.changes import VICTIM
from tests.support.saml.mint import DS, NAMES, SAMLP

_SIGNATURE = "ds:Signature"
WRAPPINGS = (
    *(("assertion", number) for number in range(3, 9)),
    *(("response", number) for number in (1, 2)),
    *(("both", number) for number in range(1, 9)),
)
# in these the signed element stands outside its signature, so that the signature still holds
VALID = {2, 3, 4, 5, 7}


def wrapped(xml: bytes, number: int) -> bytes:
    """Return the signed response wrapped in way `number`; what is read names the victim."""
    original = etree.fromstring(xml)
    root = etree.fromstring(xml)
    if number <= 2:
        _wrap_response(root, original, inside=number == 1)
        _as_evil(root.find("saml:Assertion", NAMES))
        return etree.tostring(root)
    _ASSERTION[number](root, root.find("saml:Assertion", NAMES))
    if root.find(_SIGNATURE, NAMES) is not None:
        _wrap_response(root, original, inside=False)
    return etree.tostring(root)


def _wrap_response(root: etree._Element, original: etree._Element, *, inside: bool) -> None:
    """Give the response another ID and keep the signed one inside or before its signature."""
    signature = root.find(_SIGNATURE, NAMES)
    kept = copy.deepcopy(original)
    kept.remove(kept.find(_SIGNATURE, NAMES))
    root.set("ID", "_evil_response")
    if inside:
        signature.append(kept)
    else:
        signature.addprevious(kept)


def _evil_before(root: etree._Element, real: etree._Element) -> None:
    real.addprevious(_evil(real))


def _evil_around(root: etree._Element, real: etree._Element) -> None:
    evil = _evil(real)
    root.replace(real, evil)
    evil.append(real)


def _signed_at_end(root: etree._Element, real: etree._Element) -> None:
    root.append(_torn_off(real))


def _signed_in_signature(root: etree._Element, real: etree._Element) -> None:
    kept = _torn_off(real)
    real.find(_SIGNATURE, NAMES).append(kept)


def _evil_in_extensions(root: etree._Element, real: etree._Element) -> None:
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    extensions.append(_evil(real))
    root.find("saml:Issuer", NAMES).addnext(extensions)


def _signed_in_object(root: etree._Element, real: etree._Element) -> None:
    kept = _torn_off(real)
    etree.SubElement(real.find(_SIGNATURE, NAMES), f"{{{DS}}}Object").append(kept)


_ASSERTION = {
    3: _evil_before,
    4: _evil_around,
    5: _signed_at_end,
    6: _signed_in_signature,
    7: _evil_in_extensions,
    8: _signed_in_object,
}


def _torn_off(real: etree._Element) -> etree._Element:
    """Return the signed assertion without its signature, which stays with the evil one."""
    kept = copy.deepcopy(real)
    kept.remove(kept.find(_SIGNATURE, NAMES))
    _as_evil(real, keep_signature=True)
    return kept


def _evil(real: etree._Element) -> etree._Element:
    evil = copy.deepcopy(real)
    _as_evil(evil)
    return evil


def _as_evil(assertion: etree._Element, *, keep_signature: bool = False) -> None:
    assertion.set("ID", "_evil_assertion")
    assertion.find("saml:Subject/saml:NameID", NAMES).text = VICTIM
    signature = assertion.find(_SIGNATURE, NAMES)
    if signature is not None and not keep_signature:
        assertion.remove(signature)
