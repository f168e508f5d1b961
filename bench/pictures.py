"""Takes the pictures of `docs/pictures/` from a running portal with the sample company.

    python bench/pictures.py [FOLDER]

starts a portal of its own and takes readers' pages at 1360 px and 390 px, light and dark, and those
of curators and of a new hire's plan wide and light, narrow and dark. Pictures keep 256 colours.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.browser.conftest import CHROMIUM, Portal  # noqa: E402

WIDTHS = (1360, 390)
SCHEMES = ("light", "dark")
TWO = ((1360, "light"), (390, "dark"))
READER, CURATOR = "Leila Haddad", "Helen Marsh"
NEW_HIRE = {
    "calendar": "/calendar",
    "away": "/away",
    "notices": "/notices",
    "choices": "/notices/choices",
    "suggest": "/suggestions/new",
    "suggestions": "/suggestions",
}
DESK = {
    "curate": "/curate",
    "role-editor": "/curate/roles/field-engineer",
    "role-preview": "/curate/roles/field-engineer/preview",
    "role-publish": "/curate/roles/field-engineer/publish",
    "role-history": "/curate/roles/field-engineer/history",
    "item-edit": "/curate/items/5",
    "item-care": "/curate/items/5/care",
    "item-retire": "/curate/items/5/retire",
    "pin": "/curate/pin",
    "readers": "/curate/readers",
    "review": "/curate/review",
    "care-rules": "/curate/care/rules",
    "tool-reports": "/curate/tools/report",
    "links": "/curate/links",
    "playlists-desk": "/curate/playlists",
    "playlist-desk": "/curate/playlists/from-spreadsheet-to-sql",
    "playlist-draft": "/curate/playlists/from-spreadsheet-to-sql/draft",
    "playlist-people": "/curate/playlists/from-spreadsheet-to-sql/people",
    "playlist-cohort": "/curate/playlists/from-spreadsheet-to-sql/cohort",
}


def main() -> None:
    """Take every picture and say where each is."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    with running_portal() as portal, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width in WIDTHS:
            for scheme in SCHEMES:
                with signed_in(browser, portal, READER, width, scheme) as page:
                    _take(page, folder, _addresses(page), f"{scheme}-{width}")
        for width, scheme in TWO:
            for who, addresses in ((READER, NEW_HIRE), (CURATOR, DESK)):
                with signed_in(browser, portal, who, width, scheme) as page:
                    _take(page, folder, addresses, f"{scheme}-{width}")
        browser.close()


@contextmanager
def running_portal() -> Iterator[Portal]:
    """Give a portal with the sample company that runs as long as the block."""
    with tempfile.TemporaryDirectory() as data:
        portal = Portal(Path(data))
        for command in (("migrate",), ("demo", "reset"), ("reindex",), ("train",)):
            portal.run(*command)
        process = portal.serve()
        try:
            yield portal
        finally:
            process.terminate()
            process.wait(timeout=20)


@contextmanager
def signed_in(
    browser: Browser, portal: Portal, who: str, width: int, scheme: str
) -> Iterator[Page]:
    """Give a page on which somebody of the sample company is signed in."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        base_url=portal.url,
        locale="en-GB",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.locator(".choice", has_text=who).locator("button").click()
    page.wait_for_url("**/")
    yield page
    context.close()


def _take(page: Page, folder: Path, addresses: dict[str, str], look: str) -> None:
    for name, address in addresses.items():
        answer = page.goto(address)
        if answer is None or not answer.ok:
            print(f"{address} answered {answer and answer.status}")
            continue
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        path = folder / f"{name}-{look}.png"
        taken = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        highest = taken.crop((0, 0, taken.width, min(taken.height, 3000)))
        highest.quantize(256).save(path, optimize=True)
        print(path)


def _addresses(page: Page) -> dict[str, str]:
    playlist = page.locator(".progress h2 a").get_attribute("href") or "/playlists"
    item = page.locator("main .card-title a").first.get_attribute("href") or "/items/1"
    return {
        "home": "/",
        "search": "/discover?q=data",
        "item": item,
        "role": "/role",
        "playlist": playlist,
    }


if __name__ == "__main__":
    main()
