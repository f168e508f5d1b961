"""What a newcomer can do, as each kind of person, in a real browser."""

import re

import pytest
from playwright.sync_api import expect


def test_it_shows_a_new_hire_their_onboarding(page, sign_in):
    sign_in(page, "newcomer")
    progress = page.locator(".progress")
    expect(progress).to_contain_text("Day 9")
    expect(progress.locator(".ring")).to_be_visible()


def test_it_gives_every_recommendation_a_reason(page, sign_in):
    sign_in(page, "engineer")
    cards = page.locator("#shelf_for_you .card")
    expect(cards.first).to_be_visible()
    assert cards.count() == cards.locator(".why").count() >= 3


def test_it_searches_while_typing(page, sign_in):
    sign_in(page, "engineer")
    page.goto("/discover")
    page.get_by_role("combobox", name="Search every").press_sequentially("circuit", delay=30)
    expect(page.get_by_role("heading", level=1)).to_contain_text("circuit")
    expect(page.locator(".result mark").first).to_be_visible()


def test_it_gives_every_search_an_address_that_can_be_shared(page, sign_in, open_browser):
    sign_in(page, "engineer")
    page.goto("/discover?q=data")
    page.locator("#facets input[type=checkbox]").first.check()
    page.wait_for_url(re.compile(r"kind="))
    heading = page.get_by_role("heading", level=1).inner_text()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_it_finds_its_way_back_through_the_history(page, sign_in):
    sign_in(page, "engineer")
    page.goto("/discover?q=data")
    heading = page.get_by_role("heading", level=1).inner_text()
    page.locator("#facets input[type=checkbox]").first.check()
    page.wait_for_url(re.compile(r"kind="))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_it_searches_without_javascript(open_browser, sign_in):
    page = sign_in(open_browser(javascript=False), "engineer")
    page.get_by_role("searchbox").fill("circuit")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("circuit")
    page.locator("#facets input[type=checkbox]").first.check()
    page.get_by_role("button", name="Show results").click()
    page.wait_for_url(re.compile(r"q=circuit"))
    assert page.locator("#facets input[type=checkbox]:checked").count() == 1


def test_it_helps_when_nothing_is_found(page, sign_in):
    sign_in(page, "engineer")
    page.goto("/discover?q=xyzzyqwfp")
    expect(page.locator("main")).to_contain_text("xyzzyqwfp")
    assert page.locator("main a").count() > 0


def test_it_opens_the_tool_through_go(page, sign_in, portal):
    sign_in(page, "engineer")
    page.goto("/discover")
    page.locator(".result h2 a").first.click()
    link = page.get_by_role("link", name=re.compile("^Open in"))
    answer = page.request.get(portal.url + link.get_attribute("href"), max_redirects=0)
    assert answer.status == 303
    assert answer.headers["location"].startswith("http")


def test_it_shows_the_role_page_with_the_curators_notes(page, sign_in):
    sign_in(page, "engineer")
    page.get_by_role("link", name="My role").click()
    expect(page.locator(".note").first).to_be_visible()


def test_it_counts_the_weeks_of_a_playlist_from_the_start_day(page, sign_in):
    sign_in(page, "newcomer")
    page.locator(".progress h2 a").click()
    expect(page.get_by_role("heading", name=re.compile("Week 1"))).to_be_visible()
    expect(page.locator(".step.done")).to_have_count(7)


def test_it_marks_a_step_done_and_takes_it_back(page, sign_in):
    sign_in(page, "newcomer")
    page.locator(".progress h2 a").click()
    course = page.get_by_role("heading", name="Communicate using Markdown")
    step = page.locator(".step", has=course)
    step.get_by_role("button", name="Mark done").click()
    expect(page.locator(".step.done")).to_have_count(8)
    step.get_by_role("button", name="Undo").click()
    expect(page.locator(".step.done")).to_have_count(7)


def test_it_saves_an_item_into_the_library(page, sign_in):
    sign_in(page, "engineer")
    page.goto("/discover?q=measure")
    result = page.locator(".result").first
    title = result.locator("h2").inner_text()
    result.get_by_role("button", name=re.compile("^Save")).click()
    expect(result.locator("[aria-pressed=true]")).to_be_visible()
    page.goto("/library")
    expect(page.get_by_role("link", name=title, exact=True)).to_be_visible()


