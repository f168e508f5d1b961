"""Pages through Flask's client, on a SQLite database and a search index of the test's own."""

from datetime import timedelta

import pytest
from jinja2 import BytecodeCache

from app.auth import service as auth
from app.config import Config
from app.factory import create_app
from app.models import Person
from tests.support.factories import NOW, Factory
from tests.support.pages import PageClient

_DAY = timedelta(days=1)


class _Compiled(BytecodeCache):
    """Keeps what templates compile to, so that they are not compiled for each test anew."""

    def __init__(self):
        self._kept = {}

    def load_bytecode(self, bucket):
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket):
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


@pytest.fixture(autouse=True)
def _at_a_fixed_time(monkeypatch):
    """Let every page happen at the tests' own moment."""
    monkeypatch.setattr("app.clock.now", lambda: NOW)


@pytest.fixture
def limits():
    """Return whether requests are limited: "0" where a test asks hundreds of times a minute."""
    return "1"


@pytest.fixture
def config(sqlite, tmp_path, limits):
    """Return settings whose data folder belongs to this test."""
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_RATE_LIMITS": limits,
        }
    )


@pytest.fixture
def app(config):
    """Return an application on the test's database."""
    app = create_app(config)
    app.jinja_env.bytecode_cache = _COMPILED
    yield app
    app.extensions["foyer"].database.close()


@pytest.fixture
def session(app):
    """Return a session on the application's database; `commit` makes rows visible to pages."""
    with app.extensions["foyer"].database.sessions() as session:
        yield session


@pytest.fixture
def make(session):
    """Return the factory of rows for `session`; commit before asking for a page."""
    return Factory(session)


@pytest.fixture
def visitor(app):
    """Return a client that is not signed in."""
    return PageClient(app)


@pytest.fixture
def sign_in(app, session):
    """Return a function that gives a client signed in as a person, rows committed."""

    def signed_in(person: Person) -> PageClient:
        token = auth.start_session(
            session,
            person,
            method="test",
            user_agent="test",
            lifetimes=auth.Lifetimes(idle=_DAY, longest=_DAY),
            now=NOW,
        )
        session.commit()
        client = PageClient(app)
        with client.http.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return client

    return signed_in


@pytest.fixture
def employee(make):
    """Return an employee who is a field engineer."""
    return make.person("Amara Okafor", roles=[make.role("field-engineer", "Field engineer")])


@pytest.fixture
def curator(make):
    """Return a curator."""
    return make.person("Jonas Weber", access="curator")


@pytest.fixture
def as_employee(sign_in, employee):
    """Return a client signed in as the employee."""
    return sign_in(employee)


@pytest.fixture
def as_curator(sign_in, curator):
    """Return a client signed in as the curator."""
    return sign_in(curator)


@pytest.fixture
def index_now(app, session):
    """Return a function that commits the rows and lets the search index hold what they say."""

    def indexed():
        session.commit()
        with app.extensions["foyer"].database.transaction() as own:
            app.extensions["foyer-index"].rebuild(own, lambda count: None)

    return indexed
