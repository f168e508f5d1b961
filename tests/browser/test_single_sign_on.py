"""Single sign-on in a real browser, with portal and provider on different sites.

The portal is on 127.0.0.1 and the provider on a name under localhost, so that the browser applies
its rules for cookies between sites. The provider is pysaml2.
"""

import time
from urllib.parse import urlsplit

import pytest

from app.models import IdentityProvider
from tests.support.saml.foreign import ForeignProvider, on_a_site_of_its_own

DEEP = "/discover?q=radio&kind=video&kind=course"
ROBIN = {
    "mail": ["robin.field@visitors.example"],
    "givenName": ["Robin"],
    "displayName": ["Robin Field"],
}


@pytest.fixture(scope="module")
def provider(portal, database, tmp_path_factory):
    """Return pysaml2's provider on a site of its own, known to the running portal."""
    foreign = ForeignProvider("", tmp_path_factory.mktemp("provider"), people={"robin": ROBIN})
    with on_a_site_of_its_own(foreign), database.sessions() as session:
        foreign.enrol(session, email_domains=["visitors.example"], mapping={})
        foreign.service_provider = portal.metadata("foreign")
        yield foreign
        session.query(IdentityProvider).filter_by(slug="foreign").delete()
        session.commit()


def go_to_provider(page, wanted):
    """Go to an address signed out, and choose the provider on the sign-in page."""
    page.goto(wanted)
    page.get_by_role("link", name="Foreign").click()
    page.get_by_role("heading", name="Who are you?").wait_for()


def come_back(page, name="robin"):
    """Say who it is on the provider's page, and go on to the portal."""
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Go on").click()


def cookies(page):
    """Return the browser's cookies by name."""
    return {cookie["name"]: cookie for cookie in page.context.cookies()}


@pytest.mark.parametrize("javascript", [True, False])
def test_it_lands_exactly_where_it_wanted(provider, portal, open_browser, javascript):
    page = open_browser(javascript=javascript)
    go_to_provider(page, DEEP)
    assert urlsplit(page.url).netloc == urlsplit(provider.url).netloc
    come_back(page)
    assert page.url == portal.url + DEEP
    page.goto("/")
    assert "Robin" in page.get_by_role("heading", level=1).inner_text()


def test_it_keeps_the_way_back_for_half_an_hour_at_the_provider(provider, page):
    go_to_provider(page, DEEP)
    cookie = cookies(page)["foyer-way-in"]
    assert (cookie["sameSite"], cookie["secure"], cookie["httpOnly"]) == ("None", True, True)
    assert 29 * 60 <= cookie["expires"] - time.time() <= 31 * 60


def test_it_sends_the_session_s_cookie_to_the_portal_s_own_pages_alone(provider, page):
    go_to_provider(page, "/library")
    come_back(page)
    cookie = cookies(page)["foyer"]
    assert (cookie["sameSite"], cookie["httpOnly"]) == ("Lax", True)


def test_it_signs_out_at_both(provider, portal, page):
    go_to_provider(page, "/library")
    come_back(page)
    assert "robin" in provider.signed_in
    page.get_by_label("Account of Robin Field").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in again").wait_for()
    assert page.url.startswith(portal.url)
    assert provider.signed_in == {}
    page.goto("/library")
    assert "/sign-in" in page.url
