"""The moving window of a minute that counts requests."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.config import ConfigError
from app.web.windows import MINUTE, MOST_KEYS, Memory, Shared


def test_it_lets_as_many_through_as_there_may_be():
    window = Memory()
    waits = [window.hit("a", 3, now=100 + second) for second in range(4)]
    assert waits == [0, 0, 0, 57]


def test_it_counts_each_key_alone():
    window = Memory()
    assert [window.hit(key, 1, now=100.0) for key in "aab"] == [0, 60, 0]


def test_it_lets_through_again_what_waited_as_long_as_it_was_told():
    window = Memory()
    window.hit("a", 1, now=100)
    wait = window.hit("a", 1, now=130)
    assert window.hit("a", 1, now=130 + wait) == 0


def test_it_does_not_let_refused_requests_prolong_the_wait():
    window = Memory()
    waits = [window.hit("a", 1, now=now) for now in (100, 110, 120)]
    assert waits == [0, 50, 40]


def test_it_forgets_who_has_not_come_for_a_minute():
    window = Memory()
    for number in range(1000):
        window.hit(str(number), 5, now=1000)
    window.hit("late", 5, now=1000 + MINUTE + 1)
    assert len(window) == 1


def test_it_holds_only_so_many_senders():
    window = Memory()
    for number in range(MOST_KEYS + 9):
        window.hit(str(number), 5, now=1000)
    assert len(window) == MOST_KEYS


@example([2e-249, 60.0], 1)
@given(st.lists(st.floats(0, 300), max_size=60).map(sorted), st.integers(1, 5))
def test_it_never_lets_more_through_within_a_minute(times, amount):
    window = Memory()
    passed = [now for now in times if not window.hit("a", amount, now=now)]
    for end in passed:
        assert sum(end - MINUTE < one <= end for one in passed) <= amount


@pytest.mark.parametrize("address", ["nothing://here", "redis//", ""])
def test_it_refuses_a_store_that_cannot_be_used(address):
    with pytest.raises(ConfigError, match="FOYER_RATE_LIMIT_STORE"):
        Shared(address)
