"""axe-core on every page, light and dark, wide and narrow: it finds nothing."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = {
    "newcomer": ["/", "/why", "/playlists", "/settings"],
    "engineer": ["/discover", "/discover?q=circuit&kind=simulation", "/discover?q=xyzzyqwfp"],
    "German analyst": [
        "/role",
        "/roles",
        "/library",
        "/library/history",
        "/items/1",
        "/items/1/report",
    ],
    "curator": ["/curate", "/curate/reports"],
    "admin": ["/admin", "/admin/people", "/nowhere"],
}
LOOKS = {
    "wide and light": {"width": 1360, "scheme": "light"},
    "wide and dark": {"width": 1360, "scheme": "dark"},
    "narrow and light": {"width": 390, "scheme": "light"},
    "narrow and dark": {"width": 390, "scheme": "dark"},
}


def found_by_axe(page):
    """Return axe's findings as readable lines."""
    return [
        f"{page.url}: {finding['id']}: {finding['nodes'][0]['html'][:120]}"
        for finding in Axe().run(page).response["violations"]
    ]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("who", PAGES)
def test_it_has_nothing_for_axe_to_find(open_browser, sign_in, who, look):
    page = sign_in(open_browser(**LOOKS[look]), who)
    found = []
    for address in PAGES[who]:
        page.goto(address)
        found += found_by_axe(page)
    assert found == []


@pytest.mark.parametrize("look", LOOKS)
def test_it_has_nothing_for_axe_to_find_before_sign_in(open_browser, look):
    page = open_browser(**LOOKS[look])
    page.goto("/sign-in")
    assert found_by_axe(page) == []


@pytest.mark.parametrize("look", LOOKS)
def test_it_has_nothing_for_axe_to_find_where_curators_work(open_browser, sign_in, look):
    page = sign_in(open_browser(**LOOKS[look]), "curator")
    page.goto("/curate")
    edit = page.locator("main a[href^='/curate/roles/']").first.get_attribute("href")
    page.goto(edit)
    found = found_by_axe(page)
    page.goto(page.locator("a[href*='pin_to=']").first.get_attribute("href"))
    assert found + found_by_axe(page) == []


@pytest.mark.parametrize("look", LOOKS)
def test_it_has_nothing_for_axe_to_find_in_a_playlist(open_browser, sign_in, look):
    page = sign_in(open_browser(**LOOKS[look]), "newcomer")
    page.goto(page.locator(".progress h2 a").get_attribute("href"))
    assert found_by_axe(page) == []
