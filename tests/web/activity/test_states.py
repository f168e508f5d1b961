"""Save, done and "not for me": as a plain form and through htmx, on every part of a page."""

import pytest


@pytest.fixture
def item(make, session):
    item = make.item("Ohm's law")
    session.commit()
    return item


def test_it_goes_back_to_the_page_that_held_the_form(as_employee, item):
    page = as_employee.post(
        f"/items/{item.id}/save", headers={"Referer": "http://localhost/discover?q=ohm"}
    )
    assert (page.status, page.location) == (303, "/discover?q=ohm")


def test_it_never_goes_back_to_another_site(as_employee, item):
    page = as_employee.post(
        f"/items/{item.id}/save",
        {"next": "//evil.example"},
        headers={"Referer": "http://evil.example/"},
    )
    assert page.location == f"/items/{item.id}"


def test_it_answers_the_bookmark_with_the_bookmark(as_employee, item):
    page = as_employee.post(f"/items/{item.id}/save", htmx_target=f"save_{item.id}")
    assert page.all("button")[0].get("aria-pressed") == "true"


def test_it_answers_the_item_page_with_its_actions(as_employee, item):
    page = as_employee.post(f"/items/{item.id}/done", htmx_target=f"actions_{item.id}")
    assert page.by_id(f"actions_{item.id}") is not None
    assert any(form.get("action").endswith("/undone") for form in page.all("form"))


def test_it_answers_a_dismissed_card_with_a_way_back(as_employee, item):
    page = as_employee.post(f"/items/{item.id}/dismiss", htmx_target=f"card_{item.id}")
    assert page.all("form")[0].get("action") == f"/items/{item.id}/undismiss"


def test_it_brings_a_dismissed_card_back(as_employee, item):
    as_employee.post(f"/items/{item.id}/dismiss")
    page = as_employee.post(f"/items/{item.id}/undismiss", htmx_target=f"card_{item.id}")
    assert page.text("h3") == "Ohm's law"


@pytest.mark.parametrize("what", ["save", "unsave", "done", "undone", "dismiss", "undismiss"])
def test_it_knows_nothing_of_items_for_others(as_employee, make, session, what):
    hidden = make.item(audience=["group:pilot"])
    session.commit()
    assert as_employee.post(f"/items/{hidden.id}/{what}").status == 404
