"""Signing in through an OpenID provider that behaves."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.models import AuditEntry, LoginSession, PendingSignIn, Person
from tests.support import oidc
from tests.support.factories import NOW
from tests.support.pages import PageClient

DEEP = [
    "/discover?q=C%2B%2B&kind=video&kind=course",
    "/items/7",
    "/roles/field-engineer",
    "/go/3?from=mail",
    "/library?q=%E6%97%A5%E6%9C%AC&page=2",
]


@pytest.fixture
def asked(visitor, corp):
    """Return what the provider is asked when a visitor signs in."""
    return parse_qs(urlsplit(visitor.get("/oidc/corp/start?next=/library").location).query)


@pytest.fixture
def through(visitor, provider, session):
    """Return a function that connects the provider as it is now and goes through it once."""

    def gone(**values):
        provider.connect(session, **values)
        away = visitor.get("/oidc/corp/start?next=/library")
        back = urlsplit(provider.authorize(away.location))
        return visitor.get(f"{back.path}?{back.query}")

    return gone


def test_it_asks_for_a_code_with_pkce_and_a_nonce(asked):
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["nonce"][0]) >= 32
    assert asked["scope"] == ["openid email profile"]


def test_it_keeps_what_the_provider_needs_in_its_own_address(asked):
    assert asked["tenant"] == ["1"]


def test_it_gives_its_configured_address_and_not_the_requests(visitor, corp):
    away = visitor.get("/oidc/corp/start", headers={"Host": "localhost"})
    asked = parse_qs(urlsplit(away.location).query)
    assert asked["redirect_uri"] == ["http://127.0.0.1:8000/oidc/corp/callback"]


def test_it_never_uses_a_state_or_nonce_twice(visitor, corp, session):
    for _ in range(5):
        visitor.get("/oidc/corp/start")
    rows = session.query(PendingSignIn).all()
    for secret in ("request_id", "nonce", "code_verifier"):
        assert len({getattr(row, secret) for row in rows}) == 5


def test_it_binds_the_sign_in_to_the_browser(visitor, corp):
    cookie = visitor.get("/oidc/corp/start").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=None" in cookie


def test_it_signs_in_whom_the_provider_names(visitor, come_back, session):
    assert come_back(visitor).location == "/library"
    assert visitor.get("/settings").status == 200
    row = session.query(LoginSession).one()
    assert (row.subject, row.session_index) == ("amara", "session-1")


def test_it_lands_where_the_visitor_wanted_to_go(app, come_back):
    for wanted in DEEP:
        assert come_back(PageClient(app), wanted).location == wanted


def test_it_lands_there_after_29_minutes_at_the_provider(visitor, provider, corp, monkeypatch):
    away = visitor.get("/oidc/corp/start", query_string={"next": DEEP[0]})
    provider.now = NOW + timedelta(minutes=29)
    monkeypatch.setattr("app.clock.now", lambda: provider.now)
    back = urlsplit(provider.authorize(away.location))
    assert visitor.get(f"{back.path}?{back.query}").location == DEEP[0]


def test_it_refuses_after_31_minutes_at_the_provider(visitor, provider, corp, monkeypatch):
    away = visitor.get("/oidc/corp/start", query_string={"next": DEEP[0]})
    provider.now = NOW + timedelta(minutes=31)
    monkeypatch.setattr("app.clock.now", lambda: provider.now)
    back = urlsplit(provider.authorize(away.location))
    assert visitor.get(f"{back.path}?{back.query}").status == 400


def test_it_reaches_the_deep_link_from_the_sign_in_page(visitor, provider, corp):
    here = visitor.get(DEEP[0])
    while here.location.startswith("/"):
        here = visitor.get(here.location)
    back = urlsplit(provider.authorize(here.location))
    assert visitor.get(f"{back.path}?{back.query}").location == DEEP[0]


ELSEWHERE = [
    "https://evil.test/",
    "//evil.test",
    "/\\evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "\\\\evil.test",
    "javascript:alert(1)",
    "/%0d%0aLocation:%20https://evil.test\r\n",
    "https:evil.test",
    " //evil.test",
]


def test_it_never_lands_elsewhere(app, come_back):
    for wanted in ELSEWHERE:
        assert come_back(PageClient(app), wanted).location == "/"


def test_it_takes_what_the_id_token_leaves_out_from_userinfo(visitor, come_back, session):
    come_back(visitor)
    person = session.query(Person).one()
    assert (person.email, person.name) == ("amara@example.org", "Amara Okafor")


def test_it_believes_the_signed_token_before_userinfo(visitor, provider, come_back, session):
    provider.faults.claims = {"name": "Signed Name"}
    come_back(visitor)
    assert session.query(Person).one().name == "Signed Name"


def test_it_signs_in_without_a_userinfo_endpoint(provider, through):
    provider.faults.metadata = {"userinfo_endpoint": None}
    provider.faults.claims = provider.person
    assert through().location == "/library"
    assert provider.asked("/userinfo") == 0


def test_it_notes_which_message_and_key_let_somebody_in(visitor, provider, come_back, session):
    provider.faults.claims = {"jti": "token-1"}
    come_back(visitor)
    entry = session.query(AuditEntry).filter_by(action="auth.sign_in").one()
    assert entry.details["message"] == "token-1"
    assert entry.details["fingerprint"] == provider.keys[0].thumbprint()


def test_it_keeps_no_token_in_the_open(visitor, come_back, session):
    come_back(visitor)
    sealed = session.query(LoginSession).one().id_token_sealed
    assert sealed
    assert not sealed.startswith("ey")
    assert "eyJ" not in str([entry.details for entry in session.query(AuditEntry)])


def test_it_follows_the_provider_to_new_keys(visitor, provider, come_back, monkeypatch):
    later = NOW + timedelta(minutes=2)
    provider.keys, provider.now = [oidc.rsa_key("second")], later
    monkeypatch.setattr("app.clock.now", lambda: later)
    assert come_back(visitor).location == "/library"


@pytest.mark.parametrize("algorithm", ["PS256", "ES256", "EdDSA"])
def test_it_takes_each_safe_algorithm(provider, through, algorithm):
    makers = {"PS256": oidc.rsa_key, "ES256": oidc.ec_key, "EdDSA": oidc.ed_key}
    provider.keys = [makers[algorithm]("one")]
    provider.faults.header = {"alg": algorithm}
    assert through().location == "/library"


def test_it_writes_its_secret_into_the_form_where_the_provider_wants_it(provider, through):
    methods = ["private_key_jwt", "client_secret_post"]
    provider.faults.metadata = {"token_endpoint_auth_methods_supported": methods}
    provider.wanted = ["form", oidc.CLIENT_ID, oidc.CLIENT_SECRET]
    assert through().location == "/library"


def test_it_signs_in_as_a_public_client_without_a_secret(provider, through):
    provider.wanted = ["form", oidc.CLIENT_ID]
    assert through(client_secret_sealed="").location == "/library"


def test_it_takes_a_token_without_a_key_id_from_a_provider_with_one_key(
    visitor, provider, come_back
):
    provider.faults.header = {"kid": None}
    assert come_back(visitor).location == "/library"


@pytest.mark.parametrize("off", [timedelta(seconds=50), timedelta(seconds=-50)])
def test_it_forgives_a_clock_that_is_a_little_off(visitor, provider, come_back, off):
    provider.now = NOW + off
    assert come_back(visitor).location == "/library"


def test_it_takes_a_token_dated_five_minutes_back(visitor, provider, come_back):
    provider.faults.claims = {"iat": int(NOW.timestamp()) - 300, "nbf": int(NOW.timestamp()) - 300}
    assert come_back(visitor).location == "/library"


def test_it_is_not_there_while_the_provider_is_switched_off(visitor, provider, session):
    provider.connect(session, enabled=False)
    assert visitor.get("/oidc/corp/start").status == 404


def test_it_lets_nobody_in_after_the_provider_was_switched_off(
    visitor, provider, corp, session, refusals
):
    away = visitor.get("/oidc/corp/start")
    corp.enabled = False
    session.commit()
    back = urlsplit(provider.authorize(away.location))
    assert visitor.get(f"{back.path}?{back.query}").status == 400
    assert refusals() == ["the provider is switched off"]


def test_it_knows_only_openid_providers(visitor, corp, session):
    corp.protocol = "saml"
    session.commit()
    for path in ("start", "callback", "leave"):
        assert visitor.get(f"/oidc/corp/{path}").status == 404
        assert visitor.get(f"/oidc/nobody/{path}").status == 404


@pytest.fixture
def as_amara(visitor, come_back):
    """Return the browser of somebody who signed in through the provider."""
    come_back(visitor)
    return visitor


def test_it_asks_to_sign_in_anew_for_a_step_up(as_amara, provider, come_back):
    assert come_back(as_amara, "/settings", prove=True).location == "/settings"
    _, asked = [seen for seen in provider.seen if seen[0] == "authorize"][-1]
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")


def test_it_notes_when_the_person_proved_themselves(
    as_amara, provider, come_back, session, monkeypatch
):
    later = NOW + timedelta(minutes=45)
    provider.now = later
    monkeypatch.setattr("app.clock.now", lambda: later)
    come_back(as_amara, "/settings", prove=True)
    assert session.query(LoginSession).one().proved_at == later


@pytest.mark.parametrize("ago", [None, 3600, 61])
def test_it_takes_no_older_proof_for_a_step_up(as_amara, provider, come_back, refusals, ago):
    earlier = None if ago is None else int(NOW.timestamp()) - ago
    provider.faults.claims = {"auth_time": earlier}
    assert come_back(as_amara, "/settings", prove=True).status == 400
    assert refusals("auth.prove") == ["auth_time is missing or from before the request"]


def test_it_takes_a_visitor_who_is_to_prove_something_for_a_visitor(visitor, come_back):
    assert come_back(visitor, prove=True).location == "/library"
