"""A provider, or somebody between, that misbehaves: nobody gets in, and the audit log says why."""

from urllib.parse import urlsplit

import pytest

from app.models import Person, SignInRecord
from app.oidc import wire
from tests.support import oidc
from tests.support.factories import NOW
from tests.support.oidc import as_json
from tests.support.pages import PageClient


@pytest.fixture
def refused(visitor, come_back, refusals, sessions, session):
    """Return a check: the way back ends with a page, no session, one note and one record."""

    def checked(status=400, **options):
        page = come_back(visitor, **options)
        assert page.status == status
        assert "Reference" in page.words
        assert sessions() == 0
        assert session.query(Person).count() == 0
        assert visitor.get("/settings").location.startswith("/sign-in")
        (reason,) = refusals()
        assert reason
        assert session.query(SignInRecord).one().reason == reason
        return reason

    return checked


def test_it_checks_who_answers_before_it_shows_the_code_to_anybody(provider, refused):
    provider.faults.returned = {"iss": "https://evil.test"}
    refused()
    assert provider.asked("/token") == 0


def test_it_refuses_another_issuer_though_none_was_announced(provider, visitor, session, refusals):
    provider.faults.metadata = {"authorization_response_iss_parameter_supported": None}
    provider.faults.returned = {"iss": "https://evil.test"}
    provider.connect(session)
    back = urlsplit(provider.authorize(visitor.get("/oidc/corp/start").location))
    assert visitor.get(f"{back.path}?{back.query}").status == 400
    assert provider.asked("/token") == 0


@pytest.mark.parametrize("path", ["/token", "/userinfo"])
def test_it_does_not_wait_for_a_provider_that_hangs(provider, refused, path, monkeypatch):
    monkeypatch.setattr(wire, "TIMEOUT", wire.TIMEOUT / 50)
    provider.answers[path] = oidc.slowly(0.5)
    assert "in time" in refused(503)


def test_it_fails_closed_without_the_client_secret(refused, monkeypatch):
    away = []

    def authorize(address):
        away.append(address)
        monkeypatch.delenv("TEST_OIDC_SECRET")
        return f"http://127.0.0.1/oidc/corp/callback?code=c&state={oidc.state_of(address)}"

    refused(503, via=authorize)


def test_it_asks_for_newer_keys_at_most_once_a_minute(visitor, provider, come_back, monkeypatch):
    monkeypatch.setattr("app.clock.now", lambda: NOW.replace(minute=5))
    provider.now = NOW.replace(minute=5)
    provider.faults.header = {"kid": "nobody"}
    for _ in range(3):
        assert come_back(visitor).status == 400
    assert provider.asked("/jwks") == 1


def test_it_refuses_a_withdrawn_key(visitor, provider, come_back, monkeypatch):
    later = NOW.replace(day=13)
    monkeypatch.setattr("app.clock.now", lambda: later)
    provider.now = later
    provider.faults.key, provider.keys = provider.keys[0], [oidc.rsa_key("second")]
    assert come_back(visitor).status == 400


def test_it_refuses_a_wrong_code_verifier(visitor, provider, come_back, session):
    def authorize(address):
        back = provider.authorize(address)
        (code,) = provider.codes
        provider.codes[code]["code_challenge"] = "x" * 43
        return back

    assert come_back(visitor, via=authorize).status == 400


def test_it_sends_a_code_verifier(visitor, provider, come_back):
    come_back(visitor)
    (form,) = [form for path, form in provider.seen if path == "/token"]
    assert len(form["code_verifier"]) >= 43
    assert form["grant_type"] == "authorization_code"
    assert "client_secret" not in form


def test_it_takes_a_return_once(visitor, provider, corp, refusals):
    back = urlsplit(provider.authorize(visitor.get("/oidc/corp/start").location))
    assert visitor.get(f"{back.path}?{back.query}").status == 303
    assert visitor.get(f"{back.path}?{back.query}").status == 400
    assert provider.asked("/token") == 1


def test_it_takes_no_second_try_after_a_refusal(visitor, provider, corp):
    back = urlsplit(provider.authorize(visitor.get("/oidc/corp/start").location))
    provider.answers["/token"] = lambda: as_json({}, 503)
    assert visitor.get(f"{back.path}?{back.query}").status == 503
    provider.answers.clear()
    assert visitor.get(f"{back.path}?{back.query}").status == 400
    assert provider.asked("/token") == 1


def test_it_refuses_a_code_that_was_used(visitor, provider, come_back):
    come_back(visitor)
    (used,) = [form["code"] for path, form in provider.seen if path == "/token"]
    provider.faults.returned = {"code": used}
    assert come_back(PageClient(visitor.app)).status == 400


def test_it_refuses_a_return_in_another_browser(app, visitor, provider, corp, sessions):
    back = urlsplit(provider.authorize(visitor.get("/oidc/corp/start").location))
    victim = PageClient(app)
    victim.get("/oidc/corp/start")
    assert victim.get(f"{back.path}?{back.query}").status == 400
    assert sessions() == 0


def test_it_refuses_the_return_of_another_provider(visitor, provider, corp, session):
    back = urlsplit(provider.authorize(visitor.get("/oidc/corp/start").location))
    corp.entity_id = "https://moved.example.org"
    session.flush()
    provider.connect(session, slug="other")
    assert visitor.get(f"/oidc/other/callback?{back.query}").status == 400
    assert provider.asked("/token") == 0


@pytest.mark.parametrize("error", ["access_denied", "server_error", "login_required", "<b>ü\r\n"])
def test_it_says_why_the_provider_let_nobody_in(visitor, provider, come_back, refusals, error):
    page = come_back(visitor, "/library?q=a%26b", via=lambda to: provider.decline(to, error, "No"))
    assert page.status == 400
    assert page.text("h1") == "You are not signed in"
    assert "/oidc/corp/start?next=/library?q%3Da%2526b" in page.links()
    (reason,) = refusals()
    assert reason.endswith(": No")


def test_it_says_so_in_plain_words(visitor, provider, come_back):
    page = come_back(visitor, via=provider.decline)
    assert "You cancelled signing in, or Example Corp does not let you in here." in page.words
