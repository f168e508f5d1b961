"""The breaker: when a source is asked, when it rests, and who tries it again."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from search.breaker import (
    FIRST_REST,
    LONGEST_REST,
    THRESHOLD,
    TRIAL,
    BreakerState,
    failed,
    may_ask,
    succeeded,
    trying,
)

NOW = datetime.fromisoformat("2026-11-12T09:00:00+00:00")


def after_failures(times, now=NOW):
    state = BreakerState()
    for _ in range(times):
        state = failed(state, now=now)
    return state


def test_two_failures_close_nothing():
    assert may_ask(after_failures(THRESHOLD - 1), now=NOW)


def test_three_failures_in_a_row_let_it_rest():
    state = after_failures(THRESHOLD)
    assert not may_ask(state, now=NOW + FIRST_REST - timedelta(seconds=1))
    assert may_ask(state, now=NOW + FIRST_REST)


def test_an_answer_between_failures_begins_the_count_anew():
    state = failed(succeeded(after_failures(THRESHOLD - 1)), now=NOW)
    assert state.failures == 1


def test_after_the_rest_one_question_goes_through():
    after = NOW + FIRST_REST
    state = trying(after_failures(THRESHOLD), now=after)
    assert not may_ask(state, now=after)
    assert may_ask(state, now=after + TRIAL)


def test_its_answer_opens_the_way():
    state = succeeded(trying(after_failures(THRESHOLD), now=NOW + FIRST_REST))
    assert state == BreakerState()


def test_its_failure_doubles_the_rest():
    state = failed(after_failures(THRESHOLD), now=NOW)
    assert state.rests_until == NOW + 2 * FIRST_REST


@given(st.integers(THRESHOLD, 10_000))
def test_no_rest_is_longer_than_a_quarter_of_an_hour(failures):
    state = failed(BreakerState(failures), now=NOW)
    assert FIRST_REST < state.rests_until - NOW <= LONGEST_REST


def test_a_closed_breaker_needs_no_trial():
    assert trying(BreakerState(2), now=NOW) == BreakerState(2)
