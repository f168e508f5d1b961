"""The command that finds by meaning: what it needs, and with the real model, what it finds."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.catalogue.service import queue_for_index
from app.discover.indexing import SearchIndex
from app.discover.meaning import Meaning
from search import minilm
from search.query import parse
from tests.support.factories import NOW, Factory

ROOT = Path(__file__).parents[3]


def test_it_has_to_be_switched_on(foyer):
    result = foyer("semantic")
    assert result.exit_code == 1
    assert "Set FOYER_SEMANTIC=1" in result.output


def test_it_says_how_to_get_the_model(foyer, migrated, monkeypatch):
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    result = foyer("semantic", semantic="1")
    assert result.exit_code == 1
    assert "make install-semantic" in result.output


def started(folder):
    settings = {"FOYER_DATA_DIR": str(folder), "FOYER_SEMANTIC": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", "semantic"], env={**os.environ, **settings}
    )


def asked_until(folder, text, wanted):
    """Ask anew until the most similar item is the wanted one, or half a minute has passed."""
    deadline = time.monotonic() + 30
    found = []
    while found[:1] != [wanted] and time.monotonic() < deadline:
        time.sleep(0.2)
        found = list(Meaning(folder / "semantic").similar(parse(text)))
    return found[:1]


@pytest.mark.slow
def test_it_finds_by_meaning_and_follows_what_changes(migrated, rows):
    make = Factory(rows)
    boss = make.item("Coping with a difficult boss", summary="What to do when work is hard.")
    make.item("Repairing hydraulic pumps", summary="Seals, valves, pressure.")
    rows.commit()
    index = SearchIndex(migrated / "index" / "tantivy", "tantivy", migrated / "semantic")
    process = started(migrated)
    try:
        assert asked_until(migrated, "my manager shouts at me", boss.id) == [boss.id]
        tables = make.item("Queries with SQL", summary="Selecting rows from a database.")
        queue_for_index(rows, [tables.id], now=NOW)
        index.rebuild(rows, lambda _done: None)
        rows.commit()
        assert asked_until(migrated, "reading tables of data", tables.id) == [tables.id]
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        index.close()
    assert not (migrated / "semantic" / "socket").exists()
