"""What a request says of the moment a reader asks in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from app.foryou.here import Here, here_of

PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"


def said_by(builder):
    request = Request(builder.get_environ())
    return here_of(request.args, request.headers, request.host)


def asked(path="/for-you", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    builder = EnvironBuilder(path, base_url="https://foyer.example/", headers=named)
    return said_by(builder)


def test_a_request_that_says_nothing_says_nothing():
    assert asked() == Here()


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("10", 10),
        ("600", 600),
        ("0", None),
        ("601", None),
        ("-5", None),
        ("ten", None),
        ("١٠", None),
    ],
)
def test_the_time_at_hand_is_a_sensible_number_of_minutes(text, minutes):
    assert asked(f"/for-you?minutes={text}").minutes == minutes


def test_the_clients_hint_says_what_device_it_is():
    assert asked(Sec_CH_UA_Mobile="?1", User_Agent=DESKTOP).device == "phone"
    assert asked(Sec_CH_UA_Mobile="?0", User_Agent=PHONE).device == "desktop"


def test_without_a_hint_the_user_agent_says_it():
    assert asked(User_Agent=PHONE).device == "phone"
    assert asked(User_Agent=DESKTOP).device == "desktop"
    assert asked(Sec_CH_UA_Mobile="yes", User_Agent=PHONE).device == "phone"


def test_an_address_may_name_the_item_or_tool_one_comes_from():
    assert asked("/for-you?from=412").origin == 412
    assert asked("/for-you?from=our-moodle").tool == "our-moodle"


@pytest.mark.parametrize("text", ["0", "99999999999", "Our%20Moodle", "../x", "-1", "%00"])
def test_what_names_neither_is_passed_over(text):
    here = asked(f"/for-you?from={text}")
    assert (here.origin, here.tool) == (None, "")


def test_the_page_of_an_item_or_playlist_leads_here():
    assert asked(Referer="https://foyer.example/items/412?x=1").origin == 412
    assert asked(Referer="https://foyer.example/playlists/first-days").playlist == "first-days"


def test_what_the_address_names_goes_before_the_page_that_led_here():
    here = asked("/for-you?from=our-moodle", Referer="https://foyer.example/items/412")
    assert here == Here(tool="our-moodle")


@pytest.mark.parametrize(
    "page",
    [
        "https://elsewhere.example/items/412",
        "https://foyer.example:8443/items/412",
        "https://foyer.example@elsewhere.example/items/412",
        "https://foyer.example/discover/items/412",
        "https://foyer.example/items/412abc",
        "https://[/items/412",
        "/items/412",
    ],
)
def test_no_other_sites_page_and_no_other_page_counts(page):
    assert asked(Referer=page) == Here()


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60))
def test_no_text_in_a_request_is_too_strange(text):
    builder = EnvironBuilder(
        "/", query_string={"from": text, "minutes": text}, headers={"Referer": text}
    )
    here = said_by(builder)
    assert here.minutes is None or 1 <= here.minutes <= 600
