"""Role pages as their readers see them."""

from datetime import timedelta

import pytest

from tests.support.factories import NOW
from tests.support.queries import count_queries

TODAY = NOW.date()


def test_it_opens_the_page_of_the_main_role(as_employee, world):
    page = as_employee.get("/role")
    assert (page.status, page.text("h1")) == (200, "Field engineering")


def test_it_shows_sections_items_and_notes_in_order(as_employee, world):
    page = as_employee.get("/roles/field-engineer")
    assert page.texts("h2")[:2] == ["First week", "Later"]
    assert page.texts("h3", class_="card-title") == ["Ohm's law", "Pumps", "Waves"]
    assert "Read this slowly." in page.words


def test_it_says_who_curates_and_when_it_was_reviewed(as_employee, world, curator, session):
    world.page.curator_id, world.page.reviewed_on = curator.id, TODAY
    session.commit()
    page = as_employee.get("/roles/field-engineer")
    assert "Curated by Jonas Weber" in page.words
    assert "reviewed 12 November" in page.words


def test_it_never_shows_a_page_for_others(as_employee, make, session):
    make.role_page(make.role("pilot", "Pilot"), audience=("group:pilot",), title="Secret page")
    session.commit()
    assert as_employee.get("/roles/pilot").status == 404
    assert "Secret page" not in as_employee.get("/roles").html


def test_it_lists_every_page_that_the_reader_may_see(as_employee, world, make, session):
    make.role_page(make.role("designer", "Designer"), title="Designing")
    session.commit()
    links = as_employee.get("/roles").links()
    assert {"/roles/field-engineer", "/roles/designer"} <= set(links)


def test_it_leads_to_the_other_pages(as_employee, world, make, session):
    make.role_page(make.role("designer", "Designer"))
    session.commit()
    links = as_employee.get("/role").links()
    assert "/roles/designer" in links
    assert "/roles/field-engineer" not in links


@pytest.mark.parametrize("values", [{"status": "retired"}, {"audience": ("group:pilot",)}])
def test_it_leaves_out_what_is_retired_or_for_others(as_employee, world, make, session, values):
    item = make.item("Not for you", **values)
    make.pin(world.first, item, "a note on it")
    session.commit()
    page = as_employee.get("/role")
    assert "Not for you" not in page.html
    assert "a note on it" not in page.html


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [(0, 0, True), (1, None, False), (None, -1, False), (-3, 3, True)],
)
def test_it_keeps_to_the_dates_of_a_pin(as_employee, world, make, session, first, last, shown):
    dates = [None if days is None else TODAY + timedelta(days) for days in (first, last)]
    make.pin(world.later, world.free, starts_on=dates[0], ends_on=dates[1])
    session.commit()
    assert ("Free item" in as_employee.get("/role").html) is shown


def test_it_counts_days_where_the_reader_is(sign_in, world, make, session):
    reader = make.person(time_zone="Pacific/Pago_Pago", roles=[world.role])
    make.pin(world.later, world.free, starts_on=TODAY)
    assert "Free item" not in sign_in(reader).get("/role").html


def test_it_shows_an_item_once_though_two_sections_hold_it(as_employee, world, make, session):
    make.pin(world.later, world.ohm)
    session.commit()
    assert as_employee.get("/role").texts("h3", class_="card-title").count("Ohm's law") == 1


def test_it_shows_no_empty_section(as_employee, make, session, employee, world):
    session.delete(world.pins[2])
    session.commit()
    assert "Later" not in as_employee.get("/role").texts("h2")


def test_it_is_friendly_to_somebody_without_a_role(sign_in, make, world):
    page = sign_in(make.person()).get("/role")
    assert (page.status, page.text("h1")) == (200, "My role")
    assert "/roles/field-engineer" in page.links()


def test_it_is_friendly_where_there_are_no_pages_at_all(as_employee):
    page = as_employee.get("/role")
    assert "There is no page for Field engineer yet." in page.words


def test_it_says_so_when_nothing_is_pinned(as_employee, make, session, employee):
    make.role_page(make.role("designer", "Designer"))
    session.commit()
    assert "Nothing is pinned here yet" in as_employee.get("/roles/designer").words


def test_it_offers_editing_to_curators_only(as_employee, as_curator, world):
    address = "/curate/roles/field-engineer"
    assert address in as_curator.get("/roles/field-engineer").links()
    assert address not in as_employee.get("/roles/field-engineer").links()


@pytest.mark.parametrize("more", [0, 20])
def test_it_sends_at_most_seven_statements(app, as_employee, world, make, session, more):
    for _ in range(more):
        make.pin(world.later, make.item())
        make.role_page()
    session.commit()
    with count_queries(app.extensions["foyer"].database.engine) as sent:
        as_employee.get("/role")
    assert len(sent) <= 7
