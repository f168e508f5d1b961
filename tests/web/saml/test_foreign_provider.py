"""Signing in and out with pysaml2, a provider nobody of us wrote; the tests are the browser."""

from urllib.parse import urlsplit

import html5lib
import pytest
from saml2.saml import NAME_FORMAT_BASIC

from app.models import IdentityProvider, Person, PersonRole, Role
from tests.support.pages import Page, PageClient
from tests.support.saml import flow
from tests.support.saml.foreign import ForeignProvider
from tests.support.saml.keys import key_pair
from tests.support.saml.logout import is_signed_by

DEEP = "/discover?q=C%2B%2B&kind=video&kind=course"
MACE_NAME = "urn:mace:dir:attribute-def:displayName"


@pytest.fixture
def foreign(app, session, make, visitor, tmp_path, signing_key):
    """Return pysaml2's provider, enrolled with us, with our metadata read."""
    make.role("field-engineer", "Field engineer")
    foreign = ForeignProvider("https://idp.example.org", tmp_path)
    foreign.enrol(session)
    foreign.service_provider = visitor.get(flow.endpoint(app, "metadata", "foreign")).html
    return foreign


class Browser:
    """Somebody's browser, which goes back and forth between the portal and the provider."""

    def __init__(self, app, foreign):
        self.portal = PageClient(app)
        self.provider = foreign.app.test_client()
        self.url = foreign.url

    def go(self, address):
        """Return what the address answers, wherever it is."""
        if address.startswith(self.url):
            return self.provider.get(address.removeprefix(self.url))
        parts = urlsplit(address)
        return self.portal.http.get(f"{parts.path}?{parts.query}")

    def send(self, answer):
        """Send the only form on a page of the provider's, once its fields are filled in."""
        action, fields = form_on(answer)
        if action.startswith("http"):
            path = urlsplit(action).path
            return self.portal.http.post(
                path, data=fields, headers={"Sec-Fetch-Site": "cross-site"}
            )
        return self.provider.post(action, data=fields | {"name": "amara"})

    def sign_in(self, wanted="/"):
        """Walk from an address, signed out, over the provider to where that leads; return it."""
        way = self.portal.follow(self.portal.get(wanted)).location
        asked = self.go(self.go(way).headers["Location"])
        return Page(self.send(self.send(asked)))


@pytest.fixture
def browser(app, foreign):
    """Return a browser that is signed in nowhere."""
    return Browser(app, foreign)


def form_on(answer):
    """Return where the only form on a page leads, and its fields."""
    root = html5lib.parse(answer.get_data(as_text=True), namespaceHTMLElements=False)
    (form,) = root.iter("form")
    fields = {field.get("name"): field.get("value", "") for field in form.iter("input")}
    return form.get("action"), fields


def test_it_signs_in_and_lands_exactly_where_it_wanted(browser, session):
    assert browser.sign_in(DEEP).location == DEEP
    assert browser.portal.get(DEEP).status == 200
    session.rollback()
    person = session.query(Person).one()
    assert (person.name, person.email) == ("Amara Okafor", "amara.okafor@example.org")


def test_it_reads_names_that_only_a_mapping_knows(browser, foreign, session):
    foreign.name_format = NAME_FORMAT_BASIC
    sources = {"email": ["urn:mace:dir:attribute-def:mail"], "name": ["no such", MACE_NAME]}
    session.query(IdentityProvider).update({"mapping": {"sources": sources}})
    session.commit()
    assert browser.sign_in(DEEP).location == DEEP
    session.rollback()
    assert session.query(Person).one().name == "Amara Okafor"


def test_it_learns_department_and_job_role(browser, session):
    browser.sign_in()
    session.rollback()
    person = session.query(Person).one()
    assert (person.department, person.location) == ("Field Service", "Hamburg")
    held = session.query(Role.slug).join(PersonRole).filter_by(person_id=person.id)
    assert [slug for (slug,) in held] == ["field-engineer"]
    assert person.access == "employee"


@pytest.mark.parametrize("contained", [True, False])
def test_it_reads_an_encrypted_assertion(browser, foreign, contained):
    foreign.encrypts, foreign.contained = True, contained
    assert browser.sign_in(DEEP).location == DEEP


def test_the_provider_insists_on_the_signature_under_our_request(browser, foreign):
    there = browser.go("/saml/foreign/start").headers["Location"]
    assert browser.go(there).status_code == 200
    assert browser.go(there.split("&SigAlg")[0]).status_code == 400
    assert browser.go(there.replace("&Signature=", "&Signature=AAAA")).status_code == 400


def test_it_signs_out_at_the_provider_too(browser, foreign, sessions_open):
    browser.sign_in()
    page = browser.portal.follow(browser.portal.post("/sign-out"))
    assert sessions_open() == 0
    (onwards,) = [link for link in page.links() if "/leave" in link]
    there = browser.go(onwards).headers["Location"]
    assert there.startswith(foreign.url + "/slo?")
    back = browser.go(there).headers["Location"]
    assert foreign.signed_in == {}
    last = browser.go(back)
    assert last.status_code in {200, 302, 303}
    assert browser.portal.get("/").location.startswith("/sign-in")


def test_it_obeys_when_the_provider_signs_somebody_out(app, browser, foreign, sessions_open):
    browser.sign_in()
    told = browser.go(foreign.order_to_leave("amara"))
    assert sessions_open() == 0
    there = told.headers["Location"]
    assert is_signed_by(there, flow.our_certificate(app, "foreign"))
    assert browser.go(there).status_code == 200
    assert foreign.answered[0].status_ok()


def test_it_takes_a_visit_that_began_at_the_provider_where_that_is_allowed(
    browser, foreign, session
):
    session.query(IdentityProvider).update({"idp_initiated": True})
    session.commit()
    with foreign.app.test_request_context():
        pushed = foreign.send_back("amara")
    sent_on = browser.send(pushed)
    asked = browser.go(sent_on.headers["Location"])
    assert browser.send(browser.send(asked)).headers["Location"] == "/"
    assert browser.portal.get("/").status == 200


def test_it_refuses_a_visit_that_began_at_the_provider_elsewhere(browser, foreign, refused):
    with foreign.app.test_request_context():
        pushed = foreign.send_back("amara")
    refused(Page(browser.send(pushed)))


def test_it_follows_the_provider_from_one_key_to_the_next(browser, foreign, session, refused):
    old, new = key_pair("foreign"), key_pair("foreign next")
    for announced, signing, accepted in (
        ([old, new], old, True),
        ([old, new], new, True),
        ([new], new, True),
        ([new], old, False),
    ):
        foreign.pairs = announced
        session.query(IdentityProvider).update({"metadata_xml": foreign.metadata()})
        session.commit()
        foreign.pairs = [signing]
        page = browser.sign_in(DEEP)
        assert (page.location == DEEP) is accepted
        if not accepted:
            refused(page)
        browser.portal.http.delete_cookie("foyer")
