"""What administrators and readers meet of sign-in, sessions and directories, in a real browser."""

import json
import re
import urllib.request
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app import clock
from app.models import IdentityProvider, LoginSession, Person, ScimClient
from tests.support.saml.foreign import ForeignProvider, on_a_site_of_its_own

DEEP = "/discover?q=radio&kind=video&kind=course"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
PATCH = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "value": {"active": False}}],
}


def visitor(name):
    return {
        "mail": [f"{name.lower()}@visitors.example"],
        "displayName": [f"{name} Field"],
        "isMemberOf": ["visiting-curators"],
    }


@pytest.fixture
def unknown(database, tmp_path):
    """Return pysaml2's provider on a site of its own, of which the portal knows nothing."""
    people = {name: visitor(name) for name in ("Casey", "Dana")}
    with on_a_site_of_its_own(ForeignProvider("", tmp_path, people=people)) as foreign:
        yield foreign
    with database.sessions() as session:
        session.query(IdentityProvider).filter_by(slug="visitors").delete()
        session.commit()


@pytest.fixture
def as_admin(page, sign_in):
    """Return a page of an administrator."""
    return sign_in(page, "admin")


@pytest.fixture
def elsewhere(open_browser, sign_in):
    """Return a function that signs somebody in with a second browser, a Firefox on Windows."""
    return lambda who: sign_in(open_browser(user_agent=FIREFOX), who)


def connect(page, foreign):
    """Connect the provider by pasting its metadata, and tell it about the portal."""
    page.goto("/admin/providers")
    page.get_by_role("link", name="Connect with SAML").click()
    page.get_by_label("Name", exact=True).fill("Visitors")
    page.get_by_label("E-mail domains").fill("visitors.example")
    page.get_by_label("Metadata, pasted").fill(foreign.metadata())
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Visitors")


def come_back(page, name):
    """Say who it is on the provider's page, and go on to the portal."""
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Go on").click()


def write_rule(page):
    """Make curators of a group of the provider, looking first at what the rule would make."""
    page.get_by_label("Rule 1: value").fill("visiting-curators")
    page.get_by_label("Rule 1: gives").select_option("access")
    page.get_by_label("Rule 1: name").fill("curator")
    page.get_by_role("button", name="Show what it would make").click()
    expect(made_of_it(page, "Access")).to_contain_text("curator")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#flash")).to_contain_text("Saved.")


def made_of_it(page, field):
    """Return the row of a field in the table of what was made of it."""
    table = page.get_by_role("region", name="What Foyer made of it")
    return table.get_by_role("row").filter(has=page.get_by_role("rowheader", name=field))


@pytest.mark.parametrize(("javascript", "name"), [(True, "Casey"), (False, "Dana")])
def test_it_connects_a_provider_that_makes_a_curator_of_who_comes_in(
    unknown, portal, open_browser, sign_in, javascript, name
):
    admin = sign_in(open_browser(javascript=javascript), "admin")
    connect(admin, unknown)
    unknown.service_provider = portal.metadata("visitors")
    admin.get_by_role("link", name="Try the sign-in").click()
    come_back(admin, name)
    expect(admin.get_by_role("region", name="What was received")).to_contain_text("visiting-cur")
    expect(made_of_it(admin, "Name")).to_contain_text(f"{name} Field")
    admin.get_by_role("link", name="Change what attributes mean").click()
    write_rule(admin)
    admin.goto("/admin/providers/visitors")
    admin.get_by_role("button", name="Switch on").click()
    reader = open_browser(javascript=javascript)
    reader.goto(DEEP)
    reader.get_by_role("link", name="Continue with Visitors").click()
    come_back(reader, name)
    assert reader.url == portal.url + DEEP
    assert reader.goto("/curate").ok


def test_it_ends_another_browser_s_session_whose_next_click_asks_to_sign_in(
    page, sign_in, elsewhere
):
    other = elsewhere("engineer")
    sign_in(page, "engineer").goto("/settings/sessions")
    firefox = page.get_by_role("listitem").filter(has_text="Firefox on Windows").first
    firefox.get_by_role("button", name=re.compile("^End")).click()
    expect(page.locator("#flash")).to_contain_text("signed out")
    other.get_by_role("link", name="Library", exact=True).click()
    sign_in_again(other, "engineer")
    other.wait_for_url("**/library")


