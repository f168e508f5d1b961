"""Checks the signature of metadata against certificates that an administrator pinned.

The key comes from the pinned certificate and never from the document (no KeyInfo is read), the
algorithms from a list, and what is signed must be the document's root: a genuine signature over
some other part proves nothing about the part that is read.
"""

from collections.abc import Sequence

import xmlsec
from lxml import etree

from app.errors import Invalid, Wording
from app.saml.certificates import Certificate

_DS = "http://www.w3.org/2000/09/xmldsig#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_ENC = "http://www.w3.org/2001/04/xmlenc#"
_SIGNATURES = frozenset(
    f"{_MORE}{kind}-{digest}"
    for kind in ("rsa", "ecdsa")
    for digest in ("sha256", "sha384", "sha512")
)
_DIGESTS = frozenset({f"{_ENC}sha256", f"{_MORE}sha384", f"{_ENC}sha512"})
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = f"{_DS}enveloped-signature"
_TRANSFORMS = frozenset({_ENVELOPED, _EXCLUSIVE, f"{_EXCLUSIVE}WithComments"})
_ID_NAMES = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")


def check(root: etree._Element, signers: Sequence[Certificate], field: str) -> None:
    """Raise Invalid for the named field unless one of the signers has signed the whole root."""
    signatures = root.findall(f"{{{_DS}}}Signature")
    if len(signatures) != 1:
        raise Invalid(
            {field: Wording("It is not signed, though a signing certificate is given for it.")}
        )
    if not _covers(root, signatures[0]):
        why = Wording("Its signature does not cover the whole of it with SHA-256 or better.")
        raise Invalid({field: why})
    if not any(_verifies(root, signatures[0], signer) for signer in signers):
        why = Wording("Its signature was not made with the certificate that is given for it.")
        raise Invalid({field: why})


def _covers(root: etree._Element, signature: etree._Element) -> bool:
    """Tell whether the signature is over the root, by algorithms that hold."""
    references = signature.findall(f".//{{{_DS}}}Reference")
    own_id = root.get("ID", "")
    return (
        len(references) == 1
        and len(signature.findall(f"{{{_DS}}}SignedInfo")) == 1
        and references[0].get("URI") in {"", f"#{own_id}" if own_id else ""}
        and (not own_id or _times_named(root, own_id) == 1)
        and _algorithms(signature, "SignatureMethod") <= _SIGNATURES
        and _algorithms(signature, "DigestMethod") <= _DIGESTS
        and _ENVELOPED in _algorithms(references[0], "Transform")
        and _algorithms(references[0], "Transform") <= _TRANSFORMS
    )


def _times_named(root: etree._Element, wanted: str) -> int:
    """Count the elements that could answer to this ID."""
    elements = root.iter(etree.Element)
    return sum(any(one.get(name) == wanted for name in _ID_NAMES) for one in elements)


def _algorithms(within: etree._Element, name: str) -> set[str]:
    return {found.get("Algorithm", "") for found in within.iter(f"{{{_DS}}}{name}")}


def _verifies(root: etree._Element, signature: etree._Element, signer: Certificate) -> bool:
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(signer.pem, xmlsec.constants.KeyDataFormatCertPem, None)
    try:
        if root.get("ID"):
            context.register_id(root, "ID")
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True
