"""Reading an identity provider's metadata, and what is said of metadata that cannot be used."""

import base64
import string
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import xmlsec
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.saml import metadata
from tests.support import idp_metadata as idp
from tests.support.factories import NOW
from tests.support.idp_metadata import ENTITY, SLO, SSO, entity, federation, role, signed
from tests.support.saml.keys import key_pair

FLAVOURS = [idp.entra, idp.okta, idp.adfs, idp.keycloak, idp.shibboleth]
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    f'<md:EntityDescriptor xmlns:md="{idp.MD}" entityID="&c;"/>'
)


def read(xml, **how):
    return metadata.read(xml, now=NOW, **how)


def complaint(xml, **how):
    with pytest.raises(Invalid) as caught:
        read(xml, **how)
    assert list(caught.value.fields) == ["metadata"]
    return caught.value.fields["metadata"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_it_reads_well_known_providers_as_text_and_as_bytes(flavour):
    found = read(flavour())
    assert found.sso_redirect.startswith("https://")
    assert found.fingerprints[0] == key_pair("idp").fingerprint
    assert found.signing_certificates[0] == key_pair("idp").certificate
    assert read(flavour().encode()) == read(b"\xef\xbb\xbf" + flavour().encode()) == found
    assert read(flavour().encode("utf-16")) == found


def test_it_reads_entra_past_the_keys_of_ws_federation():
    found = read(idp.entra())
    assert found.entity_id.startswith("https://sts.example.net/")
    assert (found.sso_post, found.slo_redirect) == (found.sso_redirect, found.sso_redirect)
    assert len(found.fingerprints) == 1


def test_it_reads_okta_without_logout():
    found = read(idp.okta())
    assert (found.slo_redirect, found.slo_response) == ("", "")
    assert (found.sso_redirect, found.sso_post) == (f"{SSO}/saml", f"{SSO}/saml")
    assert found.name_id_formats[1].endswith(":emailAddress")
    assert not found.wants_signed_requests


def test_it_reads_both_keys_of_a_rollover_and_no_encryption_key():
    found = read(idp.adfs())
    assert found.fingerprints == (key_pair("idp").fingerprint, key_pair("next").fingerprint)
    assert (found.slo_redirect, found.slo_response) == (SLO, f"{SLO}/done")
    assert found.wants_signed_requests


def test_it_reads_keycloak_past_the_bindings_it_cannot_speak():
    found = read(idp.keycloak())
    assert (found.sso_redirect, found.sso_post, found.slo_redirect) == (SSO, "", SLO)
    assert found.cache_duration == timedelta(minutes=30)


def test_it_reads_shibboleths_descriptor_for_saml_2_and_its_dates():
    found = read(idp.shibboleth())
    assert found.valid_until == datetime(2026, 12, 1, tzinfo=UTC)
    assert found.cache_duration == timedelta(hours=6)


def test_it_takes_the_narrowest_dates_of_what_stands_around():
    inner = entity(
        role(attributes='validUntil="2027-03-01T00:00:00Z" cacheDuration="P1D"'),
        attributes='validUntil="2027-02-01T01:00:00+01:00" cacheDuration="PT2H"',
    )
    found = read(federation(inner, attributes='validUntil="2027-04-01T00:00:00"'))
    assert found.valid_until == datetime(2027, 2, 1, tzinfo=UTC)
    assert found.cache_duration == timedelta(hours=2)


def test_it_names_the_same_key_once():
    keys = [idp.key(key_pair("idp").der), idp.key(f" {key_pair('idp').der}\n", "")]
    assert len(read(entity(role(keys=keys))).fingerprints) == 1


def test_it_reads_a_certificate_past_a_comment():
    der = key_pair("idp").der
    split = idp.key(f"{der[:40]}<!-- x -->{der[40:]}")
    assert read(entity(role(keys=[split]))).fingerprints == (key_pair("idp").fingerprint,)


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        ("", "nothing in it"),
        ("   ", "nothing in it"),
        ('<?xml version="1.0"?>', "nothing in it"),
        ("hello", "not XML"),
        ("<html><p>Sign in</html>", "not XML"),
        ("<html/>", "not SAML 2.0 metadata"),
        ('{"issuer": "https://x"}', "not XML"),
        (b"\xff\xfe\x00", "not text"),
        (b"\x80\x81", "not text"),
        (BOMB, "DOCTYPE"),
        (BOMB.encode("utf-16"), "DOCTYPE"),
        (BOMB.replace("DOCTYPE", "doctype"), "DOCTYPE"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "DOCTYPE"),
        ("<a>" * 5000 + "</a>" * 5000, "not XML"),
        ("<a \ud800/>", "not XML"),
        ("<a>\x00</a>", "not XML"),
        ("x" * (1024 * 1024 + 1), "larger than 1 MB"),
        (entity("<md:Organization/>"), "no identity provider that speaks SAML 2.0"),
        (entity(role(protocols="urn:oasis:names:tc:SAML:1.1:protocol")), "speaks SAML 2.0"),
        (entity(role(), role()), "more than once"),
        (entity(entity_id=""), "lacks an entity ID"),
        (entity(entity_id="https://" + "x" * 1024), "lacks an entity ID"),
        (federation(role()), "no identity provider"),
        (entity(f"<md:Extensions>{entity()}</md:Extensions>"), "no identity provider"),
        (entity(f"<md:Extensions>{role()}</md:Extensions>"), "no identity provider"),
        (entity(role(services="")), "no address to sign in at"),
        (entity(role(sso="")), "no address to sign in at"),
        (entity(role(sso="javascript:alert(1)")), "javascript:alert(1) cannot be used"),
        (entity(role(sso="http://idp.example.org/sso")), "does not begin with https://"),
        (entity(role(slo="http://idp.example.org/slo")), "does not begin with https://"),
        (entity(role(sso="https://good.test\\@evil.test/")), "cannot be used"),
        (entity(role(sso="https://user:x@evil.test/")), "cannot be used"),
        (entity(role(keys=[])), "no certificate"),
        (entity(role(keys=[idp.key(key_pair("idp").der, ' use="encryption"')])), "no certificate"),
        (entity(attributes='validUntil="2026-11-12T08:59:59Z"'), "2026-11-12 08:59 UTC"),
        (entity(attributes='validUntil="soon"'), "not a time"),
        (entity(attributes='validUntil="0001-01-01T00:00:00+14:00"'), "not a time"),
        (entity(attributes='validUntil="99999-01-01T00:00:00Z"'), "not a time"),
    ],
)
def test_it_says_what_is_wrong(xml, said):
    assert said in complaint(xml)


