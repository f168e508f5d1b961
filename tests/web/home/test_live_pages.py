"""The very next page knows what somebody just did, and what all others did: no training between."""

from datetime import timedelta

import pytest

from app.activity import service as activity
from app.foryou.shelf import EXTENSION
from app.foryou.training import dataset_of
from app.models import Verb
from recommender.model import fit
from tests.support.factories import NOW
from tests.support.pages import text_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def courses(make):
    return [make.item(f"Course {name}", minutes=60) for name in "ABCDEFGHIJKLMNOP"]


@pytest.fixture
def takes(session):
    """Let somebody finish items one after the other, an hour apart."""

    def taken(person, items, since):
        for nth, item in enumerate(items):
            at = since + nth * HOUR
            activity.record(session, person.id, item.id, Verb.COMPLETED, now=at)
        session.commit()

    return taken


@pytest.fixture
def served(app, session, make, courses, takes):
    """Let a model serve that knows of a dozen people who took A to D, and of others who did not."""
    for number in range(12):
        takes(make.person(), courses[:4], NOW - (30 + number) * DAY)
        takes(make.person(), courses[8 + number % 4 : 12], NOW - (30 + number) * DAY)
    store = app.extensions[EXTENSION].models
    store.publish(fit(dataset_of(session, now=NOW - DAY)), force=True)


def on_the_list(client):
    page = client.get("/for-you")
    return [text_of(each) for each in page.by_id("shelf_for_you").iter("h3")]


def test_what_the_reader_just_finished_decides_the_next_page(served, as_employee, courses):
    before = on_the_list(as_employee)
    as_employee.post(f"/items/{courses[0].id}/done")
    after = on_the_list(as_employee)
    assert after != before
    assert after[0] == "Course B"
    assert "Course A" not in after
    as_employee.post(f"/items/{courses[1].id}/dismiss")
    assert "Course B" not in on_the_list(as_employee)


def test_what_others_just_did_decides_it_too(served, as_employee, courses, make, takes):
    as_employee.post(f"/items/{courses[0].id}/done")
    last = courses[-1]
    before = on_the_list(as_employee)
    for _ in range(12):
        takes(make.person(), [courses[0], last], NOW)
    after = on_the_list(as_employee)
    place = after.index(last.title)
    assert place < 3
    assert last.title not in before or before.index(last.title) > place


def test_items_of_this_moment_can_be_recommended(served, as_employee, engineers, make, session):
    titles = {"Course of today", "Another of today"}
    assert titles.isdisjoint(as_employee.get("/for-you").texts("h3", class_="card-title"))
    for title in sorted(titles):
        make.item(title, published_on=NOW.date(), roles=[engineers])
    session.commit()
    assert titles <= set(as_employee.get("/for-you").texts("h3", class_="card-title"))
