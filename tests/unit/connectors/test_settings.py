"""A tool's settings: what is asked for, what is taken, and what is refused in words."""

from dataclasses import dataclass

import pytest

from app.connectors.settings import (
    Ask,
    ToolSettings,
    read_settings,
    secret_names,
    setting,
    settings_of,
)
from app.errors import Invalid, Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    token: str = setting(Wording("Token"), Ask.SECRET, needed=True)
    days: int = setting(Wording("Days"), Ask.NUMBER, default=7)
    videos: bool = setting(Wording("Videos"), Ask.SWITCH, default=False)
    level: str = setting(
        Wording("Level"), Ask.CHOICE, default="all", choices={"all": Wording("All")}
    )
    teams: str = setting(Wording("Teams"), Ask.LINES)


def read(**values):
    return read_settings(Settings, {"address": "https://a.test", "token": "t", **values})


def complaints(**values):
    with pytest.raises(Invalid) as caught:
        read(**values)
    return caught.value.fields


def test_what_is_not_given_is_what_usually_is():
    assert read() == Settings(address="https://a.test", token="t")


def test_each_value_is_read_as_what_it_is():
    found = read(days="30", videos="on", level="all", teams=" a\nb ")
    assert (found.days, found.videos, found.level, found.teams) == (30, True, "all", "a\nb")


def test_every_bad_one_is_named_at_once():
    assert set(complaints(token=" ", days="seven", level="most", teams="x" * 20_001)) == {
        "token",
        "days",
        "level",
        "teams",
    }


@pytest.mark.parametrize("days", ["-1", "1.5", "1e3", "9" * 1500, "²"])
def test_a_number_is_whole_and_not_too_large(days):
    assert set(complaints(days=days)) == {"days"}


@pytest.mark.parametrize(
    "address",
    [
        "learn.example.com",
        "ftp://learn.example.com",
        "https://",
        "https:///x",
        "https://a b.test",
        "https://a.test\\@b.test",
        "https://user:password@a.test",
        "https://a.test/#/topics",
        "https://a.test:port",
        "https://[::1",
        "javascript:alert(1)//https://a.test",
    ],
)
def test_an_address_leads_somewhere_and_carries_no_password(address):
    assert set(complaints(address=address)) == {"address"}


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a.test/", "https://a.test"),
        (" https://a.test/wiki// ", "https://a.test/wiki"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://a.test/feed?format=atom", "https://a.test/feed?format=atom"),
    ],
)
def test_an_address_is_kept_without_a_slash_at_its_end(address, kept):
    assert read(address=address).address == kept


def test_the_form_asks_for_all_of_them_and_hides_the_secret():
    assert [one.name for one in settings_of(Settings)] == [
        "address",
        "token",
        "days",
        "videos",
        "level",
        "teams",
    ]
    assert secret_names(Settings) == {"token"}
