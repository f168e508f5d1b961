"""Asking several sources at once, by one deadline."""

import datetime as dt
import threading
import time

import pytest

from search.federate import Round, ask_all

SOON = dt.timedelta(seconds=0.15)


@pytest.fixture
def hanging():
    """Return a question that hangs until the test is over."""
    over = threading.Event()
    yield lambda: over.wait(30)
    over.set()


def test_each_source_gets_one_outcome_in_the_order_of_the_questions(hanging):
    def broken():
        raise ValueError("no")

    found = ask_all({"slow": hanging, "bad": broken, "good": lambda: [1]}, deadline=SOON)
    assert list(found) == ["slow", "bad", "good"]
    assert found["slow"].late
    assert str(found["bad"].error) == "no"
    assert found["good"].answer == [1]


def test_a_source_that_hangs_does_not_hold_the_answer_up(hanging):
    began = time.monotonic()
    ask_all({str(n): hanging for n in range(20)}, deadline=SOON)
    assert time.monotonic() - began < 5


def test_it_does_not_wait_for_the_deadline_when_all_have_answered():
    began = time.monotonic()
    ask_all({"a": lambda: [1], "b": list}, deadline=dt.timedelta(seconds=60))
    assert time.monotonic() - began < 10


def test_an_empty_answer_is_an_answer():
    assert not ask_all({"a": list}, deadline=dt.timedelta(seconds=60))["a"].late


def test_nobody_to_ask_is_answered_at_once():
    assert ask_all({}, deadline=dt.timedelta(seconds=60)) == {}


def test_a_source_is_waited_for_no_longer_than_its_own_budget(hanging):
    began = time.monotonic()
    longest = dt.timedelta(seconds=60)
    found = ask_all(
        {"slow": hanging, "good": lambda: [1]}, deadline=longest, budgets={"slow": SOON}
    )
    assert time.monotonic() - began < 10
    assert (found["slow"].late, found["slow"].took) == (True, SOON)
    assert found["good"].answer == [1]


def test_what_came_too_late_is_told_when_it_is_asked_for_again():
    come = threading.Event()
    round_ = Round({"slow": lambda: [come.wait(30)], "good": lambda: [1]})
    assert round_.wait(SOON)["slow"].late
    come.set()
    found = round_.wait(dt.timedelta(seconds=60))
    assert [one.answer for one in found.values()] == [[True], [1]]


def test_no_thread_is_left_once_the_sources_have_ended():
    before = threading.active_count()
    over = threading.Event()
    for _ in range(10):
        ask_all({str(n): lambda: [over.wait(30)] for n in range(5)}, deadline=dt.timedelta())
    over.set()
    for _ in range(1000):
        if threading.active_count() <= before:
            break
        time.sleep(0.01)
    assert threading.active_count() <= before
