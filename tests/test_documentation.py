"""What the documentation names exists: tests, and the other pages that it links to."""

import re
from pathlib import Path

import pytest

from app.connectors.mapping import FIELDS, TRANSFORMS
from app.connectors.registry import CONNECTORS

ROOT = Path(__file__).parent.parent
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
SECURITY = (ROOT / "docs" / "security.md").read_text()
TOOLS = (ROOT / "docs" / "connectors.md").read_text()
NAMED = re.compile(r"`(?:tests/)?([\w/]+\.py)::(test_\w+)`")


def is_there(path, name):
    file = ROOT / "tests" / path
    return file.exists() and re.search(rf"^ *def {name}\(", file.read_text(), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_it_names_tests_and_pages_that_exist(page):
    text = page.read_text()
    assert [one for one in NAMED.findall(text) if not is_there(*one)] == []
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert [one for one in links if not (page.parent / one).exists()] == []


def test_it_proves_every_check_of_security():
    rows = [row for row in SECURITY.split("### What a GET writes")[0].splitlines() if "| " in row]
    rows = [row for row in rows if re.match(r"\| \d", row)]
    assert len(rows) == 34
    assert [row for row in rows if not NAMED.search(row)] == []
    assert [row for row in SECURITY.splitlines() if "5.2.1" in row]


@pytest.mark.parametrize("kind", CONNECTORS, ids=lambda kind: kind.spec.kind)
def test_every_connector_has_a_row(kind):
    [row] = [row for row in TOOLS.splitlines() if row.startswith(f"| `{kind.spec.kind}` |")]
    assert row.count(" | ") == 7
    assert ("Documentation only" in row) == (kind.spec.proof == "documented")


def test_only_connectors_that_exist_have_rows():
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| ", TOOLS.split("## ")[0], re.MULTILINE)
    assert rows == sorted(kind.spec.kind for kind in CONNECTORS)


def test_it_explains_every_field_and_transform_of_a_mapping():
    named = set(re.findall(r"`([a-z_-]+)`", TOOLS))
    assert {*FIELDS, *TRANSFORMS} <= named


def test_it_shows_every_trap():
    rows = [row for row in TOOLS.split("## Traps")[1].splitlines() if re.match(r"\| \d", row)]
    assert [int(row.split("|")[1]) for row in rows] == list(range(1, 19))
    assert [row for row in rows if not NAMED.search(row)] == []
