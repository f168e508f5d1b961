"""A step whose link is gone: it stays to be seen, and nobody is held up by it."""

from datetime import date, timedelta

import pytest

from app.links import service
from app.models import Assignment, LinkCheck
from tests.support.factories import NOW
from tests.support.plans import playlist_of

TODAY = date(2026, 11, 12)
SHOW = "/playlists/first-days"
SAID = "Not available at present"


@pytest.fixture
def gone(session):
    """Return a function that says of items that their links are gone."""

    def said(*rows):
        for row in rows:
            session.add(LinkCheck(item_id=row.item_id, state="gone", since=NOW, next_at=NOW))
        session.commit()

    return said


@pytest.fixture
def follow(make, employee, session):
    """Return a function that lets the employee follow a playlist of these steps."""

    def followed(*steps, **values):
        playlist, rows = playlist_of(make, *steps, **values)
        make.assignment(playlist, employee, starts_on=TODAY - timedelta(days=3))
        session.commit()
        return rows

    return followed


def states(page):
    return [
        next(name for name in item.get("class").split() if name != "step")
        for item in page.all("li", class_="step")
    ]


def test_it_stays_with_a_word_and_is_neither_late_nor_next(as_employee, make, follow, gone):
    first, _second = follow(
        {"item": make.item("Old pumps"), "due_day": 1}, {"item": make.item("Valves"), "due_day": 9}
    )
    gone(first)
    page = as_employee.get(SHOW)
    assert states(page) == ["away", "now"]
    assert "Old pumps" in page.words
    assert SAID in page.words
    assert f"/go/{first.item_id}?via=playlist" not in page.links()


def test_whoever_is_asked_about_the_playlist_is_named(as_employee, make, follow, gone):
    contact = make.person("Ada Byron")
    [step] = follow({"item": make.item("Old pumps")}, contact_id=contact.id)
    gone(step)
    assert f"{SAID}, ask Ada Byron." in as_employee.get(SHOW).words


def test_the_rest_is_enough_to_finish(as_employee, make, follow, gone, session):
    first, second = follow(
        {"item": make.item("Old pumps")}, {"title": "Fetch your badge", "due_day": 4}
    )
    gone(first)
    as_employee.post(f"{SHOW}/steps/{second.id}/done", {"next": SHOW})
    session.expire_all()
    assert session.query(Assignment).one().finished_at is not None


def test_what_is_done_stays_done(as_employee, make, follow, gone, employee, session):
    [step] = follow({"item": make.item("Old pumps")})
    as_employee.post(f"{SHOW}/steps/{step.id}/done", {"next": SHOW})
    gone(step)
    assert states(as_employee.get(SHOW)) == ["done"]


def test_it_comes_back_when_a_curator_says_that_it_is_fine(
    as_employee, make, follow, gone, session, curator
):
    [step] = follow({"item": make.item("Old pumps")})
    gone(step)
    assert states(as_employee.get(SHOW)) == ["away"]
    service.call_fine(
        session,
        step.item_id,
        months=3,
        by=curator.id,
        name=curator.name,
        tokens={"everyone"},
        now=NOW,
    )
    session.commit()
    assert states(as_employee.get(SHOW)) == ["late"]


def test_who_does_not_follow_sees_it_too(as_employee, make, gone, session):
    _playlist, [step] = playlist_of(make, {"item": make.item("Old pumps")})
    session.commit()
    gone(step)
    page = as_employee.get(SHOW)
    assert SAID in page.words
    assert f"/go/{step.item_id}?via=playlist" not in page.links()
