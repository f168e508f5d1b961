"""Going through to a tool: one launch recorded, never for who only looks."""

import pytest

from app.models import Activity


@pytest.fixture
def item(make, session):
    item = make.item("Ohm's law", url="https://sim.example.org/ohm?x=1&y=2")
    session.commit()
    return item


def launches(session):
    return session.query(Activity).filter_by(verb="launched").count()


def test_it_leads_to_the_item_in_its_tool(as_employee, item):
    page = as_employee.get(f"/go/{item.id}")
    assert (page.status, page.location) == (303, "https://sim.example.org/ohm?x=1&y=2")


def test_it_records_one_launch(as_employee, item, session):
    as_employee.get(f"/go/{item.id}")
    assert launches(session) == 1


def test_it_records_nothing_for_a_head_request(as_employee, item, session):
    as_employee.http.head(f"/go/{item.id}")
    assert launches(session) == 0


@pytest.mark.parametrize("header", ["Purpose", "Sec-Purpose", "X-Moz"])
def test_it_records_nothing_for_a_prefetch(as_employee, item, session, header):
    as_employee.get(f"/go/{item.id}", headers={header: "prefetch"})
    assert launches(session) == 0


def test_it_knows_nothing_of_items_for_others(as_employee, make, session):
    hidden = make.item(audience=["group:pilot"])
    session.commit()
    assert as_employee.get(f"/go/{hidden.id}").status == 404


def test_it_says_that_an_item_has_been_retired(as_employee, item, session):
    item.status = "retired"
    session.commit()
    page = as_employee.get(f"/go/{item.id}")
    assert (page.status, page.text("h1")) == (410, "This item has been retired")


def test_it_takes_a_visitor_there_after_sign_in(visitor, item):
    assert visitor.get(f"/go/{item.id}").location == f"/sign-in?next=/go/{item.id}"
