"""The search page: whole, as the part that htmx asks for, and without JavaScript."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from app.models import Item, ItemSkill
from search.document import FACETS
from tests.support.pages import text_of
from tests.support.queries import count_queries

BUDGET = 6
ANYTHING = st.text(max_size=40) | st.text(alphabet='ab "()*:-+\\~^[]{}&|!./OR', max_size=40)
one_app = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_it_finds_items_by_a_word(as_employee, pumps, titles):
    page = as_employee.get("/discover?q=pump")
    assert page.text("h1") == "3 results for “pump”"
    assert page.text("title") == "3 results for “pump” · Foyer"
    assert len(titles(page)) == 3


def test_it_finds_a_word_that_is_still_being_typed(as_employee, pumps, titles):
    page = as_employee.get("/discover?q=fault+simu")
    assert titles(page)[0] == "Pump fault simulator"


def test_it_takes_a_space_for_the_end_of_a_word(as_employee, make, pumps, index_now, titles):
    make.item("Pumpkin pie")
    index_now()
    assert "Pumpkin pie" in titles(as_employee.get("/discover?q=pump"))
    assert "Pumpkin pie" not in titles(as_employee.get("/discover?q=pump+"))


def test_it_speaks_of_one_result_in_the_singular(as_employee, pumps):
    assert as_employee.get("/discover?q=chairs").text("h1") == "1 result for “chairs”"


def test_it_marks_what_matched(as_employee, pumps):
    page = as_employee.get("/discover?q=isolate+tree")
    assert page.texts("mark") == ["tree", "Isolating"]


def test_a_row_says_which_skill_matched_where_nothing_else_shows_it(as_employee, make, index_now):
    python, both = make.skill("py", "Python & friends"), make.skill("pp", "Testing in Python")
    wiki = make.tool("wiki", "Team wiki")
    skill_only = make.item("REST API", summary="A small interface.", tool=wiki, skills=[python])
    two = make.item("Robots", tool=wiki, skills=[make.skill("api", "API design"), both, python])
    make.session.execute(
        update(ItemSkill).where(ItemSkill.skill_id == python.id).values(position=1)
    )
    make.item("Python for robots", tool=wiki, skills=[python])
    make.item("Logs", summary="Written with Python.", tool=wiki, skills=[python])
    make.item("A lesson", tool=make.tool("club", "Python club"), skills=[python])
    index_now()
    for typed in ("python", "pyth"):
        page = as_employee.get(f"/discover?q={typed}")
        said = {
            row.get("id"): [text_of(p) for p in row.iter("p") if p.get("class") == "in-skill"]
            for row in page.all("li", class_="result")
        }
        assert len(said) == 5
        assert {name: texts for name, texts in said.items() if texts} == {
            f"result_{skill_only.id}": ["Skill: Python & friends"],
            f"result_{two.id}": ["Skills: Testing in Python, Python & friends"],
        }
        assert page.texts("mark") == ["Python"] * 5


@pytest.mark.parametrize("address", ["/discover", "/discover?skill=py", "/discover?q=skill:py"])
def test_a_row_says_no_skill_where_no_word_was_asked(as_employee, make, index_now, address):
    make.item("REST API", skills=[make.skill("py", "Python")])
    index_now()
    page = as_employee.get(address)
    assert len(page.all("li", class_="result")) == 1
    assert page.texts("p", class_="in-skill") == []


def test_it_never_takes_text_for_markup(as_employee, make, index_now, titles):
    make.item("<b>Pump</b> & co", summary="<script>alert(1)</script> pump")
    index_now()
    page = as_employee.get("/discover?q=<script>pump")
    assert titles(page) == ["<b>Pump</b> & co"]


def test_it_shows_everything_when_nothing_is_asked(as_employee, pumps):
    page = as_employee.get("/discover")
    assert page.text("h1") == "Everything you can learn with"
    assert "4 items" in page.texts("p")
    assert len(page.all("li", class_="result")) == 4


def test_it_shows_the_beginning_of_a_long_summary_when_nothing_is_asked(
    as_employee, make, index_now
):
    make.item("Valves", summary="A valve opens and closes. " * 20)
    index_now()
    (snippet,) = as_employee.get("/discover").texts("p", class_="snippet")
    assert snippet.startswith("A valve opens")
    assert snippet.endswith("…")
    assert len(snippet) <= 220


def test_it_filters_by_several_values_of_a_facet(as_employee, pumps, titles):
    page = as_employee.get("/discover?q=pump&kind=article&kind=course")
    assert set(titles(page)) == {"Pump fault tree", "Pump overhaul"}
    assert page.text("h1") == "2 results for “pump”"


def test_it_counts_a_facet_without_its_own_filter(as_employee, pumps, counts):
    page = as_employee.get("/discover?q=pump&kind=article")
    assert counts(page, "Kind") == {"Article": 1, "Course": 1, "Simulation": 1}
    assert counts(page, "Tool") == {"Team wiki": 1}


def test_it_names_facets_as_readers_do(as_employee, pumps, counts):
    page = as_employee.get("/discover?q=pump")
    assert counts(page, "Skill") == {"Fault isolation": 1}
    assert counts(page, "Role") == {"Engineer": 1}
    assert counts(page, "Time") == {"Under 10 min": 1, "10 to 30 min": 1, "Over 1 hour": 1}
    assert counts(page, "Language") == {"English": 2, "German": 1}


def test_it_names_languages_in_the_readers_own(sign_in, make, pumps):
    page = sign_in(make.person(locale="de")).get("/discover?q=pump")
    assert {"Deutsch", "Englisch"} <= set(page.texts("span"))


def test_it_puts_ticked_values_first(as_employee, pumps):
    page = as_employee.get("/discover?kind=simulation")
    first = next(box for box in page.all("input", type="checkbox"))
    assert (first.get("value"), first.get("checked")) == ("simulation", "")


def test_it_lets_each_filter_be_taken_away(as_employee, pumps):
    page = as_employee.get("/discover?q=pump&kind=course&language=de&page=1")
    chips = {text_of(a): a.get("href") for a in page.all("a", class_="chip")}
    assert chips == {
        "Remove filter: Course": "/discover?q=pump&language=de",
        "Remove filter: German": "/discover?q=pump&kind=course",
    }
    assert page.all("a", class_="chip-clear")[0].get("href") == "/discover?q=pump"


def test_it_shows_filters_that_were_typed_as_chips(as_employee, pumps):
    page = as_employee.get('/discover?q=pump kind:course OR kind:article -"fault tree"')
    chips = {text_of(a): a.get("href") for a in page.all("a", class_="chip")}
    assert list(chips) == [
        "Remove filter: Course or Article",
        "Remove filter: without “fault tree”",
    ]
    assert page.text("h1").startswith("1 result ")


def test_it_says_when_only_some_of_the_words_are_there(as_employee, pumps):
    page = as_employee.get("/discover?q=pump+zeppelin")
    assert "has some of them" in page.words
    assert page.text("h1").startswith("3 results")


@pytest.mark.parametrize(
    ("sort", "first"),
    [("shortest", "Pump fault tree"), ("title", "Pump fault simulator")],
)
def test_it_sorts_as_it_is_told(as_employee, pumps, titles, sort, first):
    page = as_employee.get(f"/discover?q=pump&sort={sort}")
    assert titles(page)[0] == first
    assert page.all("option", selected="")[0].get("value") == sort


@pytest.fixture
def many(make, index_now):
    """Make 45 items about valves."""
    for number in range(45):
        make.item(f"Valve {number:02}")
    index_now()


def test_it_turns_pages_without_repeating_or_losing_anything(as_employee, many, titles):
    pages = [as_employee.get(f"/discover?q=valve&page={n}") for n in (1, 2, 3)]
    seen = [title for page in pages for title in titles(page)]
    assert sorted(seen) == [f"Valve {number:02}" for number in range(45)]


def test_it_links_to_the_other_pages(as_employee, many):
    page = as_employee.get("/discover?q=valve&kind=course&page=2")
    links = [a.get("href") for nav in page.all("nav", class_="pagination") for a in nav.iter("a")]
    third = "/discover?q=valve&kind=course&page=3"
    assert links == ["/discover?q=valve&kind=course"] * 2 + [third, third]


def test_it_shows_the_last_page_for_one_behind_it(as_employee, many, titles):
    assert len(titles(as_employee.get("/discover?q=valve&page=400"))) == 5


def test_it_gives_the_same_page_for_a_shared_address(as_employee, as_curator, pumps, titles):
    address = "/discover?q=pump&tool=wiki&sort=shortest"
    again = as_employee.get(address)
    assert titles(again) == titles(as_employee.get(address)) == titles(as_curator.get(address))


# What htmx asks for


def test_it_answers_htmx_with_results_and_facets(as_employee, pumps, titles):
    part = as_employee.htmx("/discover?q=pump", "results")
    assert len(titles(part)) == 3
    assert part.all("div", hx_swap_oob="innerHTML:#facets")
    assert not part.all("header", class_="topbar")
    assert part.text("title") == "3 results for “pump” · Foyer"
    assert "HX-Target" in part.headers["Vary"]


def test_it_says_the_count_aloud_after_a_swap(as_employee, pumps):
    part = as_employee.htmx("/discover?q=pump", "results")
    assert part.all("header", data_announce="3 results for “pump”")


def test_it_answers_another_target_with_the_whole_page(as_employee, pumps):
    assert as_employee.htmx("/discover?q=pump", "main").all("header", class_="topbar")


@pytest.mark.parametrize(
    ("before", "asked", "header"),
    [
        ("/discover", "/discover?q=pump&sort=relevance", "HX-Push-Url"),
        ("/discover?q=pum", "/discover?q=pump&sort=relevance", "HX-Replace-Url"),
        ("/discover?q=chair", "/discover?q=pump", "HX-Push-Url"),
        ("http://[", "/discover?q=pump", "HX-Push-Url"),
    ],
)
def test_it_keeps_typing_in_one_entry_of_history(as_employee, pumps, before, asked, header):
    part = as_employee.htmx(asked, "results", **{"HX-Current-URL": before})
    assert part.headers[header] == "/discover?q=pump"


def test_it_gives_a_whole_page_for_every_address_it_pushes(as_employee, pumps, titles):
    part = as_employee.htmx("/discover?q=pump&kind=course&kind=article", "results")
    assert titles(as_employee.get(part.headers["HX-Push-Url"])) == titles(part)


# Without JavaScript


def test_it_needs_only_a_form_to_search_and_filter(as_employee, pumps):
    page = as_employee.get("/discover?q=pump&kind=course")
    form = page.by_id("search_form")
    boxes = page.all("input", type="checkbox", form="search_form")
    assert (form.get("action"), form.get("method")) == ("/discover", "get")
    assert {box.get("name") for box in boxes} <= set(FACETS)
    assert page.by_id("search_text").get("value") == "pump"
    assert page.all("button", form="search_form", type="submit")


# Nothing found


def test_it_says_what_it_understood_when_nothing_is_found(as_employee, pumps):
    page = as_employee.get("/discover?q=zeppelin&kind=course&tool=wiki")
    assert page.text("h1") == "Nothing found for “zeppelin”"
    assert "We looked only at: Course, Team wiki." in page.words


def test_it_offers_to_leave_out_filters_with_what_that_finds(as_employee, pumps):
    page = as_employee.get("/discover?q=chairs&kind=course&language=en")
    ways = {text_of(a): a.get("href") for a in page.root.iter("a") if "result" in text_of(a)}
    assert ways == {"Remove “Course”: 1 result": "/discover?q=chairs&language=en"}


def test_it_offers_to_leave_out_the_words(as_employee, pumps):
    page = as_employee.get("/discover?q=zeppelin&kind=article")
    assert "Leave out the words: 2 results" in page.texts("a")


def test_it_suggests_what_begins_alike(as_employee, pumps):
    page = as_employee.get("/discover?q=overhaux&exact=1")
    assert "/discover?q=Pump+overhaul" in page.links()


def test_it_suggests_nothing_that_is_not_for_the_reader(as_employee, make, index_now):
    make.item("Overhaul of ovens", audience=("group:cooks",), skills=[make.skill("overhauling")])
    index_now()
    for address in ("/discover?q=overhaux", "/discover?q=overhaux&exact=1"):
        page = as_employee.get(address)
        assert "Did you mean" not in page.words
        assert "overhauling" not in page.words


def test_it_names_channels_to_ask_in(as_employee, make, index_now):
    make.item("#pump-help", kind="channel")
    make.item("#lunch", kind="channel", audience=("group:cooks",))
    index_now()
    page = as_employee.get("/discover?q=pump+zeppelin&kind=book")
    assert "#pump-help" in page.texts("a")
    assert "#lunch" not in page.words


def test_it_leads_on_from_an_empty_page(as_employee, pumps):
    assert {"/discover", "/role"} <= set(as_employee.get("/discover?q=zeppelin").links())


def test_it_says_that_the_index_is_being_built(as_employee):
    page = as_employee.get("/discover?q=pump")
    assert page.status == 200
    assert "The index is being built" in page.texts("h2")
    assert "/roles" in page.links()


# Any string and any parameter


@one_app
@given(text=ANYTHING)
def test_it_gives_a_page_for_any_string(as_employee, pumps, text):
    page = as_employee.get("/discover", query_string={"q": text})
    assert page.status == 200


@one_app
@given(
    st.dictionaries(
        st.sampled_from([*FACETS, "sort", "page", "pin_to"]), st.lists(ANYTHING, max_size=3)
    )
)
def test_it_gives_a_page_for_any_parameters(as_curator, pumps, arguments):
    assert as_curator.get("/discover", query_string=arguments).status == 200


def test_it_sends_no_more_statements_for_more_rows(
    app, as_employee, employee, make, pumps, index_now
):
    engine = app.extensions["foyer"].database.engine

    def statements():
        index_now()
        as_employee.get("/discover?q=pump")  # what suits the reader is known for a minute
        with count_queries(engine) as sent:
            as_employee.get("/discover?q=pump&kind=course&kind=article&tool=wiki")
        return len(sent)

    before = statements()
    tools = [make.tool() for _ in range(10)]
    for number in range(40):
        skills = [make.skill(), make.skill()]
        make.item(f"Pump {number}", tool=tools[number % 10], skills=skills, roles=[make.role()])
    make.assignment(make.playlist(make.session.query(Item).all()), employee)
    assert statements() == before <= BUDGET
