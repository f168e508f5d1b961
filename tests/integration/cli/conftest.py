"""The command line in the test's own process, on a data folder of the test's own."""

import logging
import shutil

import pytest
from click.testing import CliRunner

from app.cli import main
from app.db import Database


@pytest.fixture(autouse=True)
def _logging_stays_as_it_was():
    """Give the test runner its log handlers back: the command line replaces them."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def folder(tmp_path):
    """Return the data folder, empty."""
    return tmp_path / "data"


@pytest.fixture
def migrated(folder, empty_sqlite):
    """Return the data folder with a database that has all tables and no rows."""
    folder.mkdir()
    shutil.copy(empty_sqlite, folder / "foyer.db")
    return folder


@pytest.fixture
def foyer(folder):
    """Return a function that runs one command: its words, and settings as keywords."""

    def run(*words, **settings):
        env = {"FOYER_DATA_DIR": str(folder), "FOYER_BASE_URL": "https://learn.example.org"}
        env |= {f"FOYER_{name.upper()}": value for name, value in settings.items()}
        return CliRunner().invoke(main, list(map(str, words)), env=env)

    return run


@pytest.fixture
def rows(migrated):
    """Return a function that opens a session on the command line's database."""
    database = Database(f"sqlite:///{migrated / 'foyer.db'}")
    with database.sessions() as session:
        yield session
    database.close()
