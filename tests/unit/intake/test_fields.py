"""The values of one line, each read or complained about."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.fields import Fields

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
READS = {
    "required": lambda fields: fields.required("x", 50),
    "text": lambda fields: fields.text("x", 50),
    "address": lambda fields: fields.address("x"),
    "email": lambda fields: fields.email("x"),
    "choice": lambda fields: fields.choice("x", ["a", "b"]),
    "whole": lambda fields: fields.whole("x", 100),
    "share": lambda fields: fields.share("x"),
    "flag": lambda fields: fields.flag("x"),
    "day": lambda fields: fields.day("x"),
    "moment": lambda fields: fields.moment("x"),
    "names": lambda fields: fields.names("x", 20),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@given(value=JSON)
def test_it_reads_or_complains_and_never_fails(read, value):
    fields = Fields({"x": value})
    read(fields)
    assert all(problem.field == "x" and problem.reason for problem in fields.problems)


@pytest.mark.parametrize("name", sorted(set(READS) - {"required", "address"}))
@pytest.mark.parametrize("value", [None, "", "   ", []])
def test_it_takes_nothing_as_nothing(name, value):
    fields = Fields({"x": value})
    assert not READS[name](fields)
    assert fields.problems == []


@pytest.mark.parametrize("values", [{}, {"x": None}, {"x": " "}, {"x": "<b></b>"}])
def test_it_says_once_that_a_required_field_is_missing(values):
    fields = Fields(values)
    fields.required("x", 10)
    assert [problem.reason for problem in fields.problems] == ["is missing"]


@pytest.mark.parametrize("value", [5, 5.0, "5", " 5 ", "5.0"])
def test_it_reads_whole_numbers_however_they_are_written(value):
    assert Fields({"x": value}).whole("x", 10) == 5


@pytest.mark.parametrize("value", [-1, 11, 2.5, "many", True, "nan", "1e999", [1]])
def test_it_refuses_what_is_no_whole_number(value):
    fields = Fields({"x": value})
    assert fields.whole("x", 10) is None
    assert len(fields.problems) == 1


@pytest.mark.parametrize("value", ["2026-11-12", "2026-11-12T23:30:00+02:00", "20261112"])
def test_it_reads_days(value):
    assert Fields({"x": value}).day("x") == date(2026, 11, 12)


@pytest.mark.parametrize("value", ["1899-12-31", "2101-01-01", "0001-01-01", "9999-12-31"])
def test_it_refuses_days_that_no_work_has_seen(value):
    fields = Fields({"x": value})
    assert fields.day("x") is None
    assert "is not between 1900 and 2100" in fields.problems[0].reason


@pytest.mark.parametrize(
    "value", ["2026-11-12T09:30:00Z", "2026-11-12T10:30:00+01:00", "2026-11-12 09:30"]
)
def test_it_reads_moments_in_utc(value):
    assert Fields({"x": value}).moment("x") == datetime(2026, 11, 12, 9, 30, tzinfo=UTC)


def test_it_complains_about_a_moment_before_time_began():
    fields = Fields({"x": "0001-01-01T00:00:00+14:00"})
    assert fields.moment("x") is None
    assert "is not a moment" in fields.problems[0].reason


@pytest.mark.parametrize("value", ["a; b|a", ["a", "b", "a", ""]])
def test_it_reads_lists_and_drops_repeats(value):
    assert Fields({"x": value}).names("x", 10) == ("a", "b")


def test_it_refuses_more_names_than_asked_for():
    fields = Fields({"x": "a;b;c"})
    assert fields.names("x", 10, most=2) == ()
    assert "has 3 names" in fields.problems[0].reason


@pytest.mark.parametrize("value", ["Yes", "1", "TRUE", "active", True])
def test_it_reads_yes_in_many_words(value):
    assert Fields({"x": value}).flag("x") is True


@pytest.mark.parametrize(
    "value", ["not an address", "a@b", "a b@example.org", "<a@example.org>", "a<b>@example.org", 5]
)
def test_it_refuses_what_is_no_email_address(value):
    fields = Fields({"x": value})
    assert fields.email("x") == ""
    assert len(fields.problems) == 1


def test_it_remarks_on_fields_that_nobody_knows():
    fields = Fields({"title": "x", "audiences": "role:x"})
    fields.ignore_others(("title",))
    assert [remark.field for remark in fields.remarks] == ["audiences"]
