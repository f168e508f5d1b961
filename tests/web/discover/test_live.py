"""Connected tools on the search page: asked apart, trimmed, shown without moving anything."""

import re
import time
from datetime import timedelta
from functools import partial

import httpx
import pytest

from app.discover.live_page import HARVEST
from app.harvest.live import Asked
from app.models import Item, ItemKey, Tool
from tests.support.live_tools import LiveTools
from tests.support.pages import text_of
from tests.support.queries import count_queries
from tests.support.tools.confluence import FakeConfluence
from tests.support.tools.wordpress import FakeWordPress

BUDGET = 6
ASK = "/discover/live?q=pump"
ELSEWHERE = "It says 429."


@pytest.fixture
def tools(app):
    """Return the tools that this application asks."""
    resources = app.extensions["foyer"]
    found = LiveTools(resources.database, resources.vault)
    app.extensions[HARVEST] = found.parts
    yield found
    found.over.set()


@pytest.fixture
def blog(tools, pumps):
    """Return a connected blog that knows of pumps what nobody has harvested."""
    fake = tools.connect("blog", FakeWordPress(), "Service blog")
    fake.add("Pump seals")
    fake.add("Everything about pump noise and pump wear")
    return fake


@pytest.fixture
def wiki(tools, pumps):
    """Return a second one, of whose posts one is an item already."""
    fake = tools.connect("wiki", FakeWordPress())
    fake.add("Pump fault tree")
    return fake


@pytest.fixture
def strip():
    """Return a function that reads the strip's line and its tools."""

    def read(page):
        line = page.texts("span", class_="live-line") + page.texts("p", class_="live-line")
        tools = [li for ul in page.all("ul", class_="live-tools") for li in ul.iter("li")]
        return line[0] if line else None, [text_of(li) for li in tools]

    return read


def live_titles(page):
    """Return the titles of live results, those that open in a tool with a mark."""
    found = [next(li.iter("h2")) for li in page.all("li", class_="live-result")]
    return [re.sub(r" \(opens in .*\)", " ↗", text_of(h2)) for h2 in found]


def test_the_page_has_its_own_results_and_a_place_for_the_others(as_employee, tools, blog, titles):
    page = as_employee.get("/discover?q=pump")
    assert len(titles(page)) == 3
    place = page.by_id("live")
    assert place.get("hx-get") == ASK
    assert page.by_id("live_more") is not None
    assert ASK in page.links()
    assert tools.asked == []


def test_the_part_brings_the_strip_and_what_is_new(as_employee, blog, strip):
    page = as_employee.htmx(ASK, "live")
    line, lines = strip(page)
    assert line == "Asked just now: Service blog (2)."
    assert lines == ["Service blog found 2 things."]
    assert live_titles(page) == [
        "Pump seals ↗",
        "Everything about pump noise and pump wear ↗",
    ]
    assert {"h1", "form"}.isdisjoint(element.tag for element in page.root.iter())


def test_without_script_the_link_leads_to_the_whole_page_merged(as_employee, blog, titles, strip):
    page = as_employee.get(ASK)
    assert page.text("h1") == "3 results for “pump”"
    assert strip(page)[0] == "Asked just now: Service blog (2)."
    places = {title.partition(" (")[0]: at for at, title in enumerate(titles(page))}
    assert len(places) == 5
    assert places["Pump seals"] < places["Everything about pump noise and pump wear"]
    assert places["Pump seals"] < max(places[one] for one in ("Pump overhaul", "Pump fault tree"))


def test_the_same_question_again_has_it_in_its_place_and_asks_nobody(
    as_employee, tools, blog, titles, strip
):
    as_employee.htmx(ASK, "live")
    asked = list(tools.asked)
    page = as_employee.get("/discover?q=pump")
    assert len(titles(page)) == 5
    assert strip(page)[0] == "Asked just now: Service blog (2)."
    assert page.by_id("live").get("hx-get") is None
    assert "Live from Service blog" in page.texts("span", class_="badge")
    as_employee.htmx(ASK, "live")
    assert tools.asked == asked


