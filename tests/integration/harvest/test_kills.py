"""A process that harvests is killed again and again; the catalogue is as if it never was."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from app.connectors.base import Mode
from app.models import Item, ItemPresence, SweepPage
from tests.support.tools.serving import Counting, Served
from tests.support.tools.wordpress import FakeWordPress

ROOT = Path(__file__).parent.parent.parent.parent


class Harvester:
    """The other process; `harvest` lets it harvest and kills it where the dice say."""

    def __init__(self, harvesting, dice):
        self.harvesting = harvesting
        self.dice = dice
        self.child = 0
        self.left = 0
        self.minutes = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.harvester"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def answered(self, _number):
        """Hear that a request was answered; kill the child soon after its last one."""
        self.left -= 1
        if not self.left:
            threading.Timer(self.dice.uniform(0, 0.06), self.kill, [self.child]).start()

    def kill(self, child):
        if child == self.child:
            os.kill(child, signal.SIGKILL)

    def harvest(self, mode, requests=0):
        """Harvest, killed soon after so many requests (0: not); tell how it ended."""
        self.minutes += 2
        self.left = requests
        url = self.harvesting.database.engine.url
        order = {
            "database": url.render_as_string(hide_password=False),
            "connection": self.harvesting.connection_id,
            "minutes": self.minutes,
            "mode": mode.value,
        }
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        self.child = int(self.process.stdout.readline())
        ended = self.process.stdout.readline().strip()
        self.child = 0
        return ended

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def harvester(harvesting):
    harvester = Harvester(harvesting, random.Random(4))
    yield harvester
    harvester.close()


@pytest.fixture
def site(harvesting, harvester):
    """Return a site with 220 posts, served and connected."""
    site = FakeWordPress()
    for number in range(220):
        site.add(f"Post {number}")
    with Served(Counting(site, harvester.answered)) as server:
        harvesting.connect("wordpress", server.url, private=True)
        yield site


def rows(harvesting, tool_id):
    """Return every live row of a tool's items, but for numbers, moments and the tool."""
    apart = {"id", "tool_id", "content_hash", "created_at", "updated_at"}
    names = [column.name for column in Item.__table__.columns if column.name not in apart]
    with harvesting.database.sessions() as session:
        live = select(Item).where(Item.tool_id == tool_id, Item.status == "live")
        return {
            one.external_id: {name: getattr(one, name) for name in names}
            for one in session.scalars(live)
        }


def tombstones(harvesting):
    return {key for key, (_, status) in harvesting.items().items() if status == "retired"}


def left_over(harvesting):
    """Return how many rows there are of a sweep under way, and of absences."""
    with harvesting.database.sessions() as session:
        absent = session.query(ItemPresence).filter(ItemPresence.presence == "unknown")
        return session.query(SweepPage).count(), absent.count()


def change_the_world(site):
    """Change a post, take two away, make one."""
    site.tick()
    site.change("3", "Another title")
    site.remove("7")
    site.remove("119")
    site.add("A new post")
    site.tick()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_killed_again_and_again_it_ends_with_the_catalogue_of_a_clean_pull(
    harvesting, harvester, site, long
):
    removed = set()
    for mode in (Mode.SWEEP, Mode.DELTA, Mode.SWEEP):
        for _ in range(15 if long else 2):
            harvester.harvest(mode, requests=harvester.dice.randint(1, 4))
            assert tombstones(harvesting) <= removed
        assert harvester.harvest(mode) == "0"
        if mode is Mode.SWEEP and not removed:
            change_the_world(site)
            removed = {"7", "119"}
    assert tombstones(harvesting) == removed
    assert left_over(harvesting) == (0, 0)
    assert "halted" in {one.state for one in harvesting.runs()}
    killed, address = (
        rows(harvesting, harvesting.tool_id),
        harvesting.connection().settings["address"],
    )
    harvesting.tool_id = harvesting.another_tool()
    harvesting.connect("wordpress", address, private=True)
    assert harvester.harvest(Mode.SWEEP) == "0"
    assert killed == rows(harvesting, harvesting.tool_id)
