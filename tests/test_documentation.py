"""What the documentation names exists: tests, and the other pages that it links to."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
SECURITY = (ROOT / "docs" / "security.md").read_text()
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
