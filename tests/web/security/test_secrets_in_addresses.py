"""No address carries what opens something, and only machines are answered in JSON.

OWASP ASVS 5.0, 14.2.1, 3.2.1 and 15.3.1.
"""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.models import Departure, LoginSession, PendingSignIn
from app.scim import service as scim
from tests.support.pages import Page
from tests.support.saml.logout import unpack

FOR_MACHINES = {"health.ready", "scim.handle", "lti.jwks", "signals.download"}


@pytest.fixture
def pages(portal):
    """Return the checked pages of all routes that an administrator can look at, by endpoint."""
    found = {}
    for rule in portal.rules("GET"):
        if rule.endpoint != "static":
            found[rule.endpoint] = Page(portal.admin.http.get(portal.address(rule, "GET")))
    return found


def test_it_puts_no_secret_into_an_address_and_json_before_machines_alone(
    portal, pages, scim_token
):
    with portal.admin.http.session_transaction() as cookie:
        secrets = {cookie["_user_id"], cookie["csrf_token"], scim_token}
    looked_at = 0
    for endpoint, page in pages.items():
        if page.response.mimetype != "text/html" or not page.html:
            continue
        looked_at += 1
        for address in [*page.links(), page.location or ""]:
            assert not any(one in address for one in secrets), (endpoint, address)
        for form in page.all("form"):
            fields = {field.get("name") for field in form.iter("input")}
            by_get = (form.get("method") or "get").lower() == "get"
            assert by_get is ("csrf_token" not in fields), (endpoint, form.get("action"))
    assert looked_at > 30
    json = {name for name, page in pages.items() if "json" in page.response.mimetype}
    assert json == FOR_MACHINES
    assert set(pages["health.ready"].response.json) == {"ready", "checks"}


def test_it_tells_a_provider_nothing_of_the_reader_in_an_address(portal, openid_provider):
    wanted = {"next": "/library?from=secret"}
    saml = portal.employee.http.get("/saml/acme/start", query_string=wanted).location
    oidc = portal.employee.http.get("/oidc/corp/start", query_string=wanted).location
    message, fields = unpack(saml)
    for text in (message.decode(), str(fields), saml, oidc):
        for personal in ("secret", "library", "Amara", "example.org/person", "@"):
            assert personal not in text, (personal, text)
    assert set(parse_qs(urlsplit(oidc).query)) == {
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce",
        "code_challenge", "code_challenge_method",
    }  # fmt: skip


def test_it_hands_out_secrets_that_nobody_guesses(portal, leaving, session, scim_token, way_in):
    """256 random bits each, and none that is kept can be read from its row (ASVS 5.0, 7.2.3)."""
    with portal.admin.http.session_transaction() as cookie:
        mine = cookie["_user_id"]
    with portal.employee.http.session_transaction() as cookie:
        theirs = cookie["_user_id"]
    portal.visitor.http.get("/saml/acme/start")
    carried = portal.visitor.http.get_cookie(way_in).value
    bearer = scim_token.removeprefix(scim.PREFIX)
    handed_out = [mine, theirs, carried, bearer, leaving, portal.values["token"]]
    assert len(set(handed_out)) == len(handed_out)
    assert {len(one) for one in handed_out} == {43}
    rows = [row.__dict__ for kind in (LoginSession, Departure, PendingSignIn)
            for row in session.query(kind)]  # fmt: skip
    assert len(rows) >= 4
    assert not [one for one in handed_out if one in str(rows)]


def test_it_offers_to_sign_out_on_every_page(pages):
    shown = {name: page for name, page in pages.items() if page.status == 200}
    whole = {name: page for name, page in shown.items() if page.html.startswith("<!doctype")}
    assert len(whole) > 30
    lacking = {
        name
        for name, page in whole.items()
        if "/sign-out" not in {form.get("action") for form in page.all("form")}
    }
    assert lacking == set()
