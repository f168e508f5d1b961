"""Sweeping out sign-ins that have run out."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.auth.sweep import KEPT, sweep
from app.models import (
    Departure,
    IdentityProvider,
    LoginSession,
    OneTimeLink,
    PendingSignIn,
    UsedMessage,
)
from tests.support.factories import NOW

TABLES = (UsedMessage, PendingSignIn, Departure, LoginSession, OneTimeLink)


@pytest.fixture
def rows(session, make):
    """Add a row of each kind that ran out long ago, one that just did, and one that lives."""
    person = make.person()
    idp = IdentityProvider(
        slug="a", name="A", protocol="saml", entity_id="a", created_at=NOW, updated_at=NOW
    )
    session.add(idp)
    session.flush()
    here = {"provider_id": idp.id}
    mine = {"person_id": person.id}
    for number, age in enumerate((KEPT * 2, KEPT / 2, -KEPT)):
        name, ends = f"{number}", {"expires_at": NOW - age}
        started = {"started_at": NOW, "last_seen_at": NOW, "proved_at": NOW}
        session.add_all(
            [
                UsedMessage(message_id=name, **here, **ends),
                PendingSignIn(
                    request_id=name, browser_hash="", next_url="/", created_at=NOW, **here, **ends
                ),
                Departure(ticket_hash=name, subject="s", **here, **ends),
                LoginSession(token_hash=name, method="saml", **started, **mine, **ends),
                OneTimeLink(token_hash=name, created_at=NOW, **mine, **ends),
            ]
        )
    session.flush()


def counts(session):
    return [session.scalar(select(func.count()).select_from(table)) for table in TABLES]


def test_it_deletes_what_ran_out_more_than_a_day_ago(session, rows):
    assert sweep(session, now=NOW) == len(TABLES)
    assert counts(session) == [2] * len(TABLES)


def test_it_has_nothing_to_do_a_second_time(session, rows):
    sweep(session, now=NOW)
    assert sweep(session, now=NOW + timedelta(hours=1)) == 0
