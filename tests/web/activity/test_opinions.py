"""Helpful, and stars: who may say so, what is shown of it, and from how many people up."""

import pytest

from app.activity import service
from app.models import Activity, ItemState
from tests.support.factories import NOW


@pytest.fixture
def item(make, session):
    item = make.item("Ohm's law")
    session.commit()
    return item


@pytest.fixture
def opened(as_employee, item):
    as_employee.get(f"/go/{item.id}")


@pytest.fixture
def rated_by(session, make, item):
    """Return what lets that many other people rate the item, one with each of these stars."""

    def rated(*stars):
        for one in stars:
            service.rate(session, make.person().id, item.id, stars=one, now=NOW)
        session.commit()

    return rated


def signals(session):
    return [(row.verb, row.value) for row in session.query(Activity).order_by(Activity.id)]


def chosen(page):
    return [
        one.get("value")
        for one in page.all("input", name="stars")
        if one.get("checked") is not None
    ]


def test_it_says_what_was_helpful_and_takes_it_back(as_employee, item, session):
    page = as_employee.follow(as_employee.post(f"/items/{item.id}/like"))
    assert f"/items/{item.id}/unlike" in [form.get("action") for form in page.all("form")]
    assert signals(session) == [("liked", None)]
    as_employee.post(f"/items/{item.id}/unlike")
    assert signals(session) == []


def test_through_htmx_it_answers_with_the_actions(as_employee, item):
    page = as_employee.post(f"/items/{item.id}/like", htmx_target=f"actions_{item.id}")
    assert page.by_id(f"actions_{item.id}") is not None
    assert "pressed" in page.all("button", aria_label="Helpful: take it back")[0].get("class")


def test_it_asks_for_stars_only_those_who_opened_or_finished_it(as_employee, item):
    assert as_employee.get(f"/items/{item.id}").all("input", name="stars") == []
    assert as_employee.post(f"/items/{item.id}/rate", {"stars": "4"}).status == 403
    as_employee.post(f"/items/{item.id}/done")
    page = as_employee.get(f"/items/{item.id}")
    assert [one.get("type") for one in page.all("input", name="stars")] == ["radio"] * 5
    assert page.texts("legend") == ["Was it worth your time?"]


def test_it_offers_the_stars_as_soon_as_it_is_marked_done(as_employee, item):
    page = as_employee.post(f"/items/{item.id}/done", htmx_target=f"actions_{item.id}")
    assert len(page.all("input", name="stars")) == 5


@pytest.mark.usefixtures("opened")
def test_it_keeps_the_latest_stars(as_employee, item, session):
    for stars in ("2", "5"):
        page = as_employee.follow(as_employee.post(f"/items/{item.id}/rate", {"stars": stars}))
    assert chosen(page) == ["5"]
    assert signals(session) == [("launched", None), ("rated", 5)]


@pytest.mark.usefixtures("opened")
def test_it_takes_the_stars_back(as_employee, item, session):
    as_employee.post(f"/items/{item.id}/rate", {"stars": "2"})
    page = as_employee.post(f"/items/{item.id}/unrate", htmx_target=f"actions_{item.id}")
    assert chosen(page) == []
    assert signals(session) == [("launched", None)]


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("stars", ["0", "6", "4.5", "many", ""])
def test_it_takes_only_one_to_five_stars(as_employee, item, session, stars):
    assert as_employee.post(f"/items/{item.id}/rate", {"stars": stars}).status == 422
    assert session.query(ItemState).count() == 0


def test_it_shows_the_mean_from_five_people_up(as_employee, item, rated_by):
    rated_by(5, 4, 4, 5)
    assert "of 5 stars" not in as_employee.get(f"/items/{item.id}").words
    rated_by(3)
    assert "4 of 5 stars from 5+ people" in as_employee.get(f"/items/{item.id}").words
    rated_by(4)
    assert "4 of 5 stars from 5+ people" in as_employee.get(f"/items/{item.id}").words


def test_nobody_learns_how_many_there_are_by_rating_it_themselves(as_employee, item, rated_by):
    rated_by(5, 4, 4, 5)
    as_employee.http.get(f"/go/{item.id}")
    assert as_employee.post(f"/items/{item.id}/rate", {"stars": 1}).status == 303
    assert "of 5 stars" not in as_employee.get(f"/items/{item.id}").words


@pytest.mark.parametrize("what", ["like", "unlike", "rate", "unrate"])
def test_it_knows_nothing_of_items_for_others(as_employee, make, session, what):
    hidden = make.item(audience=["group:pilot"])
    session.commit()
    assert as_employee.post(f"/items/{hidden.id}/{what}", {"stars": "3"}).status == 404
