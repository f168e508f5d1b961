"""Writes SAML responses with every part open to choice, then signs and encrypts them.

What is None is left out, so that a test can drop what a provider must send.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import xmlsec
from lxml import etree

from tests.support.saml.keys import KeyPair

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
NAMES = {"saml": SAML, "samlp": SAMLP, "ds": DS}
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
RESPONDER = "urn:oasis:names:tc:SAML:2.0:status:Responder"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
HOLDER_OF_KEY = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
URI = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
SIGNATURES = {
    "rsa-sha256": xmlsec.Transform.RSA_SHA256,
    "rsa-sha512": xmlsec.Transform.RSA_SHA512,
    "rsa-sha1": xmlsec.Transform.RSA_SHA1,
    "hmac-sha256": xmlsec.Transform.HMAC_SHA256,
}
DIGESTS = {"sha256": xmlsec.Transform.SHA256, "sha1": xmlsec.Transform.SHA1}
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_FLAVOURS = {
    "plain": {"email": "mail", "given_name": "givenName", "family_name": "sn", "name": "cn"},
    "claims": {
        "email": CLAIMS + "emailaddress",
        "given_name": CLAIMS + "givenname",
        "family_name": CLAIMS + "surname",
        "name": "http://schemas.microsoft.com/identity/claims/displayname",
    },
    "oids": {
        "email": "urn:oid:0.9.2342.19200300.100.1.3",
        "given_name": "urn:oid:2.5.4.42",
        "family_name": "urn:oid:2.5.4.4",
        "name": "urn:oid:2.16.840.1.113730.3.1.241",
    },
}


def attributes(flavour: str = "plain", **values: str) -> dict[str, list[str]]:
    """Return the values under the names of a flavour: plain, claims or oids."""
    return {_FLAVOURS[flavour][name]: [value] for name, value in values.items()}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Everything that a response with one assertion says. Texts are what an attacker may choose."""

    issuer: str | None
    assertion_issuer: str | None
    destination: str | None
    recipient: str | None
    audiences: Sequence[str] | None
    in_response_to: str | None
    confirmed_request: str | None
    issued: datetime
    not_before: datetime | None
    not_on_or_after: datetime | None
    confirmed_until: datetime | None
    confirmed_from: datetime | None = None
    authenticated_at: datetime | None = None
    session_ends: datetime | None = None
    name_id: str | None = "amara"
    name_id_format: str | None = PERSISTENT
    attributes: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: attributes(
            email="amara.okafor@example.org", name="Amara Okafor", given_name="Amara"
        )
    )
    attribute_format: str = URI
    session_index: str | None = "at-the-provider-1"
    response_id: str = field(default_factory=lambda: "_r" + secrets.token_hex(16))
    assertion_id: str = field(default_factory=lambda: "_a" + secrets.token_hex(16))
    status: str = SUCCESS
    methods: Sequence[str] = (BEARER,)
    version: str = "2.0"
    assertion_version: str = "2.0"
    conditions: int = 1
    statements: int = 1


def honest(
    *, issuer: str, acs: str, audience: str, request_id: str | None, now: datetime
) -> dict[str, object]:
    """Return the fields of an answer as an honest provider gives it to a request."""
    return {
        "issuer": issuer,
        "assertion_issuer": issuer,
        "destination": acs,
        "recipient": acs,
        "audiences": (audience,),
        "in_response_to": request_id,
        "confirmed_request": request_id,
        "issued": now,
        "not_before": now - timedelta(minutes=1),
        "not_on_or_after": now + timedelta(minutes=5),
        "confirmed_until": now + timedelta(minutes=5),
        "authenticated_at": now,
    }


def mint(
    answer: Answer,
    pair: KeyPair,
    *,
    sign: str = "assertion",
    signature: str = "rsa-sha256",
    digest: str = "sha256",
    shown: str | None = "",
    encrypt_to: str = "",
) -> bytes:
    """Return the answer as XML. `sign` is "assertion", "response", "both" or "nothing".

    `shown` is the certificate in KeyInfo (empty: the pair's own, None: no KeyInfo); `encrypt_to`
    a certificate that the assertion is encrypted for once it is signed.
    """
    response = write(answer)
    how = {"signature": signature, "digest": digest, "shown": shown}
    if sign in {"assertion", "both"}:
        sign_element(response.find("saml:Assertion", NAMES), pair, **how)
    if encrypt_to:
        encrypt(response, encrypt_to)
    if sign in {"response", "both"}:
        sign_element(response, pair, **how)
    return etree.tostring(response)


def write(answer: Answer) -> etree._Element:
    """Return the response as a tree, unsigned."""
    response = etree.Element(f"{{{SAMLP}}}Response", nsmap={"samlp": SAMLP, "saml": SAML})
    _set(
        response,
        ID=answer.response_id,
        Version=answer.version,
        IssueInstant=_time(answer.issued),
        Destination=answer.destination,
        InResponseTo=answer.in_response_to,
    )
    _text(response, "saml:Issuer", answer.issuer)
    status = _add(response, "samlp:Status")
    _add(status, "samlp:StatusCode", Value=answer.status)
    response.append(assertion(answer))
    return response


