"""A page tells by a POST of its own that a shelf was looked at; the answer never says more."""

import pytest
from flask import render_template

from app.foryou import shown
from app.models import ShownItem, ShownSlate
from recommender.data import Reason, ReasonCode, Recommendation
from tests.support.factories import NOW


@pytest.fixture
def token(app, employee, make, session):
    """Return a sealed shelf of the employee."""
    reason = Reason(ReasonCode.NEW)
    slate = [Recommendation(make.item().id, 1.0, reason, {}) for _ in range(2)]
    session.commit()
    vault = app.extensions["foyer"].vault
    return shown.sealed(vault, employee.id, "for_you", slate, model="m", now=NOW)


@pytest.fixture
def kept(session):
    """Return a function that counts what is kept: slates and items."""

    def count():
        session.rollback()
        return session.query(ShownSlate).count(), session.query(ShownItem).count()

    return count


def test_what_was_looked_at_is_kept(as_employee, token, kept):
    page = as_employee.post("/shown", {"slate": token}, htmx_target="none")
    assert (page.status, page.html) == (204, "")
    assert kept() == (1, 2)


def test_it_is_kept_once_however_often_it_is_sent(as_employee, token, kept):
    assert [as_employee.post("/shown", {"slate": token}).status for _ in range(3)] == [204] * 3
    assert kept() == (1, 2)


@pytest.mark.parametrize("changed", ["", "forged", None])
def test_what_is_forged_is_not_kept(as_employee, token, kept, changed):
    forged = token[:-8] + "AAAAAAA=" if changed is None else changed
    assert as_employee.post("/shown", {"slate": forged}).status == 204
    assert kept() == (0, 0)


def test_anothers_is_not_kept(as_curator, token, kept):
    assert as_curator.post("/shown", {"slate": token}).status == 204
    assert kept() == (0, 0)


def test_nothing_is_kept_of_who_pauses_signals(as_employee, employee, session, token, kept):
    employee.pauses_signals = True
    session.commit()
    assert as_employee.post("/shown", {"slate": token}).status == 204
    assert kept() == (0, 0)


def test_a_visitor_is_asked_who_they_are(visitor, token, kept):
    page = visitor.post("/shown", {"slate": token})
    assert (page.status, page.location) == (303, "/sign-in")
    assert kept() == (0, 0)


def test_it_asks_for_the_token_of_its_form(as_employee, token, kept):
    assert as_employee.http.post("/shown", data={"slate": token}).status_code == 400
    assert kept() == (0, 0)


def test_a_page_carries_it_out_of_sight_until_it_was_seen(app, token):
    with app.test_request_context():
        written = render_template("foryou/_seen.html", seen=token)
        assert not render_template("foryou/_seen.html", seen="").strip()
    assert written.startswith("<form hidden ")
    assert 'hx-post="/shown" hx-trigger="foyer:seen once"' in written
    assert f'value="{token}"' in written


def test_a_page_that_tells_what_was_seen_leads_nobody_away(visitor):
    answer = visitor.post("/shown", data={"slate": "x"}, headers={"HX-Request": "true"})
    assert (answer.status, answer.headers.get("HX-Redirect")) == (204, None)
