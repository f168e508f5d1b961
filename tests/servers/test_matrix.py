"""The Matrix connector against a real Synapse: rooms, the space, tokens that expire, its limits."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from app.connectors import registry
from app.connectors.base import ErrorKind, Mode, Presence, SourceError, Upsert
from app.connectors.http import Http
from app.connectors.mapping import apply
from app.connectors.settings import read_settings
from app.connectors.tools.matrix import Matrix
from app.intake.text import plain
from app.outbound import client


@pytest.fixture
def matrix(synapse):
    """Return a function that gives the connector with these settings, and what its host kept."""
    kept = {}
    with client(private_hosts={"127.0.0.1"}) as outbound:

        def connected(waits=None, **settings):
            http = Http(synapse.url, outbound, keep=kept.__setitem__)
            if waits is not None:
                http = replace(http, sleep=waits.append, tries=2)
            asked = read_settings(Matrix.spec.settings, {"address": synapse.url, **settings})
            return registry.connected(Matrix, asked, http)

        connected.kept = kept
        yield connected


@contextmanager
def undone(change, back):
    """Change the world, and change it back afterwards."""
    change()
    try:
        yield
    finally:
        back()


def swept(connector, cursor=None):
    events = list(connector.pull(cursor, Mode.SWEEP))
    assert events[-1].complete
    return {event.external_id: event for event in events if isinstance(event, Upsert)}


def test_it_reads_every_public_room_and_no_private_one(synapse, matrix):
    found = swept(matrix(token=synapse.token))
    public = {room for alias, room in synapse.rooms.items() if alias not in {"board", "works"}}
    assert found.keys() == public


def test_names_and_topics_arrive_as_people_wrote_them(synapse, matrix):
    event = swept(matrix(token=synapse.token))[synapse.rooms["rnd"]]
    fields = apply(Matrix.spec.mapping, event.raw).fields
    assert plain(fields["title"]) == 'R&D <Intro> "Q"'
    assert plain(fields["summary"]) == "Research & development, <questions> welcome"
    assert fields["kind"] == "channel"


def test_it_reads_the_rooms_of_a_space_alone(synapse, matrix):
    found = swept(matrix(token=synapse.token, space=synapse.rooms["works"]))
    assert found.keys() == {synapse.rooms[one] for one in ("welding", "press", "first-aid")}


def test_an_unchanged_room_reads_the_same_however_many_join(synapse, matrix):
    before = swept(matrix(token=synapse.token))
    synapse.join("cafe")
    assert swept(matrix(token=synapse.token)) == before


def test_a_new_name_and_a_new_topic_are_read(synapse, matrix):
    with undone(
        lambda: synapse.rename("press", "Press brakes"),
        lambda: synapse.rename("press", "Press brake"),
    ):
        event = swept(matrix(token=synapse.token))[synapse.rooms["press"]]
    assert event.raw["name"] == "Press brakes"


def test_it_goes_on_from_the_mark_of_a_page(synapse, matrix, monkeypatch):
    monkeypatch.setattr("app.connectors.tools.matrix._PAGE", 5)
    monkeypatch.setattr(Matrix._listed, "__defaults__", (5,))
    events = list(matrix(token=synapse.token).pull(None, Mode.SWEEP))
    at = next(place for place, event in enumerate(events) if not isinstance(event, Upsert))
    first = {event.external_id for event in events[:at]}
    rest = swept(matrix(token=synapse.token), events[at].cursor)
    assert 0 < len(rest) < 12
    assert len(first | rest.keys()) == 12


@pytest.mark.parametrize("space", [False, True])
def test_trap_17_a_mark_that_it_does_not_know_asks_for_a_new_beginning(synapse, matrix, space):
    settings = {"space": synapse.rooms["works"]} if space else {}
    with pytest.raises(SourceError) as caught:
        swept(matrix([], token=synapse.token, **settings), b'{"from":"s72594_4483_1934"}')
    assert caught.value.kind is ErrorKind.CURSOR_INVALID


def test_trap_17_a_sync_token_that_it_does_not_know_means_the_same(synapse, matrix):
    http = matrix(token=synapse.token)._http
    with pytest.raises(SourceError) as caught:
        http.get_json("_matrix/client/v3/sync", {"since": "garbage", "timeout": 0})
    assert caught.value.kind is ErrorKind.CURSOR_INVALID


def test_it_tells_hidden_rooms_from_live_and_unknown_ones(synapse, matrix):
    live, hidden = synapse.rooms["cafe"], synapse.rooms["press"]
    never = "!neverwasHere:works.test"
    with undone(lambda: synapse.hide("press"), lambda: synapse.show("press")):
        found = matrix(token=synapse.token).probe([live, hidden, never])
        listed = swept(matrix(token=synapse.token))
    assert found == {live: Presence.LIVE, hidden: Presence.HIDDEN, never: Presence.GONE}
    assert hidden not in listed


def test_a_deleted_room_is_gone(synapse, matrix):
    synapse.add("short-lived", "Short lived", "For one test")
    room = synapse.rooms["short-lived"]
    assert room in swept(matrix(token=synapse.token))
    synapse.delete("short-lived")
    assert matrix(token=synapse.token).probe([room]) == {room: Presence.GONE}
    assert room not in swept(matrix(token=synapse.token))


def test_it_searches_the_public_rooms(synapse, matrix):
    hits = matrix(token=synapse.token).search("r&d", 5)
    assert [(hit.external_id, hit.title) for hit in hits] == [
        (synapse.rooms["rnd"], 'R&D <Intro> "Q"')
    ]


def test_it_searches_the_rooms_of_the_space(synapse, matrix):
    connector = matrix(token=synapse.token, space=synapse.rooms["works"])
    assert [hit.title for hit in connector.search("weld", 5)] == ["Welding"]


def test_it_signs_in_and_everything_works(synapse, matrix):
    connector = matrix(user=synapse.user, password=synapse.password)
    assert [probe.ok for probe in connector.check()] == [True, True]
    assert matrix.kept.keys() == {"token", "refresh_token"}


def test_trap_16_a_token_that_ran_out_is_renewed_and_the_new_ones_are_kept(synapse, matrix):
    old = synapse.log_in()
    assert answer_of(synapse, old["access_token"]).json()["soft_logout"]
    settings = {"token": old["access_token"], "refresh_token": old["refresh_token"]}
    assert len(swept(matrix(**settings))) == 12
    assert matrix.kept["refresh_token"] != old["refresh_token"]
    assert len(swept(matrix(**matrix.kept))) == 12


def answer_of(synapse, token):
    """Return how a token is refused once it has run out, which takes two seconds."""
    with synapse.visitor() as visitor:
        while True:
            answer = visitor.get(
                "/_matrix/client/v3/account/whoami", headers={"Authorization": f"Bearer {token}"}
            )
            if answer.status_code == 401:
                return answer


def test_a_wrong_password_is_named_and_not_tried_again(synapse, matrix):
    waits = []
    connector = matrix(waits, user=synapse.user, password="wrong")
    with pytest.raises(SourceError) as caught:
        swept(connector)
    assert caught.value.kind is ErrorKind.AUTH_INVALID
    assert waits == []


def test_without_an_account_it_says_that_one_is_wanted(matrix):
    [probe] = matrix().check()
    assert not probe.ok
    assert "account" in probe.why


def test_it_hears_how_long_it_has_to_wait(synapse, matrix):
    waits, troubles = [], []
    while not waits:
        probes = list(matrix(waits, user=synapse.user, password=synapse.password).check())
        troubles += [probe.why for probe in probes if not probe.ok]
    assert sum(waits) > 0
    assert set(troubles) <= {"It asks us to ask less often."}


def said(synapse, alias):
    """Return who has said what in a room, the last first."""
    room = synapse.rooms[alias]
    path = f"/_matrix/client/v3/rooms/{room}/messages?dir=b&limit=20"
    events = synapse.ask("GET", path)["chunk"]
    return [
        (each["sender"].partition(":")[0], each["content"]["body"])
        for each in events
        if each["type"] == "m.room.message" and "body" in each["content"]
    ]


def test_it_says_something_in_a_room_that_it_was_not_in(synapse, matrix):
    connector = matrix(token=synapse.token)
    room = synapse.rooms["newcomers"]
    connector.post(room, "Tour at ten & <cake>", "message-1")
    connector.post(room, "Tour at ten & <cake>", "message-1")
    connector.post(room, "Bring boots", "message-2")
    assert said(synapse, "newcomers")[:3] == [
        ("@foyer", "Bring boots"),
        ("@foyer", "Tour at ten & <cake>"),
    ]


def test_in_a_room_that_it_may_not_enter_it_says_nothing(synapse, matrix):
    with pytest.raises(SourceError) as caught:
        matrix(token=synapse.token).post(synapse.rooms["board"], "Hello", "message-3")
    assert caught.value.kind is ErrorKind.FORBIDDEN
    assert said(synapse, "board") == []
