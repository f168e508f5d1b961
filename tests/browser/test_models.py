"""The administrators' pages about models in a real browser: faults, a phone, going back."""

import pytest

from tests.browser.test_accessibility import found_by_axe

PAGE = "/admin/recommendations"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_has_nothing_for_axe_to_find(open_browser, sign_in, scheme):
    page = sign_in(open_browser(scheme=scheme), "admin")
    page.goto(PAGE)
    found = found_by_axe(page)
    page.get_by_role("link", name="Per role and history, and what it has learnt").click()
    page.get_by_role("heading", name="By history and role").wait_for()
    found += found_by_axe(page)
    page.goto(page.url + "/serve")
    assert found + found_by_axe(page) == []


@pytest.mark.parametrize("width", [390, 1360])
def test_it_is_no_wider_than_the_screen(open_browser, sign_in, width):
    page = sign_in(open_browser(), "admin")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(PAGE)
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    page.get_by_role("link", name="Per role and history, and what it has learnt").click()
    page.get_by_role("heading", name="By history and role").wait_for()
    assert not page.evaluate(wide)


def test_a_model_is_let_serve_without_script(open_browser, sign_in):
    page = sign_in(open_browser(javascript=False), "admin")
    page.goto(PAGE)
    page.get_by_role("link", name="Per role and history, and what it has learnt").click()
    page.goto(page.url + "/serve")
    page.get_by_role("button", name="Let it serve").click()
    page.get_by_text("This model serves now").wait_for()
