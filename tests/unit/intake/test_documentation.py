"""`docs/import.md` lists exactly the fields that are read."""

import re
from pathlib import Path

import pytest

from app.activity import imports as activity
from app.catalogue.imports import items
from app.catalogue.imports.mappings import NAMED
from app.people import imports as people

PAGE = (Path(__file__).parents[3] / "docs" / "import.md").read_text()


def documented(heading):
    part = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "fields"),
    [("Items", items.FIELDS), ("People", people.FIELDS), ("Activity", activity.FIELDS)],
)
def test_it_lists_every_field(heading, fields):
    assert documented(heading) == list(fields)


def test_it_names_every_mapping():
    assert all(f"--mapping {name}" in PAGE for name in NAMED)


def test_it_names_the_length_beyond_which_minutes_are_remarked_on():
    assert f"{items.LONG_MINUTES:,}" in PAGE