def test_what_one_reader_was_told_no_other_one_is(as_employee, as_curator, blog, titles):
    as_employee.htmx(ASK, "live")
    assert len(titles(as_curator.get("/discover?q=pump"))) == 3


def test_what_became_an_item_meanwhile_stands_there_once(
    as_employee, session, make, blog, titles, index_now
):
    as_employee.htmx(ASK, "live")
    tool = session.query(Tool).filter_by(slug="blog").one()
    make.item("Pump seals", tool=tool, external_id="1")
    make.item("Pump noise", tool=tool, external_id="2", audience=["group:board"])
    index_now()
    page = as_employee.get("/discover?q=pump")
    assert titles(page).count("Pump seals") == 1
    assert len(titles(page)) == 4
    assert live_titles(page) == []


def test_what_the_results_hold_already_is_counted_and_not_repeated(
    as_employee, session, pumps, wiki, strip
):
    pumps.tree.external_id = "1"
    session.commit()
    page = as_employee.htmx(ASK, "live")
    assert strip(page)[0] == "Asked just now: Team wiki (1)."
    assert live_titles(page) == []


def test_an_item_that_the_index_does_not_find_by_these_words_leads_to_its_page(
    as_employee, session, wiki
):
    chairs = session.query(Item).filter_by(title="Chairs").one()
    chairs.external_id = wiki.add("Pump chairs")
    session.commit()
    page = as_employee.htmx(ASK, "live")
    assert live_titles(page) == ["Pump chairs", "Pump fault tree ↗"]
    assert f"/items/{chairs.id}" in page.links()


def test_what_the_reader_may_not_see_neither_shows_nor_counts(
    as_employee, session, make, blog, strip
):
    tool = session.query(Tool).filter_by(slug="blog").one()
    make.item("Pump seals", tool=tool, external_id="1", audience=["group:board"])
    make.item("Something for all", tool=tool)
    hidden = make.item("Hidden elsewhere", audience=["group:board"])
    session.add(ItemKey(item_id=hidden.id, key="address:blog.test?p=2"))
    session.commit()
    for page in (as_employee.htmx(ASK, "live"), as_employee.get(ASK)):
        assert strip(page)[0] == "Asked just now: Service blog (0)."
        assert live_titles(page) == []
        assert "Pump seals" not in page.words


def test_it_says_who_was_late_and_how_old_the_copy_is(as_employee, tools, blog, wiki, strip):
    tools.break_down("wiki", tools.hang)
    page = as_employee.htmx(ASK, "live")
    line, lines = strip(page)
    assert line == "Asked just now: Service blog (2). Late: Team wiki (as of 09:00)."
    assert lines[1] == (
        "Team wiki did not answer in time. The results hold what it had as of 09:00."
    )
    again = [e.get("hx-get") for e in page.root.iter() if e.get("hx-trigger")]
    assert again == [ASK + "&again=1"]


def test_late_hits_come_a_moment_later(as_employee, tools, blog, wiki, strip, monkeypatch):
    monkeypatch.setattr("app.discover.live.Asked", partial(Asked, latest=timedelta(minutes=5)))

    def slow(request):
        tools.over.wait(30)
        return wiki.handle(request)

    tools.break_down("wiki", slow)
    first = as_employee.htmx(ASK, "live")
    assert len(live_titles(first)) == 2
    tools.over.set()
    ends_at = time.monotonic() + 60  # a busy machine may take long to hear it
    later = as_employee.htmx(ASK + "&again=1", "live")
    while len(live_titles(later)) < 3 and time.monotonic() < ends_at:
        later = as_employee.htmx(ASK + "&again=1", "live")
    assert strip(later)[0] == "Asked just now: Service blog (2), Team wiki (1)."
    assert not [e for e in later.root.iter() if e.get("hx-trigger")]


