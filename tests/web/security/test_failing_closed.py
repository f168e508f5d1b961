"""What cannot be checked is refused: a fault on the way shows no page (ASVS 5.0, 16.5)."""

import pytest
from flask import g
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from app import events
from app.factory import create_app
from app.models import LoginSession
from app.web.guard import ROUTES
from tests.support.saml import flow

OPEN_TO_ALL = {name for name, right in ROUTES.items() if right == "public"}


@pytest.fixture
def lose(app, session):
    """Return a function that takes a table away."""

    def lost(table):
        session.rollback()
        with app.extensions["foyer"].database.engine.begin() as connection:
            connection.execute(text("PRAGMA foreign_keys=OFF"))
            connection.execute(text(f'ALTER TABLE "{table}" RENAME TO gone'))

    return lost


def statuses(portal, client):
    """Return what each route that asks for a permission answers, whatever the method."""
    return {
        (rule.endpoint, method): client.http.open(
            portal.address(rule, method), method=method, data={"csrf_token": client.csrf_token()}
        ).status_code
        for method in ("GET", "POST")
        for rule in portal.rules(method)
        if rule.endpoint not in OPEN_TO_ALL and rule.endpoint != "scim.handle"
    }


@pytest.mark.parametrize("table", ["login_session", "person"])
def test_it_shows_nobody_anything_while_sessions_cannot_be_read(portal, lose, table):
    lose(table)
    answered = statuses(portal, portal.admin)
    assert len(answered) > 70
    assert {one: status for one, status in answered.items() if status < 500} == {}


@pytest.fixture
def stumbling(app):
    """Let the first look at who reads fail in each request, and every later one succeed."""
    engine = app.extensions["foyer"].database.engine

    def fail(_connection, _cursor, statement, *_more):
        if "login_session.token_hash =" in statement and "stumbled" not in g:
            g.stumbled = True
            raise OperationalError(statement, {}, Exception("disk I/O error"))

    event.listen(engine, "before_cursor_execute", fail)
    yield
    event.remove(engine, "before_cursor_execute", fail)


def test_it_opens_no_page_because_the_guard_stumbled(portal, stumbling):
    """The view itself would find out who reads, and show an employee everything."""
    answered = {
        rule.endpoint: portal.employee.http.get(portal.address(rule, "GET")).status_code
        for rule in portal.rules("GET")
        if ROUTES[rule.endpoint] in {"curate", "administer"}
    }
    assert len(answered) > 15
    assert set(answered.values()) == {503}, answered


def test_it_refuses_though_the_refusal_cannot_be_noted(portal):
    def fail(_sender, **_facts):
        raise RuntimeError("the listener broke")

    events.access_refused.connect(fail)
    try:
        page = portal.employee.get("/admin/people")
    finally:
        events.access_refused.disconnect(fail)
    assert page.status == 500
    assert "Ada Byron" not in page.words


def test_it_refuses_though_the_log_is_gone(portal, lose):
    lose("audit_entry")
    page = portal.employee.get("/admin/people")
    assert page.status == 404
    assert "Ada Byron" not in page.words


def test_it_changes_nothing_that_it_cannot_log(portal, lose, session):
    lose("audit_entry")
    assert portal.admin.post("/settings/sessions/end-others").status == 503
    assert portal.admin.get("/settings").status == 200


def test_it_gives_directories_nothing_while_tokens_cannot_be_read(portal, lose, scim_token):
    lose("scim_token")
    bearer = {"Authorization": f"Bearer {scim_token}"}
    answer = portal.visitor.http.get("/scim/v2/Users", headers=bearer)
    assert answer.status_code >= 500
    assert "Resources" not in answer.json


@pytest.mark.parametrize("table", ["pending_sign_in", "used_message", "identity"])
def test_it_signs_nobody_in_while_an_answer_cannot_be_checked(
    visitor, provider, lose, session, table
):
    started = flow.start(visitor, provider.slug)
    lose(table)
    assert flow.come_back(visitor, started, provider.answer(started)).status == 503
    assert session.query(LoginSession).count() == 0
    assert visitor.get("/settings").location.startswith("/sign-in")


def test_it_says_that_a_provider_does_not_answer_and_lets_nobody_in(
    visitor, openid_provider, session
):
    away = visitor.http.get(f"/oidc/{openid_provider.slug}/start")
    state = away.location.split("state=")[1].split("&")[0]
    page = visitor.get(f"/oidc/{openid_provider.slug}/callback?code=x&state={state}")
    assert page.status == 503
    assert openid_provider.name in page.words
    assert session.query(LoginSession).count() == 0
    assert visitor.get("/sign-in").status in {200, 303}


def test_it_never_debugs_whatever_the_environment_says(config, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    app = create_app(config)
    app.extensions["foyer"].database.close()
    assert not app.debug
    assert not app.testing
