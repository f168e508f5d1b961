"""The connector for record stores against Ralph 5.1: traps 13 and 15 among others."""

import datetime as dt

import pytest

from app import outbound
from app.connectors.base import Account, AccountKind, Checkpoint, Did, ErrorKind, SourceError
from app.connectors.http import Http
from app.connectors.settings import read_settings
from app.connectors.tools.lrs import Lrs, Settings
from tests.support.servers.ralph import statement


@pytest.fixture
def store(ralph):
    """Return the store as it was at its start, and leave it so."""
    ralph.reset()
    yield ralph
    ralph.reset()


@pytest.fixture
def connect(store):
    with outbound.client(private_hosts=["127.0.0.1"]) as client:

        def connected(**values):
            address = f"{store.url}/xAPI"
            given = {"address": address, "user": store.user, "password": store.password}
            settings = read_settings(Settings, {**given, **values})
            return Lrs(settings, Http(address, client, sleep=lambda _seconds: None))

        yield connected


def told(connector, cursor=None):
    return list(connector.activity(cursor, []))


def dids(events):
    return {event.id: event for event in events if isinstance(event, Did)}


def test_it_finds_the_statements_and_that_the_store_does_not_say_what_is_all_there(connect):
    first, second = connect().check()
    assert (first.ok, second.ok, second.needed) == (True, False, False)


def test_it_says_that_the_password_is_wrong(connect):
    [probe] = connect(password="wrong").check()
    assert not probe.ok
    with pytest.raises(SourceError) as caught:
        told(connect(password="wrong"))
    assert caught.value.kind is ErrorKind.AUTH_INVALID


def test_it_reads_who_did_what(store, connect):
    found = dids(told(connect()))
    wanted = {one["id"] for one in store.statements if not one["verb"]["id"].endswith("progressed")}
    wanted -= {one["id"] for one in store.statements if one["verb"]["id"].endswith("failed")}
    assert set(found) == wanted
    done = found["00000000-0000-4000-8000-000000000002"]
    assert (done.verb, done.progress) == ("completed", 1.0)
    assert done.account == Account(AccountKind.ACCOUNT, "chloe", "https://lms.example.com")
    assert done.address == "https://lms.example.com/course/2"
    assert done.at == dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)


def test_it_follows_more_to_the_end_and_goes_on_from_each_page(store, connect):
    at = "2026-11-10T08:00:00.000Z"
    store.write([statement(number, "ada", "completed", "1", at) for number in range(1_100)])
    events = told(connect())
    places = [place for place, one in enumerate(events) if isinstance(one, Checkpoint)]
    assert len(dids(events)) == 1_100
    assert len(places) > 3
    for place in (places[0], places[-2]):
        rest = told(connect(), events[place].cursor)
        assert len({**dids(events[:place]), **dids(rest)}) == 1_100
        assert len(dids(rest)) < 1_100


def test_a_statement_that_comes_late_is_found_within_the_days_it_looks_back(store, connect):
    cursor = told(connect())[-1].cursor
    now = dt.datetime.now(dt.UTC)
    late, lost = (
        (now - dt.timedelta(days=days)).isoformat(timespec="milliseconds") for days in (3, 20)
    )
    store.add(
        statement(101, "ada", "completed", "6", late), statement(102, "ada", "completed", "6", lost)
    )
    found = dids(told(connect(), cursor))
    assert "00000000-0000-4000-8000-000000000101" in found
    assert "00000000-0000-4000-8000-000000000102" not in found
    again = told(connect(late_days=30))[-1].cursor
    assert "00000000-0000-4000-8000-000000000102" in dids(told(connect(), again))


def test_the_filters_that_this_store_fails_at_are_not_used(store):
    verb = "http://adlnet.gov/expapi/verbs/completed"
    assert store.ask(verb=verb).json()["statements"] == []
