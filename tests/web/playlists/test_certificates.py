"""Certificates: for who has finished, and for who wants to know whether one is good."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.models import Assignment, Person, Playlist, audience_of
from app.playlists.certificates import checked
from tests.support.plans import playlist_of

CERTIFICATE = "/playlists/first-days/certificate"
ASKING = {"tokens": {"everyone"}, "time_zone": "UTC"}


@pytest.fixture
def steps(make, employee, session):
    """Let the employee follow a playlist of a task and an optional one; return its steps."""
    playlist, rows = playlist_of(
        make, {"title": "Fetch your badge"}, {"title": "Extra", "required": False}
    )
    make.assignment(playlist, employee, starts_on=date(2026, 11, 2))
    session.commit()
    return rows


@pytest.fixture
def number(as_employee, steps):
    """Return the number of the employee's certificate."""
    as_employee.post(f"/playlists/first-days/steps/{steps[0].id}/done")
    return as_employee.get(CERTIFICATE).texts("b")[-1]


def test_there_is_none_before_all_is_done(as_employee, steps):
    assert as_employee.get(CERTIFICATE).status == 404


def test_it_says_who_did_what_and_when(as_employee, number):
    page = as_employee.get(CERTIFICATE)
    assert page.text("h1") == "Certificate of completion"
    for said in ("Amara Okafor", "Your first days", "2 November 2026", "12 November 2026", number):
        assert said in page.words
    assert page.texts("td") == ["Fetch your badge", "", "12 November 2026"]


def test_the_plan_leads_to_it(as_employee, number):
    page = as_employee.get("/playlists/first-days")
    assert CERTIFICATE in page.links()
    assert "You have finished this playlist" in page.words


def test_a_colleague_finds_it_good(as_curator, number):
    page = as_curator.get(f"/certificates?number={number.lower()}")
    assert "This certificate is genuine" in page.words
    assert "Amara Okafor completed “Your first days” (version 1) on 12 November 2026." in page.words


def test_who_may_not_know_of_the_playlist_learns_whose_it_is_and_no_more(
    as_curator, session, number
):
    playlist = session.scalars(select(Playlist)).one()
    playlist.audience_id = audience_of(session, ["group:others"]).id
    session.commit()
    page = as_curator.get(f"/certificates?number={number}")
    assert "This certificate is genuine Given to Amara Okafor, who finished on" in page.words
    assert "first days" not in page.html
    assert "version 1" not in page.words


def test_the_day_is_that_of_where_its_holder_lives(as_employee, as_curator, session, number):
    given = session.scalars(select(Assignment)).one()
    given.finished_at = datetime(2026, 11, 12, 20, tzinfo=UTC)
    session.get(Person, given.person_id).time_zone = "Pacific/Auckland"
    session.commit()
    assert "13 November 2026" in as_employee.get(CERTIFICATE).texts("dd")
    assert "on 13 November 2026" in as_curator.get(f"/certificates?number={number}").words


def test_whoever_is_not_signed_in_learns_nothing(visitor, number):
    assert visitor.get(f"/certificates?number={number}").status == 303


def test_it_is_good_no_more_when_a_step_is_taken_back(as_employee, as_curator, steps, number):
    as_employee.post(f"/playlists/first-days/steps/{steps[0].id}/undone")
    assert as_employee.get(CERTIFICATE).status == 404
    assert (
        "No certificate has this number" in as_curator.get(f"/certificates?number={number}").words
    )


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "-",
        "1-AAAAA-AAAAA",
        "99999999999-AAAAA-AAAAA",
        "1-ÄÄÄÄÄ-AAAAA",
        "' OR 1=1 --",
        "²-AAAAA-AAAAA",
    ],
)
def test_no_other_text_is_a_number(as_curator, number, text):
    page = as_curator.get("/certificates", query_string={"number": text})
    assert "No certificate has this number" in page.words
    assert "Amara" not in page.words


def test_each_letter_of_the_number_counts(app, session, number):
    key = app.secret_key
    session.expire_all()
    assert checked(session, key, number, **ASKING)
    for place, letter in enumerate(number):
        other = "B" if letter == "A" else "A"
        if letter.isalpha():
            assert (
                checked(session, key, number[:place] + other + number[place + 1 :], **ASKING)
                is None
            )


def test_another_key_makes_other_numbers(session, number):
    assert checked(session, "another key", number, **ASKING) is None


def test_the_number_is_of_one_person(app, session, make, number):
    given = session.query(Assignment).one()
    given.person_id = make.person("Mallory").id
    session.flush()
    assert checked(session, app.secret_key, number, **ASKING) is None


def test_others_have_no_certificate_of_mine(as_curator, number):
    assert as_curator.get(CERTIFICATE).status == 404


def test_a_name_with_markup_stays_text(as_curator, session, number, employee):
    session.get(Person, employee.id).name = "<b>Amara</b>"
    session.commit()
    page = as_curator.get(f"/certificates?number={number}")
    assert "<b>Amara" not in page.html
    assert "<b>Amara</b> completed" in page.words