def assertion(answer: Answer) -> etree._Element:
    """Return the assertion alone, unsigned."""
    element = etree.Element(f"{{{SAML}}}Assertion", nsmap={"saml": SAML})
    _set(
        element,
        ID=answer.assertion_id,
        Version=answer.assertion_version,
        IssueInstant=_time(answer.issued),
    )
    _text(element, "saml:Issuer", answer.assertion_issuer)
    _subject(element, answer)
    for _ in range(answer.conditions):
        _conditions(element, answer)
    for _ in range(answer.statements):
        _authentication(element, answer)
    if answer.attributes:
        _attributes(element, answer)
    return element


def _subject(element: etree._Element, answer: Answer) -> None:
    subject = _add(element, "saml:Subject")
    name_id = _text(subject, "saml:NameID", answer.name_id)
    if name_id is not None:
        _set(name_id, Format=answer.name_id_format)
    for method in answer.methods:
        confirmation = _add(subject, "saml:SubjectConfirmation", Method=method)
        _add(
            confirmation,
            "saml:SubjectConfirmationData",
            NotBefore=_time(answer.confirmed_from),
            NotOnOrAfter=_time(answer.confirmed_until),
            Recipient=answer.recipient,
            InResponseTo=answer.confirmed_request,
        )


def _conditions(element: etree._Element, answer: Answer) -> None:
    conditions = _add(
        element,
        "saml:Conditions",
        NotBefore=_time(answer.not_before),
        NotOnOrAfter=_time(answer.not_on_or_after),
    )
    if answer.audiences is not None:
        restriction = _add(conditions, "saml:AudienceRestriction")
        for audience in answer.audiences:
            _text(restriction, "saml:Audience", audience)


def _authentication(element: etree._Element, answer: Answer) -> None:
    statement = _add(
        element,
        "saml:AuthnStatement",
        AuthnInstant=_time(answer.authenticated_at),
        SessionIndex=answer.session_index,
        SessionNotOnOrAfter=_time(answer.session_ends),
    )
    _text(_add(statement, "saml:AuthnContext"), "saml:AuthnContextClassRef", PASSWORD)


def _attributes(element: etree._Element, answer: Answer) -> None:
    statement = _add(element, "saml:AttributeStatement")
    for name, values in answer.attributes.items():
        attribute = _add(statement, "saml:Attribute", Name=name, NameFormat=answer.attribute_format)
        for value in values:
            _text(attribute, "saml:AttributeValue", value)


def sign_element(
    element: etree._Element,
    pair: KeyPair,
    *,
    signature: str = "rsa-sha256",
    digest: str = "sha256",
    shown: str | None = "",
) -> None:
    """Put an enveloped signature of the element behind its Issuer (SAML core 5.4)."""
    template = xmlsec.template.create(
        element, xmlsec.Transform.EXCL_C14N, SIGNATURES[signature], ns="ds"
    )
    issuer = element.find("saml:Issuer", NAMES)
    element.insert(0 if issuer is None else element.index(issuer) + 1, template)
    reference = xmlsec.template.add_reference(
        template, DIGESTS[digest], uri="#" + element.get("ID")
    )
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    if shown is not None:
        xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(template))
    context = xmlsec.SignatureContext()
    context.key = _signing_key(pair, signature, shown)
    xmlsec.tree.add_ids(element, ["ID"])
    context.sign(template)


def _signing_key(pair: KeyPair, signature: str, shown: str | None) -> xmlsec.Key:
    """Return the key to sign with; HMAC takes the public certificate for its secret."""
    if signature.startswith("hmac"):
        return xmlsec.Key.from_binary_data(xmlsec.KeyData.HMAC, pair.certificate.encode())
    key = xmlsec.Key.from_memory(pair.key, xmlsec.KeyFormat.PEM)
    if shown is not None:
        key.load_cert_from_memory(shown or pair.certificate, xmlsec.KeyFormat.PEM)
    return key


def encrypt(response: etree._Element, certificate: str) -> None:
    """Replace the assertion by one that only the certificate's owner can read."""
    plain = response.find("saml:Assertion", NAMES)
    envelope = etree.SubElement(response, f"{{{SAML}}}EncryptedAssertion")
    response.replace(plain, envelope)
    envelope.append(plain)
    data = xmlsec.template.encrypted_data_create(
        response, xmlsec.Transform.AES256, type=xmlsec.EncryptionType.ELEMENT, ns="xenc"
    )
    xmlsec.template.encrypted_data_ensure_cipher_value(data)
    info = xmlsec.template.encrypted_data_ensure_key_info(data, ns="ds")
    key = xmlsec.template.add_encrypted_key(info, xmlsec.Transform.RSA_OAEP)
    xmlsec.template.encrypted_data_ensure_cipher_value(key)
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(certificate, xmlsec.KeyFormat.CERT_PEM))
    context = xmlsec.EncryptionContext(manager)
    context.key = xmlsec.Key.generate(xmlsec.KeyData.AES, 256, xmlsec.KeyDataType.SESSION)
    context.encrypt_xml(data, plain)


def _add(parent: etree._Element, name: str, **values: str | None) -> etree._Element:
    prefix, local = name.split(":")
    return _set(etree.SubElement(parent, f"{{{NAMES[prefix]}}}{local}"), **values)


def _text(parent: etree._Element, name: str, text: str | None) -> etree._Element | None:
    if text is None:
        return None
    element = _add(parent, name)
    element.text = text
    return element


def _set(element: etree._Element, **values: str | None) -> etree._Element:
    for name, value in values.items():
        if value is not None:
            element.set(name, value)
    return element


def _time(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
