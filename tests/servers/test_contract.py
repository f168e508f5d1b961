"""What every connector keeps, shown against the real servers of six tools.

The same assertions as over the fakes (`tests/support/tools/contract.py`), each server in the words
of the contract (`tests/support/servers/worlds.py`).
"""

import pytest

from app import outbound
from app.catalogue.records import ToolRecord
from app.connectors.base import (
    Account,
    AccountKind,
    Checkpoint,
    Did,
    ErrorKind,
    Launches,
    Mode,
    Presence,
)
from app.harvest.records import Reader
from app.intake.text import plain
from tests.support.factories import NOW
from tests.support.servers.worlds import NEW, WORLDS, RalphWorld
from tests.support.tools import contract
from tests.support.tools.contract import by_id, deletes, everything, forms_of, ids, upserts


def worlds(condition=lambda _world: True):
    """Parametrise over the real servers that meet the condition."""
    chosen = [each for each in WORLDS if condition(each)]
    return pytest.mark.parametrize(
        "world", chosen, ids=lambda each: f"{each.kind} of {each.server}", indirect=True
    )


@pytest.fixture
def world(request):
    """Return a running server as it was at its start, and leave it so."""
    found = request.param(request.getfixturevalue(request.param.server))
    found.begin()
    yield found
    found.end()


@pytest.fixture
def connect(world):
    """Return what gives the connector as a process that has just started would have it."""
    with outbound.client(private_hosts=["127.0.0.1"]) as client:
        yield lambda **other: world.connector(client, **other)


def read_next(connect, events):
    """Return what the next reading yields: a delta, or a sweep where there is none."""
    connector = connect()
    if connector.spec.capabilities.delta:
        return contract.since(connector, events)
    return everything(connector)


def title_of(spec, event):
    return plain(contract.mapped(spec, event)["title"])


@worlds()
class TestAReading:
    def test_it_yields_every_item_once_and_the_same_again(self, world, connect):
        events = everything(connect())
        contract.every_item_came_once(events, world.live())
        contract.places_were_kept(events)
        contract.both_read_the_same(events, everything(connect()))
        if connect().spec.capabilities.delta:
            again = upserts(contract.since(connect(), events))
            assert all(one == by_id(events)[one.external_id] for one in again)

    def test_it_goes_on_from_each_of_its_checkpoints(self, world, connect, monkeypatch):
        if world.page:
            monkeypatch.setattr(*world.page)
            events = everything(connect())
            assert len(contract.checkpoints(events)) > 2
            contract.it_goes_on_from_each_checkpoint(connect, events)

    def test_what_it_yields_is_taken_and_tells_no_secret(self, world, connect):
        connector = connect()
        events = everything(connector)
        told = repr([*events, *connector.check()])
        assert not any(form in told for secret in world.secrets for form in forms_of(secret))
        reader = Reader(
            ToolRecord(slug="tool", name="Tool"), connector.spec.mapping, connector.spec.schemes, []
        )
        taken = [reader.take(event, now=NOW) for event in upserts(events)]
        assert [one.complaints for one in taken if one.complaints or not one.record] == []


@worlds()
class TestWhatChanges:
    def test_it_is_seen_once_by_the_next_reading(self, world, connect):
        events = everything(connect())
        changed, new = world.change(), world.add()
        found = read_next(connect, events)
        assert [ids(found).count(one) for one in (changed, new)] == [1, 1]
        assert NEW in title_of(connect().spec, by_id(found)[changed])
        assert by_id(everything(connect()))[changed] == by_id(found)[changed]
        assert not deletes(found).keys() & {changed, new, *ids(events)}


@worlds(lambda world: hasattr(world, "delete"))
class TestWhatIsTakenAway:
    def test_it_is_told_once_and_in_no_sweep(self, world, connect):
        events = everything(connect())
        away = {world.delete(): world.deleted}
        if world.hidden:
            away[world.hide()] = world.hidden
        found = read_next(connect, events)
        if connect().spec.capabilities.tombstones:
            assert {one: deletes(found).get(one) for one in away} == away
            assert not deletes(found).keys() & (set(ids(events)) - away.keys())
        left = set(ids(everything(connect())))
        assert left == world.live()
        assert not {*ids(found), *left} & away.keys()


