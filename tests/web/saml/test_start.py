"""Leaving for a provider: a signed request, a cookie that binds the browser, nothing in between."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree

from app.auth.service import hashed
from app.models import IdentityProvider, PendingSignIn, Person, Purpose
from tests.support.saml import flow
from tests.support.saml.logout import is_signed_by, unpack
from tests.support.saml.mint import NAMES


def request_in(started):
    return etree.fromstring(unpack(started.location)[0])


def change(session, **values):
    session.query(IdentityProvider).update(values)
    session.commit()


def test_it_goes_to_where_the_metadata_says(started, provider):
    assert started.location.startswith(provider.sso + "?SAMLRequest=")


def test_it_signs_the_request(started, signing_key):
    assert is_signed_by(started.location, signing_key.certificate)


def test_it_says_where_the_answer_goes_and_who_asks(started, moment):
    request = request_in(started)
    assert request.get("AssertionConsumerServiceURL") == "http://127.0.0.1:8000/saml/acme/acs"
    assert request.get("ProtocolBinding").endswith("HTTP-POST")
    assert request.get("IssueInstant") == f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    assert request.findtext("saml:Issuer", namespaces=NAMES).endswith("/saml/acme/metadata")
    assert request.get("ForceAuthn") is None


def test_it_names_the_place_that_it_sends_the_request_to(started, provider):
    assert request_in(started).get("Destination") == provider.sso


def test_it_keeps_an_address_with_a_query_whole(visitor, provider, session):
    metadata = provider.metadata().replace(provider.sso, provider.sso + "?a=1&amp;b=2")
    change(session, metadata_xml=metadata)
    started = flow.start(visitor, provider.slug)
    assert started.location.startswith(provider.sso + "?a=1&b=2&SAMLRequest=")
    assert request_in(started).get("Destination") == provider.sso + "?a=1&b=2"


def test_it_binds_the_request_to_this_browser(started, session, moment):
    row = session.query(PendingSignIn).one()
    (cookie,) = started.cookies
    token = cookie.partition("=")[2].partition(";")[0]
    assert row.browser_hash == hashed(token)
    assert row.expires_at == moment + timedelta(minutes=30)


def test_it_sets_a_cookie_that_comes_back_from_another_site_alone(started):
    (cookie,) = started.cookies
    flags = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "SameSite=None", "Path=/", "Max-Age=1800"} <= flags


def test_it_keeps_the_wanted_address_to_itself(started, session):
    assert session.query(PendingSignIn).one().next_url == "/library?from=start"
    assert set(parse_qs(urlsplit(started.location).query)) == {"SAMLRequest", "SigAlg", "Signature"}
    assert b"library" not in unpack(started.location)[0]


def test_it_is_kept_by_nobody_on_the_way(visitor, provider):
    page = visitor.http.get("/saml/acme/start")
    assert page.headers["Cache-Control"] == "no-store"


def test_it_gives_every_request_an_id_of_its_own(visitor, provider):
    ids = {flow.start(visitor, provider.slug).request_id for _ in range(3)}
    assert len(ids) == 3
    assert all(len(one) > 40 for one in ids)


@pytest.mark.parametrize("slug", ["nobody", "foyer'--", "a" * 200])
def test_it_does_not_know_other_providers(visitor, provider, slug):
    assert visitor.get(f"/saml/{slug}/start").status == 404


def test_it_does_not_lead_to_a_provider_that_is_switched_off(visitor, provider, session):
    change(session, enabled=False)
    assert visitor.get("/saml/acme/start").status == 404


def test_it_does_not_take_a_provider_of_the_other_protocol(visitor, provider, session):
    change(session, protocol="oidc")
    assert visitor.get("/saml/acme/start").status == 404


def test_it_does_not_go_to_a_provider_whose_metadata_has_run_out(
    visitor, provider, session, moment
):
    past = f"{moment - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    change(session, metadata_xml=provider.metadata(valid_until=past))
    assert visitor.get("/saml/acme/start").status == 503


def test_it_asks_the_provider_to_ask_again_before_a_delicate_change(
    visitor, provider, started, session
):
    flow.come_back(visitor, started, provider.answer(started))
    asked = flow.read_request(visitor.http.get("/saml/acme/start?prove=1&next=/settings"))
    row = session.query(PendingSignIn).filter_by(request_id=asked.request_id).one()
    assert request_in(asked).get("ForceAuthn") == "true"
    assert (row.purpose, row.person_id) == (Purpose.STEP_UP, session.query(Person).one().id)


def test_it_signs_in_whoever_wants_to_prove_themselves_and_is_not_signed_in(
    visitor, provider, session
):
    flow.read_request(visitor.http.get("/saml/acme/start?prove=1"))
    row = session.query(PendingSignIn).one()
    assert (row.purpose, row.person_id) == (Purpose.SIGN_IN, None)


def test_it_offers_every_provider_on_the_sign_in_page(visitor, provider, other_provider):
    page = visitor.get("/sign-in?next=/library%3Fa%3Db")
    assert "Continue with Acme" in page.words
    assert "/saml/other/start?next=/library?a%3Db" in page.links()
