"""A new hire's first week in a real browser, over real tools: nobody here plays a part of theirs.

The portal runs as a newcomer starts it, without the worker: the test harvests when it wants to.
Lessons are in Kolibri, which tells who finished what; handbook pages are in MediaWiki, whose
readings a learning record store tells of; colleagues talk in Matrix, which tells nothing.
"""

import datetime as dt
import re
import shutil
from zoneinfo import ZoneInfo

import httpx
import icalendar
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app import clock
from app.config import Config
from app.connectors.registry import connector_for
from app.db import Database
from app.harvest import accounts, service
from app.harvest.reaching import Parts
from app.harvest.running import run
from app.models import Connection, Item, ToolAccount
from app.playlists import service as playlists
from app.vault import Vault
from tests.browser.conftest import CHROMIUM, Portal
from tests.support.factories import Factory
from tests.support.plans import playlist_of
from tests.support.servers.ralph import statement

PERSON = {"name": "Leila Haddad", "email": "leila.haddad@tarnwell.example.com"}
IN_KOLIBRI = "ada"  # nothing says that this is Leila, until an administrator does
PLAN = "/playlists/first-days"
PATIENCE = 30_000
WIDE = {"width": 1360, "height": 900}
NAMES = {"kolibri": "Kolibri", "mediawiki": "Handbook", "lrs": "Records", "matrix": "Matrix"}


@pytest.fixture(scope="module")
def portal(tmp_path_factory, empty_sqlite):
    """Return a running portal without people, and without a worker."""
    folder = tmp_path_factory.mktemp("portal")
    shutil.copy(empty_sqlite, folder / "foyer.db")
    portal = Portal(folder)
    portal.run("reindex")
    process = portal.serve("--no-worker")
    yield portal
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture(scope="module")
def database(portal):
    """Return the database of the running portal."""
    database = Database(f"sqlite:///{portal.env['FOYER_DATA_DIR']}/foyer.db")
    yield database
    database.close()


@pytest.fixture(scope="module")
def tools(portal, database, kolibri, mediawiki, ralph, synapse):
    """Connect the tools, read them for the first time, and return a function that reads one."""
    vault = Vault(Config.from_env(portal.env).secret_key)
    kolibri.reset()
    ralph.reset()
    given = {
        "kolibri": {"address": kolibri.url, "user": kolibri.user, "password": kolibri.password},
        "mediawiki": {"address": mediawiki.url},
        "lrs": {"address": f"{ralph.url}/xAPI", "user": ralph.user, "password": ralph.password},
        "matrix": {"address": synapse.url, "token": synapse.token},
    }
    ids = {}
    for kind, settings in given.items():
        with database.transaction() as session:
            made = service.connect(
                session,
                vault,
                connector_for(kind),
                settings,
                name=NAMES[kind],
                private=True,
                now=clock.now(),
            )
            made.enabled, ids[kind] = True, made.id

    def read(kind):
        ended = run(Parts(database, vault), ids[kind])
        assert (ended.state, ended.error) == ("done", "")

    for kind in given:
        read(kind)
    yield read
    kolibri.reset()
    ralph.reset()


@pytest.fixture(scope="module")
def chromium(playwright):
    """Return a running Chromium that finds nobody but this machine."""
    nobody = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", nobody])
    yield browser
    browser.close()


@pytest.fixture
def page(chromium, portal):
    """Return a page in which nobody has signed in."""
    context = chromium.new_context(
        base_url=portal.url, locale="en-GB", reduced_motion="reduce", viewport=WIDE
    )
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def today():
    """Return the day of whoever lives where it is about noon, so that no day ends meanwhile."""
    return clock.now().astimezone(ZoneInfo(zone())).date()


def zone():
    return f"Etc/GMT{clock.now().hour - 12:+d}"


