"""A curator writes a playlist from nothing by keyboard alone, drags steps, and undoes."""

import re

import pytest
from playwright.sync_api import expect

MOST_TABS = 90


@pytest.fixture
def keys(page, sign_in):
    """Return a page of a curator, whose mouse stays where it is."""
    return sign_in(page, "curator")


def tab_to(page, name, tag="a, button, input, textarea, select"):
    """Press Tab until what carries this name has the focus."""
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        said = page.evaluate(
            """tag => {
                const here = document.activeElement;
                if (!here.matches(tag)) return "";
                const label = here.labels?.[0]?.innerText ?? "";
                return here.getAttribute("aria-label") || label || here.innerText;
            }""",
            tag,
        )
        if re.search(name, said.strip()):
            return
    raise AssertionError(f"no Tab leads to {name}")


def press(page, name, key="Enter"):
    tab_to(page, name)
    page.keyboard.press(key)


def fill(page, name, text):
    tab_to(page, name, "input, textarea")
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def rows(page):
    return page.locator(".desk-row h3")


def test_it_writes_and_publishes_a_playlist_by_keyboard_alone(keys):
    keys.goto("/curate/playlists")
    press(keys, "^New playlist$")
    expect(keys.locator("h1")).to_have_text("New playlist")
    fill(keys, "^Title$", "First day at the bench")
    keys.keyboard.press("Enter")
    expect(keys.locator("h1")).to_have_text("First day at the bench")
    press(keys, "^Add a step$")
    expect(keys.locator("h1")).to_contain_text("Add a step to week 1")
    fill(keys, "^Find a course", "data")
    keys.keyboard.press("Enter")
    expect(keys.locator("#found li").first).to_be_visible()
    press(keys, "^Add ")
    expect(keys.locator("#found").get_by_text("In this playlist").first).to_be_visible()
    press(keys, "^A task$")
    expect(keys.locator("h1")).to_have_text("A task")
    fill(keys, "^Title$", "Label your drawer")
    press(keys, "^Add step$")
    expect(rows(keys)).to_have_count(2)
    press(keys, "^Move Label your drawer up$")
    expect(rows(keys).first).to_have_text("Label your drawer")
    assert "Label your drawer" in keys.evaluate("document.activeElement.ariaLabel")
    press(keys, "^Check and publish$")
    expect(keys.locator("h1")).to_have_text("Publish version 1")
    press(keys, "^Publish$")
    expect(keys.locator("main")).to_contain_text("Published, version 1")
    keys.goto("/playlists/first-day-at-the-bench")
    expect(keys.locator("main")).to_contain_text("Label your drawer")


def test_it_drags_a_step_and_takes_a_removal_back(keys):
    keys.goto("/curate/playlists/first-five-weeks")
    keys.get_by_role("button", name="Change it").click()
    expect(rows(keys).first).to_be_visible()
    week = keys.locator("#week_1 .desk-row")
    first, second = week.nth(0).locator("h3"), week.nth(1).locator("h3")
    before = [first.inner_text(), second.inner_text()]
    grip, target = week.nth(0).locator("[data-grip]").bounding_box(), week.nth(1).bounding_box()
    keys.mouse.move(grip["x"] + 8, grip["y"] + 8)
    keys.mouse.down()
    keys.mouse.move(grip["x"] + 8, target["y"] + target["height"] - 4, steps=8)
    keys.mouse.up()
    expect(keys.locator("#announcer")).to_have_text("The new order is kept.")
    expect(first).to_have_text(before[1])
    expect(second).to_have_text(before[0])
    keys.get_by_role("button", name=f"Remove {before[1]}").click()
    expect(keys.locator(".said")).to_contain_text("The step is removed.")
    keys.locator(".said").get_by_role("button", name="Undo").click()
    expect(first).to_have_text(before[1])
    keys.locator("summary", has_text="Throw away").click()
    keys.get_by_role("button", name="Throw it away").click()
    expect(keys.locator("#flash")).to_contain_text("The draft is thrown away.")
    expect(keys.locator("#announcer")).to_contain_text("The draft is thrown away.")
    expect(keys.locator("main > :first-child")).to_have_id("flash")
