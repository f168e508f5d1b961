"""Connecting an own account on My data: the way there and back, and everything that refuses it."""

import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import select

from app.models import AuditEntry, Connection, PendingAccount, Person, PersonalAccount
from tests.support.factories import NOW
from tests.support.tools.contract import forms_of
from tests.support.tools.world import CANARY
from tests.web.audit.test_secrets import as_text

CALLBACK = "/my-data/accounts/callback"
BACK = f"http://127.0.0.1:8000{CALLBACK}"


@pytest.fixture
def me(as_employee, chat):
    return as_employee


def leave(client):
    """Return the address at the tool to which the page after the button leads."""
    page = client.follow(client.post("/my-data/accounts/chat/connect"))
    assert page.status == 200
    [address] = [link for link in page.links() if link.startswith("https://slack.com/")]
    return address


def returned(client, address):
    """Return what is answered to a browser that the tool sends back to this address."""
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def refusal(client, answer):
    """Return the page that says why nothing was connected, under an address that tells nothing."""
    assert (answer.status, answer.location) == (303, "/my-data")
    page = client.follow(answer)
    assert "Your account is not connected" in page.words
    return page


def connect(client, fake, person="ada"):
    return returned(client, fake.authority.agree(leave(client), person))


def account(session):
    session.expire_all()
    return session.scalars(select(PersonalAccount)).one_or_none()


def noted(session, action):
    session.expire_all()
    found = session.scalars(select(AuditEntry).where(AuditEntry.action == action))
    return [(entry.outcome, entry.subject) for entry in found]


def test_it_needs_a_reader(visitor, chat):
    assert visitor.get("/my-data").location.startswith("/sign-in")
    assert visitor.get(f"{CALLBACK}?code=c&state=s").location == "/my-data"


def test_it_lists_what_can_be_connected_and_says_what_it_was_built_from(me):
    page = me.get("/my-data")
    assert "Not connected" in page.words
    assert "Built from documentation" in page.words
    assert page.texts("button", aria_label="Connect my account: Chat") == ["Connect my account"]


def test_it_says_so_where_no_tool_asks_for_an_account(as_employee):
    assert "No tool here asks for an account" in as_employee.get("/my-data").words


def test_the_button_leads_to_a_page_and_the_page_to_the_tool(me):
    answer = me.post("/my-data/accounts/chat/connect")
    assert (answer.status, answer.location) == (303, "/my-data/accounts/chat/leave")
    page = me.follow(answer)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    asked = parse_qs(urlsplit(leave(me)).query)
    assert asked["redirect_uri"] == [BACK]
    assert asked["user_scope"] == ["search:read.public search:read.private"]


def test_the_page_in_between_leads_nowhere_for_whoever_did_not_press_the_button(me):
    assert me.get("/my-data/accounts/chat/leave").location == "/my-data"


def test_coming_back_connects_the_account(me, fake, session):
    answer = connect(me, fake)
    assert (answer.status, answer.location) == (303, "/my-data")
    page = me.follow(answer)
    assert "Chat is searched as ada" in page.words
    assert "Connected as ada" in page.words
    assert page.texts("button", aria_label="Disconnect: Chat") == ["Disconnect"]
    assert account(session).name == "ada"
    assert noted(session, "mydata.connect") == [("done", "tool chat")]


def test_the_page_shows_no_token(me, fake):
    connect(me, fake)
    html = me.get("/my-data").html
    assert not any(form in html for form in forms_of(CANARY))


def test_it_goes_back_to_where_the_button_was(me, fake):
    page = me.follow(me.post("/my-data/accounts/chat/connect", {"next": "/discover?q=pump"}))
    [address] = [link for link in page.links() if link.startswith("https://slack.com/")]
    assert returned(me, fake.authority.agree(address, "ada")).location == "/discover?q=pump"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_it_goes_back_to_no_other_house(me, fake, wanted):
    page = me.follow(me.post("/my-data/accounts/chat/connect", {"next": wanted}))
    [address] = [link for link in page.links() if link.startswith("https://slack.com/")]
    assert returned(me, fake.authority.agree(address, "ada")).location == "/my-data"


