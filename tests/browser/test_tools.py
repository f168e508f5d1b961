"""Connecting a tool and living with it, in a real browser, with a blog behind a real socket."""

import re
import threading
import time

import httpx
import pytest
from playwright.sync_api import expect

from app import clock
from app.config import Config
from app.connectors.registry import connector_for
from app.harvest import service
from app.harvest.reaching import Parts
from app.harvest.running import run
from app.models import Connection, HarvestRun, Tool
from app.vault import Vault
from tests.support.tools.serving import Served
from tests.support.tools.wordpress import FakeWordPress
from tests.support.tools.world import CANARY

TOOL = "/admin/tools/"
FOUND_WITHIN_SECONDS = 15
PATIENCE = 15_000
FOCUS = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    const outlined = style.outlineStyle !== "none" && style.outlineWidth !== "0px";
    const label = one.getAttribute("aria-label") || one.labels?.[0]?.innerText;
    return {
        name: (label || one.innerText || one.name || "").trim(),
        tag: one.tagName,
        shown: outlined || style.boxShadow !== "none",
    };
}"""


class Blog(FakeWordPress):
    """A blog that also has pages for readers, and that can be made to wait before it answers."""

    def __init__(self):
        super().__init__()
        self.open = threading.Event()
        self.open.set()

    def answer(self, request):
        if not request.url.path.startswith("/wp-json") and b"rest_route" not in request.url.query:
            return httpx.Response(200, html="<!doctype html><title>A post</title><h1>A post</h1>")
        self.open.wait(timeout=PATIENCE / 1000)
        return super().answer(request)


@pytest.fixture
def blog():
    """Return a served blog with 30 posts; `blog.tool` is the fake."""
    fake = Blog()
    for number in range(1, 31):
        fake.add(f"Zephyrine valve {number}")
    with Served(fake) as served:
        yield served
        fake.open.set()


@pytest.fixture(autouse=True)
def disconnected_at_the_end(database):
    """Take away at the end what a test connected; the portal goes on for the next one."""
    yield
    with database.sessions() as session:
        for one in session.query(Connection).filter_by(kind="wordpress").all():
            service.disconnect(session, one, keep_items=False, now=clock.now())
        session.commit()


@pytest.fixture
def known(blog, portal, database):
    """Return the page of the blog, connected, switched on, and read once."""
    vault = Vault(Config.from_env(portal.env).secret_key)
    settings = {**blog.tool.settings(), "address": blog.url}
    kind = connector_for("wordpress")
    with database.sessions() as session:
        made = service.connect(
            session, vault, kind, settings, name="Known blog", private=True, now=clock.now()
        )
        made.enabled = True
        session.commit()
        address = TOOL + made.tool.slug
    run(Parts(database, vault), made.id)
    return address


def fill_in(page, blog, name, password=CANARY):
    """Choose WordPress and fill in what connecting it takes."""
    page.goto("/admin/tools")
    page.get_by_role("link", name="Connect a tool").click()
    page.get_by_role("link", name="WordPress").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Address").fill(blog.url)
    page.get_by_label("User").fill("foyer")
    page.get_by_label("password", exact=False).first.fill(password)
    page.get_by_label("It is inside the company’s own network").check()
    page.get_by_role("button", name="Connect and check").click()


def ended(page, reading, counts):
    """Expect that a reading has come to its end and says this."""
    expect(page.locator("#progress h2")).to_contain_text(reading, timeout=PATIENCE)
    expect(page.locator("#progress")).to_contain_text(counts, timeout=PATIENCE)
    expect(page.get_by_role("link", name="Look at this reading")).to_be_visible(timeout=PATIENCE)


def test_it_connects_a_blog_step_by_step(page, sign_in, blog, database):
    sign_in(page, "admin")
    fill_in(page, blog, "Step by step")
    expect(page.locator("#flash")).to_contain_text("Everything that is needed works.")
    expect(page.locator(".probes .ok").first).to_be_visible()
    page.get_by_role("link", name="What its fields mean").first.click()
    expect(page.locator("main")).to_contain_text("Zephyrine valve 1")
    page.go_back()

    blog.tool.open.clear()
    page.get_by_role("button", name="Try a reading").click()
    expect(page.locator("#progress progress")).to_be_visible()
    expect(page.get_by_role("button", name="Stop after this page")).to_be_visible(timeout=PATIENCE)
    blog.tool.open.set()
    ended(page, "Trial reading", "30 items read, 30 new")
    page.get_by_role("link", name="Look at this reading").click()
    expect(page.locator("main")).to_contain_text("This was a trial: nothing was written.")
    expect(page.get_by_role("heading", name="New")).to_be_visible()

    page.get_by_role("button", name="Switch it on").click()
    item = found(page, "zephyrine", database)
    ended(page, "Everything", "30 items read, 30 new")
    expect(page.locator("#steps")).to_contain_text("working")
    expect(page.locator("#announcer")).to_contain_text("30 items read")
    page.goto(item)
    link = page.get_by_role("link", name=re.compile("^Open in"))
    page.goto(link.get_attribute("href"))
    assert page.url.startswith(blog.url)
    expect(page.get_by_role("heading", name="A post")).to_be_visible()


def found(page, words, database):
    """Return the address of an item that is found soon enough after the reading that brought it."""
    for _ in range(200):
        page_found = page.request.get(f"/discover?q={words}").text()
        at = clock.now()
        link = re.search(r'href="(/items/\d+)[^"]*"[^>]*>[^<]*(?:<mark>)?Zephyrine', page_found)
        if link:
            break
    with database.sessions() as session:
        last = session.query(HarvestRun).order_by(HarvestRun.id.desc()).first()
    assert last.ended_at is None or (at - last.ended_at).total_seconds() < FOUND_WITHIN_SECONDS
    return link[1]


def test_it_says_a_wrong_password_in_words_and_what_to_do(page, sign_in, blog):
    sign_in(page, "admin")
    fill_in(page, blog, "Wrong password", password="not it")
    expect(page.locator("#flash")).to_contain_text("not work yet: see below.")
    expect(page.locator(".probes .bad").first).to_contain_text("password")
    page.get_by_role("button", name="Read everything").click()
    expect(page.locator("#steps")).to_contain_text("Get a new password or token", timeout=PATIENCE)
    page.get_by_role("link", name="Change its settings").click()
    assert CANARY not in page.content()
    expect(page.get_by_label("password", exact=False).first).to_have_value("")


def test_it_reads_what_changed_and_only_that(page, sign_in, blog, known):
    blog.tool.tick(60)
    blog.tool.change("7", "Zephyrine valve 7, mended")
    sign_in(page, "admin")
    page.goto(known)
    page.get_by_role("button", name="Read what changed").click()
    ended(page, "What changed", "1 changed")


def test_it_asks_before_it_takes_most_of_a_tool_away(page, sign_in, blog, known):
    for number in range(1, 26):
        del blog.tool.posts[number]
    sign_in(page, "admin")
    page.goto(known)
    page.get_by_role("button", name="Read everything").click()
    held = page.get_by_role("heading", name="25 items would be taken away")
    expect(held).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#steps")).to_contain_text("waits for an answer")
    page.get_by_role("button", name="Keep them all").click()
    expect(page.locator("#flash")).to_contain_text("25 items stay.")
    expect(held).to_have_count(0)


def test_it_pauses_and_disconnects_and_says_what_that_means(page, sign_in, known, database):
    sign_in(page, "admin")
    page.goto(known)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#steps")).to_contain_text("paused")
    page.get_by_role("link", name="Disconnect it").click()
    expect(page.locator("main")).to_contain_text("30 live items come from it.")
    page.get_by_label("Yes, disconnect").check()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.locator("#flash")).to_contain_text("is disconnected.")
    with database.sessions() as session:
        slug = known.removeprefix(TOOL)
        assert session.query(Connection).join(Tool).filter(Tool.slug == slug).count() == 0


def test_it_connects_and_reads_without_javascript(open_browser, sign_in, blog):
    page = sign_in(open_browser(javascript=False), "admin")
    fill_in(page, blog, "Without script")
    expect(page.locator("#flash")).to_contain_text("Everything that is needed works.")
    page.get_by_role("button", name="Try a reading").click()
    look_until_ended(page)
    expect(page.locator("#progress")).to_contain_text("30 items read, 30 new")
    page.get_by_role("link", name="Look at this reading").click()
    page.get_by_role("button", name="Switch it on").click()
    look_until_ended(page)
    expect(page.locator("#steps")).to_contain_text("working")


def look_until_ended(page):
    """Follow the link that looks again until the reading has ended."""
    until = time.monotonic() + PATIENCE / 1000
    again = page.get_by_role("link", name="Look again")
    expect(page.locator("#progress")).not_to_be_empty()
    while again.count() and time.monotonic() < until:
        again.click()
    expect(page.get_by_role("link", name="Look at this reading")).to_be_visible()


def test_it_connects_and_reads_by_keyboard_alone(page, sign_in, blog):
    sign_in(page, "admin")
    page.goto("/admin/tools")
    for name in ("Connect a tool", "WordPress"):
        tab_to(page, name)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    for name, text in (("Name", "By keyboard"), ("Address", blog.url), ("User", "foyer")):
        tab_to(page, name)
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
    tab_to(page, "password")
    page.keyboard.type(CANARY)
    tab_to(page, "It is inside")
    page.keyboard.press("Space")
    for name in ("Connect and check", "Try a reading"):
        tab_to(page, name)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    ended(page, "Trial reading", "30 items read, 30 new")
    tab_to(page, "Look at this reading")
    tab_to(page, "Disconnect it")


def tab_to(page, name):
    """Press Tab until something with this name has the focus, which shows wherever it comes."""
    for _ in range(80):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus["tag"] == "BODY":
            continue
        assert focus["shown"], f"the focus does not show on {focus}"
        if name.casefold() in focus["name"].casefold():
            expect(page.locator(":focus")).to_be_in_viewport()
            return
    pytest.fail(f"{name} cannot be reached by Tab")
