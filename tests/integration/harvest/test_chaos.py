"""A fifth of all requests go wrong and runs die anywhere: nothing is lost and nothing made up.

Small counts in memory for every fake; over real sockets, with processes that are killed, for one;
more of both with --long.
"""

import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from app.connectors.base import Harvests, Mode
from app.connectors.settings import secret_names
from app.db import Database
from app.models import Connection
from tests.integration.harvest.conftest import Harvesting
from tests.support.harvest_process import main
from tests.support.harvested import rows, titles
from tests.support.tools import FAKES
from tests.support.tools.faults import FAULTS, Faulty
from tests.support.tools.serving import Served
from tests.support.tools.wire import Proxy
from tests.support.tools.wordpress import FakeWordPress

HARVESTED = [fake for fake in FAKES if issubclass(fake().connector_class, Harvests)]
MOST_RUNS = 200
MOST_REMOVED = 15  # fewer than what a sweep may take away at once
SWEEPS_TO_BE_SURE = 3  # the first may have been half done; a question may go unanswered in one
ROOT = Path(__file__).parents[3]


class Killed(BaseException):
    """What nothing catches: the process is gone, and so is whatever it had not committed."""


class World:
    """A fake whose items come, change and go, and what is true of it."""

    def __init__(self, fake, number, seed):
        self.fake, self.chance = fake, random.Random(seed)
        self.live, self.removed, self.titles, self.still = [], [], {}, False
        for count in range(number):
            self.add(f"Course {count}")

    def add(self, title):
        made = self.fake.add(title)
        assert made not in self.titles
        self.live.append(made)
        self.titles[made] = self.fake.seen(title)

    def turn(self):
        """Let an hour pass in which an item is made, three change and one goes; 15 times."""
        if self.still or len(self.removed) >= MOST_REMOVED:
            return
        self.fake.tick(60)
        self.add(f"New course {len(self.titles)}")
        for changed in self.chance.sample(self.live, 3):
            title = f"Changed at {self.fake.now:%H %M} {len(self.live)}"
            self.fake.change(changed, title)
            self.titles[changed] = self.fake.seen(title)
        if self.fake.connector_class.spec.capabilities.sweep:
            gone = self.live.pop(self.chance.randrange(len(self.live) // 3))
            self.removed.append(gone)
            self.fake.remove(gone)


def connected(harvesting, fake, **other):
    """Connect the tool of a harvest to a fake."""
    settings = {**fake.settings(), **other}
    secrets = secret_names(fake.connector_class.spec.settings)
    harvesting.handle = fake.handle
    harvesting.connect(
        fake.kind,
        settings.pop("address"),
        {name: settings.pop(name) for name in secrets if name in settings},
        settings=settings,
    )
    return harvesting


@contextmanager
def killing(database, chance, share):
    """Kill whoever sends the database a statement, now and then."""

    def strike(*_):
        if chance.random() < share:
            raise Killed

    event.listen(database.engine, "before_cursor_execute", strike)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", strike)


def run_until_done(harvesting, mode, chance, deaths, world):
    """Run until a run ends well; whenever one does not, the world turns meanwhile."""
    for _ in range(MOST_RUNS):
        try:
            with killing(harvesting.database, chance, deaths):
                ended = harvesting.run(mode)
        except Killed:
            ended = None
        assert set(titles(harvesting.database, "retired")) <= set(world.removed)
        if ended is not None:
            assert ended.state != "quarantined"
        if ended is not None and ended.state == "done":
            return
        if chance.random() < 0.5:
            world.turn()
    raise AssertionError("no run came to its end")


@pytest.fixture
def other_database(empty_sqlite, tmp_path):
    """Return a second database, for the clean pull."""
    path = tmp_path / "clean.db"
    shutil.copy(empty_sqlite, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


def cleanly(database, fake):
    """Return the rows that a harvest without any trouble makes."""
    assert connected(Harvesting(database), fake).run(Mode.SWEEP).state == "done"
    return rows(database)


def turn(world, harvesting, chance, deaths):
    """Let the world turn and harvest it; hold what is there then against what is true.

    What changes behind the reading of a tool is seen by the next one, whatever the tool.
    """
    delta, known = world.fake.connector_class.spec.capabilities.delta, titles(harvesting.database)
    world.turn()
    expected, removed = {*known, *world.live[-1:]}, len(world.removed)
    before = len(harvesting.runs())
    for mode in (Mode.SWEEP, Mode.DELTA) if delta else (Mode.SWEEP,):
        run_until_done(harvesting, mode, chance, deaths, world)
    if len(world.removed) == removed:
        expected = set(world.live)
    elif not delta:
        return  # what changed behind a sweep that was halted is read by the next one
    else:
        world.still = True
        run_until_done(harvesting, Mode.DELTA, chance, deaths, world)
        world.still = False
    if not any(one.counts.get("failed") for one in harvesting.runs()[before:]):
        true = {(one, world.titles[one]) for one in expected & set(world.live)}
        assert titles(harvesting.database).items() >= true


def chaos(database, other_database, fake, *, number, turns, seed, deaths=0.02):
    """Harvest a changing tool through faults and deaths; compare with a clean pull at the end."""
    world, chance = World(fake, number, seed), random.Random(seed + 1)
    harvesting = connected(Harvesting(database), fake)
    faults = {**fake.faults(), **FAULTS}
    if fake.reads_pages:
        for name in ("a page with 200", "log in"):  # which is what such a tool answers with
            del faults[name]
    faulty = Faulty(fake.handle, seed, faults=faults)
    harvesting.handle = faulty
    for _ in range(turns):
        turn(world, harvesting, chance, deaths)
    world.still = True
    for _ in range(2):
        run_until_done(harvesting, Mode.SWEEP, chance, deaths, world)
    clean, found = cleanly(other_database, fake), rows(database)
    if fake.connector_class.spec.capabilities.sweep:
        assert found == clean
        assert titles(database) == {one: world.titles[one] for one in world.live}
    else:
        assert {one: found[one] for one in clean} == clean
    return faulty


@pytest.mark.parametrize("kind", HARVESTED, ids=lambda kind: kind.kind)
def test_a_bad_line_and_sudden_deaths_change_nothing(sqlite, other_database, kind):
    faulty = chaos(sqlite, other_database, kind(), number=min(kind.many, 250), turns=3, seed=7)
    assert faulty.met


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("kind", HARVESTED, ids=lambda kind: kind.kind)
def test_they_change_nothing_at_full_counts(tables, other_database, kind, seed):
    number = max(kind.many, 300)
    chaos(tables, other_database, kind(), number=number, turns=8, seed=seed, deaths=0.003)


class Line:
    """A fake WordPress over loopback, behind a proxy that breaks a fifth of all exchanges."""

    def __init__(self, number, seed):
        self.fake = FakeWordPress()
        self.world = World(self.fake, number, seed)
        self.served = Served(self.fake)
        self.proxy = Proxy(self.served.url, seed=seed)
        self.served.public = self.proxy.url

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.proxy.close()
        self.served.close()


def address_of(database):
    return database.engine.url.render_as_string(hide_password=False)


def start_and_kill(database, connection_id, minutes, seconds):
    """Harvest in a process of its own, which dies so many seconds after it has begun."""
    words = ["tests.support.harvest_process", address_of(database), connection_id, minutes]
    command = [sys.executable, "-m", *map(str, words)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "go\n"
        time.sleep(seconds)
        process.kill()
        assert process.wait(60) in {0, -signal.SIGKILL}


def harvested_over_the_wire(database, line, deaths=0, chance=None):
    """Return the rows of a harvest whose process dies so often, the world turning meanwhile."""
    harvesting = connected(Harvesting(database), line.fake, address=line.proxy.url)
    harvesting.change(Connection, private=True)
    for count in range(deaths):
        start_and_kill(database, harvesting.connection_id, 2 * count, chance.uniform(0.0, 0.6))
        line.world.turn()
    for again in range(SWEEPS_TO_BE_SURE if deaths else 1):
        main(address_of(database), harvesting.connection_id, 2 * (deaths + again))
    return rows(database)


def killed_over_the_wire(database, other_database, *, number, deaths, seed):
    with Line(number, seed) as line:
        found = harvested_over_the_wire(database, line, deaths, random.Random(seed))
        assert line.proxy.met
        assert set(titles(database, "retired")) <= set(line.world.removed)
        line.proxy.share = 0
        assert found == harvested_over_the_wire(other_database, line)


def test_processes_that_are_killed_lose_nothing(sqlite, other_database):
    killed_over_the_wire(sqlite, other_database, number=220, deaths=2, seed=3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_processes_that_are_killed_again_and_again_lose_nothing(tables, other_database, seed):
    killed_over_the_wire(tables, other_database, number=1500, deaths=12, seed=seed)
