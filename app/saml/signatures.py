"""Which signatures are looked at, and with which of a provider's certificates they hold.

XML signatures may point anywhere and transform anything; SAML narrows that down to one reference
to the element that holds the signature and to three transforms (Core 5.4). What does not keep to
that is refused before any key is used, so that nothing is fetched, wrapped or transformed. The key
that a message brings along is never used; nor is SHA-1 (ASVS 5.0, 11.4.3).
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, unquote_plus

from onelogin.saml2.constants import OneLogin_Saml2_Constants as Constants
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from app.saml.certificates import Certificate
from app.saml.encoding import DS, NAMES, decoded
from app.saml.keys import KeyPair
from app.saml.refusals import unproven

_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_CANONICAL = {_C14N, f"{_C14N}WithComments"}
_ALLOWED = {
    "CanonicalizationMethod": _CANONICAL,
    "Transform": {Constants.NS_DS + "enveloped-signature"} | _CANONICAL,
    "DigestMethod": {Constants.SHA256, Constants.SHA384, Constants.SHA512},
    "SignatureMethod": {
        *(f"{_MORE}rsa-sha{size}" for size in (256, 384, 512)),
        *(f"{_MORE}ecdsa-sha{size}" for size in (256, 384, 512)),
    },
}
_BINARY = {Constants.RSA_SHA256, Constants.RSA_SHA384, Constants.RSA_SHA512}
_SIGNED = ("RelayState", "SigAlg")


def only_plain(root: Any) -> None:
    """Refuse a message with a signature that is more than SAML allows, or with an ID twice.

    Raises Untrusted. Each signature has one SignedInfo with one Reference to the ID of the element
    around it (Core 5.4.2), the transforms of Core 5.4.4, and algorithms that are still good.
    """
    found = [str(value) for value in root.xpath("//@*[local-name()='ID' or local-name()='Id']")]
    if len(found) != len(set(found)):
        raise unproven("signature: an ID stands twice")
    for signature in root.iter(f"{{{DS}}}Signature"):
        _only_its_parent(signature)
        for name, allowed in _ALLOWED.items():
            for element in signature.iter(f"{{{DS}}}{name}"):
                if element.get("Algorithm") not in allowed:
                    raise unproven(f"signature: {name} {element.get('Algorithm')}")


def certificate_of(root: Any, path: str, certificates: Sequence[Certificate]) -> Certificate:
    """Return which certificate the one signature at this path holds with.

    Raises Untrusted when there is no such signature, or it holds with none of them.
    """
    if len(root.xpath(path, namespaces=NAMES)) != 1:
        raise unproven("signature: there is none, or more than one")
    for certificate in certificates:
        if OneLogin_Saml2_Utils.validate_sign(root, cert=certificate.pem, xpath=path):
            return certificate
    raise unproven("signature: it holds with no certificate of the provider")


def signed_query(fields: Sequence[tuple[str, str]], pair: KeyPair) -> str:
    """Return the fields as a query that is signed as the redirect binding asks (3.4.4.1)."""
    signed = [*fields, ("SigAlg", Constants.RSA_SHA256)]
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in signed)
    signature = OneLogin_Saml2_Utils.sign_binary(query, pair.private_key)
    return f"{query}&Signature={quote(OneLogin_Saml2_Utils.b64encode(signature), safe='')}"


def checked_query(query: str, kind: str, certificates: Sequence[Certificate]) -> dict[str, str]:
    """Return the fields of a query whose signature holds (Bindings 3.4.4.1).

    `kind` is SAMLRequest or SAMLResponse. What was signed is taken from the query as it came, and
    so are the values. Raises Untrusted for a signature that is missing, weak or wrong.
    """
    raw = _raw(query)
    missing = {kind, "SigAlg", "Signature"} - raw.keys()
    if missing:
        raise unproven(f"signature: the query has no {', '.join(sorted(missing))}")
    fields = {name: unquote_plus(value) for name, value in raw.items()}
    if fields["SigAlg"] not in _BINARY:
        raise unproven(f"signature: {fields['SigAlg']}")
    signed = "&".join(f"{name}={raw[name]}" for name in (kind, *_SIGNED) if name in raw)
    signature = decoded(fields["Signature"])
    for certificate in certificates:
        if OneLogin_Saml2_Utils.validate_binary_sign(
            signed, signature, certificate.pem, fields["SigAlg"]
        ):
            return fields
    raise unproven("signature: it holds with no certificate of the provider")


def _only_its_parent(signature: Any) -> None:
    infos = signature.findall("ds:SignedInfo", NAMES)
    references = [one for info in infos for one in info.findall("ds:Reference", NAMES)]
    parent = signature.getparent()
    name = parent.get("ID") if parent is not None else None
    if len(infos) != 1 or len(references) != 1 or not name:
        raise unproven("signature: it does not sign exactly one element")
    if references[0].get("URI") != f"#{name}":
        raise unproven("signature: it signs another element than the one it stands in")


def _raw(query: str) -> dict[str, str]:
    """Return the fields as they stand in the query; raise Untrusted when a name stands twice."""
    raw: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in raw:
            raise unproven("signature: a field stands twice in the query")
        raw[name] = value
    return raw
