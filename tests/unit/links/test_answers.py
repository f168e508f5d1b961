"""What an address says of a link, by what it answers and where it leads."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Wording
from app.links.answers import Heard, asks_to_sign_in, look, may_rewrite
from app.links.states import Finding

URL = "https://wiki.example.org/pages/pumps"


def found(*answers, url=URL):
    """Return what is found when the addresses answer so; an answer is (status, location)."""
    told = iter(answers)
    return look(url, lambda _address: Heard(*next(told)))


@pytest.mark.parametrize("status", [200, 204, 206, 304])
def test_an_address_that_opens_is_live(status):
    assert found((status,)).finding is Finding.LIVE


@pytest.mark.parametrize("status", [404, 410])
def test_an_address_with_nothing_behind_it_is_missing(status):
    assert found((status,)).finding is Finding.MISSING


@pytest.mark.parametrize("status", [401, 403, 407, 451])
def test_an_address_that_lets_nobody_in_is_closed_and_not_broken(status):
    assert found((status,)).finding is Finding.CLOSED


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 599])
def test_a_busy_or_troubled_server_says_nothing_of_the_link(status):
    assert found((status,)).finding is Finding.TROUBLE


@pytest.mark.parametrize("status", [400, 405, 406, 418, 600, 999])
def test_an_answer_that_nobody_understands_is_unclear(status):
    assert found((status,)).finding is Finding.UNCLEAR


def test_no_answer_is_trouble_and_says_why():
    heard = Heard(0, why=Wording("it did not answer in time"))
    told = look(URL, lambda _address: heard)
    assert told.finding is Finding.TROUBLE
    assert told.said == "No answer: it did not answer in time"


def test_what_foyer_will_not_ask_is_unclear():
    heard = Heard(0, why=Wording("not a public address"), refused=True)
    assert look(URL, lambda _address: heard).finding is Finding.UNCLEAR


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "/login?next=%2Fpages%2Fpumps",
        "/login/index.php",
        "https://login.microsoftonline.com/common/oauth2",
        "https://idp.example.org/saml2/sso?SAMLRequest=x",
        "/wp-login.php?redirect_to=x",
        "/index.php?title=Special:UserLogin&returnto=Pumps",
        "/users/sign_in",
        "https://accounts.example.com/ServiceLogin",
        "https://example.okta.com/app/x",
    ],
)
def test_a_redirect_to_sign_in_is_closed_and_never_broken_nor_moved(status, location):
    assert found((status, location)).finding is Finding.CLOSED


@pytest.mark.parametrize("path", ["/authors/ada", "/catalog/12", "/blogs/1", "/ssometer", "/cases"])
def test_an_address_that_only_sounds_like_a_sign_in_is_none(path):
    assert not asks_to_sign_in(f"https://example.org{path}")


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_to_what_opens_has_moved(status):
    told = found((status, "/pages/all-about-pumps"), (200,))
    assert told.finding is Finding.MOVED
    assert told.moved_to == "https://wiki.example.org/pages/all-about-pumps"


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_passing_redirect_has_not_moved(status):
    assert found((status, "/pages/all-about-pumps"), (200,)).finding is Finding.LIVE


@pytest.mark.parametrize(
    ("status", "finding"),
    [
        (404, Finding.MISSING),
        (410, Finding.MISSING),
        (403, Finding.CLOSED),
        (503, Finding.TROUBLE),
        (400, Finding.LIVE),
    ],
)
def test_where_a_redirect_leads_decides(status, finding):
    assert found((301, "/new"), (status,)).finding is finding


def test_a_redirect_is_followed_once():
    told = found((301, "/new"), (301, "/newer"))
    assert (told.finding, told.moved_to) == (Finding.MOVED, "https://wiki.example.org/new")


@pytest.mark.parametrize("location", [URL, "/pages/pumps"])
def test_a_redirect_to_itself_is_a_wall_for_cookies_and_live(location):
    assert found((302, location)).finding is Finding.LIVE


def test_a_wall_that_sends_back_is_live():
    assert found((302, "/consent?to=/pages/pumps"), (302, "/pages/pumps")).finding is Finding.LIVE


def test_a_difference_of_the_query_alone_is_no_move():
    assert found((301, "/pages/pumps?lang=en&sid=123"), (200,)).finding is Finding.LIVE


@pytest.mark.parametrize("location", ["/", "https://www.example.com/", "/pages", "/pages/"])
def test_a_redirect_to_a_start_page_proves_nothing(location):
    assert found((301, location), (200,)).finding is Finding.UNCLEAR


def test_a_new_slash_or_https_is_a_move_within_the_site():
    told = found((301, "https://www.example.org/a/"), (200,), url="http://example.org/a")
    assert told.finding is Finding.MOVED
    assert may_rewrite("http://example.org/a", told.moved_to)


def test_a_step_back_to_http_is_not_followed():
    assert found((301, "http://wiki.example.org/new")).finding is Finding.LIVE


@pytest.mark.parametrize(
    "target", ["https://parked.example.com/pages/pumps", "http://wiki.example.org/pages/new"]
)
def test_an_address_of_another_site_is_never_taken_over_unasked(target):
    assert not may_rewrite(URL, target)


@pytest.mark.parametrize(
    "location", ["javascript:alert(1)", "https://user:secret@example.org/", "http://[::1", "\x00"]
)
def test_a_redirect_to_what_is_no_address_is_not_followed(location):
    assert found((301, location)).finding in {Finding.UNCLEAR, Finding.LIVE}


anything = st.tuples(st.integers(0, 999), st.one_of(st.just(""), st.text(max_size=40)))


@given(anything, anything)
def test_no_answer_breaks_it_and_only_nothing_there_is_missing(first, second):
    told = found(first, second)
    if told.finding is Finding.MISSING:
        assert {first[0], second[0]} & {404, 410}
    if told.finding is Finding.MOVED:
        assert first[0] in {301, 308}
        assert told.moved_to.startswith(("http://", "https://"))


def test_how_long_to_wait_is_passed_on():
    heard = Heard(429, wait=timedelta(minutes=3))
    assert look(URL, lambda _address: heard).wait == timedelta(minutes=3)
