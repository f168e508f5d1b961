"""The list of playlists and one playlist, as their readers see them."""

from datetime import date, timedelta

import pytest

from app.activity import service as activity
from app.models import Assignment, Step
from tests.support.queries import count_queries

TODAY = date(2026, 11, 12)


@pytest.fixture
def onboarding(make, employee):
    """Return a playlist of four steps that the employee is on day 9 of, the first one done."""
    tool = make.tool("moodle", "Moodle")
    titles = ("Site rules", "Torque sequence", "Pump simulator", "Shadow a visit")
    items = [make.item(title, tool=tool) for title in titles]
    playlist = make.playlist(
        items, slug="first-days", title="Your first days", due_days=(1, 8, 13, 15)
    )
    make.assignment(playlist, employee, starts_on=TODAY - timedelta(days=8))
    activity.complete(make.session, employee.id, items[0].id, now=make.now)
    return playlist


@pytest.fixture
def offered(make):
    """Return a playlist that nobody follows."""
    return make.playlist(
        [make.item("Reading drawings"), make.item("Secret", audience=("role:pilot",))],
        slug="drawings",
        title="Read drawings",
    )


def onboarding_step(session, playlist):
    """Return the item of the playlist's first step."""
    return session.query(Step).filter_by(playlist_id=playlist.id, position=0).one().item_id


def when_due(page):
    return page.texts("span", class_="step-when")


def test_it_shows_weeks_from_the_readers_own_start_day(as_employee, onboarding, session):
    session.commit()
    headings = [h for h in as_employee.get("/playlists/first-days").texts("h2") if "Week" in h]
    assert headings == [
        "Week 1 Settle in · from 4 November · done",
        "Week 2 from 11 November · 0 of 2 done",
        "Week 3 from 18 November · 0 of 1 done",
    ]


def test_it_says_what_is_done_late_and_due(as_employee, onboarding, session):
    session.commit()
    assert when_due(as_employee.get("/playlists/first-days")) == [
        "Completed 12 November",
        "Late, was due yesterday, 11 November",
        "Due in 4 days, 16 November",
        "Due in 6 days, 18 November",
    ]


def test_it_says_day_and_pace(as_employee, onboarding, session):
    session.commit()
    assert "Day 9 of 30, 1 step is late." in as_employee.get("/playlists/first-days").words


def test_it_leads_from_a_step_to_its_tool(as_employee, onboarding, session):
    session.commit()
    links = as_employee.get("/playlists/first-days").links()
    assert sum(link.startswith("/go/") for link in links) == 3


def test_it_takes_a_step_back(as_employee, onboarding, session):
    session.commit()
    first = onboarding_step(session, onboarding)
    as_employee.post(f"/items/{first}/undone", {"next": "/playlists/first-days"})
    assert "Completed" not in as_employee.get("/playlists/first-days").words


def test_it_loads_again_after_a_step_is_done_through_htmx(as_employee, onboarding, session):
    session.commit()
    first = onboarding_step(session, onboarding)
    answer = as_employee.post(f"/items/{first}/done", htmx_target="weeks")
    assert answer.headers["HX-Refresh"] == "true"


def test_it_dates_steps_in_the_readers_zone(sign_in, make, session):
    reader = make.person(time_zone="Pacific/Auckland")
    make.assignment(make.playlist([make.item()], slug="far", due_days=(1,)), reader)
    activity.complete(session, reader.id, 1, now=make.now + timedelta(hours=4))
    session.commit()
    assert when_due(sign_in(reader).get("/playlists/far")) == ["Completed 13 November"]


def test_it_names_the_buddy(sign_in, make, session):
    reader = make.person()
    playlist = make.playlist([make.item()], slug="with-buddy")
    make.assignment(playlist, reader, buddy_id=make.person("Kofi Tawiah").id)
    assert "Kofi Tawiah" in sign_in(reader).get("/playlists/with-buddy").words


def test_it_writes_to_the_buddy_alone(sign_in, make, session):
    reader, kofi = make.person(), make.person(email="kofi?bcc=x%@example.org")
    make.assignment(make.playlist([make.item()], slug="buddy"), reader, buddy_id=kofi.id)
    found = sign_in(reader).get("/playlists/buddy").html
    assert "mailto:kofi%3Fbcc%3Dx%25@example.org" in found


def test_it_gives_no_dates_to_who_does_not_follow_it(as_employee, offered, session):
    session.commit()
    assert when_due(as_employee.get("/playlists/drawings")) == ["By day 1"]


def test_it_keeps_forbidden_steps_out_of_list_and_count(as_employee, offered, session):
    session.commit()
    page = as_employee.get("/playlists/drawings")
    assert "Secret" not in page.html
    assert "1 step" in page.words


def test_it_knows_no_playlist_meant_for_others(as_employee, make, session):
    make.playlist([make.item()], slug="pilots", audience=("role:pilot",))
    session.commit()
    assert as_employee.get("/playlists/pilots").status == 404


def test_it_starts_a_playlist_for_the_reader(as_employee, offered, session):
    session.commit()
    answer = as_employee.post("/playlists/drawings/start")
    assert answer.status == 303
    assert when_due(as_employee.follow(answer)) == ["Due today, 12 November"]


def test_it_lets_the_reader_stop_what_they_started(as_employee, offered, session):
    session.commit()
    as_employee.post("/playlists/drawings/start")
    as_employee.post("/playlists/drawings/stop")
    assert session.query(Assignment).count() == 0


def test_it_keeps_what_somebody_else_gave(as_employee, onboarding, session):
    session.commit()
    assert as_employee.post("/playlists/first-days/stop").status == 403


def test_it_lists_own_playlists_before_others(as_employee, onboarding, offered, session):
    session.commit()
    page = as_employee.get("/playlists")
    assert page.texts("h2") == ["Your first days", "Start another", "Your days"]
    assert "Next: Torque sequence · 30 min" in page.words


def test_it_sets_finished_playlists_apart(sign_in, make, session):
    reader = make.person()
    item = make.item()
    make.assignment(make.playlist([item], title="Safety"), reader)
    activity.complete(session, reader.id, item.id, now=make.now)
    assert sign_in(reader).get("/playlists").texts("h2")[-3:] == ["Finished", "Safety", "Your days"]


def test_it_says_what_to_do_when_there_is_no_playlist(as_employee):
    page = as_employee.get("/playlists")
    assert "You are not following a playlist yet" in page.words


@pytest.mark.parametrize("address", ["/playlists", "/playlists/first-days"])
def test_it_sends_few_statements_however_many_steps(
    app, as_employee, employee, onboarding, make, session, address
):
    def statements():
        session.commit()
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            assert as_employee.get(address).status == 200
        return len(sent)

    before = statements()
    for _ in range(4):
        make.assignment(make.playlist([make.item() for _ in range(5)]), employee)
    assert statements() == before <= 6
