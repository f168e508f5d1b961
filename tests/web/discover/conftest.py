"""A small catalogue that can be searched, and how a reader reads the search page."""

from dataclasses import dataclass

import pytest

from app.models import Item
from tests.support.pages import text_of


@dataclass
class Pumps:
    """Three items about pumps in two tools."""

    simulator: Item
    tree: Item
    overhaul: Item


@pytest.fixture
def limits():
    """Let anything be asked any number of times."""
    return "0"


@pytest.fixture
def pumps(make, index_now):
    """Return three items about pumps, and let there be one about chairs."""
    simlab, wiki = make.tool("simlab", "SimLab"), make.tool("wiki", "Team wiki")
    engineer = make.role("engineer", "Engineer")
    found = Pumps(
        simulator=make.item("Pump fault simulator", kind="simulation", tool=simlab, minutes=25),
        tree=make.item(
            "Pump fault tree",
            kind="article",
            tool=wiki,
            minutes=5,
            summary="Isolating a pump step by step.",
            skills=[make.skill("isolation", "Fault isolation")],
            roles=[engineer],
        ),
        overhaul=make.item("Pump overhaul", kind="course", tool=wiki, minutes=120, language="de"),
    )
    make.item("Chairs", kind="article", tool=wiki, minutes=5)
    index_now()
    return found


@pytest.fixture
def titles():
    """Return a function that reads the titles of the results in their order."""

    def read(page):
        return [text_of(h2) for row in page.all("li", class_="result") for h2 in row.iter("h2")]

    return read


@pytest.fixture
def counts():
    """Return a function that reads a facet's counts by label."""

    def read(page, legend):
        for facet in page.all("fieldset", class_="facet"):
            if text_of(next(facet.iter("legend"))) == legend:
                return dict(_value(label) for label in facet.iter("label"))
        return {}

    return read


@pytest.fixture
def badges():
    """Return a function that reads the badges of one result."""

    def read(page, item):
        row = page.by_id(f"result_{item.id}")
        return [text_of(each) for each in row.iter("span") if "badge" in (each.get("class") or "")]

    return read


def _value(label):
    name, count = label.findall("span")
    return text_of(name), int(text_of(count))