def test_it_says_that_it_was_given_foyers_own_metadata():
    own = entity(f'<md:SPSSODescriptor protocolSupportEnumeration="{idp.SAML2}"/>')
    assert "service provider, such as Foyer's own" in complaint(own)


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("rsa", "bm8gY2VydGlmaWNhdGU=", "Signing certificate 2 cannot be read"),
        ("rsa", "not base64!", "Signing certificate 2 cannot be read"),
        ("rsa", "", "Signing certificate 2 cannot be read"),
        ("ec", ("rsa", 1024), "certificate 2 has 1024 bits; at least 2048"),
        ("rsa", ("ec", 192), "certificate 2 has 192 bits; at least 256"),
        ("rsa", ("ed", 0), "certificate 2 is neither RSA nor EC"),
    ],
)
def test_it_names_the_certificate_that_cannot_be_used(good, bad, said):
    first = idp.certificate(good, 256 if good == "ec" else 2048)
    second = bad if isinstance(bad, str) else idp.certificate(*bad)
    assert said in complaint(entity(role(keys=[idp.key(first), idp.key(second)])))


def test_it_keeps_a_key_whose_certificate_has_expired_and_remarks_on_it():
    found = read(entity(role(keys=[idp.key(idp.certificate(expired=True))])))
    assert found.certificates[0].valid_until < NOW
    assert found.remarks == (
        "Signing certificate 1 was valid until 2026-11-01; its key still counts.",
    )


def test_it_remarks_on_a_provider_that_nobody_can_be_sent_to():
    post = idp.service("SingleSignOnService", "HTTP-POST", SSO)
    found = read(entity(role(services=post)))
    assert (found.sso_redirect, found.sso_post, found.remarks) == ("", SSO, (metadata.POST_ONLY,))
    assert read(entity()).remarks == ()


@pytest.mark.parametrize(
    "sso",
    [
        "http://127.0.0.1:5825/sso",
        "http://localhost/sso",
        "http://idp.localhost:81/sso",
        "http://[::1]/sso",
        "http://10.1.2.3/sso",
        "http://keycloak.corp/sso",
    ],
)
def test_it_takes_plain_http_inside_the_company(sso):
    assert read(entity(role(sso=sso)), private_hosts=["keycloak.corp"]).sso_redirect == sso


def test_it_reads_the_kept_copy_although_it_has_run_out():
    old = entity(attributes='validUntil="2020-01-01T00:00:00Z"')
    assert metadata.kept(old, ENTITY, now=NOW).fingerprints == (key_pair("idp").fingerprint,)


# Federations


def test_it_chooses_by_entity_id_in_an_aggregate():
    others = [entity(entity_id=f"https://idp{n}.example.org") for n in range(3)]
    service = entity("<md:SPSSODescriptor/>", entity_id="https://sp.example.org")
    xml = federation(service, federation(*others))
    assert read(xml, entity_id="https://idp2.example.org").entity_id == "https://idp2.example.org"


def test_it_asks_for_an_entity_id_and_names_up_to_ten():
    names = [f"https://idp{letter}.example.org" for letter in string.ascii_lowercase[:12]]
    said = complaint(federation(*(entity(entity_id=name) for name in reversed(names))))
    assert "give the entity ID of yours" in said
    assert all(name in said for name in names[:10])
    assert not any(name in said for name in names[10:])


