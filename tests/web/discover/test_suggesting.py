"""Suggestions of the search box: the list that htmx asks for, a page of links, and its cost."""

import pytest

from app.discover import remembering
from app.discover.address import Ask
from app.discover.expertise import count_experts
from app.models import ItemState
from tests.support.pages import text_of
from tests.support.queries import count_queries

BUDGET = 6


def suggest(client, text):
    """Return the list as htmx gets it."""
    return client.htmx(f"/suggest?q={text}", "suggestions")


def groups(page):
    """Return the titles of the options by the heading of their group."""
    found = {}
    for group in page.all("div", role="group"):
        heading = text_of(page.by_id(group.get("aria-labelledby")))
        options = [each for each in group.iter("a") if each.get("role") == "option"]
        found[heading] = [text_of(each.find("span[@class='suggestion-title']")) for each in options]
    return found


@pytest.fixture
def searched(session, employee, now):
    """Return a function that lets the employee have searched."""

    def keep(**ask):
        return remembering.remember(session, employee.id, Ask(**ask), 3, now=now)

    return keep


@pytest.fixture
def colleague(make):
    """Return somebody who shares what they know."""
    return make.person("Helen Marsh", shares_expertise=True, department="Service")


@pytest.fixture
def knowing(make, session, now):
    """Return a function that lets a person know about a skill, from items for an audience."""

    def finish(person, skill, count=3, **item):
        for _ in range(count):
            row = make.item(skills=[skill], **item)
            session.add(ItemState(person_id=person.id, item_id=row.id, done_at=now))
        session.flush()
        count_experts(session, skill.id)

    return finish


def test_it_offers_the_search_for_the_text_first(as_employee, pumps):
    page = suggest(as_employee, "pum")
    first = page.all("a", role="option")[0]
    assert (text_of(first), first.get("href")) == ("Search for “pum”", "/discover?q=pum")
    assert "data-search" in first.attrib


def test_it_leads_straight_to_items(as_employee, pumps):
    page = suggest(as_employee, "pump+sim")
    assert groups(page)["Items"] == ["Pump fault simulator"]
    assert f"/items/{pumps.simulator.id}" in page.links()
    assert "Simulation · SimLab" in page.words


def test_it_marks_what_was_typed(as_employee, pumps):
    assert suggest(as_employee, "sim").texts("mark") == ["simulator"]


def test_it_offers_channels_apart(as_employee, make, index_now):
    make.item("Pump talk", kind="channel")
    index_now()
    assert groups(suggest(as_employee, "pump")) == {"Channels": ["Pump talk"]}


def test_it_leads_from_a_skill_to_what_teaches_it(as_employee, pumps):
    page = suggest(as_employee, "isol")
    assert groups(page)["Skills"] == ["Fault isolation"]
    assert "/discover?skill=isolation" in page.links()


def test_it_leads_to_role_pages(as_employee, make, index_now):
    make.role_page(make.role("data-analyst", "Data analyst"), title="For people with data")
    index_now()
    page = suggest(as_employee, "data")
    assert groups(page)["Role pages"] == ["Data analyst"]
    assert "/roles/data-analyst" in page.links()


def test_it_hides_role_pages_from_others(as_employee, make, index_now):
    make.role_page(make.role("data-analyst"), audience=["role:data-analyst"])
    index_now()
    assert "Role pages" not in groups(suggest(as_employee, "data"))


def test_it_names_who_shares_what_they_know(as_employee, make, index_now, colleague, knowing):
    knowing(colleague, make.skill("pumps", "Pump care"))
    index_now()
    page = suggest(as_employee, "pump")
    assert groups(page)["Know about this"] == ["Helen Marsh"]
    assert f"/people/{colleague.id}" in page.links()