@pytest.fixture
def leila(database, tools):
    """Return the id of the new hire; an administrator has said which account is hers."""
    with database.transaction() as session:
        person = Factory(session, clock.now()).person(**PERSON, time_zone=zone())
        [connection] = session.scalars(select(Connection).where(Connection.kind == "kolibri"))
        [account] = session.scalars(select(ToolAccount).where(ToolAccount.name == IN_KOLIBRI))
        accounts.link_account(session, connection, account.id, email=person.email)
    tools("kolibri")
    return person.id


@pytest.fixture
def week(database, leila, today):
    """Give the new hire a first week over three tools, of which today is the third day."""
    with database.transaction() as session:
        make = Factory(session, clock.now())
        buddy = make.person("Amara Okafor", email="amara@tarnwell.example.com")
        playlist, _ = playlist_of(
            make,
            {"item": item_called(session, "Lockout and tagout"), "due_day": 1},
            {"title": "Fetch your badge", "due_day": 2},
            {"item": item_called(session, "Earthing"), "due_day": 3},
            {"item": item_called(session, "Safety training"), "due_day": 3},
            {"item": item_called(session, "Newcomers"), "due_day": 3},
            {"kind": "meet", "title": "A walk through the works", "meets": "buddy", "due_day": 4},
            days=7,
        )
        start = today - dt.timedelta(days=2)
        moment = {"starts_on": start, "by": buddy.id, "now": clock.now()}
        playlists.assign(session, playlist.id, leila, buddy_id=buddy.id, **moment)


def item_called(session, title):
    return session.scalars(select(Item).where(Item.title == title)).one()


def sign_in(page):
    page.goto("/")
    page.get_by_role("button", name=PERSON["name"]).click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible(timeout=PATIENCE)


def step(page, title):
    """Return the step of this title, wherever the page shows it."""
    return page.locator(".step", has=page.get_by_role("heading", name=title))


def titles(page, group):
    """Return the titles of the steps that stand under a heading of today."""
    block = page.locator(".today-group", has_text=group)
    return block.get_by_role("heading", level=3).all_inner_texts()


def open_tool(page, title, address):
    """Go to a step's tool as its button leads, come back to the plan, and return where it led."""
    step(page, title).get_by_role("link", name=f"Start {title}").click()
    page.wait_for_url(f"{address}/**", wait_until="commit")
    led_to = page.url
    page.goto(PLAN)
    return led_to


def join(page, title):
    """Follow the button of a channel, and return the site it leads to, which is not there."""
    with page.expect_event("requestfailed") as failed:
        step(page, title).get_by_role("link", name=f"Join {title}").click()
    return failed.value.url


def by_hand(page, title, action):
    """Press a button of a step, and wait until the page says what has become of it."""
    step(page, title).get_by_role("button", name=f"{action}: {title}").click()
    other = {"Done": "Undo", "Undo": "Done"}[action]
    answered = step(page, title).get_by_role("button", name=f"{other}: {title}")
    expect(answered).to_be_visible(timeout=PATIENCE)


def is_done(page, title, day):
    page.goto(PLAN)
    expect(step(page, title).get_by_role("img", name="Done")).to_be_visible()
    expect(step(page, title)).to_contain_text(f"Completed {day:%-d %B}")


def refused(page, title):
    """Say that a step is done though nothing offers it; return the status and the sentence."""
    number = step(page, title).get_attribute("id").removeprefix("step_")
    token = page.locator("input[name=csrf_token]").first.get_attribute("value")
    answer = page.request.post(f"{PLAN}/steps/{number}/done", form={"csrf_token": token})
    [sentence] = re.findall(r"Kolibri tells us[^<]+", answer.text())
    return answer.status, sentence


def make_address(page):
    """Make the private address of the calendar, and return it."""
    page.goto(PLAN)
    page.get_by_role("link", name="See it in your own calendar").click()
    page.get_by_role("button", name="Make my address").click()
    return page.locator("code").inner_text()


