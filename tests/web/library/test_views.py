"""The library and the history, as their reader sees them."""

from datetime import timedelta

import pytest

from app.activity import service as activity
from tests.support.queries import count_queries


@pytest.fixture
def saved(make, employee, session):
    """Save thirty items for the employee, the last one the latest."""
    for number in range(30):
        item = make.item(f"Saved {number}")
        later = make.now + timedelta(minutes=number)
        activity.save(session, employee.id, item.id, now=later)
    session.commit()


def test_it_shows_saved_items_as_cards(as_employee, saved):
    page = as_employee.get("/library")
    assert page.text("p", class_="list-count") == "30 saved items"
    assert page.texts("h2", class_="card-title")[0] == "Saved 29"


def test_it_goes_on_to_the_next_page(as_employee, saved):
    page = as_employee.get("/library?page=2")
    assert page.texts("h2", class_="card-title")[-1] == "Saved 0"


def test_it_answers_htmx_with_the_list_alone(as_employee, saved):
    part = as_employee.htmx("/library?page=2", "results")
    assert "<html" not in part.html
    assert len(part.texts("h2", class_="card-title")) == 6


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999"])
def test_it_answers_any_page_number(as_employee, number):
    assert as_employee.get(f"/library?page={number}").status == 200


def test_it_leads_back_from_a_page_that_is_empty(as_employee, saved):
    assert "/library" in as_employee.get("/library?page=9").links()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/library", "Nothing saved yet"),
        ("/library/history", "Nothing done yet"),
    ],
)
def test_it_says_what_to_do_when_nothing_is_there(as_employee, address, words):
    assert words in as_employee.get(address).words


def test_it_dates_what_was_done_and_names_its_tool(as_employee, employee, make, session):
    item = make.item("Torque sequence", tool=make.tool("peertube", "PeerTube"))
    activity.complete(session, employee.id, item.id, now=make.now)
    session.commit()
    assert "PeerTube · done on 12 November" in as_employee.get("/library/history").words


def test_it_takes_back_that_something_is_done(as_employee, employee, make, session):
    item = make.item("Torque sequence")
    activity.complete(session, employee.id, item.id, now=make.now)
    session.commit()
    answer = as_employee.post(f"/items/{item.id}/undone", {"next": "/library/history"})
    assert answer.location == "/library/history"
    assert "Torque sequence" not in as_employee.follow(answer).words


def test_it_shows_again_what_was_dismissed(as_employee, employee, make, session):
    item = make.item("Noise")
    activity.dismiss(session, employee.id, item.id, now=make.now)
    session.commit()
    assert "Noise" in as_employee.get("/library/history").words
    as_employee.post(f"/items/{item.id}/undismiss")
    assert "Noise" not in as_employee.get("/library/history").words


def test_it_says_when_something_done_has_been_retired(as_employee, employee, make, session):
    activity.complete(session, employee.id, make.item(status="retired").id, now=make.now)
    session.commit()
    assert "retired since" in as_employee.get("/library/history").words


@pytest.mark.parametrize("address", ["/library", "/library/history"])
def test_it_sends_few_statements_however_much_is_kept(
    app, as_employee, employee, make, session, address
):
    def statements():
        session.commit()
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            assert as_employee.get(address).status == 200
        return len(sent)

    before = statements()
    for _ in range(20):
        item = make.item()
        for write in (activity.save, activity.complete):
            write(session, employee.id, item.id, now=make.now)
    assert statements() == before <= 6