@pytest.mark.parametrize(("number", "shares"), [(2, True), (3, False)])
def test_it_names_nobody_who_knows_little_or_does_not_share(
    as_employee, make, index_now, knowing, number, shares
):
    skill = make.skill("pumps", "Pump care")
    knowing(make.person("Grace Hopper", shares_expertise=shares), skill, number)
    index_now()
    assert "Know about this" not in groups(suggest(as_employee, "pump"))


def test_it_counts_for_nobody_what_the_reader_may_not_see(
    as_employee, make, index_now, colleague, knowing
):
    skill = make.skill("pumps", "Pump care")
    knowing(colleague, skill, 2)
    knowing(colleague, skill, 5, audience=["dept:secret"])
    index_now()
    assert "Know about this" not in groups(suggest(as_employee, "pump"))


def test_it_offers_own_searches_that_fit(as_employee, searched, index_now):
    searched(text="pump seals", filters={"kind": ("video",)})
    searched(text="excel")
    index_now()
    page = suggest(as_employee, "seal")
    assert groups(page) == {"Searched lately": ["pump seals"]}
    assert "/discover?q=pump+seals&kind=video" in page.links()


def test_it_offers_the_newest_searches_before_anything_is_typed(as_employee, searched, index_now):
    for number in range(8):
        searched(text=f"{number} pumps")
    index_now()
    listed = groups(suggest(as_employee, ""))
    assert listed == {"Searched lately": [f"{number} pumps" for number in range(7, 1, -1)]}


def test_it_offers_nobody_elses_searches(as_curator, searched, index_now):
    searched(text="pump seals")
    index_now()
    assert groups(suggest(as_curator, "pump")) == {}


def test_it_says_how_many_there_are(as_employee, pumps):
    page = suggest(as_employee, "chairs")
    assert page.all("div", role="presentation")[0].get("data-announce") == "2 suggestions"


def test_it_gives_a_page_of_links_to_whoever_opens_the_address(as_employee, pumps):
    page = as_employee.get("/suggest?q=pump")
    assert page.text("h1") == "Suggestions for “pump”"
    assert page.all("input", name="q")[0].get("value") == "pump"
    assert {"/discover?q=pump", f"/items/{pumps.tree.id}"} <= set(page.links())
    assert page.all("a", role="option") == []


def test_it_gives_a_page_also_where_there_is_nothing(as_employee, index_now):
    index_now()
    assert "Nothing to suggest here" in as_employee.get("/suggest").words


def test_it_suggests_what_the_database_knows_while_there_is_no_index(as_employee, make, session):
    make.role_page(make.role("pump-fitter"))
    session.commit()
    assert groups(suggest(as_employee, "pump")) == {"Role pages": ["Pump fitter"]}


@pytest.mark.parametrize(
    "text", ["%00", "a" * 999, "-", '"', "kind:video", "C%2B%2B", "%F0%9F%98%80"]
)
def test_it_takes_any_text(as_employee, pumps, text):
    assert suggest(as_employee, text).status == 200


def test_it_never_takes_text_for_markup(as_employee, make, index_now):
    make.item("<b>Pump</b>")
    index_now()
    assert groups(suggest(as_employee, "<b>pump"))["Items"] == ["<b>Pump</b>"]


def test_it_asks_who_is_there(visitor):
    assert visitor.get("/suggest?q=pump").location.startswith("/sign-in")


def test_its_cost_does_not_grow_with_what_there_is(
    app, as_employee, make, index_now, colleague, knowing, searched
):
    """Four statements of its own, beside the two that say who asks."""
    engine = app.extensions["foyer"].database.engine
    counts = []
    for turn in range(2):
        for number in range(4):
            knowing(colleague, make.skill(name=f"Pump craft {turn}{number}"))
            make.role_page(make.role(name=f"Pump fitter {turn}{number}"))
            make.item(f"Pump {turn}{number}")
            searched(text=f"pump {turn}{number}")
        index_now()
        with count_queries(engine) as sent:
            assert len(groups(suggest(as_employee, "pump"))) == 5
        counts.append(len(sent))
    assert counts == [BUDGET, BUDGET]