def test_it_says_who_could_not_answer_and_not_why(as_employee, tools, blog, wiki, strip):
    tools.break_down("wiki", lambda _request: httpx.Response(429, text=ELSEWHERE))
    line, lines = strip(as_employee.htmx(ASK, "live"))
    assert line.endswith("Without an answer: Team wiki (as of 09:00).")
    assert lines[1].startswith("Team wiki could not answer.")
    for _ in range(3):
        as_employee.app.extensions["foyer-live"].memory._kept.clear()
        _line, lines = strip(as_employee.htmx(ASK, "live"))
    assert "left in peace for a while" in lines[1]


def test_a_tool_that_shows_each_person_something_else_is_named_and_not_asked(
    as_employee, tools, blog, strip
):
    app_of_ours = {"accounts_client_id": "foyer", "accounts_client_secret": "canary"}
    tools.connect("pages", FakeConfluence(), "Our pages", settings=app_of_ours)
    page = as_employee.htmx(ASK, "live")
    line, lines = strip(page)
    assert line.endswith("Connect your account to include Our pages.")
    assert "Our pages shows what you may see there once your account is connected." in lines[1]
    assert "/my-data" in page.links()
    assert set(tools.asked) == {"blog.test"}


@pytest.mark.parametrize(
    "asked",
    ["", "q=", "q=pump&sort=newest", "q=kind:video", "kind=video", "q=-pump"],
)
def test_only_words_in_the_order_of_relevance_are_asked(as_employee, tools, blog, asked):
    assert as_employee.get(f"/discover?{asked}").by_id("live") is None
    as_employee.htmx(f"/discover/live?{asked}", "live")
    as_employee.get(f"/discover/live?{asked}")
    assert tools.asked == []


@pytest.mark.parametrize("asked", ["q=pump&skill=isolation", "q=pump+under:30m", "q=pump&level=x"])
def test_a_filter_that_tools_cannot_tell_leaves_them_out_and_says_so(
    as_employee, tools, blog, asked, strip
):
    for address in ("/discover", "/discover/live"):
        page = as_employee.get(f"{address}?{asked}")
        assert strip(page)[0].startswith("Connected tools are not asked while you filter")
    assert tools.asked == []


def test_filters_of_kind_and_tool_hold_for_live_hits(as_employee, tools, blog, wiki):
    page = as_employee.htmx(ASK + "&tool=wiki", "live")
    assert set(tools.asked) == {"wiki.test"}
    assert live_titles(page) == ["Pump fault tree ↗"]
    assert live_titles(as_employee.htmx(ASK + "&kind=simulation", "live")) == []
    assert len(live_titles(as_employee.htmx(ASK + "&kind=article", "live"))) == 3


def test_without_a_tool_that_can_be_asked_there_is_no_strip(as_employee, tools, pumps):
    page = as_employee.get("/discover?q=pump")
    assert page.by_id("live") is None
    assert page.by_id("live_more") is None


def test_a_page_costs_no_more_statements_for_it(as_employee, app, blog):
    as_employee.get("/discover?q=pump")
    with count_queries(app.extensions["foyer"].database.engine) as sent:
        as_employee.get("/discover?q=pump")
    assert not [one for one in sent if "connection" in one]


def test_a_live_result_opens_in_its_tool_and_nowhere_else(as_employee, blog):
    page = as_employee.htmx(ASK, "live")
    [first, *_] = [a for li in page.all("li", class_="live-result") for a in li.iter("a")]
    assert first.get("href") == "https://blog.test/?p=1"
    assert first.get("rel") == "noopener noreferrer"
    assert first.get("target") is None


def test_nothing_of_a_live_answer_is_stored(as_employee, app, blog):
    database = app.extensions["foyer"].database
    as_employee.htmx(ASK, "live")
    with count_queries(database.engine) as sent:
        as_employee.app.extensions["foyer-live"].memory._kept.clear()
        as_employee.htmx(ASK, "live")
    assert not [one for one in sent if one.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_while_the_index_is_being_built_the_part_is_empty(as_employee, tools, make, session):
    tools.connect("blog", FakeWordPress()).add("Pump seals")
    page = as_employee.htmx(ASK, "live")
    assert live_titles(page) == []
    assert as_employee.get(ASK).text("h1") == "Search is being prepared"
