"""Whole harvests of real servers: what comes in, changes, goes and comes back, row by row."""

import datetime as dt
import random
import shutil
from dataclasses import replace

import pytest

from app.connectors.base import Mode, Presence
from app.connectors.settings import secret_names
from app.db import Database
from app.harvest.reaching import over_the_network
from tests.integration.harvest.conftest import Harvesting
from tests.support.harvest_process import make_http
from tests.support.harvested import rows, titles, writing
from tests.support.servers.worlds import (
    WORLDS,
    BlogFeed,
    MediaWikiWorld,
    WikiFeed,
    WordPressWorld,
)
from tests.support.tools.wire import Proxy

CATALOGUE = {
    "item",
    "item_skill",
    "item_role",
    "item_key",
    "item_presence",
    "cluster_member",
    "index_outbox",
}
MOST_RUNS = 60
PAGE = 2  # so that a few items take many requests


class Reading(Harvesting):
    """A harvest over the network, of a world or of what stands before it."""

    make_http = staticmethod(over_the_network)

    def __init__(self, database, world, address=None):
        super().__init__(database)
        self.world = world
        settings = world.settings() | ({"address": address} if address else {})
        names = secret_names(world.spec().settings)
        secrets = {name: settings.pop(name) for name in names if name in settings}
        self.connect(world.kind, settings.pop("address"), secrets, settings=settings, private=True)

    def go(self, mode):
        """Read once, which goes well; return what became of how many items."""
        self.world.fresh()
        ended = self.run(mode)
        assert (ended.state, ended.error) == ("done", "")
        fates = ("new", "changed", "removed", "failed")
        return {fate: ended.counts[fate] for fate in fates if ended.counts.get(fate)}


@pytest.fixture
def world(request):
    """Return a running server as it was at its start, and leave it so."""
    found = request.param(request.getfixturevalue(request.param.server))
    found.begin()
    yield found
    found.end()


def worlds(*chosen):
    """Parametrise over real servers."""
    return pytest.mark.parametrize(
        "world", chosen, ids=lambda each: f"{each.kind} of {each.server}", indirect=True
    )


def modes(world):
    """Return the ways in which a tool is read."""
    can = world.spec().capabilities
    return [mode for mode, able in ((Mode.DELTA, can.delta), (Mode.SWEEP, can.sweep)) if able]


@worlds(*WORLDS)
class TestAHarvest:
    def test_it_brings_everything_and_of_an_unchanged_tool_writes_no_row(self, world, sqlite):
        reading = Reading(sqlite, world)
        assert reading.go(modes(world)[-1]) == {"new": len(world.live())}
        assert set(reading.live()) == world.live()
        for mode in modes(world):
            with writing(sqlite) as sent:
                assert reading.go(mode) == {}
            assert [one for one in sent if one[1] in CATALOGUE] == []

    def test_one_change_is_one_row_and_nothing_else_moves(self, world, sqlite):
        reading = Reading(sqlite, world)
        reading.go(modes(world)[-1])
        before = rows(sqlite)
        changed = world.change()
        assert reading.go(modes(world)[0]) == {"changed": 1}
        new = world.add()
        assert reading.go(modes(world)[0]) == {"new": 1}
        after = rows(sqlite)
        assert {one for one in after if after[one] != before.get(one)} == {changed, new}
        assert before.keys() <= after.keys()
        assert [reading.go(mode) for mode in modes(world)] == [{}] * len(modes(world))


@worlds(*(each for each in WORLDS if each.deleted))
class TestWhatIsTakenAway:
    def test_one_deletion_is_one_tombstone(self, world, sqlite):
        reading = Reading(sqlite, world)
        reading.go(Mode.SWEEP)
        gone = world.delete()
        tombstones = world.spec().capabilities.tombstones
        if Mode.DELTA in modes(world):
            assert reading.go(Mode.DELTA) == ({"removed": 1} if tombstones else {})
        if not tombstones:
            if world.deleted is Presence.UNKNOWN:  # only the second absence counts
                assert reading.go(Mode.SWEEP) == {}
            assert reading.go(Mode.SWEEP) == {"removed": 1}
        assert reading.presences().keys() == {gone}
        assert reading.presences()[gone][0] == Presence.GONE
        assert set(reading.live()) == world.live()
        assert reading.go(Mode.SWEEP) == {}
        if world.restores:
            world.restore()
            assert reading.go(modes(world)[0]) == {"changed": 1}
            assert (set(reading.live()), reading.presences()) == (world.live(), {})


