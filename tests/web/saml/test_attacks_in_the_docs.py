"""docs/attacks.md names every test of an attack, and none that does not exist."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DOCS = HERE.parents[2] / "docs" / "attacks.md"


@pytest.fixture(scope="module")
def rows():
    """Return the tests that the table names in each row."""
    table = re.findall(r"^\| (\d+) \|(.*)$", DOCS.read_text(), re.MULTILINE)
    return {int(number): re.findall(r"`(test_\w+)`", text) for number, text in table}


def test_the_table_has_all_rows(rows):
    assert list(rows) == list(range(1, 27))


def test_each_row_names_tests_of_its_own(rows):
    for number, names in rows.items():
        assert names
        assert all(name.startswith(f"test_row_{number:02}_") for name in names)


def test_the_table_names_exactly_the_tests_there_are(rows):
    sources = "".join(path.read_text() for path in HERE.glob("test_attacks_on_*.py"))
    sources += (HERE / "test_attacks_around_messages.py").read_text()
    there = set(re.findall(r"^def (test_row_\w+)", sources, re.MULTILINE))
    assert {name for names in rows.values() for name in names} == there
