"""When somebody is away: entered by themselves, seen by nobody else."""

import pytest

from app.models import Absence


def enter(client, first, last):
    return client.post("/away", {"first": first, "last": last})


def days(session):
    session.expire_all()
    rows = session.query(Absence).order_by(Absence.starts_on)
    return [(f"{row.starts_on}", f"{row.ends_on}") for row in rows]


def test_an_empty_list_says_what_to_enter(as_employee):
    assert "No days away are noted" in as_employee.get("/away").words


def test_days_away_are_noted(as_employee, session):
    page = as_employee.follow(enter(as_employee, "2026-11-16", "2026-11-20"))
    assert "16 November to 20 November" in page.words
    assert days(session) == [("2026-11-16", "2026-11-20")]


def test_days_that_overlap_or_touch_become_one(as_employee, session):
    enter(as_employee, "2026-11-16", "2026-11-18")
    enter(as_employee, "2026-11-19", "2026-11-20")
    enter(as_employee, "2026-11-17", "2026-11-19")
    assert days(session) == [("2026-11-16", "2026-11-20")]


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-11-16", "2026-11-15", "The last day comes before the first one."),
        ("2026-11-16", "2027-11-17", "Enter at most a year at a time."),
        ("2036-11-16", "2036-11-17", "Choose days within two years of today."),
        ("2026-11-16", "", "Enter the last day."),
        ("soon", "2026-11-16", "Not a valid date value."),
    ],
)
def test_days_that_make_no_sense_come_back_with_the_reason(as_employee, session, first, last, said):
    page = enter(as_employee, first, last)
    assert page.status == 422
    assert said in page.words
    assert page.by_id("field_first").get("value") == first
    assert days(session) == []


def test_an_absence_is_removed_and_offered_again(as_employee, session):
    enter(as_employee, "2026-11-16", "2026-11-20")
    number = session.query(Absence).one().id
    page = as_employee.follow(as_employee.post(f"/away/{number}/remove"))
    assert days(session) == []
    assert page.by_id("field_last").get("value") == "2026-11-20"


def test_nobody_sees_or_removes_those_of_others(as_employee, as_curator, session):
    enter(as_employee, "2026-11-16", "2026-11-20")
    number = session.query(Absence).one().id
    assert "16 November" not in as_curator.get("/away").words
    assert as_curator.post(f"/away/{number}/remove").status == 404
    assert days(session) != []
