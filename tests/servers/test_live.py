"""Real servers asked while a reader waits: what each finds, whose it is, and what a fault does."""

import datetime as dt
from urllib.parse import urlsplit

import pytest

from app.harvest import live
from app.harvest.live import Said
from tests.servers.test_harvests import Reading, modes, world, worlds  # noqa: F401 (a fixture)
from tests.support.servers.worlds import (
    KolibriWorld,
    MatrixWorld,
    MediaWikiWorld,
    WordPressWorld,
)
from tests.support.tools.wire import Proxy

WORDS = {"kolibri": "Cuts", "matrix": "press", "mediawiki": "valve", "wordpress": "gauge"}
EVERYBODY = frozenset({"everyone"})
LONG = dt.timedelta(seconds=30)


def asked(reading, deadline=LONG):
    [answer] = live.ask(
        reading.parts, WORDS[reading.world.kind], tokens=EVERYBODY, deadline=deadline
    )
    return answer


@worlds(KolibriWorld, MatrixWorld, MediaWikiWorld, WordPressWorld)
def test_a_real_server_is_asked_live_and_what_it_finds_becomes_the_item_it_is(world, sqlite):  # noqa: F811
    reading = Reading(sqlite, world)
    new = asked(reading)
    assert new.said is Said.ANSWERED
    assert new.found
    assert {one.item_id for one in new.found} == {None}
    assert {one.hit.external_id for one in new.found} <= world.live()
    assert all(urlsplit(one.hit.url).hostname for one in new.found)
    reading.go(modes(world)[-1])
    held = asked(reading)
    assert [one.hit for one in held.found] == [one.hit for one in new.found]
    assert None not in {one.item_id for one in held.found}
    assert asked(reading, dt.timedelta(seconds=30)).indexed_at is not None


@worlds(MediaWikiWorld)
@pytest.mark.parametrize("fault", ["hanging", "dripping"])
def test_a_real_server_behind_a_bad_line_is_late_and_said_to_be(world, sqlite, fault):  # noqa: F811
    proxy = Proxy(world.at.url, share=1.0, faults=[fault])
    try:
        reading = Reading(sqlite, world, address=proxy.url)
        assert asked(reading, dt.timedelta(seconds=0.3)).said is Said.LATE
    finally:
        proxy.close()
