"""Addresses that a redirect may follow stay inside Foyer, whatever string is sent."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.security import is_local_address

HERE = "https://learn.example.com/sign-in"
ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "",
    " /discover",
    "/\x00/evil.example",
    "http:evil.example",
    "https:/evil.example",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_it_refuses_addresses_that_lead_elsewhere(address):
    assert not is_local_address(address)


@pytest.mark.parametrize(
    "address", ["/", "/discover?q=C%2B%2B&kind=video", "/items/3", "/roles/x?a=//b", "/a#b"]
)
def test_it_follows_addresses_of_its_own(address):
    assert is_local_address(address)


@given(st.text(alphabet="/\\.:@?#\t\n evilexample%0", max_size=12))
def test_it_never_leaves_the_house(address):
    if is_local_address(address):
        cleaned = address.translate({9: None, 10: None, 13: None}).replace("\\", "/")
        assert urlsplit(urljoin(HERE, cleaned)).netloc == "learn.example.com"
