"""What a back-channel logout ends, on each kind of database."""

from datetime import timedelta

import pytest

from app.auth import service
from app.errors import Untrusted
from app.models import LoginSession, UsedMessage
from app.oidc.logout import Notice, end_named

DAY = timedelta(days=1)


@pytest.fixture
def corp(session, provider, monkeypatch):
    """Return the connected provider."""
    return provider.connect(session)


@pytest.fixture
def begun(session, make, corp, now):
    """Return a function that opens a session begun by the provider."""

    def opened(subject, session_index):
        service.start_session(
            session,
            make.person(),
            method="Example Corp",
            user_agent="test",
            lifetimes=service.Lifetimes(idle=DAY, longest=DAY),
            now=now,
            origin=service.Origin(
                provider_id=corp.id, subject=subject, session_index=session_index
            ),
        )

    return opened


def notice(now, subject="", session_index="", message_id="logout-1"):
    return Notice(subject=subject, session_index=session_index, message_id=message_id, ends_at=now)


@pytest.mark.parametrize(
    ("subject", "session_index", "left"),
    [
        ("", "one", ["two", "three"]),
        ("amara", "", ["three"]),
        ("amara", "two", ["one", "three"]),
        ("amara", "three", ["one", "two", "three"]),
        ("nobody", "", ["one", "two", "three"]),
    ],
)
def test_it_ends_exactly_what_is_named(session, corp, begun, now, subject, session_index, left):
    for person, index in (("amara", "one"), ("amara", "two"), ("jonas", "three")):
        begun(person, index)
    ended = end_named(session, corp, notice(now, subject, session_index), now)
    rows = session.query(LoginSession).order_by(LoginSession.id)
    assert [row.session_index for row in rows] == left
    assert ended == 3 - len(left)


def test_it_takes_a_message_once(session, corp, now):
    end_named(session, corp, notice(now, "amara"), now)
    with pytest.raises(Untrusted, match="prove"):
        end_named(session, corp, notice(now, "amara"), now)


def test_it_keeps_a_message_until_its_token_is_refused_anyway(session, corp, now):
    end_named(session, corp, notice(now, "amara"), now)
    end_named(session, corp, notice(now, "amara", message_id="2"), now + timedelta(seconds=60))
    assert session.query(UsedMessage).count() == 2
    end_named(session, corp, notice(now, "amara", message_id="3"), now + timedelta(seconds=61))
    assert session.query(UsedMessage).count() == 1
