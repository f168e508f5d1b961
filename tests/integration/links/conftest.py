"""Link checks over a made-up web, on each kind of database."""

import httpx
import pytest

from app.models import Connection
from tests.support.emptying import empty
from tests.support.factories import Factory
from tests.support.links import Checking
from tests.support.tools.scripted import Scripted


class Web:
    """Answers every address as a test says: a status, or (status, headers), or what to raise."""

    def __init__(self):
        self.answers = {}
        self.asked = []

    def handle(self, request):
        self.asked.append((request.method, str(request.url)))
        answer = self.answers.get(str(request.url), 200)
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        return httpx.Response(status, headers=headers)

    def client(self, hosts):
        self.hosts = hosts
        return httpx.Client(transport=httpx.MockTransport(self.handle))


@pytest.fixture
def tables(database):
    """Return the database; whatever the test wrote is deleted after it."""
    yield database
    if database.engine.dialect.name == "postgresql":
        empty(database)


@pytest.fixture
def web():
    return Web()


@pytest.fixture
def script():
    """Return what a connected tool says of its items."""
    return Scripted()


@pytest.fixture
def checking(tables, web, script):
    found = Checking(tables, connector_for=script.found)
    found.make_client = web.client
    return found


@pytest.fixture
def made(tables):
    """Give a factory in a transaction of its own: `with made() as make`."""

    class Making:
        def __call__(self):
            self.transaction = tables.transaction()
            return self

        def __enter__(self):
            return Factory(self.transaction.__enter__())

        def __exit__(self, *error):
            return self.transaction.__exit__(*error)

    return Making()


@pytest.fixture
def connected(made, checking):
    """Return a function that makes a connected tool with items, and their external ids."""

    def connect(*external_ids, **values):
        with made() as make:
            tool = make.tool("lab", "Lab")
            for each in external_ids:
                make.item(each, tool=tool, external_id=each, url=f"https://lab.test/{each}")
            make.session.add(
                Connection(
                    tool_id=tool.id,
                    kind="scripted",
                    settings={"address": "https://lab.test"},
                    created_at=checking.now,
                    **values,
                )
            )
        checking.enrol()

    return connect


@pytest.fixture
def linked(made, checking):
    """Return a function that makes items which are known by their addresses alone."""

    def link(*paths, host="web.test", **values):
        with made() as make:
            tool = make.tool(f"links-{len(host)}-{host[:3]}", "Links")
            for each in paths:
                make.item(
                    each,
                    tool=tool,
                    external_id=each,
                    url=f"https://{host}/{each}",
                    **values,
                )
        checking.enrol()

    return link
