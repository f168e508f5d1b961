"""What others say takes one line of the log, whatever it holds (ASVS 5.0, 16.4.1)."""

import json
import logging

import pytest
from sqlalchemy.exc import IntegrityError

from app.db import complaint
from app.web.request_log import JsonLines, TextLines
from tests.support.factories import Factory

HOSTILE = "evil\r\n2026-11-12 09:00:00 INFO foyer.request: all is well\x1b[2J\u2028\u202e\x00"
TEXT, JSON = TextLines("%(levelname)s %(name)s: %(message)s"), JsonLines()


def record(message, *args):
    return logging.LogRecord("foyer", logging.WARNING, "x.py", 1, message, args, None)


def test_it_writes_what_others_say_on_one_line():
    line = TEXT.format(record("the provider says: %s", HOSTILE))
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert "all is well" in line


def test_it_writes_what_others_say_on_one_line_of_json():
    line = JSON.format(record("the provider says: %s", HOSTILE))
    assert "\n" not in line
    assert json.loads(line)["message"].endswith(HOSTILE)


def test_it_keeps_words_of_every_language():
    assert TEXT.format(record("Grüße, 李 😀")) == "WARNING foyer: Grüße, 李 😀"


def test_it_writes_in_utc_and_says_so():
    one = record("x")
    one.created, one.msecs = 1_762_938_000.0, 0.0
    assert TextLines("%(asctime)s").format(one) == "2025-11-12T09:00:00.000Z"
    assert json.loads(JSON.format(one))["at"] == "2025-11-12T09:00:00.000+00:00"


def test_it_writes_no_values_of_a_row_that_the_database_refuses(postgresql):
    with postgresql.sessions() as session:
        make = Factory(session)
        make.person(email="ada@example.org")
        with pytest.raises(IntegrityError) as caught:
            make.person(email="ada@example.org")
        session.rollback()
    assert "ada@example.org" in str(caught.value.orig)
    assert "ada@example.org" not in complaint(caught.value)
    assert "email" in complaint(caught.value)
