"""Reads the answer to a request to sign in: what is believed, and everything else is Untrusted.

In this order: size and shape, the form of its signatures, python3-saml in strict mode, the
certificate that the assertion's signature holds with, and our own rules on that assertion.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from app.errors import Untrusted
from app.saml import checks, signatures
from app.saml.encoding import NAMES, XENC, decoded, parsed, text_of
from app.saml.encrypted import Opened
from app.saml.keys import KeyPair
from app.saml.metadata import IdpMetadata
from app.saml.refusals import DECLINED, unproven, unreadable
from app.saml.settings import ServiceProvider, as_received, library_settings

_ASSERTION = "/samlp:Response/saml:Assertion"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_WEAK_TRANSPORT = f"{XENC}rsa-1_5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What an answer has proved, and the fingerprint of the certificate that it was proved with."""

    facts: checks.Facts
    fingerprint: str


def read(
    text: str,
    *,
    here: ServiceProvider,
    idp: IdpMetadata,
    readers: Sequence[KeyPair],
    now: datetime,
) -> Proved:
    """Return what the base64 text of a SAMLResponse proves; raise Untrusted for anything less.

    `readers` are the keys that an assertion may be encrypted for.
    """
    xml = decoded(text)
    _before_any_key(parsed(xml, "Response"))
    response = _opened(xml, here, idp, readers)
    root = response.get_xml_document()
    signatures.only_plain(root)
    _by_the_library(response, here)
    signer = signatures.certificate_of(root, f"{_ASSERTION}/ds:Signature", idp.certificates)
    answer = checks.Answer(
        response=root,
        assertion=root.xpath(_ASSERTION, namespaces=NAMES)[0],
        expected=checks.Expected(issuer=idp.entity_id, audience=here.entity_id, address=here.acs),
        now=now,
    )
    return Proved(facts=_examined(answer, signer.fingerprint), fingerprint=signer.fingerprint)


def _examined(answer: checks.Answer, fingerprint: str) -> checks.Facts:
    """Return what a signed answer says; a refusal names the message, which the provider did sign.

    So it can be looked for in the provider's own log (ASVS 5.0, 16.3.1).
    """
    try:
        return checks.examine(answer)
    except Untrusted as refusal:
        message = str(answer.assertion.get("ID", ""))[:300]
        refusal.details = {"message": message, "fingerprint": fingerprint}
        raise


def _before_any_key(root: Any) -> None:
    """Refuse what must not reach a key: a refusal of the provider's, or what points elsewhere.

    PKCS #1 v1.5 encryption is refused since its errors tell about the key (Bleichenbacher).
    """
    code = root.find("samlp:Status/samlp:StatusCode", NAMES).get("Value")
    if code != _SUCCESS:
        said = [one.get("Value", "") for one in root.iterfind(".//samlp:StatusCode", NAMES)]
        said += [text_of(one) for one in root.iterfind("samlp:Status/samlp:StatusMessage", NAMES)]
        raise Untrusted(DECLINED, f"status: {' / '.join(said)}"[:400])
    signatures.only_plain(root)
    if any(not str(address).startswith("#") for address in root.xpath("//@URI")):
        raise unproven("encryption: a key or what is encrypted stands elsewhere")
    if any(
        one.get("Algorithm") == _WEAK_TRANSPORT for one in root.iter(f"{{{XENC}}}EncryptionMethod")
    ):
        raise unproven("encryption: rsa-1_5 is not taken")


def _opened(
    xml: bytes, here: ServiceProvider, idp: IdpMetadata, readers: Sequence[KeyPair]
) -> OneLogin_Saml2_Response:
    """Return python3-saml's response, decrypted with the first of our keys that can."""
    why: Exception | None = None
    text = OneLogin_Saml2_Utils.b64encode(xml)
    for pair in readers:
        try:
            return Opened(library_settings(here, idp, pair), text)
        except Exception as error:
            why = error
    raise unreadable(f"python3-saml cannot read it: {why}") from why


def _by_the_library(response: OneLogin_Saml2_Response, here: ServiceProvider) -> None:
    try:
        response.is_valid(as_received(here.acs), raise_exceptions=True)
    except Exception as error:
        raise unproven(f"python3-saml: {error}") from error
