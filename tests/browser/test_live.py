"""Connected tools beside a search, in a real browser: the page's own results never move."""

import threading
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app import clock
from app.config import Config
from app.connectors.registry import connector_for
from app.harvest import service
from app.models import Connection
from app.vault import Vault
from tests.support.tools.serving import Served
from tests.support.tools.wordpress import FakeWordPress

PATIENCE = 15_000
WORD = "data"


class Blog(FakeWordPress):
    """A blog that waits before it answers, for as long as `open` is not set."""

    def __init__(self):
        super().__init__()
        self.open = threading.Event()

    def answer(self, request):
        self.open.wait(timeout=PATIENCE / 1000)
        return super().answer(request)


@pytest.fixture
def blog(portal, database):
    """Return a connected blog that nobody has harvested; it is gone after the test."""
    fake = Blog()
    for number in range(3):
        fake.add(f"Zephyr {WORD} {number}")
    vault = Vault(Config.from_env(portal.env).secret_key)
    with Served(fake) as served, database.sessions() as session:
        settings = {**fake.settings(), "address": served.url}
        kind, now = connector_for("wordpress"), clock.now()
        made = service.connect(
            session, vault, kind, settings, name="Zephyr blog", private=True, now=now
        )
        made.enabled, made.next_run_at = True, now + timedelta(days=1)  # the worker leaves it
        session.commit()
        yield fake
        fake.open.set()
        row = session.get(Connection, made.id, populate_existing=True)
        service.disconnect(session, row, keep_items=False, now=clock.now())
        session.commit()


def boxes(page):
    """Return where the first and the last result of the page stand."""
    rows = page.locator("#results ol.results").first.locator("> li")
    return rows.first.bounding_box(), rows.nth(rows.count() - 1).bounding_box()


@pytest.mark.parametrize("width", [1360, 390])
def test_results_are_there_first_and_stay_where_they_are(open_browser, sign_in, blog, width):
    page = sign_in(open_browser(width=width), "newcomer")
    asked = f"{WORD}"
    place = page.locator("#live")
    for _ in range(PATIENCE // 1000 + 5):  # who can be asked is looked up every few seconds
        page.goto(f"/discover?q={asked}&plain={'1' if width == 390 else ''}")
        if place.count():
            break
        page.wait_for_timeout(1000)
    expect(place).to_contain_text("Ask the connected tools too", timeout=PATIENCE)
    before = boxes(page)
    blog.open.set()
    expect(page.locator("#live .live-line")).to_contain_text("Zephyr blog (3)", timeout=PATIENCE)
    expect(page.locator("#live_more h2").first).to_have_text("Also found just now")
    assert boxes(page) == before
    link = page.locator("#live_more a").first
    assert link.get_attribute("rel") == "noopener noreferrer"
    page.reload()
    expect(page.get_by_text("Live from Zephyr blog").first).to_be_visible()