def sign_in_again(page, who):
    """Sign in on the sign-in page to which a click has led."""
    names = {"engineer": "Amara Okafor", "curator": "Helen Marsh"}
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.locator(".choice", has_text=names[who]).get_by_role("button").click()


def test_it_leads_from_a_part_of_a_page_to_sign_in_and_back(page, sign_in, elsewhere):
    other = elsewhere("engineer")
    other.goto("/discover?q=measure")
    sign_in(page, "engineer").goto("/settings/sessions")
    page.get_by_role("button", name="End all other sessions").click()
    expect(page.locator("#flash")).to_contain_text("signed out")
    other.locator(".result").first.get_by_role("button").first.click()
    sign_in_again(other, "engineer")
    other.wait_for_url("**/discover?q=measure")


def open_person(page, name):
    page.goto("/admin/people")
    page.get_by_role("link", name=name).click()


def let_time_pass(database, name, **ago):
    """Move back when somebody last showed who they are."""
    with database.sessions() as session:
        mine = session.query(LoginSession).join(Person).filter(Person.name == name)
        for each in mine:
            each.proved_at = clock.now() - timedelta(**ago)
        session.commit()


def test_it_lets_an_administrator_end_somebody_s_session(as_admin, elsewhere):
    other = elsewhere("curator")
    open_person(as_admin, "Helen Marsh")
    firefox = as_admin.get_by_role("listitem").filter(has_text="Firefox on Windows").first
    firefox.get_by_role("button", name=re.compile("^End")).click()
    expect(as_admin.locator("#flash")).to_contain_text("signed out")
    other.get_by_role("link", name="Library", exact=True).click()
    sign_in_again(other, "curator")


def test_it_asks_for_a_proof_before_a_change_and_comes_back_to_the_form(
    as_admin, database, elsewhere
):
    elsewhere("German analyst")
    open_person(as_admin, "Lukas Brandt")
    form = as_admin.url
    let_time_pass(database, "Tomasz Wieczorek", minutes=31)
    as_admin.get_by_role("button", name=re.compile("^End Firefox")).first.click()
    expect(as_admin.get_by_role("heading", level=1)).to_have_text("Is it you?")
    as_admin.get_by_role("button", name="It is me").click()
    assert as_admin.url == form
    as_admin.get_by_role("button", name=re.compile("^End Firefox")).first.click()
    expect(as_admin.locator("#flash")).to_contain_text("signed out")


@pytest.fixture
def directory(as_admin, database):
    """Return the page of a SCIM client that was connected just now."""
    as_admin.goto("/admin/scim")
    as_admin.get_by_label("Name").fill("Directory")
    as_admin.get_by_role("button", name="Connect").click()
    yield as_admin
    with database.sessions() as session:
        session.query(ScimClient).delete()
        for person in session.query(Person).filter_by(active=False):
            person.active = True
        session.commit()


def token_made(page):
    """Make a token and copy it by keyboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Make a token").press("Enter")
    page.get_by_role("button", name="Copy: Token").press("Enter")
    expect(page.locator("#announcer")).to_have_text("Copied")
    return page.evaluate("navigator.clipboard.readText()")


def ask(portal, token, method, path, body):
    """Send a SCIM request and return what it answers."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    asked = urllib.request.Request(
        f"{portal.url}/scim/v2{path}", json.dumps(body).encode(), headers, method=method
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return json.load(answer)


def test_it_shows_a_token_once(directory):
    token = token_made(directory)
    assert token in directory.locator("main").inner_text()
    directory.goto("/admin/scim/scim-directory")
    assert token not in directory.content()


def test_it_signs_out_with_the_next_click_whom_a_directory_switches_off(
    directory, portal, database, elsewhere
):
    other = elsewhere("German analyst")
    with database.sessions() as session:
        email = session.query(Person).filter_by(name="Lukas Brandt").one().email
    token = token_made(directory)
    user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": email}
    made = ask(portal, token, "POST", "/Users", user | {"active": True})
    assert other.goto("/library").url == f"{portal.url}/library"
    ask(portal, token, "PATCH", f"/Users/{made['id']}", PATCH)
    other.get_by_role("link", name="Playlists").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_it_offers_to_sign_in_again_after_a_refused_answer(unknown, portal, database, page):
    with database.sessions() as session:
        unknown.enrol(session, slug="visitors", name="Visitors", email_domains=["visitors.example"])
    unknown.service_provider = portal.metadata("visitors")
    page.goto("/library")
    page.get_by_role("link", name="Continue with Visitors").click()
    page.get_by_label("Name").fill("Casey")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    answer = page.content()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/library")
    page.context.clear_cookies(name="foyer")
    replay(page, answer)
    expect(page.get_by_role("heading", level=1)).to_have_text("That did not work")
    expect(page.locator("main")).to_contain_text(re.compile(r"Reference \w{8,}"))
    page.locator("main").get_by_role("link", name="Sign in again").click()
    assert page.url == f"{portal.url}/sign-in?stay=1"


