"""Asking several sources at once, by one deadline."""

import datetime as dt
import threading
import time

import pytest

from search.federate import ask_all

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
