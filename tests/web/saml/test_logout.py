"""Single logout, from here and from the provider: signed, answered, and the session is over."""

import base64
from urllib.parse import urlsplit

import pytest
from lxml import etree

from app.models import Departure, IdentityProvider, LoginSession
from tests.support.pages import Page, PageClient
from tests.support.saml import flow
from tests.support.saml.keys import key_pair
from tests.support.saml.logout import (
    is_signed_by,
    logout_request,
    logout_response,
    redirect_query,
    unpack,
)
from tests.support.saml.mint import NAMES, sign_element

SLS = "http://127.0.0.1:8000/saml/acme/sls"


@pytest.fixture
def signed_in(visitor, provider, started):
    """Return the visitor, signed in through the provider as amara."""
    index = "1 & <2>"
    xml = provider.answer(started, session_index=index)
    assert flow.come_back(visitor, started, xml).status == 303
    return visitor


@pytest.fixture
def order(provider, moment):
    """Return a function that writes a LogoutRequest of the provider's."""
    fields = {
        "issuer": provider.entity_id,
        "destination": SLS,
        "name_id": "amara",
        "now": moment,
    }
    return lambda **changes: logout_request(**(fields | changes))


@pytest.fixture
def leaving(signed_in):
    """Return the address that signing out here leads to at the provider."""
    ticket = urlsplit(signed_in.post("/sign-out").location).query
    return signed_in.http.get(f"/saml/acme/leave?{ticket}").headers["Location"]


def without_slo(provider):
    return provider.metadata().replace("SingleLogoutService", "ManageNameIDService")


def in_a_form(xml, pair=None):
    root = etree.fromstring(xml)
    if pair:
        sign_element(root, pair)
    return base64.b64encode(etree.tostring(root)).decode()


def test_it_is_over_here_before_the_provider_hears_of_it(signed_in, leaving, sessions_open):
    assert sessions_open() == 0


def test_it_asks_the_provider_to_end_its_session_too(leaving, provider, signing_key):
    assert leaving.startswith(provider.slo + "?SAMLRequest=")
    assert is_signed_by(leaving, signing_key.certificate)
    request = etree.fromstring(unpack(leaving)[0])
    name = request.find("saml:NameID", NAMES)
    assert (name.text, name.get("Format")[-10:]) == ("amara", "persistent")
    assert request.findtext("samlp:SessionIndex", namespaces=NAMES) == "1 & <2>"
    assert request.get("NotOnOrAfter")


def test_it_hears_that_the_provider_has_done_so(leaving, signed_in, provider, moment, session):
    request_id = etree.fromstring(unpack(leaving)[0]).get("ID")
    answer = logout_response(
        issuer=provider.entity_id, destination=SLS, in_response_to=request_id, now=moment
    )
    query = redirect_query(answer, provider.pair, kind="SAMLResponse")
    assert signed_in.get(f"/saml/acme/sls?{query}").location == "/signed-out"
    session.rollback()
    assert session.query(Departure).count() == 0


def test_it_ends_at_the_portal_where_the_provider_has_no_sign_out(signed_in, provider, session):
    session.query(IdentityProvider).update({"metadata_xml": without_slo(provider)})
    session.commit()
    ticket = urlsplit(signed_in.post("/sign-out").location).query
    assert signed_in.get(f"/saml/acme/leave?{ticket}").location == "/signed-out"


def test_it_ends_at_the_portal_once_the_metadata_has_run_out(signed_in, provider, session):
    past = provider.metadata(valid_until="2020-01-01T00:00:00Z")
    session.query(IdentityProvider).update({"metadata_xml": past})
    session.commit()
    ticket = urlsplit(signed_in.post("/sign-out").location).query
    assert signed_in.get(f"/saml/acme/leave?{ticket}").location == "/signed-out"


@pytest.mark.parametrize("ticket", ["", "unknown", "ü"])
def test_it_leaves_nobody_without_a_ticket(visitor, provider, ticket):
    page = visitor.http.get("/saml/acme/leave", query_string={"ticket": ticket})
    assert page.headers["Location"] == "/signed-out"


def test_it_obeys_and_answers(signed_in, provider, order, signing_key, sessions_open):
    query = redirect_query(order(message_id="_out"), provider.pair, relay_state="some state")
    answer = signed_in.http.get(f"/saml/acme/sls?{query}").headers["Location"]
    message, fields = unpack(answer)
    root = etree.fromstring(message)
    assert sessions_open() == 0
    assert answer.startswith(provider.slo + "?SAMLResponse=")
    assert is_signed_by(answer, signing_key.certificate)
    assert (root.get("InResponseTo"), root.get("Destination")) == ("_out", provider.slo)
    assert fields["RelayState"] == "some state"


def test_it_obeys_an_order_in_a_form(signed_in, provider, order, sessions_open):
    form = {"SAMLRequest": in_a_form(order(), provider.pair)}
    assert signed_in.http.post("/saml/acme/sls", data=form).status_code == 303
    assert sessions_open() == 0


@pytest.mark.parametrize("pair", [None, key_pair("stranger")])
def test_it_refuses_an_order_in_a_form_that_is_not_the_provider_s(
    signed_in, order, pair, refused, sessions_open
):
    form = {"SAMLRequest": in_a_form(order(), pair)}
    refused(Page(signed_in.http.post("/saml/acme/sls", data=form)), "saml.logout")
    assert sessions_open() == 1


def test_it_ends_the_named_session_alone(app, signed_in, provider, order, session):
    other = PageClient(app)
    started = flow.start(other, provider.slug)
    flow.come_back(other, started, provider.answer(started, session_index="3"))
    query = redirect_query(order(session_index="3"), provider.pair)
    signed_in.get(f"/saml/acme/sls?{query}")
    session.rollback()
    assert [row.session_index for row in session.query(LoginSession)] == ["1 & <2>"]


def test_it_answers_an_order_once(signed_in, provider, order, refused):
    query = redirect_query(order(), provider.pair)
    signed_in.get(f"/saml/acme/sls?{query}")
    refused(signed_in.get(f"/saml/acme/sls?{query}"), "saml.logout")


def test_it_answers_an_order_for_somebody_who_has_gone_already(visitor, provider, order):
    query = redirect_query(order(), provider.pair)
    assert visitor.get(f"/saml/acme/sls?{query}").location.startswith(provider.slo)


def test_it_refuses_an_order_that_names_nobody(signed_in, provider, order, refused, sessions_open):
    query = redirect_query(order(name_id=" "), provider.pair)
    refused(signed_in.get(f"/saml/acme/sls?{query}"), "saml.logout")
    assert sessions_open() == 1


def test_it_notes_who_was_signed_out(signed_in, provider, order, newest_entry):
    signed_in.get(f"/saml/acme/sls?{redirect_query(order(), provider.pair)}")
    entry = newest_entry("saml.logout")
    assert (entry.outcome, entry.details["sessions"]) == ("done", 1)