def test_it_removes_what_is_not_for_me_at_once(page, sign_in):
    sign_in(page, "engineer")
    card = page.locator("#shelf_for_you .card").first
    title = card.locator(".card-title").inner_text()
    card.get_by_role("button", name=re.compile("^Not for me")).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.reload()
    expect(page.locator("#shelf_for_you")).not_to_contain_text(title)


@pytest.fixture
def desk(page, sign_in):
    """Return a page on which the curator edits the draft of the data analysts' page."""
    sign_in(page, "curator")
    return drafted(page, "data-analyst")


def drafted(page, role):
    """Open a role's page to edit and begin a draft, unless another test has left one."""
    page.goto(f"/curate/roles/{role}")
    if page.get_by_role("button", name="Change this page").count():
        page.get_by_role("button", name="Change this page").click()
    expect(page.get_by_text("Readers see your changes once you publish them.")).to_be_visible()
    return page


def publish(page, role):
    """Look at what has changed, and publish it."""
    page.goto(f"/curate/roles/{role}/publish")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("button", name="Change this page")).to_be_visible()


def titles(page):
    """Return the titles of the first section's pins in their order."""
    return page.locator(".pin-list").first.locator("h3").all_inner_texts()


def test_it_lets_a_curator_pin_an_item_found_by_search(desk, sign_in, open_browser):
    desk.get_by_role("link", name="Add items").first.click()
    desk.get_by_role("combobox", name="Search every").fill("statistics")
    result = desk.locator(".result", has=desk.get_by_role("button", name="Pin here")).first
    expect(desk.get_by_role("heading", level=1)).to_contain_text("statistics")
    title = result.locator("h2").inner_text()
    result.get_by_role("button", name="Pin here").click()
    expect(desk.locator(".result", has_text=title)).to_contain_text("Pinned")
    publish(desk, "data-analyst")
    reader = sign_in(open_browser(), "engineer")
    reader.goto("/roles/data-analyst")
    expect(reader.locator("main")).to_contain_text(title)


def open_note(row):
    """Open the form of a pin's note."""
    row.get_by_role("link", name=re.compile("note on ")).click()
    expect(row.get_by_role("textbox")).to_be_focused()


def test_it_keeps_a_note_that_readers_see_once_published(desk, sign_in, open_browser):
    row = desk.locator(".pin-row").first
    open_note(row)
    row.get_by_role("textbox").fill("Start here, then ask Eleni.")
    with desk.expect_response("**/note"):
        row.get_by_role("button", name=re.compile("^Save note")).click()
    publish(desk, "data-analyst")
    reader = sign_in(open_browser(), "engineer")
    reader.goto("/roles/data-analyst")
    expect(reader.locator("main")).to_contain_text("Start here, then ask Eleni.")


def test_it_moves_a_pin_by_keyboard_and_keeps_the_focus(desk):
    first, second, *_rest = titles(desk)
    button = desk.locator(".pin-row").nth(1).get_by_role("button", name=re.compile(" up$"))
    button.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".pin-list").first.locator("h3").first).to_have_text(second)
    assert titles(desk)[:2] == [second, first]
    assert second in desk.evaluate("document.activeElement.closest('.pin-row').innerText")


def test_it_moves_a_pin_by_dragging(desk):
    before = titles(desk)
    handles = desk.locator(".pin-list").first.locator("[data-grip]")
    target = desk.locator(".pin-list").first.locator(".pin-row").nth(2).bounding_box()
    handle = handles.first.bounding_box()
    desk.mouse.move(handle["x"] + 8, handle["y"] + 8)
    desk.mouse.down()
    desk.mouse.move(handle["x"] + 8, target["y"] + target["height"] - 6, steps=12)
    with desk.expect_response("**/order"):
        desk.mouse.up()
    expect(desk.locator(".pin-list").first.locator("h3").first).to_have_text(before[1])
    desk.reload()
    expect(desk.locator(".pin-list").first.locator("h3").first).to_have_text(before[1])
    assert sorted(titles(desk)) == sorted(before)


