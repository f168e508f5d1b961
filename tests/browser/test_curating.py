"""Curators at work: from nothing to what readers see, two at once, and what is retired."""

import re

import pytest
from playwright.sync_api import expect

from app import clock
from app.care.retiring import bring_back
from app.models import Item, Person, PersonRole, Playlist, Role, Tool
from tests.browser.conftest import PEOPLE
from tests.browser.keyboard import Keyboard

AUDITOR = "site-auditor"


@pytest.fixture
def auditors(database):
    """Let there be a role without a page, which the engineer has too."""
    with database.sessions() as session:
        role = Role(slug=AUDITOR, name="Site auditor")
        session.add(role)
        session.flush()
        amara = session.query(Person).filter_by(name=PEOPLE["engineer"]).one()
        session.add(PersonRole(person_id=amara.id, role_id=role.id, position=1))
        session.commit()
        yield role
        session.delete(session.get(PersonRole, (amara.id, role.id)))
        session.delete(role)
        session.commit()


@pytest.fixture
def keys(page, sign_in):
    """Return the keyboard of a curator."""
    return Keyboard(sign_in(page, "curator"))


def heading(page, text):
    """Wait for the page with this heading."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def rows(page):
    """Return the titles of pins, or of steps, in their order."""
    return page.locator(".pin-row h3")


def test_a_page_is_made_from_nothing_by_keyboard_alone(
    keys, auditors, database, sign_in, open_browser
):
    page = keys.page
    keys.press("^Curate$")
    heading(page, "Curate")
    keys.press("^Make a page for Site auditor$")
    heading(page, "Site auditor page")
    for number, title in enumerate(["First week", "Later on"], start=1):
        keys.write("^Title", title, "#new_section input")
        page.keyboard.press("Enter")
        expect(page.locator(".edit-section h2")).to_have_count(number)

    first = pin_by_search(keys, "circuit")
    second = pin_by_link(keys, database, other_than=first)
    expect(rows(page)).to_have_text([first, second])
    expect(page.locator(".pin-row").nth(1)).to_contain_text("Ask me first.")

    keys.press(f"^Write a note on {re.escape(first)}$")
    expect(page.locator(".pin-note")).to_be_visible()
    keys.press(f"^Cancel the note on {re.escape(first)}$")
    expect(page.locator(".pin-note")).to_have_count(0)
    expect(page.get_by_role("link", name=f"Write a note on {first}")).to_be_focused()
    keys.press(f"^Write a note on {re.escape(first)}$")
    expect(page.locator(".pin-note")).to_be_visible()
    keys.write(f"^Note for {re.escape(first)}$", "Half an hour that saves you a day.")
    keys.press(f"^Save note for {re.escape(first)}$")
    expect(page.locator("#announcer")).to_have_text("The note is kept.")
    keys.press(f"^Move {re.escape(second)} up$")
    expect(rows(page)).to_have_text([second, first])
    keys.press("^Dates and readers", within=".pin-row:first-child a")
    heading(page, "Dates and readers")
    keys.date("^Last day", "12122039")
    expect(page.get_by_label("Last day")).to_have_value("2039-12-12")
    keys.press("^Save changes$")
    expect(page.locator(".pin-row").first).to_contain_text("12 December 2039")

    keys.press("^Publish$")
    heading(page, "Publish the Site auditor page")
    keys.press("^Publish$")
    expect(page.get_by_role("button", name="Change this page")).to_be_visible()

    reader = sign_in(open_browser(), "engineer")
    reader.goto("/roles")
    reader.get_by_role("link", name="Site auditor").first.click()
    shelf = reader.locator("section", has_text="First week")
    expect(shelf.locator(".card-title")).to_have_text([second, first])
    expect(shelf).to_contain_text("Half an hour that saves you a day.")
    expect(shelf).to_contain_text("Ask me first.")


def pin_by_search(keys, words):
    """Pin the first hit of a search to the first section; return its title, back on the page."""
    page = keys.page
    keys.press("^Add items$")
    expect(page.locator(".pin-bar")).to_contain_text("First week")
    keys.write("Search every", words)
    expect(page.get_by_role("heading", level=1)).to_contain_text(words)
    title = page.locator(".result h2").first.inner_text()
    keys.press("^Pin here$")
    expect(page.locator(".result").first).to_contain_text("Pinned")
    keys.press("^Back to the page$")
    heading(page, "Site auditor page")
    expect(rows(page)).to_have_text([title])
    return title


def pin_by_link(keys, database, other_than):
    """Paste the address of an item of another tool and pin it with a note; return its title."""
    page = keys.page
    with database.sessions() as session:
        item = session.query(Item).filter(Item.kind == "book", Item.title != other_than).first()
        url, title = item.url, item.title
    page.goto("/curate")
    keys.press("^Paste a link$")
    heading(page, "Add a link")
    keys.write("^Address", url)
    page.keyboard.press("Enter")
    heading(page, "Pin an item")
    keys.choose("^Pin it to$", "Site auditor: F")
    keys.write("^Why is it worth their time", "Ask me first.")
    keys.press("^Pin$")
    expect(page.locator("main")).to_contain_text("Pinned")
    keys.press("^See the draft$")
    heading(page, "Site auditor page")
    return title


@pytest.fixture
def playlist(database):
    """Return the address of a playlist that is made by a test, and take it away at the end."""
    slug = "first-weeks-of-an-auditor"
    yield f"/playlists/{slug}"
    with database.sessions() as session:
        for row in session.query(Playlist).filter_by(slug=slug).all():
            session.delete(row)
        session.commit()


def test_a_playlist_is_made_and_given_by_keyboard_alone(keys, playlist, sign_in, open_browser):
    page = keys.page
    page.goto("/curate/playlists")
    keys.press("^New playlist$")
    heading(page, "New playlist")
    keys.write("^Title", "First weeks of an auditor")
    page.keyboard.press("Enter")
    heading(page, "First weeks of an auditor")
    course = write_weeks(keys)
    keys.press(f"^{re.escape(course)}$")
    heading(page, f"Step: {course}")
    keys.write("^Due on day", "4")
    keys.write("^Note", "Bring tea.")
    page.keyboard.press("Tab")
    keys.press("^Save step$")
    expect(rows(page)).to_have_text([MEETING, course, TASK])
    keys.press(f"^Move {re.escape(course)} up$")
    expect(rows(page)).to_have_text([course, MEETING, TASK])

    keys.press("^Check and publish$")
    heading(page, "Publish version 1")
    keys.press("^Publish$")
    expect(page.locator("main")).to_contain_text("Published, version 1")
    keys.press("^Who gets it$")
    heading(page, "Who gets it")
    keys.write("^Name or e-mail address$", PEOPLE["engineer"])
    page.keyboard.press("Enter")
    expect(page.locator(".desk-person")).to_have_count(1)
    keys.press("^Give it to Amara Okafor$")
    expect(page.locator("main")).to_contain_text("Given by hand and under way")

    reader = sign_in(open_browser(), "engineer")
    reader.get_by_role("link", name="Playlists").click()
    reader.locator(".progress").get_by_role("link", name="First weeks of an auditor").click()
    heading(reader, "First weeks of an auditor")
    expect(reader.get_by_role("heading", name="Week 1 Arriving")).to_be_visible()
    expect(reader.get_by_role("heading", name="Week 2 Looking around")).to_be_visible()
    for number, text in enumerate([course, MEETING, TASK]):
        expect(reader.locator(".step").nth(number)).to_contain_text(text)
    expect(reader.locator(".step").first).to_contain_text("Bring tea.")


MEETING = "Tea with your buddy"
TASK = "Walk once round the site"


def write_weeks(keys):
    """Write two weeks with an item, somebody to meet and a task; return the title of the item."""
    page = keys.page
    keys.press("^Rename week 1$")
    keys.write("^Title of week 1$", "Arriving")
    page.keyboard.press("Enter")
    expect(page.locator("#week_title_1")).to_have_text("Week 1: Arriving")
    keys.write("^Add a week", "Looking around")
    page.keyboard.press("Enter")
    expect(page.locator("#week_title_2")).to_have_text("Week 2: Looking around")

    keys.press("^Add a step$", within="#week_1 a")
    heading(page, "Add a step to week 1")
    keys.write("^Find a course", "data")
    page.keyboard.press("Enter")
    expect(page.locator("#found li").first).to_be_visible()
    course = page.locator("#found li a").first.inner_text()
    keys.press(f"^Add {re.escape(course)}$")
    expect(page.locator("#found li").first).to_contain_text("In this playlist")
    keys.press("^Somebody to meet$")
    heading(page, "Somebody to meet")
    keys.tab_to("^Their buddy$")
    keys.write("^Title", MEETING)
    keys.write("^Due on day", "2")
    keys.press("^Add step$")
    expect(rows(page)).to_have_count(2)
    keys.press("^Add a step$", within="#week_2 a")
    heading(page, "Add a step to week 2")
    keys.press("^A task$")
    heading(page, "A task")
    keys.write("^Title", TASK)
    keys.press("^Add step$")
    expect(page.locator("#week_2 .pin-row h3")).to_have_text([TASK])
    return course


@pytest.fixture
def two(auditors, sign_in, open_browser):
    """Return two browsers with the same draft of a new page: Helen, who made it, and Tomasz."""
    helen, tomasz = (sign_in(open_browser(), who) for who in ("curator", "admin"))
    helen.goto("/curate")
    helen.get_by_role("button", name="Make a page for Site auditor").click()
    heading(helen, "Site auditor page")
    add_section(helen, "First week")
    tomasz.goto(f"/curate/roles/{AUDITOR}")
    expect(tomasz.locator(".edit-section h2")).to_have_text(["First week"])
    return helen, tomasz


def add_section(page, title):
    """Add a section to the draft that is shown."""
    before = page.locator(".edit-section h2").count()
    page.locator("#new_section").get_by_label("Title").fill(title)
    page.locator("#new_section").get_by_role("button", name="Add section").click()
    expect(page.locator(".edit-section h2")).to_have_count(before + 1)


def test_the_second_of_two_sees_both_titles_of_a_page_and_keeps_one(two):
    helen, tomasz = (page.locator("#details") for page in two)
    helen.get_by_label("Title").fill("Auditors on site")
    helen.get_by_role("button", name="Save details").click()
    expect(two[0].locator("#announcer")).not_to_be_empty()
    tomasz.get_by_label("Title").fill("Site audits")
    tomasz.get_by_label("Introduction").fill("What every audit begins with.")
    tomasz.get_by_role("button", name="Save details").click()
    expect(tomasz.get_by_role("alert")).to_contain_text("nothing is lost")
    expect(tomasz.locator("blockquote")).to_have_text(["Auditors on site"])
    expect(tomasz.get_by_label("Title")).to_have_value("Site audits")
    two[0].reload()
    expect(helen.get_by_label("Title")).to_have_value("Auditors on site")

    tomasz.get_by_role("button", name="Keep mine").click()
    expect(tomasz.get_by_role("alert")).to_have_count(0)
    two[0].reload()
    expect(helen.get_by_label("Title")).to_have_value("Site audits")
    expect(helen.get_by_label("Introduction")).to_have_value("What every audit begins with.")


def test_the_second_of_two_takes_the_title_that_the_first_gave_a_section(two):
    for page, title in zip(two, ("Day one", "The first days"), strict=True):
        page.locator("summary", has_text="Rename").click()
        section = page.locator(".edit-section")
        section.get_by_label("Title").fill(title)
        section.get_by_role("button", name="Save section").click()
        expect(section.locator("h2")).to_have_text("Day one")
    section = two[1].locator(".edit-section")
    expect(section.locator("blockquote")).to_have_text(["Day one"])
    expect(section.get_by_label("Title")).to_have_value("The first days")
    section.get_by_role("button", name="Take their text for Day one").click()
    expect(section.locator("blockquote")).to_have_count(0)
    expect(section.locator("h2")).to_have_text("Day one")
    expect(section.get_by_label("Title")).to_have_value("Day one")


def test_publishing_what_somebody_has_changed_meanwhile_says_so_first(two):
    helen, tomasz = two
    tomasz.get_by_role("link", name="Publish", exact=True).click()
    heading(tomasz, "Publish the Site auditor page")
    add_section(helen, "Later on")
    tomasz.get_by_label("Note for the history").fill("As agreed.")
    tomasz.get_by_role("button", name="Publish").click()
    expect(tomasz.get_by_role("alert")).to_contain_text("changed while you were looking at it")
    expect(tomasz.get_by_role("alert")).to_contain_text("Later on")
    expect(tomasz.get_by_label("Note for the history")).to_have_value("As agreed.")
    helen.reload()
    expect(helen.locator("main")).to_contain_text("Nobody sees this page before you publish it.")
    tomasz.get_by_role("button", name="Publish").click()
    expect(tomasz.get_by_role("button", name="Change this page")).to_be_visible()
    expect(tomasz.locator(".edit-section h2")).to_have_text(["First week", "Later on"])


def test_two_who_write_a_playlist_lose_no_note_and_publish_nothing_unseen(
    playlist, sign_in, open_browser
):
    helen, tomasz = (sign_in(open_browser(), who) for who in ("curator", "admin"))
    write_task(helen)
    step = helen.locator(".pin-row a").first.get_attribute("href")
    for page in (helen, tomasz):
        page.goto(step)
        heading(page, f"Step: {TASK}")
    helen.get_by_label("Note").fill("Helen's words")
    helen.get_by_role("button", name="Save step").click()
    expect(helen.locator(".desk-note")).to_have_text("Helen's words")
    tomasz.get_by_label("Note").fill("Tomasz's words")
    tomasz.get_by_role("button", name="Save step").click()
    expect(tomasz.locator(".desk-clash")).to_contain_text("Helen's words")
    expect(tomasz.get_by_label("Note")).to_have_value("Tomasz's words")
    helen.reload()
    expect(helen.locator(".desk-note")).to_have_text("Helen's words")
    helen.get_by_role("link", name="Check and publish").click()
    heading(helen, "Publish version 1")

    tomasz.get_by_label("Note").fill("Helen's words, and Tomasz's words")
    tomasz.get_by_role("button", name="Save step").click()
    expect(tomasz.locator(".desk-note")).to_have_text("Helen's words, and Tomasz's words")
    helen.get_by_label("Why, for the history").fill("As agreed.")
    helen.get_by_role("button", name="Publish").click()
    expect(helen.get_by_role("alert")).to_be_visible()
    expect(helen.get_by_label("Why, for the history")).to_have_value("As agreed.")
    helen.get_by_role("button", name="Publish").click()
    expect(helen.locator("main")).to_contain_text("Published, version 1")


def write_task(page):
    """Make a playlist with one task."""
    page.goto("/curate/playlists/new")
    page.get_by_label("Title").fill("First weeks of an auditor")
    page.get_by_role("button", name="Make it").click()
    heading(page, "First weeks of an auditor")
    page.goto(page.url.split("#")[0] + "/steps/new/task?week=1")
    page.get_by_label("Title").fill(TASK)
    page.get_by_role("button", name="Add step").click()
    expect(rows(page)).to_have_text([TASK])


@pytest.fixture
def retiring(database):
    """Return an item that stands in the newcomer's plan and on a role's page, and another.

    What a test has retired is offered again at the end.
    """
    now = clock.now()
    with database.sessions() as session:
        known = session.query(Item).join(Tool).filter(Tool.slug == "tts-handbook")
        old = known.filter(Item.title == "Security incidents").one()
        new = known.filter(Item.title == "Git commit signing").one()
        helen = session.query(Person).filter_by(name=PEOPLE["curator"]).one()
        session.expunge_all()
        yield old, new
        if session.get(Item, old.id).status == "retired":
            bring_back(session, old.id, by=helen.id, tokens=["everyone"], now=now)
            session.commit()


EVERYWHERE = [
    "/",
    "/roles/field-engineer",
    "/playlists/first-five-weeks",
    "/library",
    "/discover?tool=tts-handbook",
]


def test_a_successor_takes_the_place_of_a_retired_item_everywhere(retiring, sign_in, open_browser):
    old, new = retiring
    reader = sign_in(open_browser(), "newcomer")
    reader.goto(f"/items/{old.id}")
    reader.get_by_role("button", name="Save", exact=True).click()
    expect(reader.get_by_role("button", name="Saved", exact=True)).to_be_visible()
    for address in EVERYWHERE:
        reader.goto(address)
        expect(link_to(reader, old).first).to_be_visible()

    curator = sign_in(open_browser(), "curator")
    curator.goto(f"/items/{old.id}")
    curator.get_by_role("link", name="Retire").click()
    heading(curator, f"Retire {old.title}")
    curator.get_by_role("searchbox", name="Title, address").fill(new.title)
    curator.get_by_role("button", name=f"Takes its place: {new.title} in TTS Handbook").click()
    heading(curator, f"{old.title} is retired")
    for address in EVERYWHERE:
        reader.goto(address)
        expect(link_to(reader, new).first).to_be_visible()
        expect(link_to(reader, old)).to_have_count(0)
    reader.goto("/discover?q=security+incidents")
    expect(reader.get_by_role("heading", level=1)).to_contain_text("security incidents")
    expect(link_to(reader, old)).to_have_count(0)
    for address in (f"/go/{old.id}", f"/items/{old.id}"):
        reader.goto(address)
        expect(reader.locator("main")).to_contain_text("has been retired.")
        expect(reader.locator("main")).to_contain_text(new.title)
    reader.goto("/notices")
    expect(reader.locator("main")).to_contain_text(new.title)

    curator.get_by_role("button", name="Bring it back").click()
    expect(curator.locator("#flash")).to_contain_text("It is offered again.")
    for address in EVERYWHERE:
        reader.goto(address)
        expect(link_to(reader, old).first).to_be_visible()


def link_to(page, item):
    """Return the links of the page's own part that are called as the item."""
    return page.locator("main").get_by_role("link", name=item.title, exact=True)
