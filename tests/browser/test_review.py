"""The review queue in a real browser: cleared with keys alone."""

from playwright.sync_api import expect

QUEUE = "/curate/review?whose=all"


def names(page):
    """Return the titles in the queue."""
    return page.locator("[data-review-row] h2").all_inner_texts()


def focused(page, place):
    """Wait until the row at this place has the focus."""
    expect(page.locator("[data-review-row]").nth(place)).to_be_focused()


def test_a_curator_clears_the_queue_with_the_keyboard_alone(page, sign_in):
    sign_in(page, "curator")
    page.goto(QUEUE)
    before = names(page)
    page.keyboard.press("j")
    focused(page, 0)
    page.keyboard.press("j")
    focused(page, 1)
    page.keyboard.press("k")
    focused(page, 0)

    page.keyboard.press("a")
    page.get_by_text(f"Kept: “{before[0]}”.").first.wait_for()
    focused(page, 0)
    assert names(page)[:5] == before[1:6]

    page.keyboard.press("u")
    page.get_by_text("Taken back.").first.wait_for()
    assert names(page) == before

    focused(page, 0)
    page.keyboard.press("l")
    page.get_by_text("comes back in two weeks").first.wait_for()
    focused(page, 0)
    assert before[0] not in names(page)
    page.keyboard.press("u")
    page.get_by_text("Taken back.").first.wait_for()
    assert names(page) == before


def test_keys_lead_to_the_pages_that_their_buttons_lead_to(page, sign_in):
    sign_in(page, "curator")
    for key, heading in (("r", "Retire %s"), ("o", "%s"), ("e", "Edit this item")):
        page.goto(QUEUE)
        heading = heading.replace("%s", names(page)[0])
        page.keyboard.press("j")
        focused(page, 0)
        page.keyboard.press(key)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_the_keys_are_explained_and_can_be_switched_off(page, sign_in):
    sign_in(page, "curator")
    page.goto(QUEUE)
    page.keyboard.press("?")
    expect(page.locator("#review_keys")).to_be_focused()
    page.get_by_role("button", name="Switch the keys off").click()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("j")
    expect(page.locator("[data-review-row]:focus")).to_have_count(0)
    page.get_by_role("button", name="Switch the keys on").click()
    page.keyboard.press("j")
    focused(page, 0)
