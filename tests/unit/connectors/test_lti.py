"""What an administrator says of an LTI tool, and what can be looked at before it is used."""

import pytest

from app.connectors.base import Link, Presence
from app.connectors.settings import read_settings
from app.connectors.tools.lti import LtiSettings, origin_of
from app.errors import Invalid
from tests.support.lti_tool import key_pair
from tests.support.tools.lti import FakeLti

GOOD = FakeLti().settings()


def complaints(**changes):
    """Return the names of the settings that are refused."""
    with pytest.raises(Invalid) as refused:
        read_settings(LtiSettings, GOOD | changes)
    return sorted(refused.value.fields)


def test_it_takes_what_a_tool_shows():
    found = read_settings(
        LtiSettings, GOOD | {"redirect_uris": "https://a.test/x\r\nhttps://b.test"}
    )
    assert found.redirects == ("https://a.test/x", "https://b.test")
    assert found.origins == ("https://a.test", "https://b.test", "https://tool.test")
    assert (found.kind, found.share_names, found.picks) == ("simulation", False, True)


def test_it_keeps_an_address_to_the_letter():
    found = read_settings(LtiSettings, GOOD | {"login_url": "https://tool.test/login/"})
    assert found.login_url == "https://tool.test/login/"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "//evil.test/x",
        "https://user@tool.test/",
        "https://tool.test/#x",
        "https://tool.test;script-src/x",
        "https://tool.test/ x",
        "https://tool.test/\\x",
        "tool.test/launch",
        "https:///x",
    ],
)
def test_it_names_each_address_that_a_launch_cannot_use(address):
    assert complaints(login_url=address, jwks_url=address) == ["jwks_url", "login_url"]


def test_it_wants_redirect_uris_and_real_keys():
    assert complaints(redirect_uris="") == ["redirect_uris"]
    assert complaints(redirect_uris="https://tool.test/x nonsense") == ["redirect_uris"]
    assert complaints(public_key="ssh-rsa AAAA") == ["public_key"]
    assert complaints(public_key=key_pair("lab")[0]) == ["public_key"]


def test_it_writes_an_origin_as_browsers_do():
    assert origin_of("https://Tool.test/x?y") == "https://tool.test"
    assert origin_of("http://[::1]:81/x") == "http://[::1]:81"


def test_it_looks_at_the_key_set():
    fake = FakeLti()
    assert [probe.ok for probe in fake.connector().check()] == [True]
    elsewhere = list(fake.connector(jwks_url="https://keys.test/jwks").check())
    assert [(probe.ok, probe.needed) for probe in elsewhere] == [(False, False)]
    missing = list(fake.connector(jwks_url="https://tool.test/none").check())
    assert [(probe.ok, probe.needed) for probe in missing] == [(False, True)]
    by_hand = fake.connector(jwks_url="", public_key=key_pair("lab")[1])
    assert [probe.ok for probe in by_hand.check()] == [True]
    neither = list(fake.connector(jwks_url="").check())
    assert [(probe.ok, probe.needed) for probe in neither] == [(False, False)]


def test_it_knows_nothing_of_its_items_but_their_addresses():
    connector = FakeLti().connector()
    assert connector.probe(["a"]) == {"a": Presence.UNKNOWN}
    assert connector.link("a", Link("https://tool.test/a")) == Link("https://tool.test/a")
