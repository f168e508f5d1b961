"""Whatever a connector makes of an item, a click leads to its tool or to what was kept."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.activity import launches
from app.activity.launches import Door, app_of, link_to
from app.connectors.base import Link
from app.connectors.registry import CONNECTORS
from app.connectors.tools.slack import Slack
from app.models import Connection, Item

KEPT = "https://acme.slack.com/archives/C1"
PIECES = st.sampled_from(
    [
        *("https://", "http://", "//", "/", "\\", "@", ":", "?", "#", "%2f", "\t", "\n", "\0", " "),
        *("acme.slack.com", "slack.com", "evil.example", "javascript:", "data:", "slack://", "x"),
        *("JavaScript:", "file:", "intent:", ":443", ":8443", "．", "[::1]", "\u202e"),
    ]
)
ADDRESSES = st.lists(PIECES, max_size=6).map("".join) | st.text(max_size=40)


def door(url=KEPT, app_url=None):
    item = Item(id=1, external_id="C1", url=url, app_url=app_url, locked=[], status="live")
    settings = {"address": "https://acme.slack.com"}
    return Door(item, Connection(id=1, kind="slack", settings=settings), None)


@pytest.fixture(scope="module")
def making():
    """Return a function that lets the connector make this link."""
    kept = Slack.link
    yield lambda link: setattr(Slack, "link", lambda _self, _id, _stored: link)
    Slack.link = kept


@given(ADDRESSES)
@example("https://acme.slack.com@evil.example/")
@example("https:\\\\evil.example/")
@example("https://acme.slack.com\\@evil.example/")
def test_it_leads_to_a_host_of_the_tool_or_to_what_was_kept(making, address):
    making(Link(address))
    led = link_to(door()).url
    assert urlsplit(led).hostname in {"acme.slack.com", "slack.com"}
    assert led == KEPT or urlsplit(led).scheme == "https"
    assert not any(ord(letter) < 33 or letter == "\\" for letter in led)


@given(ADDRESSES)
@example("slack://channel?team=T1&id=C1")
@example("slack:javascript:alert(1)")
def test_it_starts_the_tools_app_alone(making, address):
    making(Link(KEPT, address))
    led = link_to(door()).app_url
    assert led is None or (led == address and led.startswith("slack:"))
    assert led is None or not any(ord(letter) < 33 for letter in led)


@given(ADDRESSES)
def test_what_was_kept_is_followed_only_as_a_web_address(address):
    unconnected = Door(Item(id=1, url=address, locked=[], status="live"), None, None)
    led = link_to(unconnected)
    assert led is None or urlsplit(led.url).scheme in {"http", "https"}
    assert led is None or led.app_url is None


def test_an_app_is_named_by_the_tool_whose_scheme_it_is():
    assert app_of("slack://channel?team=T1&id=C1") == "Slack"
    assert app_of("msteams:/l/channel/x") == "Microsoft Teams"
    assert app_of("javascript:alert(1)") == app_of(None) == app_of("") == ""


def test_no_connector_names_a_scheme_of_the_web_or_a_harmful_one():
    named = {scheme for kind in CONNECTORS for scheme in kind.spec.schemes}
    assert not named & (launches._WEB | launches._NEVER)


def test_the_connector_of_a_link_is_told_no_secret_and_reaches_nobody(monkeypatch):
    seen = []

    def link(self, external_id, stored):
        seen.append(self._settings.token)
        self._http.get("x")
        return stored

    monkeypatch.setattr(Slack, "link", link)
    assert link_to(door()).url == KEPT
    assert seen == [launches._UNREAD]