def days(address):
    """Return the day of each event that a calendar finds at the address."""
    answer = httpx.get(address, trust_env=False).raise_for_status()
    events = icalendar.Calendar.from_ical(answer.content).events
    return {str(event["summary"]): event["dtstart"].dt for event in events}


def read_to_the_end(address):
    """Return what a page's reader is said to have done at the end of it, just now."""
    return statement(
        501,
        "ada",
        "completed",
        "",
        clock.now().isoformat(timespec="milliseconds"),
        actor={"objectType": "Agent", "mbox": f"mailto:{PERSON['email']}"},
        object={"objectType": "Activity", "id": address},
    )


def test_a_new_hire_does_week_one_over_three_tools(
    page, week, tools, today, kolibri, mediawiki, ralph, synapse
):
    sign_in(page)
    first = page.get_by_role("heading", level=2)
    expect(first.nth(0)).to_have_text("Your first days")
    expect(first.nth(1)).to_have_text("Today")
    assert titles(page, "Still waiting for you") == ["Fetch your badge"]
    assert titles(page, "Due today") == ["Earthing", "Safety training", "Newcomers"]
    assert titles(page, "Next after that") == ["A walk through the works"]
    expect(page.locator(".progress")).to_contain_text("Day 3 of 7, 1 step is late")
    calendar = make_address(page)
    assert days(calendar) == {
        "Fetch your badge": today - dt.timedelta(days=1),
        "Earthing": today,
        "Safety training": today,
        "Newcomers": today,
        "A walk through the works (with Amara Okafor)": today + dt.timedelta(days=1),
    }

    page.goto("/")
    step(page, "Fetch your badge").get_by_role("button", name="instead: Fetch your badge").click()
    moved = page.locator(".undo-move")
    expect(moved).to_contain_text("1 step has a new day.", timeout=PATIENCE)
    expect(page.locator(".step.late")).to_have_count(0)
    assert days(calendar)["Fetch your badge"] >= today

    page.goto(PLAN)
    expect(step(page, "Earthing")).to_contain_text("Kolibri tells us when you are done.")
    assert refused(page, "Earthing") == (403, "Kolibri tells us when you are done.")
    open_tool(page, "Earthing", kolibri.url)
    kolibri.finish(IN_KOLIBRI, "Earthing")
    page.reload()
    expect(step(page, "Earthing").get_by_role("link", name="Start Earthing")).to_be_visible()
    tools("kolibri")
    is_done(page, "Earthing", today)
    expect(step(page, "Earthing").get_by_role("button")).to_have_count(0)

    address = open_tool(page, "Safety training", mediawiki.url)
    ralph.receive(read_to_the_end(address))
    tools("lrs")
    is_done(page, "Safety training", today)

    assert join(page, "Newcomers") == "https://matrix.to/"
    synapse.join("newcomers", "ada")
    is_done(page, "Newcomers", today)

    for action in ("Done", "Undo", "Done"):
        by_hand(page, "Fetch your badge", action)
    page.goto("/")
    assert titles(page, "Next") == ["A walk through the works"]
    assert [*days(calendar)] == ["A walk through the works (with Amara Okafor)"]
    step(page, "A walk through the works").get_by_role("button", name="Done: A walk").click()
    finished = page.get_by_role("heading", name="You have finished this playlist")
    expect(finished).to_be_visible(timeout=PATIENCE)
    assert days(calendar) == {}

    page.get_by_role("link", name="See your certificate").click()
    certificate = page.get_by_role("heading", name="Certificate of completion")
    expect(certificate).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".certificate-name")).to_have_text(PERSON["name"])
    expect(page.locator(".certificate tbody tr")).to_have_count(6)
    page.get_by_role("link", name="See what colleagues see").click()
    genuine = page.get_by_role("heading", name="This certificate is genuine")
    expect(genuine).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".certificate-good")).to_contain_text(PERSON["name"])
