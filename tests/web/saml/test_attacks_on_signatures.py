"""Rows 1 to 10 and 23 of docs/attacks.md: messages that nobody, or somebody else, has signed."""

import pytest
import xmlsec
from lxml import etree

from app.models import Identity
from tests.support.saml import changes, flow
from tests.support.saml.keys import key_pair
from tests.support.saml.mint import NAMES, RESPONDER, SUCCESS, attributes, mint
from tests.support.saml.wrapping import VALID, WRAPPINGS, wrapped


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"sign": "both"},
        {"shown": None},
        {"signature": "rsa-sha512"},
    ],
    ids=["assertion", "both", "without KeyInfo", "SHA-512"],
)
def test_it_takes_an_honest_answer(visitor, provider, started, how):
    page = flow.come_back(visitor, started, provider.answer(started, how))
    assert page.location == "/library?from=start"
    assert visitor.get("/library?from=start").status == 200


@pytest.mark.parametrize("sign", ["assertion", "both"])
def test_it_takes_an_honest_answer_that_is_encrypted(app, visitor, provider, started, sign):
    how = {"sign": sign, "encrypt_to": flow.our_certificate(app, provider.slug)}
    page = flow.come_back(visitor, started, provider.answer(started, how))
    assert page.location == "/library?from=start"


def test_row_01_it_refuses_what_was_never_signed(kept_out, provider, started):
    kept_out(provider.answer(started, {"sign": "nothing"}))


@pytest.mark.parametrize("sign", ["assertion", "both"])
def test_row_01_it_refuses_stripped_signatures(kept_out, provider, started, sign):
    kept_out(changes.without_signatures(provider.answer(started, {"sign": sign})))


def test_row_02_it_refuses_a_signature_of_the_response_alone(kept_out, provider, started):
    kept_out(provider.answer(started, {"sign": "response"}))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (">amara<", ">helen<"),
        ("amara.okafor@", "helen.marsh@"),
        ("at-the-provider-1", "at-the-provider-2"),
        ("cm:bearer", "cm:sender-vouches"),
    ],
)
def test_row_03_it_refuses_what_was_changed_after_signing(kept_out, provider, started, old, new):
    kept_out(changes.edit(provider.answer(started), old, new))


@pytest.mark.parametrize(("sign", "number"), WRAPPINGS)
def test_row_04_it_refuses_wrapped_signatures(kept_out, provider, started, sign, number):
    kept_out(wrapped(provider.answer(started, {"sign": sign}), number))


@pytest.mark.parametrize("number", sorted(VALID))
def test_row_04_the_wrapped_signatures_themselves_hold(provider, number):
    sign = "response" if number <= 2 else "assertion"
    asked = flow.Started(request_id="_1", acs="https://sp.test/acs", audience="https://sp.test")
    root = etree.fromstring(wrapped(provider.answer(asked, {"sign": sign}), number))
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(provider.pair.certificate, xmlsec.KeyFormat.CERT_PEM)
    context.verify(root.find(".//ds:Signature", NAMES))


@pytest.mark.parametrize("inserted", ["<!---->", "<!-- -->", "<![CDATA[]]>", "<?stop here?>"])
def test_row_05_it_reads_a_name_id_to_its_end(visitor, provider, started, session, inserted):
    full = "helen@example.org.evil.example"
    xml = provider.answer(started, name_id=full)
    xml = changes.edit(xml, full, full.replace(".evil", f"{inserted}.evil"))
    assert flow.come_back(visitor, started, xml).location == "/library?from=start"
    session.rollback()
    assert [row.subject for row in session.query(Identity)] == [full]


@pytest.mark.parametrize("inserted", ["<!---->", "<![CDATA[]]>", "<?stop here?>"])
def test_row_05_it_reads_an_address_to_its_end(kept_out, provider, started, inserted):
    full = "helen@example.org.evil.example"
    xml = provider.answer(started, attributes=attributes(email=full))
    kept_out(changes.edit(xml, full, full.replace(".evil", f"{inserted}.evil")))


@pytest.mark.parametrize(
    "pattern",
    [
        "{forged}",
        "<!--{forged}-->{real}",
        "{real}<!--{forged}-->",
        "<!--{real}-->{forged}",
        "{forged}<!--{real}-->",
    ],
)
def test_row_06_it_refuses_a_forged_digest(kept_out, provider, started, pattern):
    kept_out(changes.with_digest(provider.answer(started), pattern))


@pytest.mark.parametrize("first", [True, False])
def test_row_07_it_refuses_a_second_signed_info(kept_out, provider, started, first):
    kept_out(changes.with_second_signed_info(provider.answer(started), first=first))


def test_row_07_it_refuses_a_signature_of_nothing(kept_out, provider, started):
    kept_out(changes.without_reference(provider.answer(started)))


@pytest.mark.parametrize(
    "change",
    [
        changes.with_relative_namespace,
        changes.with_foreign_assertion,
        changes.with_second_id,
    ],
)
def test_row_08_it_refuses_confused_namespaces(kept_out, provider, started, change):
    kept_out(change(provider.answer(started)))


def test_row_09_it_refuses_a_stranger_s_key_with_the_same_name(kept_out, provider, started):
    kept_out(mint(provider.says(started), key_pair("stranger")))


def test_row_09_it_refuses_a_stranger_s_key_beside_the_real_certificate(
    kept_out, provider, started
):
    stranger = key_pair("stranger")
    kept_out(mint(provider.says(started), stranger, shown=provider.pair.certificate))


def test_row_09_it_refuses_the_public_certificate_as_a_secret(kept_out, provider, started):
    kept_out(provider.answer(started, {"signature": "hmac-sha256", "shown": None}))


@pytest.mark.parametrize(
    "how",
    [{"signature": "rsa-sha1"}, {"digest": "sha1"}, {"signature": "rsa-sha1", "digest": "sha1"}],
)
@pytest.mark.parametrize("sign", ["assertion", "both"])
def test_row_10_it_refuses_sha1(kept_out, provider, started, how, sign):
    kept_out(provider.answer(started, how | {"sign": sign}))


@pytest.mark.parametrize("sign", ["nothing", "response"])
def test_row_23_it_refuses_what_anybody_could_encrypt(app, kept_out, provider, started, sign):
    """Our certificate is public; only the response's signature can be the provider's here."""
    how = {"sign": sign, "encrypt_to": flow.our_certificate(app, provider.slug)}
    kept_out(provider.answer(started, how))


def test_row_23_it_refuses_what_a_stranger_signed_and_encrypted(app, kept_out, provider, started):
    certificate = flow.our_certificate(app, provider.slug)
    kept_out(mint(provider.says(started), key_pair("stranger"), encrypt_to=certificate))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("evil", ["plain", "encrypted"])
@pytest.mark.parametrize("good", ["plain", "encrypted"])
def test_row_23_it_refuses_an_evil_assertion_beside_a_good_one(
    app, kept_out, provider, started, good, evil, first
):
    public = {"plain": "", "encrypted": flow.our_certificate(app, provider.slug)}
    signed = provider.answer(started, {"encrypt_to": public[good]})
    forged = {"sign": "nothing", "encrypt_to": public[evil]}
    unsigned = provider.answer(started, forged, name_id=changes.VICTIM)
    kept_out(changes.with_second_assertion(signed, unsigned, first=first))


def test_row_14_it_refuses_a_forged_success(kept_out, provider, started):
    """The status is unsigned; an answer that failed carries nobody to sign in."""
    xml = provider.answer(started, {"sign": "nothing"}, status=RESPONDER)
    kept_out(changes.edit(xml, RESPONDER, SUCCESS))
