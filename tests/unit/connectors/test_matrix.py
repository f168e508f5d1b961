"""What is special about Matrix: tokens that run out, marks that are forgotten, two kinds of 429."""

from dataclasses import replace

import httpx
import pytest

from app.connectors import registry
from app.connectors.base import ErrorKind, Link, Mode, Presence, SourceError, Upsert
from app.connectors.settings import read_settings
from tests.support.tools.faults import Once, answers
from tests.support.tools.matrix import FakeMatrix


@pytest.fixture
def fake():
    fake = FakeMatrix()
    for number in range(120):
        fake.add(f"Room {number}")
    return fake


def names(events):
    return [event.raw["name"] for event in events if isinstance(event, Upsert)]


def paths(fake):
    return [request.url.path.rpartition("/")[2] for request in fake.requests]


def kept_by(fake, **settings):
    """Return a connector and the dictionary in which its host keeps secrets."""
    kept, kind = {}, fake.connector_class
    http = replace(fake.http(), keep=kept.__setitem__)
    asked = {"address": fake.address, **settings}
    return registry.connected(kind, read_settings(kind.spec.settings, asked), http), kept


def test_an_access_token_that_runs_out_is_renewed_without_the_password(fake):
    pull = fake.connector().pull(None, Mode.SWEEP)
    next(pull)
    fake.expire()
    assert len(names(pull)) == 119
    assert paths(fake).count("login") == 1
    assert paths(fake).count("refresh") == 1


def test_new_tokens_are_kept_for_the_next_run(fake):
    first, kept = kept_by(fake, **fake.settings())
    list(first.pull(None, Mode.SWEEP))
    fake.expire()
    second, later = kept_by(fake, token=kept["token"], refresh_token=kept["refresh_token"])
    assert len(names(second.pull(None, Mode.SWEEP))) == 120
    assert later["refresh_token"] != kept["refresh_token"]
    assert paths(fake).count("login") == 1


def test_a_refresh_token_that_is_not_replaced_stays(fake):
    def keeping(request):
        answer = fake.handle(request)
        if not request.url.path.endswith("/refresh"):
            return answer
        values = {k: v for k, v in answer.json().items() if k != "refresh_token"}
        return httpx.Response(200, json=values, headers={"Date": answer.headers["Date"]})

    first, kept = kept_by(fake, **fake.settings())
    list(first.pull(None, Mode.SWEEP))
    fake.expire()
    kind, again = fake.connector_class, {}
    http = replace(fake.http(keeping), keep=again.__setitem__)
    settings = read_settings(kind.spec.settings, {"address": fake.address, **kept})
    assert len(names(registry.connected(kind, settings, http).pull(None, Mode.SWEEP))) == 120
    assert again.keys() == {"token"}


def test_a_used_refresh_token_falls_back_on_the_password(fake):
    first, kept = kept_by(fake, **fake.settings())
    list(first.pull(None, Mode.SWEEP))
    fake.expire()
    fake.tokens[kept["refresh_token"]] = "used"
    again, _ = kept_by(fake, **{**fake.settings(), **kept})
    assert len(names(again.pull(None, Mode.SWEEP))) == 120
    assert paths(fake).count("login") == 2


def test_a_token_that_has_run_out_for_good_is_named(fake):
    alone, _ = kept_by(fake, token="old-token")
    with pytest.raises(SourceError) as caught:
        list(alone.pull(None, Mode.SWEEP))
    assert caught.value.kind is ErrorKind.AUTH_INVALID
    assert "enter a new one" in caught.value.sentence


def test_a_page_mark_that_is_not_known_asks_for_a_new_beginning(fake):
    with pytest.raises(SourceError) as caught:
        list(fake.connector().pull(b'{"from":"s72594_4483_1934"}', Mode.SWEEP))
    assert caught.value.kind is ErrorKind.CURSOR_INVALID


def test_a_mark_at_which_the_server_stumbles_asks_for_a_new_beginning(fake):
    def stumbling(request):
        answer = fake.handle(request)
        if "since" not in request.url.params:
            return answer
        values = {"errcode": "M_UNKNOWN", "error": "Internal server error"}
        return httpx.Response(500, json=values, headers={"Date": answer.headers["Date"]})

    with pytest.raises(SourceError) as caught:
        list(fake.connector(stumbling).pull(b'{"from":"garbled"}', Mode.SWEEP))
    assert caught.value.kind is ErrorKind.CURSOR_INVALID


def test_a_server_in_trouble_is_not_told_to_begin_anew(fake):
    down = Once(fake.handle, answers(500, json={}), at=1, for_good=True)
    with pytest.raises(SourceError) as caught:
        list(fake.connector(down).pull(b'{"from":"100"}', Mode.SWEEP))
    assert caught.value.kind is ErrorKind.TRANSIENT


@pytest.mark.parametrize(
    ("headers", "waited"), [({}, 1.5), ({"Retry_After": "3"}, 3)], ids=["body", "header"]
)
def test_it_waits_as_long_as_it_is_told(fake, headers, waited):
    limit = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many", "retry_after_ms": 1500}
    busy = Once(fake.handle, answers(429, json=limit, **headers), at=1)
    list(fake.connector(busy).pull(None, Mode.SWEEP))
    assert sum(fake.slept) >= waited


def test_spaces_and_rooms_by_invitation_are_no_channels():
    def space(request):
        rooms = [
            {"room_id": "!a:x", "name": "The space", "room_type": "m.space"},
            {"room_id": "!b:x", "name": "Open", "join_rule": "public"},
            {"room_id": "!c:x", "name": "Closed", "join_rule": "invite"},
            {"room_id": "!d:x", "name": "Members", "join_rule": "restricted"},
        ]
        assert request.url.path == "/_matrix/client/v1/rooms/!a:x/hierarchy"
        return httpx.Response(200, json={"rooms": rooms}, headers={"Date": "x"})

    fake = FakeMatrix()
    kind = fake.connector_class
    settings = read_settings(kind.spec.settings, {"address": fake.address, "space": "!a:x"})
    connector = registry.connected(kind, settings, fake.http(space))
    assert names(connector.pull(None, Mode.SWEEP)) == ["Open"]
    assert [hit.title for hit in connector.search("op", 5)] == ["Open"]


def test_a_room_that_left_the_directory_is_hidden(fake):
    room = fake.add("Secret")
    fake.hide(room)
    assert fake.connector().probe([room]) == {room: Presence.HIDDEN}


def test_a_room_without_a_name_is_called_by_its_alias(fake):
    room = fake.add("")
    found = {
        event.external_id: event
        for event in fake.connector().pull(None, Mode.SWEEP)
        if isinstance(event, Upsert)
    }
    assert found[room].raw["name"] == "#room:matrix.test"


def test_its_links_are_made_of_the_rooms_id():
    made = FakeMatrix().connector().link("!OGEhHVWSdvArJzumhm:example.org", Link(""))
    assert made.url == "https://matrix.to/#/!OGEhHVWSdvArJzumhm:example.org?via=example.org"
    assert made.app_url == (
        "matrix:roomid/OGEhHVWSdvArJzumhm:example.org?action=join&via=example.org"
    )


def test_a_room_whose_id_names_no_server_is_reached_by_ours():
    assert FakeMatrix().connector().link("!h3xhash", Link("")).url.endswith("?via=matrix.test")
