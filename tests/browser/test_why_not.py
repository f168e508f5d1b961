"""The answer to "why is this not recommended to me?" unfolds on the item's page."""

from playwright.sync_api import expect


def test_the_answer_comes_when_the_question_is_unfolded(open_browser, sign_in):
    page = sign_in(open_browser(), "newcomer")
    page.goto("/items/1")
    page.locator("details.why-not summary").click()
    said = page.locator("#why_not p").first
    expect(page.locator("#why_not a[href='/items/1/why']")).to_have_count(0)
    assert said.inner_text().endswith(".")
    assert page.url.endswith("/items/1")
