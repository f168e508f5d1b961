"""What providers and directories call people stays words, wherever it is shown (ASVS 5.0, 1.2)."""

import pytest

from app.models import Person, SignInRecord
from app.scim.protocol import CORE_GROUP, CORE_USER, ENTERPRISE
from tests.support.pages import PageClient
from tests.support.saml import flow

CORPUS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "<svg/onload=alert(1)>",
    "</title><script src=//evil.example></script>",
    "javascript:alert(1)",
    '"onmouseover="alert(1)',
    "{{ config }} ${7*7} <%= 1 %>",
    '<b hx-get="/admin/train" hx-trigger="load">x</b>',
    "--><iframe srcdoc='x'>",
    "=cmd|' /C calc'!A0",
    "Ada\r\nSet-Cookie: evil=1\r\n\r\n\u202e",
)
TURNED = "\u202e"  # turns the direction of writing
MINE = ("/", "/settings")
ADMINS = (
    "/admin",
    "/admin/people",
    "/admin/audit",
    "/admin/audit?actor=%3Cscript%3E",
    "/admin/providers",
    "/admin/providers/acme",
    "/admin/scim",
    "/curate",
)


@pytest.fixture
def admin(make, sign_in):
    """Return an administrator's client."""
    return sign_in(make.person("Grace Hopper", access="admin"))


def checked(page):
    """Check beyond what every page is checked for, that no word became a part of the page."""
    assert page.status == 200
    assert "evil" not in page.headers.get("Set-Cookie", "")
    for tag in ("iframe", "object", "embed", "base"):
        assert page.all(tag) == []
    for script in page.all("script"):
        assert script.get("src").startswith("/static/")
    for element in page.root.iter():
        if isinstance(element.tag, str):
            for name, value in element.attrib.items():
                if name in {"href", "src", "action", "formaction"} or name.startswith("hx-"):
                    assert "alert(" not in value, (element.tag, name, value)
                    assert value != "/admin/train" or element.tag == "form", name
    return page


def one_line(text):
    """Return the text as the pages show it."""
    return " ".join(text.replace(TURNED, " ").split())


def told(hostile, email):
    """Return attributes that say the hostile text wherever a provider may say something."""
    name = one_line(hostile)
    fields = {one: [hostile] for one in ("cn", "givenName", "department", "title", "l")}
    return {**fields, "mail": [email], "memberOf": [hostile, "x"], name: ["said under a name"]}


def test_it_shows_what_a_provider_says_as_words(app, admin, provider, session):
    for number, hostile in enumerate(CORPUS):
        client, email = PageClient(app), f"ada{number}@example.org"
        started = flow.start(client, provider.slug)
        said = {"name_id": one_line(hostile), "attributes": told(hostile, email)}
        assert flow.come_back(client, started, provider.answer(started, **said)).status == 303
        for path in MINE:
            checked(client.get(path))
        session.rollback()
        person = session.query(Person).filter_by(email=email).one()
        record = session.query(SignInRecord).filter_by(person_id=person.id).one()
        received = checked(admin.get(f"/admin/providers/acme/sign-ins/{record.id}"))
        assert one_line(hostile) in received.words
        checked(admin.get(f"/admin/people/{person.id}"))
    for path in ADMINS:
        checked(admin.get(path))


def test_it_shows_what_a_directory_says_as_words(app, admin, provider, scim_token, session):
    http = app.test_client(use_cookies=False)
    bearer = {"Authorization": f"Bearer {scim_token}"}
    for number, hostile in enumerate(CORPUS):
        user = {
            "schemas": [CORE_USER, ENTERPRISE],
            "userName": f"ada{number}@example.org",
            "displayName": hostile,
            "name": {"givenName": hostile, "familyName": hostile},
            "title": hostile,
            ENTERPRISE: {"department": hostile},
        }
        added = http.post("/scim/v2/Users", json=user, headers=bearer)
        assert (added.status_code, added.mimetype) == (201, "application/scim+json")
        members = [{"value": added.json["id"]}]
        group = {"schemas": [CORE_GROUP], "displayName": hostile, "members": members}
        assert http.post("/scim/v2/Groups", json=group, headers=bearer).status_code == 201
        person = session.query(Person).filter_by(email=user["userName"]).one()
        checked(admin.get(f"/admin/people/{person.id}"))
    for path in ADMINS:
        checked(admin.get(path))
