"""The search page: whole, as a fragment, and without JavaScript."""

import pytest


@pytest.fixture
def with_pumps(make, index_now):
    """Make three items about pumps and one about chairs, and index them."""
    simlab = make.tool("simlab", "SimLab")
    wiki = make.tool("wiki", "Team wiki")
    items = [
        make.item("Pump fault simulator", kind="simulation", tool=simlab, minutes=25),
        make.item(
            "Pump fault tree", kind="article", tool=wiki, minutes=5, summary="Isolate the pump."
        ),
        make.item("Pump overhaul", kind="course", tool=wiki, minutes=120),
        make.item("Chairs", kind="article", tool=wiki, minutes=5),
    ]
    index_now()
    return items


def found_titles(page):
    """Return the titles of the results in their order."""
    return [h2 for li in page.all("li", class_="result") for h2 in _titles(li)]


def _titles(li):
    return [" ".join("".join(h2.itertext()).split()) for h2 in li.iter("h2")]


def test_it_finds_items_by_a_word(as_employee, with_pumps):
    page = as_employee.get("/discover?q=pump")
    assert page.text("h1") == "3 results for “pump”"
    assert set(found_titles(page)) == {
        "Pump fault simulator",
        "Pump fault tree",
        "Pump overhaul",
    }
