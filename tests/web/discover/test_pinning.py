"""A curator's search for items to pin to a section of a role page."""

import pytest

from app.models import Section
from tests.support.pages import text_of
from tests.support.queries import count_queries


@pytest.fixture
def section(session, make, pumps):
    """Return the one section of the planners' page, with the overhaul pinned already."""
    page = make.role_page(make.role("planner", "Planner"), sections=("Week one",))
    section = session.query(Section).filter_by(page_id=page.id).one()
    make.pin(section, pumps.overhaul)
    session.commit()
    return section


@pytest.fixture
def address(section):
    return f"/discover?q=pump&pin_to={section.id}"


def pin_form(page, item):
    """Return the form that pins the item, or None."""
    return next(page.by_id(f"pin_{item.id}").iter("form"), None)


def fields_of(form):
    return {each.get("name"): each.get("value") for each in form.iter("input")}


def test_it_says_where_it_pins_to_and_leads_back(as_curator, address):
    page = as_curator.get(address)
    assert "Adding to “Week one” on the Planner page" in page.words
    assert "/curate/roles/planner" in page.links()


def test_it_offers_to_pin_what_is_not_pinned_yet(as_curator, address, pumps):
    page = as_curator.get(address)
    assert pin_form(page, pumps.tree) is not None
    assert pin_form(page, pumps.overhaul) is None
    assert text_of(page.by_id(f"pin_{pumps.overhaul.id}")) == "Pinned on this page"


def test_it_pins_through_htmx(as_curator, address, pumps):
    form = pin_form(as_curator.get(address), pumps.tree)
    answer = as_curator.post(
        form.get("hx-post"), fields_of(form), htmx_target=f"pin_{pumps.tree.id}"
    )
    assert answer.text("span").startswith("Pinned")
    assert pin_form(as_curator.get(address), pumps.tree) is None


def test_it_pins_without_javascript_and_comes_back(as_curator, address, pumps):
    form = pin_form(as_curator.get(address), pumps.tree)
    page = as_curator.follow(as_curator.post(form.get("action"), fields_of(form)))
    assert page.text("h1") == "3 results for “pump”"
    assert text_of(page.by_id(f"pin_{pumps.tree.id}")) == "Pinned on this page"


def test_it_keeps_the_section_while_searching_on(as_curator, address, section):
    page = as_curator.get(f"{address}&kind=course&kind=article")
    hidden = page.all("input", type="hidden", name="pin_to", form="search_form")
    assert [each.get("value") for each in hidden] == [str(section.id)]
    chips = [a.get("href") for a in page.all("a", class_="chip")]
    assert all(href.endswith(f"pin_to={section.id}") for href in chips)


def test_it_keeps_the_section_in_what_htmx_asks_for(as_curator, address, pumps, section):
    part = as_curator.htmx(address, "results")
    assert pin_form(part, pumps.tree) is not None
    assert part.headers["HX-Push-Url"] == address


def test_it_finds_what_only_the_readers_of_that_page_may_see(
    as_curator, make, section, index_now, titles
):
    make.item("Plan a pump", audience=("role:planner",))
    index_now()
    assert "Plan a pump" in titles(as_curator.get(f"/discover?q=plan&pin_to={section.id}"))
    assert "Plan a pump" not in titles(as_curator.get("/discover?q=plan"))


def test_it_offers_pinning_to_curators_only(as_employee, address):
    page = as_employee.get(address)
    assert "Pin here" not in page.texts("button")
    assert "Week one" not in page.words


def test_it_is_a_plain_search_when_the_section_is_gone(as_curator, pumps):
    page = as_curator.get("/discover?q=pump&pin_to=4711")
    assert page.text("h1") == "3 results for “pump”"
    assert "Pin here" not in page.texts("button")


def test_it_stays_within_the_budget_of_statements(as_curator, app, address):
    as_curator.get(address)  # what is set for all readers is known for a moment
    with count_queries(app.extensions["foyer"].database.engine) as sent:
        as_curator.get(address)
    assert len(sent) <= 6
