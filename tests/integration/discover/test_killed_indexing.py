"""An indexer that is killed at any moment: the index opens, and comes to equal the database."""

import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from app.catalogue.service import queue_for_index
from app.db import Database
from app.discover.indexing import SearchIndex
from app.models import Item, Status
from search.document import Request
from search.query import parse
from tests.support.factories import Factory

ROOT = Path(__file__).parents[3]
EVERYONE = frozenset({"everyone"})
ITEMS = 40


class Company:
    """A catalogue on disk that goes on changing while its indexer lives and dies."""

    def __init__(self, database, folder, engine, seed):
        self.database, self.folder, self.engine = database, folder, engine
        self.chance, self.version = random.Random(seed), 0
        with database.transaction() as session:
            make = Factory(session)
            tool = make.tool("moodle")
            items = [make.item(f"alpha{count}", tool=tool) for count in range(ITEMS)]
            queue_for_index(session, [item.id for item in items], now=datetime.now(UTC))
        with closing(SearchIndex(folder, engine)) as index, database.transaction() as session:
            index.rebuild(session, lambda _count: None)

    def change(self):
        """Give some items new titles; retire one, or bring one back."""
        self.version += 1
        with self.database.transaction() as session:
            items = session.scalars(select(Item).order_by(Item.id)).all()
            for item in self.chance.sample(items, 5):
                item.title = f"beta{self.version}x{item.id}"
            turned = self.chance.choice(items)
            live = turned.status == Status.LIVE.value
            turned.status = (Status.RETIRED if live else Status.LIVE).value
            queue_for_index(session, [item.id for item in items], now=datetime.now(UTC))

    def let_an_indexer_die(self):
        """Start an indexer, change things under it, and kill it at a random moment."""
        url = self.database.engine.url.render_as_string(hide_password=False)
        words = ["tests.support.index_process", url, str(self.folder), self.engine]
        command = [sys.executable, "-m", *words]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "go\n"
            ends_at = time.monotonic() + self.chance.uniform(0.0, 0.5)
            while time.monotonic() < ends_at:
                self.change()
            process.kill()
            assert process.wait(60) == -signal.SIGKILL

    def live(self):
        """Return the titles of what is live, by id."""
        with self.database.sessions() as session:
            rows = session.execute(select(Item.id, Item.title).where(Item.status == "live"))
            return dict(rows.all())

    def found(self, index):
        """Return the titles by which the index finds its items, as far as they are true."""
        return {
            hit.id: title
            for item_id, title in self.live().items()
            for hit in index.search(Request(parse(f'"{title}"'), EVERYONE, facets=())).hits
            if hit.id == item_id
        }


@pytest.fixture
def company(empty_sqlite, tmp_path):
    """Return a function that founds a company whose index an engine keeps."""
    databases = []

    def found(engine, seed):
        path = tmp_path / "company.db"
        path.write_bytes(Path(empty_sqlite).read_bytes())
        databases.append(Database(f"sqlite:///{path}"))
        return Company(databases[-1], tmp_path / "index", engine, seed)

    yield found
    for database in databases:
        database.close()


def kill_again_and_again(company, deaths):
    for _ in range(deaths):
        company.let_an_indexer_die()
        with closing(SearchIndex(company.folder, company.engine)) as index:
            assert index.ready()
            with company.database.transaction() as session:
                index.follow(session)
            assert index.count() == len(company.live())
            assert company.found(index) == company.live()


@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_an_indexer_that_is_killed_leaves_an_index_that_opens_and_is_true(company, engine):
    kill_again_and_again(company(engine, 1), 5)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_and_so_it_does_however_often_it_is_killed(company, engine):
    kill_again_and_again(company(engine, 2), 50)
