"""Signatures: which form they may have, and what a signed query is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.errors import Untrusted
from app.saml import signatures
from app.saml.certificates import certificate
from app.saml.encoding import LARGEST, decoded, deflated, inflated
from app.saml.keys import KeyPair
from tests.support.saml import mint
from tests.support.saml.keys import key_pair

NOW = datetime(2026, 11, 12, 9, tzinfo=UTC)
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"


@pytest.fixture(scope="module")
def signed():
    """Return the bytes of a signed response."""
    fields = mint.honest(issuer="i", acs="https://x/acs", audience="a", request_id="_r", now=NOW)
    return mint.mint(mint.Answer(**fields), key_pair("idp"))


@pytest.fixture
def tree(signed):
    """Return a signed response as a tree of the test's own."""
    return etree.fromstring(signed)


@pytest.fixture
def own():
    """Return a key pair as the service provider holds it."""
    pair = key_pair("foyer", "Foyer")
    return KeyPair(pair.certificate, pair.key)


@pytest.fixture
def known():
    """Return that key pair's certificate as it is known from metadata."""
    return [certificate(key_pair("foyer", "Foyer").der, 1, "metadata")]


def one(tree, name):
    return tree.find(f".//ds:{name}", mint.NAMES)


def test_it_takes_a_plain_signature(tree):
    signatures.only_plain(tree)


@pytest.mark.parametrize(
    "name", ["Transform", "DigestMethod", "SignatureMethod", "CanonicalizationMethod"]
)
@pytest.mark.parametrize("algorithm", [SHA1, XSLT, ""])
def test_it_refuses_other_algorithms(tree, name, algorithm):
    one(tree, name).set("Algorithm", algorithm)
    with pytest.raises(Untrusted):
        signatures.only_plain(tree)


@pytest.mark.parametrize(
    "address", ["", "#", "#_other", "http://127.0.0.1/x", "file:///etc/passwd", "#xpointer(/)"]
)
def test_it_refuses_a_reference_to_anything_but_the_element_around(tree, address):
    one(tree, "Reference").set("URI", address)
    with pytest.raises(Untrusted):
        signatures.only_plain(tree)


def test_it_refuses_a_second_reference(tree):
    first = one(tree, "Reference")
    first.addnext(etree.fromstring(etree.tostring(first)))
    with pytest.raises(Untrusted):
        signatures.only_plain(tree)


def test_it_refuses_an_id_that_stands_twice(tree):
    tree.set("ID", tree.find("saml:Assertion", mint.NAMES).get("ID"))
    with pytest.raises(Untrusted):
        signatures.only_plain(tree)


def test_it_signs_a_query_that_holds(own, known):
    query = signatures.signed_query([("SAMLRequest", "a+b/c="), ("RelayState", "ü&x=1")], own)
    fields = signatures.checked_query(query, "SAMLRequest", known)
    assert (fields["SAMLRequest"], fields["RelayState"]) == ("a+b/c=", "ü&x=1")


@given(st.data())
def test_it_refuses_a_query_that_was_changed_anywhere(data):
    pair = key_pair("foyer", "Foyer")
    known = [certificate(pair.der, 1, "metadata")]
    query = signatures.signed_query(
        [("SAMLRequest", "abc"), ("RelayState", "x")], KeyPair(pair.certificate, pair.key)
    )
    place = data.draw(st.integers(0, query.index("&Signature=")))
    letter = data.draw(st.sampled_from("abcXYZ019&=%+"))
    changed = query[:place] + letter + query[place + 1 :]
    if letter == query[place]:
        return
    with pytest.raises(Untrusted):
        signatures.checked_query(changed, "SAMLRequest", known)


@pytest.mark.parametrize("field", ["SAMLRequest", "RelayState", "SigAlg", "Signature"])
def test_it_refuses_a_query_in_which_a_field_stands_twice(own, known, field):
    query = signatures.signed_query([("SAMLRequest", "a"), ("RelayState", "b")], own)
    with pytest.raises(Untrusted):
        signatures.checked_query(f"{query}&{field}=c", "SAMLRequest", known)


def test_it_refuses_a_message_that_grows_without_end():
    with pytest.raises(Untrusted):
        inflated(decoded(deflated(b"a" * (LARGEST + 1))))


@given(st.binary(max_size=2000))
def test_it_inflates_what_it_deflated(data):
    assert inflated(decoded(deflated(data))) == data
