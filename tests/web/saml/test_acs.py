"""Coming back from a provider: who it is, and exactly where they wanted to go."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from app.models import IdentityProvider, LoginSession, PendingSignIn, Person, Purpose, UsedMessage
from tests.support.saml import flow
from tests.support.saml.keys import key_pair
from tests.support.saml.mint import attributes

DEEP = [
    "/",
    "/library",
    "/library?from=start",
    "/items/7",
    "/go/3?from=mail",
    "/discover?q=C%2B%2B&kind=video&kind=course",
    "/discover?q=a+b%20c",
    "/discover?q=f%C3%BCr%20Anf%C3%A4nger",
    "/discover?q=%2Fetc%2F..%2Fx",
    "/discover?q=100%25%20%26%20more%3D1%23top",
    "/discover?next=https%3A%2F%2Fevil.test%2F",
    "/discover?q=%E6%97%A5%E6%9C%AC&",
    "/roles/field-engineer?section=2",
    "/roles/f%C3%BCr-alle",
    "/roles/50%25%3F%23%20+",
    "/playlists/first-week?a=1&a=2&b",
]
ENCRYPTED_KEY = "http://www.w3.org/2001/04/xmlenc#EncryptedKey"
PERSON = {"email": "amara.okafor@example.org", "given_name": "Amara", "family_name": "Okafor"}


@pytest.fixture
def limits():
    """Let anything be asked any number of times."""
    return "0"


@pytest.fixture
def later(monkeypatch, moment, provider):
    """Return a function that lets minutes pass, for us, for python3-saml and at the provider."""

    def passed(minutes):
        now = moment + timedelta(minutes=minutes)
        monkeypatch.setattr("app.clock.now", lambda: now)
        monkeypatch.setattr(OneLogin_Saml2_Utils, "now", staticmethod(lambda: int(now.timestamp())))
        provider.now = now

    return passed


def signed_in_as(session):
    session.rollback()
    (row,) = session.query(LoginSession)
    return session.get(Person, row.person_id)


@pytest.mark.parametrize("flavour", ["plain", "claims", "oids"])
def test_it_knows_a_person_by_the_names_of_each_kind_of_provider(
    visitor, provider, started, session, flavour
):
    said = attributes(flavour, **PERSON)
    flow.come_back(visitor, started, provider.answer(started, attributes=said))
    person = signed_in_as(session)
    assert (person.email, person.given_name) == ("amara.okafor@example.org", "Amara")


def test_it_keeps_what_signing_out_will_need(visitor, provider, started, session, moment):
    ends = moment + timedelta(hours=2)
    flow.come_back(visitor, started, provider.answer(started, session_ends=ends))
    row = session.query(LoginSession).one()
    assert (row.subject, row.session_index) == ("amara", "at-the-provider-1")
    assert row.subject_format.endswith(":persistent")
    assert (row.ends_by, row.expires_at) == (ends, ends)


def test_it_notes_what_proved_it(visitor, provider, started, newest_entry):
    flow.come_back(visitor, started, provider.answer(started, assertion_id="_a7"))
    entry = newest_entry("auth.sign_in")
    assert (entry.outcome, entry.details["message"]) == ("done", "_a7")
    assert entry.details["fingerprint"] == provider.pair.fingerprint


def test_it_remembers_the_assertion_that_it_took(visitor, provider, started, session):
    flow.come_back(visitor, started, provider.answer(started, assertion_id="_a7"))
    assert [row.message_id for row in session.query(UsedMessage)] == ["_a7"]


@pytest.mark.parametrize("sign", ["assertion", "both"])
def test_it_reads_an_encrypted_assertion(visitor, app, provider, started, sign):
    how = {"sign": sign, "encrypt_to": flow.our_certificate(app, provider.slug)}
    page = flow.come_back(visitor, started, provider.answer(started, how))
    assert page.location == "/library?from=start"


def test_it_refuses_an_assertion_encrypted_for_another(kept_out, provider, started):
    how = {"encrypt_to": key_pair("somebody").certificate}
    kept_out(provider.answer(started, how))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:1/key", "key"])
def test_it_fetches_no_key_from_elsewhere(app, kept_out, provider, started, address):
    how = {"encrypt_to": flow.our_certificate(app, provider.slug)}
    elsewhere = f'<ds:RetrievalMethod Type="{ENCRYPTED_KEY}" URI="{address}"/><xenc:EncryptedKey'
    xml = provider.answer(started, how).replace(b"<xenc:EncryptedKey", elsewhere.encode(), 1)
    assert "elsewhere" in kept_out(xml).details["reason"]


def test_it_refuses_keys_that_are_encrypted_in_an_old_way(app, kept_out, provider, started):
    how = {"encrypt_to": flow.our_certificate(app, provider.slug)}
    xml = provider.answer(started, how).replace(b"#rsa-oaep-mgf1p", b"#rsa-1_5")
    assert "rsa-1_5" in kept_out(xml).details["reason"]


def test_it_takes_either_key_while_the_provider_changes_keys(visitor, provider, session):
    provider.pairs = [key_pair("idp"), key_pair("next")]
    session.query(IdentityProvider).update({"metadata_xml": provider.metadata()})
    session.commit()
    for pairs in (provider.pairs, provider.pairs[::-1]):
        provider.pairs = pairs
        started = flow.start(visitor, provider.slug)
        assert flow.come_back(visitor, started, provider.answer(started)).status == 303


@pytest.mark.parametrize("wanted", DEEP)
def test_it_lands_exactly_where_the_visitor_wanted(visitor, provider, wanted):
    """From the link in a mail over the sign-in page, which leads straight to the one provider."""
    sign_in = visitor.http.get(wanted).headers["Location"]
    away = visitor.http.get(sign_in).headers["Location"]
    assert away.startswith("/saml/acme/start?")
    started = flow.read_request(visitor.http.get(away))
    assert flow.come_back(visitor, started, provider.answer(started)).location == wanted


@pytest.mark.parametrize("minutes", [15, 29])
def test_it_still_lands_there_after_a_while_at_the_provider(
    visitor, provider, started, later, minutes
):
    later(minutes)
    page = flow.come_back(visitor, started, provider.answer(started))
    assert page.location == "/library?from=start"


def test_it_says_so_when_it_took_too_long(visitor, provider, started, later, refused):
    later(31)
    page = flow.come_back(visitor, started, provider.answer(started))
    refused(page)
    assert "took too long" in page.words


def test_it_refuses_after_the_metadata_has_run_out(kept_out, provider, started, session, moment):
    past = f"{moment - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    session.query(IdentityProvider).update({"metadata_xml": provider.metadata(valid_until=past)})
    session.commit()
    kept_out(provider.answer(started))


def test_it_says_what_the_provider_said_when_it_declined(visitor, provider, started, refused):
    status = "urn:oasis:names:tc:SAML:2.0:status:Responder"
    page = flow.come_back(visitor, started, provider.answer(started, status=status))
    assert "did not sign you in" in page.words
    assert refused(page).details["reason"] == f"status: {status}"


def test_it_takes_the_answer_to_a_test_from_a_provider_that_is_switched_off(
    visitor, provider, started, session
):
    session.query(PendingSignIn).update({"purpose": Purpose.TEST.value})
    session.query(IdentityProvider).update({"enabled": False})
    session.commit()
    page = flow.come_back(visitor, started, provider.answer(started))
    assert (page.status, session.query(LoginSession).count()) == (303, 0)


def test_it_begins_a_sign_in_of_its_own_when_nobody_asked(app, visitor, open_provider, session):
    """What nobody asked for signs nobody in; the second answer, which we asked for, does."""
    unasked = open_provider.answer(flow.unasked(app, "open"))
    at_first = flow.come_back(
        visitor, flow.unasked(app, "open"), unasked, relay_state="/library?a=b"
    )
    assert session.query(LoginSession).count() == 0
    started = flow.read_request(at_first.response)
    assert started.location.startswith(open_provider.sso)
    page = flow.come_back(visitor, started, open_provider.answer(started))
    assert page.location == "/library?a=b"


def test_it_proves_the_reader_once_more(visitor, provider, started, session, moment):
    earlier = moment - timedelta(hours=3)
    flow.come_back(visitor, started, provider.answer(started, authenticated_at=earlier))
    again = flow.read_request(visitor.http.get("/saml/acme/start?prove=1&next=/settings"))
    assert flow.come_back(visitor, again, provider.answer(again)).location == "/settings"
    assert session.query(LoginSession).one().proved_at == moment


def test_it_refuses_a_provider_that_did_not_ask_again(visitor, provider, started, refused, moment):
    earlier = moment - timedelta(hours=3)
    flow.come_back(visitor, started, provider.answer(started))
    again = flow.read_request(visitor.http.get("/saml/acme/start?prove=1&next=/settings"))
    page = flow.come_back(visitor, again, provider.answer(again, authenticated_at=earlier))
    refused(page, "auth.prove")


@given(st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_answers_any_bytes_with_400(visitor, provider, data):
    for path in ("/saml/acme/acs", "/saml/acme/sls"):
        for kind in ("application/x-www-form-urlencoded", "text/xml", "multipart/form-data"):
            answer = visitor.http.post(path, data=data, content_type=kind)
            assert answer.status_code == 400


@given(st.sampled_from(["SAMLResponse", "SAMLRequest"]), st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_answers_any_message_with_400(visitor, provider, name, data):
    text = OneLogin_Saml2_Utils.b64encode(data)
    for answer in (
        visitor.http.post("/saml/acme/acs", data={name: text}),
        visitor.http.post("/saml/acme/sls", data={name: text}),
        visitor.http.get("/saml/acme/sls", query_string={name: text}),
    ):
        assert answer.status_code == 400