def test_a_form_without_a_token_of_ours_begins_nothing(me, session):
    assert me.http.post("/my-data/accounts/chat/connect").status_code == 400
    assert session.scalars(select(PendingAccount)).all() == []


class TestWhatIsRefused:
    def test_a_return_that_is_played_again(self, me, fake, session):
        address = fake.authority.agree(leave(me), "ada")
        returned(me, address)
        assert "was used already" in refusal(me, returned(me, address)).words
        assert account(session).name == "ada"
        assert ("refused", "") in noted(session, "mydata.connect")

    def test_the_return_of_another_person(self, me, fake, session, sign_in, make):
        address = fake.authority.agree(leave(me), "mallory")
        other = sign_in(make.person("Mallory"))
        refusal(other, returned(other, address))
        assert account(session) is None

    def test_the_return_in_another_browser_of_the_same_person(
        self, me, fake, session, sign_in, employee
    ):
        address = fake.authority.agree(leave(me), "ada")
        another = sign_in(employee)
        refusal(another, returned(another, address))
        assert account(session) is None

    def test_a_return_that_comes_too_late(self, me, fake, session):
        address = fake.authority.agree(leave(me), "ada")
        session.query(PendingAccount).update({"expires_at": NOW - timedelta(seconds=1)})
        session.commit()
        refusal(me, returned(me, address))
        assert account(session) is None

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "state=x",
            "code=c",
            "state=x&code=c",
            "state=x&code=c&code=d",
            "state=x&state=y&code=c",
            "state=%00&code=%00",
            "state=x&code=%C3%BC",
            "error=access_denied",
        ],
    )
    def test_a_return_that_nobody_waits_for(self, me, query, session):
        refusal(me, me.get(f"{CALLBACK}?{query}"))
        assert account(session) is None

    def test_a_look_ahead_uses_nothing_up(self, me, fake, session):
        parts = urlsplit(fake.authority.agree(leave(me), "ada"))
        address = f"{parts.path}?{parts.query}"
        assert me.http.head(address).status_code == 204
        assert me.http.get(address, headers={"Sec-Purpose": "prefetch"}).status_code == 204
        assert account(session) is None
        me.get(address)
        assert account(session).name == "ada"

    @pytest.mark.parametrize(
        ("error", "said"),
        [
            ("access_denied", "You did not agree"),
            ("server_error", "(server_error)"),
            ("<b>evil</b>", "(?)"),
        ],
    )
    def test_what_the_tool_says_instead_is_told_in_words(self, me, error, said, session):
        state = parse_qs(urlsplit(leave(me)).query)["state"][0]
        page = refusal(me, me.get(f"{CALLBACK}?{urlencode({'state': state, 'error': error})}"))
        assert said in page.words
        assert session.scalars(select(PendingAccount)).all() == []

    def test_another_service_than_the_one_that_was_asked(self, me, fake, session):
        address = fake.authority.agree(leave(me), "ada")
        refusal(me, returned(me, f"{address}&iss=https%3A%2F%2Fevil.example"))
        assert account(session) is None

    def test_the_very_service_that_was_asked_is_not(self, me, fake, session):
        address = fake.authority.agree(leave(me), "ada")
        returned(me, f"{address}&iss=https%3A%2F%2Fslack.com")
        assert account(session).name == "ada"

    def test_a_code_that_the_tool_does_not_take(self, me, fake, session):
        address = fake.authority.agree(leave(me), "ada")
        fake.authority.codes.clear()
        page = refusal(me, returned(me, address))
        assert "no longer accepts" in page.words
        assert not any(form in page.html for form in forms_of(CANARY))

    def test_an_account_of_another_workspace(self, me, fake, session):
        session.query(Connection).update(
            {"settings": {"address": "https://other.slack.com", "accounts_client_id": "foyer-app"}}
        )
        session.commit()
        page = refusal(me, connect(me, fake))
        assert "another workspace" in page.words

    def test_a_tool_without_an_app_for_it(self, me, session, chat):
        session.query(Connection).update({"settings": {"address": "https://acme.slack.com"}})
        session.commit()
        assert me.post("/my-data/accounts/chat/connect").status == 404
        assert me.get("/my-data/accounts/chat/leave").status == 404

    def test_a_tool_that_is_not_there(self, me):
        assert me.post("/my-data/accounts/nowhere/connect").status == 404
        assert me.post("/my-data/accounts/nowhere/disconnect").status == 404