@worlds(lambda world: world.deleted is not None)
def test_a_probe_tells_what_moved_from_what_is_away(world, connect):
    expected = {world.change(): Presence.LIVE, world.delete(): world.deleted}
    if world.hidden:
        expected[world.hide()] = world.hidden
    expected[min(world.live() - expected.keys())] = Presence.LIVE
    assert connect().probe(list(expected)) == expected
    assert connect().probe([]) == {}
    assert set(connect().probe(["987654"]).values()) <= {Presence.GONE, Presence.UNKNOWN}


@worlds(lambda world: world.wrong is not None)
def test_wrong_credentials_are_called_that(world, connect):
    connector = connect(**dict([world.wrong]))
    assert not all(one.ok for one in connector.check())
    if world.kind == "kolibri":  # what it lists, it lists to everybody
        error = contract.raised(connector.activity(None, []))
    elif connector.spec.capabilities.tombstones:
        cursor = everything(connect())[-1].cursor
        error = contract.raised(connector.pull(cursor, Mode.DELTA))
    else:
        error = contract.raised(contract.everything_of(connector))
    assert error.kind in {ErrorKind.AUTH_INVALID, ErrorKind.AUTH_EXPIRED}


@worlds()
def test_its_links_open_what_was_harvested(world, connect):
    connector = connect()
    events = everything(connector)
    if isinstance(connector, Launches):
        contract.links_are_as_harvested(connector, events)
    world.change()
    for event in upserts(events)[-4:]:
        address = contract.link_of(connector.spec, event).url
        if address.startswith("https://matrix.to/"):
            assert event.external_id in address
            continue
        answer = world.at.visitor().get(address, follow_redirects=True)
        assert [one.status_code for one in answer.history] in ([], [301])
        assert answer.status_code == 200


class TestWhatPeopleDid:
    """Of a record store, that reads no items."""

    @pytest.fixture
    def world(self, ralph):
        found = RalphWorld(ralph)
        found.begin()
        yield found
        found.end()

    @pytest.fixture
    def told(self, connect):
        return lambda cursor=None, **other: list(connect(**other).activity(cursor, []))

    def test_each_statement_is_told_once_and_the_same_again(self, world, told):
        events = told()
        assert sorted(one.id for one in dids(events)) == sorted(world.done())
        assert dids(told()) == dids(events)
        assert [one.complete for one in contract.checkpoints(events)].count(True) == 1
        assert events[-1].complete
        assert {one.account for one in dids(events)} >= {
            Account(AccountKind.EMAIL, "ada@example.com")
        }

    def test_it_goes_on_from_each_of_its_checkpoints(self, world, told, monkeypatch):
        monkeypatch.setattr("app.connectors.tools.lrs._PAGE", 5)
        events = told()
        assert len(contract.checkpoints(events)) > 2
        for place, event in enumerate(events):
            if isinstance(event, Checkpoint):
                rest = told(event.cursor)
                assert {one.id for one in dids([*events[:place], *rest])} == set(world.done())

    def test_what_is_new_is_told_from_the_cursor_on(self, world, told):
        events = told()
        new = world.complete()
        assert [one.id for one in dids(told(events[-1].cursor))].count(new) == 1

    def test_nothing_tells_the_password_and_a_wrong_one_is_called_that(self, world, told, connect):
        said = repr([*told(), *connect().check()])
        assert not any(form in said for secret in world.secrets for form in forms_of(secret))
        assert not all(one.ok for one in connect(**dict([world.wrong])).check())
        error = contract.raised(connect(**dict([world.wrong])).activity(None, []))
        assert error.kind is ErrorKind.AUTH_INVALID


def dids(events):
    return [event for event in events if isinstance(event, Did)]