def test_it_reorders_without_javascript(open_browser, sign_in):
    page = drafted(sign_in(open_browser(javascript=False), "admin"), "designer")
    first, second, *_rest = titles(page)
    page.locator(".pin-row").nth(1).get_by_role("button", name=re.compile(" up$")).click()
    expect(page.locator(".pin-list").first.locator("h3").first).to_have_text(second)
    assert titles(page)[:2] == [second, first]


def test_it_unpins_and_offers_the_way_back(open_browser, sign_in):
    page = drafted(sign_in(open_browser(), "admin"), "product-manager")
    title = titles(page)[-1]
    page.locator(".pin-list").get_by_role("button", name=f"Unpin {title}").click()
    expect(page.locator(".pin-list").first).not_to_contain_text(title)
    expect(page.get_by_text(re.compile("undo|back|again", re.I)).first).to_be_visible()


def test_two_curators_at_once_lose_neither_note(open_browser, sign_in):
    one = drafted(sign_in(open_browser(), "curator"), "data-analyst")
    other = drafted(sign_in(open_browser(), "admin"), "data-analyst")
    for page in (one, other):
        open_note(page.locator(".pin-row").nth(1))
    for page, text in ((one, "Helen's words"), (other, "Tomasz's words")):
        row = page.locator(".pin-row").nth(1)
        row.get_by_role("textbox").fill(text)
        with page.expect_response("**/note"):
            row.get_by_role("button", name=re.compile("^Save note")).click()
    row = other.locator(".pin-row").nth(1)
    expect(row.locator("blockquote")).to_have_text("Helen's words")
    expect(row.get_by_role("textbox")).to_have_value("Tomasz's words")
    row.get_by_role("textbox").fill("Helen's words, and Tomasz's words")
    with other.expect_response("**/note"):
        row.get_by_role("button", name=re.compile("^Save note")).click()
    expect(other.locator(".pin-row").nth(1).locator("blockquote")).to_have_count(0)
    one.reload()
    expect(one.locator(".pin-row").nth(1)).to_contain_text("Helen's words, and Tomasz's words")


def test_it_keeps_a_deep_link_through_sign_in(page, portal):
    page.goto("/discover?q=C%2B%2B&kind=video")
    page.locator(".choice button").first.click()
    page.wait_for_url("**/discover?q=C%2B%2B&kind=video")


def test_it_focuses_the_search_box_on_slash(page, sign_in):
    sign_in(page, "engineer")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search every")).to_be_focused()


def test_it_changes_the_theme_without_losing_the_page(page, sign_in):
    sign_in(page, "engineer")
    page.goto("/discover?q=data")
    page.get_by_role("button", name=re.compile("theme|Dark|dark", re.I)).first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", re.compile("dark|light"))
    assert "q=data" in page.url


@pytest.mark.parametrize("width", [320, 390, 1360])
@pytest.mark.parametrize("address", ["/", "/discover?q=data", "/role", "/playlists", "/library"])
def test_it_never_scrolls_sideways(open_browser, sign_in, width, address):
    page = sign_in(open_browser(width=width), "newcomer")
    page.goto(address)
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0


def test_it_speaks_german_to_who_reads_german(open_browser, sign_in):
    page = open_browser(locale="de-DE")
    page.goto("/sign-in")
    assert page.locator("html").get_attribute("lang") == "de"


def test_few_stars_ask_for_a_reason_that_can_be_typed(page, sign_in):
    sign_in(page, "newcomer")
    page.goto("/discover?q=programming+with+python")
    page.get_by_role("link", name="Programming with Python", exact=True).click()
    page.locator(".stars label", has_text="2 stars").click()
    page.get_by_label("What was missing, or wrong?").fill("The pictures are gone")
    page.get_by_role("button", name="Rate", exact=True).click()
    expect(page.get_by_role("button", name="Change rating")).to_be_visible()
    expect(page.get_by_label("What was missing, or wrong?")).to_have_value("The pictures are gone")


def test_the_focus_stays_on_what_was_pressed(page, sign_in):
    sign_in(page, "newcomer")
    page.goto("/discover?q=programming+with+python")
    page.get_by_role("link", name="Programming with Python", exact=True).click()
    actions = page.locator(".item-actions")
    actions.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(actions.get_by_role("button", name="Saved", exact=True)).to_be_focused()