def replay(page, answer):
    """Send an answer of the provider a second time, as a browser's back button may."""
    page.goto("about:blank")
    page.set_content(answer)
    page.get_by_role("button", name="Go on").click()


def test_it_says_when_to_try_again_to_who_asks_too_often(page, open_browser):
    for _ in range(21):
        page.request.get("/sign-in/link/guessed")
    page.goto("/sign-in/link/guessed")
    expect(page.get_by_role("heading", level=1)).to_have_text("A little slower, please")
    expect(page.locator("main")).to_contain_text(re.compile(r"Try again in \d+ seconds?\."))


def tab_to(page, name):
    """Press Tab until what bears this name has the focus; every focus on the way can be seen."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        assert focused["seen"], focused
        if focused["name"] == name:
            return
    raise AssertionError(f"no Tab leads to {name}")


FOCUSED = """async () => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const it = document.activeElement, look = getComputedStyle(it);
  await Promise.all(it.getAnimations().map((moving) => moving.finished));
  const label = it.labels?.[0]?.textContent ?? it.ariaLabel ?? it.textContent;
  const edge = it.getBoundingClientRect();
  return {name: label.trim(), seen: look.outlineStyle !== "none" && edge.width > 0
    && edge.top < innerHeight && edge.bottom > 0};
}"""


def focus_of(page):
    """Return the id of the element that has the focus."""
    return page.evaluate("document.activeElement.id")


def test_it_connects_a_provider_by_keyboard_and_leads_from_the_summary_to_the_field(as_admin):
    as_admin.goto("/admin/providers")
    tab_to(as_admin, "Connect with SAML")
    as_admin.keyboard.press("Enter")
    as_admin.wait_for_url("**/add/saml")
    fields = ["Name", "E-mail domains", "Address of the metadata", "Metadata as a file"]
    for name in [*fields, "Metadata, pasted"]:
        tab_to(as_admin, name)
        if name in {"Name", "Metadata, pasted"}:
            as_admin.keyboard.type("<nothing/>")
    tab_to(as_admin, "Connect")
    as_admin.keyboard.press("Enter")
    expect(as_admin.locator(".error-summary")).to_be_focused()
    as_admin.keyboard.press("Tab")
    as_admin.keyboard.press("Enter")
    assert focus_of(as_admin) == "field_metadata_text"


def test_it_writes_a_rule_by_keyboard(as_admin, directory):
    as_admin.get_by_role("link", name="What groups mean").press("Enter")
    expect(as_admin.get_by_label("Rule 1: value")).to_be_visible()
    tab_to(as_admin, "Rule 1: value")
    as_admin.keyboard.type("Staff")
    as_admin.keyboard.press("Tab")
    as_admin.keyboard.press("ArrowDown")
    as_admin.keyboard.press("ArrowDown")
    as_admin.keyboard.press("Tab")
    as_admin.keyboard.type("emperor")
    as_admin.keyboard.press("Enter")
    expect(as_admin.locator(".error-summary")).to_be_focused()
    tab_to(as_admin, "The access level of rule 1 is not known.")
    as_admin.keyboard.press("Enter")
    assert focus_of(as_admin) == "field_rule_field_1"
    tab_to(as_admin, "Rule 1: name")
    as_admin.keyboard.type("curator")
    as_admin.keyboard.press("Enter")
    expect(as_admin.locator("#flash")).to_contain_text("Saved.")


def test_it_ends_a_session_by_keyboard(page, sign_in, elsewhere):
    elsewhere("newcomer")
    sign_in(page, "newcomer").goto("/settings/sessions")
    tab_to(page, "Sign out")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#flash")).to_contain_text("That browser is signed out.")
