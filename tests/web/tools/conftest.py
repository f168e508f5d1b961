"""Pages about tools, with a WordPress in memory behind the harvest."""

import httpx
import pytest

from app.connectors.http import Http
from app.harvest.reaching import Parts
from app.harvest.running import run
from app.models import Connection, HarvestRun
from app.tools.parts import EXTENSION
from tests.support.factories import NOW
from tests.support.tools.wordpress import FakeWordPress
from tests.support.tools.world import CANARY, on_the_wire

FORM = {
    "name": "Service blog",
    "address": "https://tool.test",
    "user": "foyer",
    "password": CANARY,
}


class Queue:
    """Stands for the worker's queue: notes what it is asked, and does nothing."""

    def __init__(self):
        self.asked = []

    def harvest_soon(self, connection_id, mode=None, *, dry=False, asked_by=""):
        self.asked.append((connection_id, mode, dry, asked_by))

    def after_commit(self, _session):
        pass


@pytest.fixture
def blog():
    """Return a WordPress with three posts."""
    fake = FakeWordPress()
    for title in ("Replacing the pump seal", "Reading a wiring diagram", 'R&D <Intro> "Q"'):
        fake.add(title)
    return fake


@pytest.fixture
def parts(app, blog):
    """Return what the application harvests with: the fake in place of the network."""
    resources = app.extensions["foyer"]

    def make_http(_connection, spec, settings, secrets, meter, keep):
        client = httpx.Client(
            transport=httpx.MockTransport(lambda one: on_the_wire(blog.handle(one)))
        )
        return Http(
            settings.address,
            client,
            hosts=spec.hosts,
            secrets=secrets,
            meter=meter,
            keep=keep,
            sleep=lambda _seconds: None,
        )

    found = Parts(resources.database, resources.vault, now=lambda: NOW, make_http=make_http)
    app.extensions[EXTENSION] = found
    return found


@pytest.fixture
def queue(app):
    """Return the queue in which pages put readings."""
    app.extensions["foyer-jobs"] = found = Queue()
    return found


@pytest.fixture
def as_admin(sign_in, make):
    return sign_in(make.person("Petra Admin", access="admin"))


@pytest.fixture
def as_curator(sign_in, curator):
    return sign_in(curator)


@pytest.fixture
def connected(as_admin, parts, session):
    """Return the connection of a blog that was connected on the page."""
    as_admin.post("/admin/add-tool/wordpress", FORM)
    session.expire_all()
    return session.query(Connection).one()


@pytest.fixture
def read(connected, parts, session):
    """Return a function that reads the blog now, as the worker does."""

    def reading(**how):
        run(parts, connected.id, **how)
        session.expire_all()
        return session.query(HarvestRun).order_by(HarvestRun.id.desc()).first()

    return reading
