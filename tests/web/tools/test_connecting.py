"""Connecting a tool: its form is its settings, what is wrong is named, secrets never come back."""

import pytest

from app.connectors.registry import CONNECTORS
from app.models import AuditEntry, Connection, Tool
from tests.support.tools.world import CANARY

FORM = {
    "name": "Service blog",
    "address": "https://tool.test",
    "user": "foyer",
    "password": CANARY,
}


def rows(session, table):
    session.expire_all()
    return session.query(table).all()


def test_it_offers_every_kind_of_tool_and_says_what_each_was_tried_against(as_admin):
    page = as_admin.get("/admin/add-tool")
    for connector in CONNECTORS:
        assert connector.spec.name in page.words
        assert f"/admin/add-tool/{connector.spec.kind}" in page.links()
    assert "Tried against WordPress 6.1" in page.words
    assert "Built from documentation, not yet seen against the real service" in page.words


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda one: one.spec.kind)
def test_every_kind_has_a_form_of_its_own(as_admin, connector):
    page = as_admin.get(f"/admin/add-tool/{connector.spec.kind}")
    assert f"Connect {connector.spec.name}" in page.words
    empty = as_admin.post(f"/admin/add-tool/{connector.spec.kind}", {"name": "", "address": ""})
    assert empty.status == 422
    assert "Please fill this in." in empty.words


def test_it_connects_switched_off_and_shows_what_it_may_read(as_admin, parts, session):
    answer = as_admin.post("/admin/add-tool/wordpress", FORM)
    assert answer.location == "/admin/tools/service-blog"
    row = rows(session, Connection)[0]
    assert (row.enabled, row.private, row.settings["address"]) == (False, False, FORM["address"])
    page = as_admin.get(answer.location)
    assert "Posts and pages" in page.words
    assert "Everything that is needed works." in page.words
    assert "Replacing the pump seal" in page.words
    assert "It is not read by itself yet." in page.words


def test_a_wrong_password_is_said_and_nothing_is_lost(as_admin, parts, session):
    page = as_admin.follow(as_admin.post("/admin/add-tool/wordpress", FORM | {"password": "no"}))
    assert "not work yet: see below." in page.words
    assert len(rows(session, Connection)) == 1


def test_the_secret_is_sealed_and_comes_back_nowhere(as_admin, connected, session, caplog):
    assert connected.secrets["password"]
    assert CANARY not in connected.secrets["password"]
    for path in ("", "/settings", "/mapping", "/remove"):
        assert CANARY not in as_admin.get(f"/admin/tools/service-blog{path}").html
    assert CANARY not in str([entry.details for entry in rows(session, AuditEntry)])
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"address": ""}, "Please fill this in."),
        ({"address": "tool.test"}, "This must be an address such as"),
        (
            {"address": "https://user:pass@tool.test"},
            "Leave user name and password out of the address.",
        ),
        ({"address": "https://"}, "This must be an address such as"),
        ({"name": " "}, "Please fill this in."),
    ],
)
def test_it_names_the_field_that_is_wrong_and_keeps_the_rest(as_admin, session, wrong, sentence):
    page = as_admin.post("/admin/add-tool/wordpress", FORM | wrong)
    assert page.status == 422
    assert sentence in page.words
    assert CANARY not in page.html
    assert not rows(session, Connection)


def test_a_private_address_is_refused_until_the_administrator_allows_it(as_admin, session):
    page = as_admin.follow(
        as_admin.post("/admin/add-tool/wordpress", FORM | {"address": "https://127.0.0.1"})
    )
    assert "not a public address" in page.words


def test_a_tool_whose_items_came_from_a_file_can_be_connected(as_admin, parts, session, make):
    make.tool("handbook", "The handbook")
    session.commit()
    page = as_admin.get("/admin/tools/handbook")
    assert "brought in from a file" in page.words
    answer = as_admin.post("/admin/add-tool/wordpress?tool=handbook", FORM)
    assert answer.location == "/admin/tools/handbook"
    assert [tool.slug for tool in rows(session, Tool)] == ["handbook"]


def test_two_tools_of_one_name_are_two(as_admin, parts, session):
    as_admin.post("/admin/add-tool/wordpress", FORM)
    as_admin.post("/admin/add-tool/wordpress", FORM)
    assert [tool.slug for tool in rows(session, Tool)] == ["service-blog", "service-blog-2"]


def test_an_empty_secret_keeps_the_present_one(as_admin, connected, session):
    before = dict(connected.secrets)
    form = FORM | {
        "password": "",
        "minutes_between": "360",
        "days_between_sweeps": "30",
        "position": "5",
        "quadrants": ["engage"],
        "people_by": "",
    }
    answer = as_admin.post("/admin/tools/service-blog/settings", form)
    assert answer.location == "/admin/tools/service-blog"
    row, tool = rows(session, Connection)[0], rows(session, Tool)[0]
    assert row.secrets == before
    assert (row.minutes_between, row.days_between_sweeps) == (360, 30)
    assert (tool.position, tool.quadrants) == (5, ["engage"])


@pytest.mark.parametrize(
    "address", ["https://elsewhere.test", "https://tool.test:8443", "http://tool.test"]
)
def test_a_kept_secret_is_not_sent_to_another_host(as_admin, connected, session, blog, address):
    asked = len(blog.requests)
    form = FORM | {"password": "", "address": address, "position": "1"}
    form |= {"minutes_between": "60", "days_between_sweeps": "7", "people_by": ""}
    page = as_admin.post("/admin/tools/service-blog/settings", form)
    assert page.status == 422
    assert "It was given for another host." in page.words
    assert rows(session, Connection)[0].settings["address"] == FORM["address"]
    assert len(blog.requests) == asked
    assert as_admin.post("/admin/tools/service-blog/settings", form | {"password": "new"}).location


def test_only_administrators_connect(as_curator, connected):
    for path in ("/admin/tools", "/admin/add-tool", "/admin/tools/service-blog"):
        assert as_curator.get(path).status in {403, 404}


def test_curators_see_how_tools_are_without_the_switches(as_curator, connected):
    page = as_curator.get("/curate/tools")
    assert "Service blog" in page.words
    assert not [link for link in page.links() if link.startswith("/admin/tools")]


def test_disconnecting_says_what_it_means_and_asks_first(as_admin, connected, session):
    page = as_admin.get("/admin/tools/service-blog/remove")
    assert "Its address and secrets are forgotten" in page.words
    as_admin.post("/admin/tools/service-blog/remove", {"items": "retire"})
    assert len(rows(session, Connection)) == 1
    as_admin.post("/admin/tools/service-blog/remove", {"items": "retire", "sure": "1"})
    assert not rows(session, Connection)
    assert len(rows(session, Tool)) == 1


def test_a_tool_that_is_only_opened_is_ready_once_it_is_checked(as_admin, session):
    at = "https://lab.example.org"
    form = {
        "name": "SimLab",
        "address": at,
        "login_url": f"{at}/login",
        "target_link_uri": f"{at}/launch",
        "redirect_uris": f"{at}/launch",
        "kind": "simulation",
    }
    page = as_admin.follow(as_admin.post("/admin/add-tool/lti", form))
    assert "ready" in page.words
    assert "Switch it on" not in page.words
    assert "What to enter in the tool" in page.words
