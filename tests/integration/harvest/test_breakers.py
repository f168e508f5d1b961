"""The breaker in its row: shared by every process, and one alone tries after a rest."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.harvest import breakers
from app.models import Breaker
from search.breaker import FIRST_REST


@pytest.fixture
def connected(harvesting):
    harvesting.connect("wordpress")
    return harvesting


def asks(harvesting, when):
    with harvesting.database.transaction() as session:
        return breakers.may_ask(session, harvesting.connection_id, now=when)


def fails(harvesting, times):
    for _ in range(times):
        with harvesting.database.transaction() as session:
            breakers.failed(session, harvesting.connection_id, now=harvesting.now)


def test_a_tool_of_which_nothing_is_known_is_asked(connected):
    assert asks(connected, connected.now)


def test_what_one_process_notes_all_know(connected):
    fails(connected, 3)
    assert not asks(connected, connected.now)


def test_after_the_rest_one_of_many_tries(connected):
    fails(connected, 3)
    later = connected.now + FIRST_REST
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: asks(connected, later), range(8)))
    assert answers.count(True) == 1


def test_failures_at_the_same_time_all_count(connected):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: fails(connected, 1), range(4)))
    with connected.database.sessions() as session:
        assert session.get(Breaker, connected.connection_id).failures == 4


def test_a_success_writes_only_where_something_was_held_against_it(connected, written):
    with connected.database.transaction() as session:
        breakers.succeeded(session, connected.connection_id)
    assert written == []
    fails(connected, 3)
    with connected.database.transaction() as session:
        breakers.succeeded(session, connected.connection_id)
    assert asks(connected, connected.now)


def test_a_rest_lasts_as_long_as_it_says(connected):
    fails(connected, 4)
    assert not asks(connected, connected.now + FIRST_REST)
    assert asks(connected, connected.now + dt.timedelta(minutes=1))