class TestDisconnecting:
    def test_the_tool_forgets_too(self, me, fake, session):
        connect(me, fake)
        page = me.follow(me.post("/my-data/accounts/chat/disconnect"))
        assert "has forgotten it too" in page.words
        assert account(session) is None
        assert fake.authority.access == {}
        assert noted(session, "mydata.disconnect") == [("done", "tool chat")]

    def test_it_works_when_the_tool_is_down_and_says_so(self, me, fake, session):
        connect(me, fake)
        fake.answer = lambda _request: httpx.Response(503)
        page = me.follow(me.post("/my-data/accounts/chat/disconnect"))
        assert "was not told" in page.words
        assert account(session) is None

    def test_an_account_of_somebody_else_is_none(self, me, fake, session, sign_in, make):
        connect(me, fake)
        other = sign_in(make.person("Grace"))
        assert other.post("/my-data/accounts/chat/disconnect").status == 404
        assert "Not connected" in other.get("/my-data").words
        assert account(session) is not None

    def test_a_tool_that_is_paused_can_be_disconnected(self, me, fake, session):
        connect(me, fake)
        session.query(Connection).update({"enabled": False})
        session.commit()
        page = me.get("/my-data")
        assert "not searched at the moment" in page.words
        assert page.texts("button", aria_label="Disconnect: Chat") == ["Disconnect"]
        assert me.post("/my-data/accounts/chat/disconnect").status == 303


def test_signing_out_keeps_the_account(me, fake, session):
    connect(me, fake)
    me.post("/sign-out")
    assert account(session).name == "ada"


def test_trouble_is_said_with_the_way_out(me, fake, session):
    connect(me, fake)
    session.query(PersonalAccount).update({"trouble": "It no longer accepts this account."})
    session.commit()
    page = me.get("/my-data")
    assert "Has to be connected again: It no longer accepts this account." in page.words
    assert page.texts("button", aria_label="Connect again: Chat") == ["Connect again"]


def test_no_log_and_no_row_holds_a_token_or_a_state(me, fake, session, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    address = fake.authority.agree(leave(me), "ada")
    secrets = [CANARY, *parse_qs(urlsplit(address).query)["state"]]
    assert returned(me, address).location == "/my-data"
    refusal(me, returned(me, address))
    me.post("/my-data/accounts/chat/disconnect")
    written = [as_text(entry) for entry in session.scalars(select(AuditEntry))]
    assert len(written) == 3
    lines = [*written, caplog.text, *capfd.readouterr()]
    assert not [secret for secret in secrets for line in lines if secret in line]


def test_somebody_who_is_removed_leaves_no_account(me, fake, session, employee):
    connect(me, fake)
    session.query(Person).filter_by(id=employee.id).delete()
    session.commit()
    assert account(session) is None


@pytest.mark.parametrize("kind", ["slack", "teams", "confluence"])
def test_an_administrator_is_shown_the_redirect_address_to_copy(kind, sign_in, make):
    client = sign_in(make.person(access="admin"))
    page = client.get(f"/admin/add-tool/{kind}")
    assert BACK in page.words
    assert page.by_id("field_accounts_client_secret").get("type") == "password"


def test_another_kind_of_tool_has_none(sign_in, make):
    client = sign_in(make.person(access="admin"))
    assert CALLBACK not in client.get("/admin/add-tool/wordpress").html


def test_it_shows_an_administrator_no_secret_of_the_app(sign_in, make, chat):
    page = sign_in(make.person(access="admin")).get("/admin/tools/chat/settings")
    assert BACK in page.words
    assert not any(form in page.html for form in forms_of(CANARY))
