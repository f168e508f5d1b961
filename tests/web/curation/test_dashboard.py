"""Where curators start."""

from datetime import timedelta

import pytest

from app.models import Problem, ProblemReport
from tests.support.factories import NOW
from tests.support.pages import text_of
from tests.support.queries import count_queries

TODAY = NOW.date()


def test_it_lists_pages_with_their_size(as_curator, world):
    page = as_curator.get("/curate")
    assert "/curate/roles/field-engineer" in page.links()
    assert "2 sections3 items" in page.words.replace(" sections ", " sections")


@pytest.mark.parametrize(("days", "due"), [(None, True), (91, True), (90, False), (0, False)])
def test_it_says_when_a_review_is_due(as_curator, world, session, days, due):
    world.page.reviewed_on = None if days is None else TODAY - timedelta(days)
    session.commit()
    assert ("Review due" in as_curator.get("/curate").words) is due


def test_it_offers_a_page_to_a_role_without_one(as_curator, make, session):
    make.role("designer", "Designer")
    session.commit()
    actions = [form.get("action") for form in as_curator.get("/curate").all("form")]
    assert "/curate/roles/designer/page" in actions


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"status": "retired"}, "retired"),
        ({"audience": ("dept:sales",)}, "not everybody with this role may see it"),
    ],
)
def test_it_lists_pins_that_need_a_look(sign_in, make, world, values, why):
    item = make.item("Old one", **values)
    make.pin(world.first, item)
    curator = make.person(access="curator", department="Sales")
    page = sign_in(curator).get("/curate")
    assert "Old one" in page.words
    assert why in page.words


def waiting(page):
    """Return what waits, as its numbers by title."""
    rows = next(each for each in page.all("ul") if "waiting" in each.get("class", "").split())
    return {
        text_of(row.find("./div/*")): text_of(row.find("span[@class='waiting-number']"))
        for row in rows.iter("li")
    }


def test_it_finds_nothing_wrong_with_items_for_the_role(as_curator, make, world, session):
    make.pin(world.first, make.item(audience=("role:field-engineer",)))
    session.commit()
    assert waiting(as_curator.get("/curate"))["Pins that need a look"] == "0"


def test_it_counts_the_open_reports_that_the_list_shows(as_curator, make, world, session):
    hidden = make.item("Secret", audience=("group:pilot",))
    for item in (world.ohm, world.pumps, hidden):
        report = ProblemReport(item_id=item.id, problem=Problem.OUTDATED.value, reported_at=NOW)
        session.add(report)
    session.commit()
    assert waiting(as_curator.get("/curate"))["From readers"] == "2"
    assert "2 open" in as_curator.get("/curate/readers").words


def test_it_helps_where_there_are_no_roles(as_curator):
    assert "No roles yet" in as_curator.get("/curate").words


@pytest.mark.parametrize("more", [0, 15])
def test_it_sends_at_most_twelve_statements(app, as_curator, world, make, session, more):
    for _ in range(more):
        make.role_page()
        make.pin(world.first, make.item(status="retired"))
    session.commit()
    with count_queries(app.extensions["foyer"].database.engine) as sent:
        as_curator.get("/curate")
    assert len(sent) <= 12
