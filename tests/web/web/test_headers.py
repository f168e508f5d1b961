"""What every answer carries, whatever it is."""

import gzip

import pytest

ADDRESSES = ["/", "/sign-in", "/nowhere", "/healthz", "/static/css/tokens.css", "/discover"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_forbids_inline_script_and_other_hosts_everywhere(visitor, address):
    policy = visitor.get(address).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_forbids_guessing_of_types_everywhere(visitor, address):
    assert visitor.get(address).headers["X-Content-Type-Options"] == "nosniff"


def test_it_lets_no_cache_keep_a_page(as_employee):
    assert as_employee.get("/settings").headers["Cache-Control"] == "no-store"


def test_it_lets_browsers_keep_files_that_carry_a_fingerprint(visitor):
    page = visitor.get("/static/css/tokens.css?v=abc")
    assert "immutable" in page.headers["Cache-Control"]


def test_it_numbers_each_request(visitor):
    first, second = (visitor.get("/healthz").headers["X-Request-Id"] for _ in range(2))
    assert first != second


def test_it_hides_its_cookie_from_scripts_and_other_sites(visitor):
    cookie = visitor.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_it_sends_style_sheets_compressed_to_who_takes_that(visitor):
    plain = visitor.get("/static/css/tokens.css")
    packed = visitor.http.get("/static/css/tokens.css", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data).decode() == plain.html


def test_it_does_not_compress_pages_that_hold_a_token(visitor):
    page = visitor.http.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in page.headers