def test_it_says_when_the_one_that_is_meant_is_not_there_or_is_there_twice():
    assert f"describes {ENTITY}, and not https://x" in complaint(entity(), entity_id="https://x")
    twice = federation(entity(), entity(role(sso="https://evil.test/")))
    assert "more than once" in complaint(twice, entity_id=ENTITY)


# Signatures

SIGNER = key_pair("signer").certificate


@pytest.mark.parametrize("make", [entity, idp.keycloak])
def test_it_believes_what_the_pinned_signer_has_signed(make):
    assert read(signed(make()), signer=SIGNER).sso_redirect == SSO


def test_it_believes_a_signature_over_the_whole_document():
    assert read(signed(entity(), uri=""), signer=SIGNER).sso_redirect == SSO


def test_it_believes_either_signer_of_a_rollover_and_base64_alone():
    xml = signed(entity())
    assert read(xml, signer=key_pair("next").certificate + SIGNER)
    assert read(xml, signer=key_pair("signer").der)


def test_it_refuses_what_is_not_signed():
    assert "is not signed" in complaint(entity(), signer=SIGNER)


def test_it_refuses_another_signer_even_with_its_certificate_in_the_document():
    assert "not made with the certificate" in complaint(
        signed(entity(), key_pair("other")), signer=SIGNER
    )
    assert "not made with" in complaint(idp.adfs(), signer=key_pair("idp").certificate)


def test_it_refuses_what_was_changed_after_signing():
    xml = signed(entity()).replace(SSO, "https://evil.test/sso")
    assert "not made with the certificate" in complaint(xml, signer=SIGNER)


@pytest.mark.parametrize(
    "weak",
    [
        {"method": xmlsec.constants.TransformRsaSha1},
        {"digest": xmlsec.constants.TransformSha1},
    ],
)
def test_it_refuses_sha_1(weak):
    assert "SHA-256 or better" in complaint(signed(entity(), **weak), signer=SIGNER)


def test_it_refuses_a_signature_over_a_part():
    inner = entity(identifier="_inner")
    xml = signed(federation(inner), uri="#_inner", over=f"{{{idp.MD}}}EntityDescriptor")
    assert "cover the whole" in complaint(xml, signer=SIGNER)


@pytest.mark.parametrize("name", ["ID", "Id", "id", "xml:id"])
def test_it_refuses_a_root_whose_id_somebody_else_has_too(name):
    xml = signed(entity("<md:Extensions/>", role()))
    twice = xml.replace("<md:Extensions/>", f'<md:Extensions {name}="_root"/>')
    assert "cover the whole" in complaint(twice, signer=SIGNER)


def test_it_refuses_a_root_that_has_its_id_twice():
    xml = signed(entity()).replace('ID="_root"', 'ID="_root" xml:id="_root"', 1)
    assert "not made with the certificate" in complaint(xml, signer=SIGNER)


@pytest.mark.parametrize("identifier", ['ID="_root"', 'ID="_other"', 'ID=""', ""])
def test_it_refuses_a_genuine_signature_moved_into_a_forged_document(identifier):
    genuine = signed(entity())
    signature = genuine[genuine.index("<ds:Signature") : genuine.index("</ds:Signature>") + 15]
    inside = f"<md:Extensions>{genuine}</md:Extensions>"
    forged = entity(signature, inside, role(sso="https://evil.test/"))
    assert "cover the whole" in complaint(
        forged.replace('ID="_root"', identifier, 1), signer=SIGNER
    )


def test_it_names_a_signer_that_cannot_be_read():
    with pytest.raises(Invalid) as caught:
        read(entity(), signer="hello")
    assert list(caught.value.fields) == ["metadata_signer"]


# Whatever comes


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_it_says_something_about_whatever_it_is_given(xml):
    complaint(xml)


@given(st.data())
def test_it_reads_or_refuses_metadata_with_bytes_changed(data):
    xml = bytearray(data.draw(st.sampled_from(FLAVOURS))().encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(xml) - 1))
        length = data.draw(st.integers(0, 30))
        xml[at : at + length] = data.draw(st.binary(max_size=10))
    _reads_or_refuses(bytes(xml))


@given(st.data())
def test_it_reads_or_refuses_certificates_with_bytes_changed(data):
    der = bytearray(base64.b64decode(key_pair("idp").der))
    for _ in range(data.draw(st.integers(1, 3))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    _reads_or_refuses(entity(role(keys=[idp.key(base64.b64encode(der).decode())])))


@given(st.text(alphabet="PYMDTHS0123456789.:-+Z ", max_size=25))
def test_it_reads_or_refuses_any_date(text):
    _reads_or_refuses(entity(attributes=f'validUntil="{text}"'))
    _reads_or_refuses(entity(attributes=f'cacheDuration="{text}"'))


def _reads_or_refuses(xml):
    with suppress(Invalid):
        assert read(xml).signing_certificates
