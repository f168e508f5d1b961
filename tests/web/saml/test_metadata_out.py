"""Foyer's own metadata: what a provider's administrator loads, and what it must say."""

import pytest
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from app.models import IdentityProvider
from app.saml import keys
from tests.support.saml import flow
from tests.support.saml.logout import is_signed_by

NAMES = {
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}


@pytest.fixture
def document(visitor, provider):
    """Return a function that fetches the metadata."""
    return lambda: etree.fromstring(visitor.http.get("/saml/acme/metadata").data)


def certificates(root, use):
    path = f".//md:KeyDescriptor[@use='{use}']//ds:X509Certificate"
    return [one.text for one in root.iterfind(path, NAMES)]


def test_it_fits_the_schema(document):
    checked = OneLogin_Saml2_XML.validate_xml(document(), "saml-schema-metadata-2.0.xsd")
    assert not isinstance(checked, str)


def test_it_is_served_as_metadata(visitor, provider):
    answer = visitor.http.get("/saml/acme/metadata")
    assert answer.headers["Content-Type"] == "application/samlmetadata+xml"


def test_it_is_signed(visitor, provider, signing_key):
    xml = visitor.http.get("/saml/acme/metadata").data
    assert OneLogin_Saml2_Utils.validate_metadata_sign(xml, cert=signing_key.certificate)
    spoilt = xml.replace(b"/saml/acme/acs", b"/saml/evil/acs")
    assert not OneLogin_Saml2_Utils.validate_metadata_sign(spoilt, cert=signing_key.certificate)


def test_it_is_called_by_its_own_address(document):
    assert document().get("entityID") == "http://127.0.0.1:8000/saml/acme/metadata"


def test_it_says_where_messages_go_and_that_they_are_signed(document):
    role = document().find("md:SPSSODescriptor", NAMES)
    assert role.find("md:AssertionConsumerService", NAMES).get("Location").endswith("/acme/acs")
    logouts = role.findall("md:SingleLogoutService", NAMES)
    assert {one.get("Location")[-9:] for one in logouts} == {"/acme/sls"}
    assert (role.get("AuthnRequestsSigned"), role.get("WantAssertionsSigned")) == ("true", "true")


def test_it_offers_a_key_to_encrypt_for(document, signing_key):
    root = document()
    assert certificates(root, "signing") == certificates(root, "encryption") == [signing_key.der]


def test_it_is_there_before_the_provider_is_switched_on(document, session):
    session.query(IdentityProvider).update({"enabled": False})
    session.commit()
    assert document().get("entityID")


def test_it_is_not_there_for_anybody(visitor, provider):
    assert visitor.get("/saml/nobody/metadata").status == 404


@pytest.fixture
def rollover(app, session, moment, monkeypatch):
    """Return a function for each step of changing Foyer's key."""
    make = keys.generate
    monkeypatch.setattr("app.saml.keys.generate", lambda *, now: make(now=now, bits=2048))
    vault = app.extensions["foyer"].vault

    def step(name):
        if name == "prepare":
            keys.prepare_next(session, vault, now=moment)
        else:
            keys.use_next(session)
        session.commit()

    return step


def test_it_names_both_keys_while_one_follows_the_other(document, rollover, signing_key):
    rollover("prepare")
    both = certificates(document(), "signing")
    assert both[0] == signing_key.der
    assert len(both) == len(certificates(document(), "encryption")) == 2
    rollover("use")
    assert certificates(document(), "signing") == both[1:]


def test_it_reads_what_is_encrypted_for_either_key(app, visitor, provider, rollover, signing_key):
    rollover("prepare")
    rollover("use")
    for certificate in (signing_key.certificate, flow.our_certificate(app, "acme")):
        started = flow.start(visitor, "acme")
        xml = provider.answer(started, {"encrypt_to": certificate})
        assert flow.come_back(visitor, started, xml).status == 303


def test_it_signs_requests_with_the_new_key_once_it_is_used(
    app, visitor, provider, rollover, signing_key
):
    rollover("prepare")
    assert is_signed_by(flow.start(visitor, "acme").location, signing_key.certificate)
    rollover("use")
    assert is_signed_by(flow.start(visitor, "acme").location, flow.our_certificate(app, "acme"))
