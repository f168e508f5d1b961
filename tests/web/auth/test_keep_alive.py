"""A session lives on while it is used, and reading never waits for a busy database."""

import sqlite3
from datetime import timedelta

import pytest

from app.models import LoginSession
from tests.support.factories import NOW


@pytest.fixture
def later(monkeypatch):
    """Let ten minutes pass."""

    def passed():
        monkeypatch.setattr("app.clock.now", lambda: NOW + timedelta(minutes=10))

    return passed


def last_seen(session):
    session.expire_all()
    return session.query(LoginSession).one().last_seen_at


def test_it_writes_down_that_a_reader_was_here(as_employee, session, later):
    later()
    as_employee.get("/settings")
    assert last_seen(session) == NOW + timedelta(minutes=10)


def test_it_shows_a_page_while_somebody_else_writes(as_employee, session, later, sqlite):
    later()
    writer = sqlite3.connect(sqlite.engine.url.database, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    page = as_employee.get("/settings")
    writer.close()
    assert (page.status, last_seen(session)) == (200, NOW)
