"""Takes the pictures of `docs/pictures/` from a running portal with the sample company.

    python bench/pictures.py [FOLDER]

starts a portal of its own, signs in, and takes home, search, item, role page and playlist at
1360 px and 390 px, light and dark.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.browser.conftest import CHROMIUM, Portal  # noqa: E402

WIDTHS = (1360, 390)
SCHEMES = ("light", "dark")


def main() -> None:
    """Take every picture and say where each is."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    with running_portal() as portal, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width in WIDTHS:
            for scheme in SCHEMES:
                _take_all(browser, portal, folder, width, scheme)
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


def _take_all(browser: Browser, portal: Portal, folder: Path, width: int, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        base_url=portal.url,
        locale="en-GB",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.locator(".choice", has_text="Leila Haddad").locator("button").click()
    page.wait_for_url("**/")
    for name, address in _addresses(page).items():
        page.goto(address)
        page.evaluate("document.fonts.ready")
        path = folder / f"{name}-{scheme}-{width}.png"
        page.screenshot(path=path, full_page=True)
        print(path)
    context.close()


def _addresses(page: Page) -> dict[str, str]:
    playlist = page.locator(".progress h2 a").get_attribute("href") or "/playlists"
    item = page.locator("#for_you .card-title a").first.get_attribute("href") or "/items/1"
    return {
        "home": "/",
        "search": "/discover?q=data",
        "item": item,
        "role": "/role",
        "playlist": playlist,
    }


if __name__ == "__main__":
    main()
