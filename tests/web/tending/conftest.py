"""An administrator, and judged queries that the portal knows of."""

import json

import pytest

from app.config import Config


@pytest.fixture
def judged_file(tmp_path):
    """Return the path of the portal's file of judged queries, which has none yet."""
    path = tmp_path / "judged.jsonl"
    path.write_text("")
    return path


@pytest.fixture
def config(sqlite, tmp_path, judged_file):
    """Return settings that name the file of judged queries."""
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_JUDGED_QUERIES": str(judged_file),
        }
    )


@pytest.fixture
def judge(judged_file):
    """Return a function that judges items of the tool Learn for a query: (item, grade) pairs."""

    def judged(query, *wanted, **more):
        items = {f"learn/{item.external_id}": grade for item, grade in wanted}
        line = {"query": query, "items": items, "note": "Because.", **more}
        with judged_file.open("a") as file:
            file.write(json.dumps(line) + "\n")

    return judged


@pytest.fixture
def as_admin(sign_in, make):
    """Return a client signed in as an administrator who has just shown who they are."""
    return sign_in(make.person("Ada Byron", access="admin"))
