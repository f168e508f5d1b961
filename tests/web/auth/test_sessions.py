"""A reader's own sessions: seen, ended, and over when their time is."""

from datetime import timedelta

import pytest

from app.config import Config
from app.models import AuditEntry, IdentityProvider, LoginSession
from tests.support.factories import NOW
from tests.support.queries import count_queries

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def elsewhere(sign_in, employee, session):
    """Return a client of the same person, signed in with Firefox on Windows."""
    client = sign_in(employee)
    row = session.query(LoginSession).order_by(LoginSession.id.desc()).first()
    row.user_agent, row.address = FIREFOX, "192.0.2.7"
    session.commit()
    return client


def numbers(session):
    return [row.id for row in session.query(LoginSession).order_by(LoginSession.id)]


def test_it_is_linked_from_the_settings_and_the_account_menu(as_employee):
    assert as_employee.get("/settings").links().count("/settings/sessions") == 2


def test_it_says_which_browser_came_from_where_and_when(as_employee, elsewhere):
    words = as_employee.get("/settings/sessions").words
    assert "Firefox on Windows" in words
    assert "Signed in 12 November, 09:00 by test, from 192.0.2.7" in words
    assert "Last seen 12 November, 09:00" in words


def test_it_says_which_browser_is_this_one(as_employee, elsewhere):
    rows = as_employee.get("/settings/sessions").texts("li", class_="session-row")
    assert ["this browser" in row for row in rows] == [True, False]


def test_it_names_the_provider(as_employee, session):
    provider = IdentityProvider(
        slug="x", name="Contoso", protocol="saml", entity_id="x", created_at=NOW, updated_at=NOW
    )
    session.add(provider)
    session.flush()
    session.query(LoginSession).one().provider_id = provider.id
    session.commit()
    assert "by Contoso" in as_employee.get("/settings/sessions").words


def test_it_shows_no_session_that_has_run_out(as_employee, elsewhere, session):
    session.get(LoginSession, numbers(session)[1]).expires_at = NOW
    session.commit()
    assert len(as_employee.get("/settings/sessions").all("li", class_="session-row")) == 1


def test_it_shows_nobody_elses_sessions(as_employee, as_curator):
    assert len(as_employee.get("/settings/sessions").all("li", class_="session-row")) == 1


def test_it_ends_another_browser_at_once(as_employee, elsewhere, session):
    as_employee.get("/settings/sessions")
    page = as_employee.post(f"/settings/sessions/{numbers(session)[1]}/end")
    assert page.location == "/settings/sessions"
    assert elsewhere.get("/settings").location.startswith("/sign-in")
    assert as_employee.get("/settings").status == 200


def test_it_signs_out_who_ends_this_browser(as_employee, session):
    assert as_employee.post(f"/settings/sessions/{numbers(session)[0]}/end").location == (
        "/signed-out"
    )
    assert numbers(session) == []


def test_it_ends_all_other_browsers(as_employee, elsewhere, as_curator):
    as_employee.post("/settings/sessions/end-others")
    ended = [client.get("/settings").status for client in (as_employee, elsewhere, as_curator)]
    assert ended == [200, 303, 200]


@pytest.mark.parametrize("number", [999_999, 2**31, 10**30])
def test_it_knows_no_session_of_that_number(as_employee, number):
    assert as_employee.post(f"/settings/sessions/{number}/end").status == 404


def test_it_does_not_end_a_session_of_somebody_else(as_employee, as_curator, session, curator):
    theirs = session.query(LoginSession).filter_by(person_id=curator.id).one().id
    assert as_employee.post(f"/settings/sessions/{theirs}/end").status == 404
    assert as_curator.get("/settings").status == 200


def test_it_asks_the_database_the_same_number_of_times_however_many(as_employee, app, elsewhere):
    with count_queries(app.extensions["foyer"].database.engine) as sent:
        as_employee.get("/settings/sessions")
    assert len(sent) <= 3


def test_it_notes_for_the_audit_log_what_was_ended(as_employee, elsewhere, session, employee):
    as_employee.post("/settings/sessions/end-others")
    entry = session.query(AuditEntry).one()
    assert (entry.action, entry.actor, entry.details) == (
        "auth.end_other_sessions",
        employee.name,
        {"count": 1},
    )


@pytest.fixture
def after(monkeypatch):
    """Return a function that lets time pass."""

    def passed(**duration):
        monkeypatch.setattr("app.clock.now", lambda: NOW + timedelta(**duration))

    return passed


@pytest.fixture
def by_link(visitor, session, make):
    """Return a visitor who came in by a one-time link, with the settings' own lifetimes."""
    from app.auth import service

    token = service.make_link(session, make.person(access="admin"), now=NOW)
    session.commit()
    visitor.post(f"/sign-in/link/{token}")
    return visitor


@pytest.mark.parametrize(("minutes", "status"), [(479, 200), (481, 303)])
def test_it_forgets_a_browser_that_was_idle(by_link, after, minutes, status):
    after(minutes=minutes)
    assert by_link.get("/settings").status == status


def test_it_forgets_a_browser_in_the_end_however_busy(by_link, after):
    seen = []
    for hours in range(7, 80, 7):
        after(hours=hours)
        seen.append(by_link.get("/settings").status)
    assert seen == [200] * 10 + [303]


def test_it_forgets_a_browser_when_the_provider_wants_it(by_link, after, session):
    session.query(LoginSession).one().ends_by = NOW + timedelta(minutes=30)
    session.commit()
    after(minutes=20)
    assert by_link.get("/settings").status == 200
    after(minutes=31)
    assert by_link.get("/settings").status == 303


def test_it_does_not_go_on_under_the_token_of_before(visitor, session, make, app, by_link):
    from app.auth import service

    with by_link.http.session_transaction() as cookie:
        earlier = cookie["_user_id"]
    token = service.make_link(session, make.person(), now=NOW)
    session.commit()
    by_link.post(f"/sign-in/link/{token}")
    with by_link.http.session_transaction() as cookie:
        assert cookie["_user_id"] != earlier
        cookie["_user_id"] = earlier
    assert by_link.get("/settings").status == 303


@pytest.fixture
def over_tls(sqlite, tmp_path):
    """Return settings of a portal that readers reach over TLS."""
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_BASE_URL": "https://learn.example.com",
        }
    )


class TestOverTls:
    @pytest.fixture
    def config(self, over_tls):
        return over_tls

    def test_it_binds_its_cookie_to_this_host_and_to_tls(self, visitor):
        cookie = visitor.get("/sign-in", base_url="https://learn.example.com").headers["Set-Cookie"]
        name, *attributes = [part.strip() for part in cookie.split(";")]
        assert name.startswith("__Host-foyer=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
        assert not any(part.lower().startswith("domain") for part in attributes)

    def test_it_insists_on_tls_for_a_year(self, visitor):
        for address in ("/sign-in", "/nowhere", "/healthz", "/static/css/tokens.css"):
            page = visitor.get(address, base_url="https://learn.example.com")
            assert page.headers["Strict-Transport-Security"] == (
                "max-age=31536000; includeSubDomains"
            )
