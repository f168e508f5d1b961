"""A harvest on each kind of database: a tool connected to a fake or to scripted events."""

import datetime as dt

import httpx
import pytest
from sqlalchemy import select

from app.connectors.http import Http
from app.harvest.budget import Budget
from app.harvest.reaching import Parts
from app.harvest.running import run
from app.models import Connection, HarvestRun, Item, ItemPresence, Tool
from app.vault import Vault
from tests.support.emptying import empty
from tests.support.factories import NOW, Factory
from tests.support.harvested import writing
from tests.support.tools.lrs import FakeLrs
from tests.support.tools.scripted import Scripted
from tests.support.tools.wordpress import FakeWordPress
from tests.support.tools.world import on_the_wire


class Harvesting:
    """One connected tool with a clock of its own; `run` harvests it."""

    def __init__(self, database):
        self.database = database
        self.now = NOW
        self.vault = Vault("secret")
        self.ending = False
        self.budget = Budget()
        self.committed = 0
        self.handle = lambda _request: httpx.Response(404)
        self.script = None
        self.tool_id = self.another_tool("blog")

    def another_tool(self, slug="another"):
        """Make a tool that is not connected; return its id."""
        with self.database.transaction() as session:
            tool = Tool(slug=slug, name="The blog", kind="blog")
            session.add(tool)
            session.flush()
            return tool.id

    def connect(self, kind, address="https://tool.test", secrets=None, **values):
        """Connect the tool; return the connection's id."""
        with self.database.transaction() as session:
            row = Connection(
                tool_id=self.tool_id,
                kind=kind,
                settings={"address": address} | values.pop("settings", {}),
                secrets={name: self.vault.seal(one) for name, one in (secrets or {}).items()},
                enabled=True,
                created_at=self.now,
                **values,
            )
            session.add(row)
            session.flush()
            self.connection_id = row.id
        return self.connection_id

    def follow(self, _session):
        self.committed += 1

    def make_http(self, _connection, spec, settings, secrets, meter, keep):
        client = httpx.Client(
            transport=httpx.MockTransport(lambda one: on_the_wire(self.handle(one)))
        )
        return Http(
            settings.address,
            client,
            hosts=spec.hosts,
            secrets=secrets,
            meter=meter,
            keep=keep,
            sleep=self.sleep,
            chance=lambda _low, _high: 0.5,
        )

    def sleep(self, seconds):
        self.now += dt.timedelta(seconds=seconds)

    @property
    def parts(self):
        return Parts(
            self.database,
            self.vault,
            after_commit=self.follow,
            now=lambda: self.now,
            make_http=self.make_http,
            ending=lambda: self.ending,
            budget=self.budget,
            **({"connector_for": self.script.found} if self.script else {}),
        )

    def run(self, mode=None, **values):
        """Harvest once, ten minutes after the last time; return the run's row."""
        self.now += dt.timedelta(minutes=10)
        return run(self.parts, self.connection_id, mode, **values)

    def items(self):
        """Return every item of the tool as {external id: (title, status)}."""
        with self.database.sessions() as session:
            rows = session.execute(
                select(Item.external_id, Item.title, Item.status).where(
                    Item.tool_id == self.tool_id
                )
            )
            return {row.external_id: (row.title, row.status) for row in rows}

    def live(self):
        return sorted(key for key, (_, status) in self.items().items() if status == "live")

    def presences(self):
        """Return what is kept of items that are not simply there."""
        with self.database.sessions() as session:
            rows = session.execute(
                select(Item.external_id, ItemPresence.presence, ItemPresence.absences).join(Item)
            )
            return {external_id: (presence, times) for external_id, presence, times in rows}

    def change(self, table, **values):
        """Set columns of the one row of a table."""
        with self.database.transaction() as session:
            row = session.scalars(select(table)).one()
            for name, value in values.items():
                setattr(row, name, value)

    def item(self, external_id):
        with self.database.sessions() as session:
            return session.scalars(select(Item).where(Item.external_id == external_id)).one()

    def connection(self):
        with self.database.sessions() as session:
            return session.get_one(Connection, self.connection_id)

    def runs(self):
        with self.database.sessions() as session:
            return list(session.scalars(select(HarvestRun).order_by(HarvestRun.id)))


@pytest.fixture
def tables(database):
    """Return the database; whatever the test wrote is deleted after it."""
    yield database
    if database.engine.dialect.name == "postgresql":
        empty(database)


@pytest.fixture
def harvesting(tables):
    return Harvesting(tables)


@pytest.fixture
def blog(harvesting):
    """Return a fake WordPress that is connected."""
    fake = FakeWordPress()
    harvesting.handle = fake.handle
    settings = fake.settings()
    password = settings.pop("password", "")
    harvesting.connect(
        "wordpress", settings.pop("address"), {"password": password}, settings=settings
    )
    return fake


@pytest.fixture
def lrs(harvesting):
    """Return a fake store of statements that is connected, and people and an item."""
    fake = FakeLrs()
    harvesting.handle = fake.handle
    settings = fake.settings()
    password = settings.pop("password")
    harvesting.connect(
        "lrs",
        settings.pop("address"),
        {"password": password},
        settings=settings,
        people_by="email",
    )
    with harvesting.database.transaction() as session:
        make = Factory(session)
        make.person(email="ada@example.org")
        make.item(tool=make.tool("courses"), url=fake.add("A course"))
    return fake


@pytest.fixture
def script(harvesting):
    """Return the script of a connected tool: the events of each pull, and what it answers."""
    harvesting.script = Scripted()
    harvesting.connect("scripted")
    return harvesting.script


@pytest.fixture
def written(tables):
    """Return a list that grows by every statement that changes rows."""
    with writing(tables) as sent:
        yield sent
