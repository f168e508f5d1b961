"""The search box by keyboard, mouse and touch in a real browser, and what it remembers."""

import pytest
from playwright.sync_api import expect

from app.models import Person, RecentSearch
from tests.browser.test_accessibility import found_by_axe

WHO = "Amara Okafor"
LABEL = "Search every learning tool"


@pytest.fixture(scope="module")
def signed_in(chromium, portal):
    """Return the cookies of somebody who is signed in."""
    context = chromium.new_context(base_url=portal.url)
    page = context.new_page()
    page.goto("/sign-in")
    page.locator(".choice", has_text=WHO).locator("button").click()
    page.wait_for_url("**/")
    yield context.storage_state()
    context.close()


@pytest.fixture
def page(open_browser, signed_in):
    page = open_browser(storage_state=signed_in)
    page.goto("/")
    return page


@pytest.fixture
def box(page):
    """Return the search box of the page."""
    return page.get_by_role("combobox", name=LABEL)


@pytest.fixture
def options(page):
    """Return the suggestions below the box."""
    return page.locator("#suggestions").get_by_role("option")


@pytest.fixture
def typed(box, options):
    """Return the box with a word typed into it and suggestions below."""
    box.press_sequentially("data")
    expect(options.first).to_contain_text("“data”")
    return box


@pytest.fixture
def no_searches(database):
    """Let the person have searched for nothing; return a function that reads what is kept."""

    def rows(session):
        person = session.query(Person).filter_by(name=WHO).one()
        return session.query(RecentSearch).filter_by(person_id=person.id)

    def kept():
        with database.sessions() as session:
            return {row.text: row.arguments for row in rows(session)}

    with database.transaction() as session:
        rows(session).delete()
    return kept


def active(box):
    """Return the id of the option that the box says is active."""
    return box.get_attribute("aria-activedescendant")


def test_it_is_a_combobox_with_a_list(page, typed, options):
    expect(typed).to_have_attribute("aria-expanded", "true")
    expect(typed).to_have_attribute("aria-controls", "suggestions")
    expect(page.get_by_role("listbox").get_by_role("group").first).to_be_visible()
    assert active(typed) is None
    expect(page.locator("#announcer")).to_have_text(f"{options.count()} suggestions")


def test_arrows_walk_through_the_options_and_the_box(typed, options):
    last = options.count() - 1
    walked = []
    for key in ("ArrowDown", "ArrowDown", "End", "ArrowDown", "ArrowUp", "Home", "ArrowLeft"):
        typed.press(key)
        walked.append(active(typed))
    numbers = [0, 1, last, None, last, 0, None]
    assert walked == [None if n is None else f"suggestion_{n}" for n in numbers]
    expect(typed).to_have_value("data")


def test_enter_opens_the_active_option_and_else_searches(page, typed, options):
    title = options.nth(1).locator(".suggestion-title").inner_text()
    typed.press("ArrowDown")
    typed.press("ArrowDown")
    typed.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.go_back()
    page.locator("#search_text").fill("data")
    page.locator("#search_text").press("Enter")
    page.wait_for_url("**/discover?q=data")


def test_escape_closes_then_clears(page, typed):
    typed.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(typed).to_have_value("data")
    typed.press("Escape")
    expect(typed).to_have_value("")
    expect(typed).to_have_attribute("aria-expanded", "false")


def test_tab_closes_and_goes_on(page, typed):
    typed.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(typed).not_to_be_focused()


def test_the_first_option_searches_by_mouse(page, typed, options):
    options.first.click()
    page.wait_for_url("**/discover?q=data")


def test_the_list_moves_nothing(page, typed):
    before = page.locator("main").bounding_box()
    typed.press("Escape")
    assert page.locator("main").bounding_box() == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_has_nothing_for_axe_to_find_while_open(open_browser, signed_in, scheme):
    page = open_browser(scheme=scheme, storage_state=signed_in)
    page.goto("/suggest")
    page.locator("#search_text").press_sequentially("data")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    found = found_by_axe(page)
    expect(page.get_by_role("option").first).to_be_visible()
    assert found == []


def test_a_late_answer_never_replaces_a_newer_one(page, box, options):
    held = []

    def hold(route):
        held.append(route) if route.request.url.endswith("q=da") else route.continue_()

    page.route("**/suggest?**", hold)
    with page.expect_request("**/suggest?q=da"):
        box.press_sequentially("da")
    box.press_sequentially("tabase")
    expect(options.first).to_contain_text("“database”")
    for route in held:
        route.continue_()
    page.wait_for_load_state("networkidle")
    expect(options.first).to_contain_text("“database”")


def test_it_works_without_script(open_browser, signed_in):
    page = open_browser(javascript=False, storage_state=signed_in)
    page.goto("/")
    page.get_by_role("searchbox").fill("data")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url("**/discover?q=data")


def test_results_that_stood_are_remembered_and_offered(page, box, no_searches):
    page.goto("/discover?kind=course&kind=video")
    with page.expect_response("**/searches/recent") as answer:
        box.press_sequentially("data", delay=30)
    assert answer.value.status == 204
    assert no_searches() == {"data": {"q": "data", "kind": ["course", "video"]}}
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.goto("/")
    box.click()
    expect(page.get_by_role("option", name="data")).to_have_attribute(
        "href", "/discover?q=data&kind=course&kind=video"
    )


def test_on_the_search_page_the_list_waits_for_an_arrow(page, box):
    page.goto("/discover?q=dat")
    box.press("End")
    box.press("a")
    expect(page.get_by_role("heading", level=1)).to_contain_text("data")
    expect(page.get_by_role("listbox")).to_be_hidden()
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion_0")
