"""What a reader's plans ask of them today: first on the page, movable with one tap."""

from datetime import date, timedelta

import pytest

from app.models import Absence, StepDate
from tests.support.plans import playlist_of

TODAY = date(2026, 11, 12)  # a Thursday


@pytest.fixture
def follow(make, employee, session):
    """Return a function that lets the employee follow a playlist of these steps for four days."""

    def followed(*steps, days=3, **values):
        playlist, rows = playlist_of(make, *steps, **values)
        make.assignment(playlist, employee, starts_on=TODAY - timedelta(days=days))
        session.commit()
        return rows

    return followed


def groups(page):
    return page.texts("p", class_="today-title")


def test_it_says_what_waits_what_is_due_and_what_comes_next(as_employee, follow):
    follow(*({"title": f"Day {day}", "due_day": day} for day in (1, 4, 6, 9, 12)))
    page = as_employee.get("/")
    assert groups(page) == ["Still waiting for you", "Due today", "Next after that"]
    assert page.texts("h3")[:4] == ["Day 1", "Day 4", "Day 6", "Day 9"]
    assert "Day 12" in page.words


def test_it_shows_this_week_at_a_glance(as_employee, employee, follow, session):
    session.add(
        Absence(person_id=employee.id, starts_on=date(2026, 11, 13), ends_on=date(2026, 11, 13))
    )
    follow({"due_day": 4}, {"due_day": 4}, {"due_day": 7})
    [glance] = as_employee.get("/").all("ol", class_="glance")
    words = [" ".join("".join(day.itertext()).split()) for day in glance.iter("li")]
    assert words[3:] == ["Thu122 steps", "Fri13away", "Sat14free", "Sun151 step"]


def test_a_late_step_is_moved_from_here_and_back(as_employee, follow, session):
    [step] = follow({"title": "Badge"})
    answer = as_employee.post(
        f"/playlists/first-days/steps/{step.id}/move", {"day": "2026-11-13", "next": "/"}
    )
    page = as_employee.follow(answer)
    assert page.text("h1").startswith("Good")
    assert "1 step has a new day." in page.words
    [undo] = page.all("form", action="/playlists/first-days/put-back")
    fields = {field.get("name"): field.get("value") for field in undo.iter("input")}
    back = as_employee.post(undo.get("action"), {"was": fields["was"], "next": fields["next"]})
    assert back.location == "/"
    assert session.query(StepDate).count() == 0


def test_several_late_steps_are_spread_from_here(as_employee, follow, session):
    follow({}, {})
    assert "Spread the late ones" in as_employee.get("/").words
    as_employee.post("/playlists/first-days/catch-up", {"next": "/"})
    assert "Still waiting for you" not in groups(as_employee.get("/"))


def test_it_gathers_the_steps_of_several_plans(as_employee, follow, make, employee, session):
    follow({"title": "Mine", "due_day": 4})
    other, _rows = playlist_of(make, {"title": "Other", "due_day": 4}, slug="other")
    make.assignment(other, employee, starts_on=TODAY - timedelta(days=3))
    session.commit()
    assert {"Mine", "Other"} <= set(as_employee.get("/").texts("h3"))


def test_a_finished_plan_asks_for_nothing(as_employee, follow):
    [needed, _extra] = follow({}, {"required": False})
    as_employee.post(f"/playlists/first-days/steps/{needed.id}/done")
    page = as_employee.get("/")
    assert page.by_id("today") is None
    assert "Find your way" in page.texts("h2")


def test_without_a_plan_nothing_of_it_stands_there(as_employee):
    page = as_employee.get("/")
    assert page.by_id("today") is None
    assert "Find your way" in page.texts("h2")


def test_the_way_on_to_a_task_leads_to_the_plan(as_employee, follow):
    [step] = follow({"title": "Badge"})
    assert f"/playlists/first-days#step_{step.id}" in as_employee.get("/").links()


def test_nothing_of_other_peoples_plans_appears(as_employee, make, session):
    playlist, _rows = playlist_of(make, {"title": "Secret"})
    make.assignment(playlist, make.person())
    session.commit()
    assert "Secret" not in as_employee.get("/").html


@pytest.mark.parametrize(
    "query",
    ["?moved=x&was=1:", "?was=1:2026-11-13", "?moved=<b>&was=ü:x", "?moved=first-days&was=1:<b>"],
)
def test_an_address_that_somebody_made_up_does_no_harm(as_employee, follow, query):
    follow({})
    assert as_employee.get(f"/{query}").status == 200