@worlds(*(each for each in WORLDS if each.hidden is Presence.HIDDEN))
def test_what_is_hidden_is_not_called_gone_and_comes_back(world, sqlite):
    reading = Reading(sqlite, world)
    reading.go(Mode.SWEEP)
    tombstones = world.spec().capabilities.tombstones
    mode = Mode.DELTA if tombstones else Mode.SWEEP
    hidden = world.hide()
    assert reading.go(mode) == {"removed": 1}
    assert reading.presences()[hidden][0] == Presence.HIDDEN
    world.show()
    assert reading.go(mode) == {"changed": 1}
    assert (set(reading.live()), reading.presences()) == (world.live(), {})


@worlds(BlogFeed, WikiFeed)
def test_what_a_feed_no_longer_holds_stays(world, sqlite):
    reading = Reading(sqlite, world)
    reading.go(None)
    before = set(reading.live())
    world.delete() if hasattr(world, "delete") else world.hide()
    for _ in range(2):
        reading.go(Mode.SWEEP)
    assert set(reading.live()) >= before
    assert titles(sqlite, "retired") == {}


@worlds(MediaWikiWorld)
def test_pages_that_no_list_of_changes_names_come_with_the_weekly_sweep(world, sqlite):
    reading = Reading(sqlite, world)
    reading.go(None)
    world.at.bring_in("Forklift", "From another wiki.")
    world.at.forget_changes()
    assert reading.go(None) == {}
    reading.now += dt.timedelta(days=7)
    assert reading.go(None) == {"new": 1}


class Behind(Reading):
    """A harvest through a bad line, that asks no question a third time, so that many runs end."""

    @staticmethod
    def make_http(*parts):
        return replace(make_http(*parts), tries=2)

    def until_done(self, mode, removed):
        """Read until a reading ends well; whatever happens, nothing live is taken away."""
        for _ in range(MOST_RUNS):
            ended = self.run(mode)
            assert titles(self.database, "retired").keys() <= removed
            assert ended.state != "quarantined"
            if ended.state == "done":
                return
        raise AssertionError("no reading came to its end")


@pytest.fixture
def other_database(empty_sqlite, tmp_path):
    """Return a second database, for the clean pull."""
    path = tmp_path / "clean.db"
    shutil.copy(empty_sqlite, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


def through_a_bad_line(world, database, other_database, *, seed, turns):
    """Harvest a changing server through faults, and compare with a clean pull."""
    turning = [world.change, world.add, world.delete, *([world.hide] if world.hidden else [])]
    random.Random(seed).shuffle(turning)
    removed = set()
    with Proxy(world.at.url, seed, share=0.2) as proxy:
        reading = Behind(database, world, proxy.url)
        for turn in [None, *turning][:turns]:
            if turn:
                touched = turn()
                removed |= {touched} - world.live()
            for mode in (Mode.SWEEP, Mode.DELTA):
                reading.until_done(mode, removed)
        assert proxy.met
        assert [one for one in reading.runs() if one.state != "done"]
        proxy.share = 0
        clean = Reading(other_database, world, proxy.url)
        clean.go(Mode.SWEEP)
        assert rows(database) == rows(other_database)
        assert rows(database).keys() == world.live()


@worlds(MediaWikiWorld, WordPressWorld)
def test_a_bad_line_changes_nothing(world, sqlite, other_database, monkeypatch):
    monkeypatch.setattr(world.page[0], PAGE)
    through_a_bad_line(world, sqlite, other_database, seed=5, turns=3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
@worlds(MediaWikiWorld, WordPressWorld)
def test_a_bad_line_changes_nothing_at_full_counts(
    world, sqlite, other_database, monkeypatch, seed
):
    monkeypatch.setattr(world.page[0], PAGE)
    through_a_bad_line(world, sqlite, other_database, seed=seed, turns=5)
