"""Signing out at an OpenID provider too, and being signed out by it."""

from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey

from app.models import AuditEntry, UsedMessage
from tests.support import oidc
from tests.support.factories import NOW
from tests.support.oidc import CLIENT_ID, CLIENT_SECRET, EVENT
from tests.support.pages import PageClient

MOMENT = int(NOW.timestamp())
THERE = "/oidc/corp/backchannel-logout"


@pytest.fixture
def as_amara(visitor, come_back):
    """Return the browser of somebody who signed in through the provider."""
    come_back(visitor)
    return visitor


def left(client):
    """Sign out, go on to the provider, and return the redirect there."""
    gone = client.follow(client.post("/sign-out"))
    (on,) = [link for link in gone.links() if "/leave" in link]
    return client.get(on)


def test_it_goes_on_to_the_provider(as_amara, provider):
    away = left(as_amara)
    assert away.location.startswith(provider.issuer + "/end?")
    asked = parse_qs(urlsplit(away.location).query)
    assert asked["client_id"] == [CLIENT_ID]
    assert asked["post_logout_redirect_uri"] == ["http://127.0.0.1:8000/signed-out"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert asked["state"]


def test_it_is_signed_out_here_before_the_provider_knows(as_amara, sessions):
    as_amara.post("/sign-out")
    assert sessions() == 0
    assert as_amara.get("/settings").location.startswith("/sign-in")


def test_it_leaks_no_token_to_the_next_site(as_amara):
    away = left(as_amara)
    assert away.headers["Referrer-Policy"] == "no-referrer"
    assert away.headers["Cache-Control"] == "no-store"


def test_it_leaves_a_hint_out_that_no_address_holds(visitor, provider, come_back):
    provider.faults.claims = {"groups": ["g" * 30] * 200}
    come_back(visitor)
    asked = parse_qs(urlsplit(left(visitor).location).query)
    assert "id_token_hint" not in asked
    assert asked["client_id"] == [CLIENT_ID]


def test_it_stays_when_the_provider_offers_no_sign_out(visitor, provider, session, come_back, corp):
    known = dict(corp.discovery["metadata"])
    del known["end_session_endpoint"]
    corp.discovery = {**corp.discovery, "metadata": known}
    session.commit()
    come_back(visitor)
    assert left(visitor).location == "/signed-out"


def test_it_leaves_nowhere_without_a_ticket(visitor, corp):
    for ticket in ("", "?ticket=", "?ticket=unknown"):
        assert visitor.get(f"/oidc/corp/leave{ticket}").location == "/signed-out"


@pytest.fixture
def tell(app, corp):
    """Return a function by which the provider tells Foyer of a sign-out, from its own machine."""
    http = app.test_client()

    def told(token, path=THERE):
        return http.post(path, data={"logout_token": token})

    return told


def test_it_ends_exactly_the_named_session(app, as_amara, provider, come_back, tell, sessions):
    provider.sid = "session-2"
    elsewhere = PageClient(app)
    come_back(elsewhere)
    answer = tell(provider.logout_token(sid="session-1"))
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert as_amara.get("/settings").location.startswith("/sign-in")
    assert elsewhere.get("/settings").status == 200


def test_it_ends_every_session_of_a_named_person(
    app, as_amara, provider, come_back, tell, sessions
):
    provider.sid = "session-2"
    come_back(PageClient(app))
    other = PageClient(app)
    provider.person |= {"sub": "jonas", "email": "jonas@example.org"}
    come_back(other)
    assert tell(provider.logout_token(sid=None, sub="amara")).status_code == 200
    assert sessions() == 1
    assert other.get("/settings").status == 200


def test_it_ends_no_session_that_another_way_began(as_employee, employee, provider, tell, sessions):
    assert tell(provider.logout_token()).status_code == 200
    assert sessions() == 1


def test_it_notes_whom_the_provider_signed_out(as_amara, provider, tell, session):
    tell(provider.logout_token(jti="logout-1"))
    entry = session.query(AuditEntry).filter_by(action="auth.backchannel_logout").one()
    assert (entry.details["sessions"], entry.details["message"]) == (1, "logout-1")


BAD = {
    "iss of another provider": {"iss": "https://evil.test"},
    "no iss": {"iss": None},
    "aud of another client": {"aud": "other"},
    "aud of another client, azp Foyer": {"aud": "other", "azp": CLIENT_ID},
    "no aud": {"aud": None},
    "a nonce": {"nonce": "x"},
    "no event": {"events": None},
    "another event": {"events": {"https://schemas.openid.net/secevent/risc": {}}},
    "an event of another kind": {"events": {EVENT: "now"}},
    "events of another kind": {"events": [EVENT]},
    "nobody named": {"sub": None, "sid": None},
    "an empty sub": {"sub": ""},
    "a sub of another kind": {"sub": 7},
    "a sid of another kind": {"sid": ["session-1"]},
    "no jti": {"jti": None},
    "a jti that is too long": {"jti": "x" * 301},
    "no iat": {"iat": None},
    "iat in the future": {"iat": MOMENT + 61},
    "iat too long ago": {"iat": MOMENT - 11 * 60 - 1},
    "no exp": {"exp": None},
    "expired": {"exp": MOMENT - 61},
    "exp beyond numbers": {"exp": float("inf")},
}
BAD_HEADERS = {
    "the type of an access token": {"typ": "at+jwt"},
    "an unknown kid": {"kid": "nobody"},
    "a key of its own": {"jwk": oidc.rsa_key("evil").as_dict(private=False)},
    "an unknown crit": {"crit": ["exotic"], "exotic": True},
}


@pytest.fixture
def refused(as_amara, tell, sessions, refusals):
    """Return a check: this logout token ends nothing, and the audit log says why."""

    def checked(token):
        answer = tell(token)
        assert answer.status_code == 400
        assert answer.get_json() == {"error": "invalid_request"}
        assert answer.headers["Cache-Control"] == "no-store"
        assert sessions() == 1
        assert refusals("auth.backchannel_logout")[-1]

    return checked


def test_it_refuses_a_logout_token_with(refused, provider):
    for claims in BAD.values():
        refused(provider.logout_token(**claims))


def test_it_refuses_a_logout_token_with_a_header_of(refused, provider):
    for header in BAD_HEADERS.values():
        refused(provider.logout_token(header))


def test_it_refuses_a_logout_token_that_others_made(refused, provider):
    provider.faults.key = oidc.rsa_key("evil")
    refused(provider.logout_token({"kid": "first"}))
    provider.faults.make_token = lambda header, claims: oidc.unsigned(
        {**header, "alg": "none"}, claims
    )
    refused(provider.logout_token())
    secret = OctKey.import_key(CLIENT_SECRET)
    provider.faults.make_token = lambda header, claims: oidc.signed(
        {**header, "alg": "HS256"}, claims, secret
    )
    refused(provider.logout_token())


def test_it_refuses_an_id_token_in_place_of_a_logout_token(refused, provider):
    refused(provider.id_token({"nonce": "x"}, "access"))
    refused(provider.id_token({}, "access"))


def test_it_refuses_what_is_no_token(refused):
    for token in ("", "a", "a.b.c", "ü", "\0", "x" * 100_000):
        refused(token)


def test_it_takes_a_logout_token_once(app, as_amara, provider, come_back, tell, sessions):
    token = provider.logout_token()
    assert tell(token).status_code == 200
    come_back(PageClient(app))
    assert tell(token).status_code == 400
    assert sessions() == 1


def test_it_forgets_old_logout_tokens(provider, tell, session, monkeypatch):
    tell(provider.logout_token())
    later = NOW.replace(hour=12)
    monkeypatch.setattr("app.clock.now", lambda: later)
    provider.now = later
    tell(provider.logout_token(jti="later"))
    session.rollback()
    assert [row.message_id for row in session.query(UsedMessage)] == ["later"]


@pytest.mark.parametrize(
    "header", [{"typ": None}, {"typ": "JWT"}, {"typ": "application/logout+jwt"}]
)
def test_it_takes_the_types_that_providers_send(as_amara, provider, tell, sessions, header):
    assert tell(provider.logout_token(header)).status_code == 200
    assert sessions() == 0


def test_it_wants_one_token_in_a_form(as_amara, provider, tell, app, sessions):
    http, token = app.test_client(), provider.logout_token()
    assert http.post(THERE).status_code == 400
    assert http.post(THERE, json={"logout_token": token}).status_code == 400
    assert http.post(THERE, query_string={"logout_token": token}).status_code == 400
    assert http.post(THERE, data={"logout_token": [token, token]}).status_code == 400
    assert http.get(THERE).status_code == 405
    assert sessions() == 1


def test_it_knows_only_its_own_providers(provider, tell):
    token = provider.logout_token()
    assert tell(token, "/oidc/nobody/backchannel-logout").status_code == 404


def test_it_learns_of_newer_keys_from_a_logout_token(
    as_amara, provider, tell, monkeypatch, sessions
):
    provider.keys, provider.now = [oidc.rsa_key("second")], NOW.replace(minute=5)
    monkeypatch.setattr("app.clock.now", lambda: provider.now)
    assert tell(provider.logout_token()).status_code == 200
    assert sessions() == 0
