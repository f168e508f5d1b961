"""A signed message is taken once, though two workers have it in hand at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from app.errors import Untrusted
from app.models import IdentityProvider, UsedMessage
from app.saml import service
from tests.support.factories import NOW
from tests.support.saml.provider import Provider

SOON = NOW + timedelta(minutes=10)


@pytest.fixture
def provider(database):
    """Return a provider whose row is committed, and take it away again."""
    with database.sessions() as session:
        row = Provider(now=NOW).enrol(session)
    yield row
    with database.transaction() as session:
        session.query(IdentityProvider).delete()


@pytest.fixture
def at_once(database, provider):
    """Return a function that uses up messages at once, each in a transaction of its own."""

    def using(*message_ids):
        together = Barrier(len(message_ids))

        def use(message_id):
            together.wait()
            try:
                with database.transaction() as session:
                    service.use_up(session, provider, message_id, good_until=SOON, now=NOW)
            except Untrusted as refusal:
                return refusal.reason
            return "taken"

        with ThreadPoolExecutor(len(message_ids)) as pool:
            return sorted(pool.map(use, message_ids))

    return using


def test_it_lets_one_of_two_workers_win(at_once):
    assert at_once("_a", "_a") == ["replay: _a was taken already", "taken"]


def test_it_takes_two_messages_at_once(at_once):
    assert at_once("_a", "_b") == ["taken", "taken"]


def test_it_takes_the_same_id_from_another_provider(session):
    for slug in ("one", "two"):
        row = Provider(slug, now=NOW).enrol(session)
        service.use_up(session, row, "_a", good_until=SOON, now=NOW)
    assert session.query(UsedMessage).count() == 2


def test_it_refuses_a_message_until_it_is_good_no_more(session):
    row = Provider(now=NOW).enrol(session)
    service.use_up(session, row, "_a", good_until=SOON, now=NOW)
    with pytest.raises(Untrusted):
        service.use_up(session, row, "_a", good_until=SOON, now=SOON)


def test_it_forgets_what_no_rule_would_take(session):
    row = Provider(now=NOW).enrol(session)
    service.use_up(session, row, "_a", good_until=SOON, now=NOW)
    later = SOON + timedelta(seconds=1)
    service.use_up(session, row, "_b", good_until=later, now=later)
    assert [one.message_id for one in session.query(UsedMessage)] == ["_b"]
