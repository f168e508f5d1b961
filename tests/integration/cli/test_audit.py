"""The audit log on the command line, and what the command line leaves in it."""

import csv
import io
import json

import pytest
from sqlalchemy import select, text

from app.audit.service import Event, append
from app.models import AuditEntry
from tests.support.emptying import unguard
from tests.support.factories import NOW


@pytest.fixture
def log(rows):
    """Return a function that appends entries of these actions."""

    def add(*actions, **values):
        append(rows, [Event(action=one, actor="Ada", **values) for one in actions], now=NOW)
        rows.commit()

    return add


def entries(rows):
    return rows.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()


@pytest.mark.parametrize("words", [(), ("verify",), ("export",), ("tail",)])
def test_it_explains_itself(foyer, words):
    result = foyer("audit", *words, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: main {' '.join(('audit', *words))}")


def test_it_says_that_the_log_is_whole_and_prints_an_anchor_that_holds(foyer, log):
    log("test.one", "test.two")
    result = foyer("audit", "verify")
    assert (result.exit_code, result.stdout.split(" hang")[0]) == (0, "2 entries")
    anchor = result.stdout.split("--anchor ")[1].strip()
    log("test.three")
    assert foyer("audit", "verify", "--anchor", anchor).exit_code == 0


def test_it_names_the_broken_entry_and_ends_with_one(foyer, log, rows):
    log("test.one", "test.two", "test.three")
    unguard(rows.connection())
    rows.execute(text("UPDATE audit_entry SET actor = 'Eve' WHERE number = 2"))
    rows.commit()
    result = foyer("audit", "verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Entry 2 is broken: its content does not match its hash.")


def test_it_says_what_an_anchor_is(foyer, migrated):
    result = foyer("audit", "verify", "--anchor", "12")
    assert result.exit_code == 2
    assert "an anchor is a number" in result.stderr


def test_it_exports_lines_from_which_the_hashes_can_be_made_again(foyer, log):
    log("test.one", "test.two", details={"of": ["é", 1.5]})
    one, two = map(json.loads, foyer("audit", "export").stdout.splitlines())
    assert (one["action"], one["details"], one["at"]) == (
        "test.one",
        {"of": ["é", 1.5]},
        "2026-11-12T09:00:00.000000+00:00",
    )
    assert two["previous_hash"] == one["hash"]


@pytest.mark.parametrize("day", [("2026-11-12", 1), ("2026-11-13", 0)])
def test_it_exports_what_is_not_older_than_a_day(foyer, log, day):
    since, expected = day
    log("test.one")
    assert len(foyer("audit", "export", "--since", since).stdout.splitlines()) == expected


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_it_exports_no_cell_that_a_spreadsheet_would_obey(foyer, log, start):
    log("test.one", subject=f'{start}cmd|" /C calc"!A1')
    head, row = csv.reader(io.StringIO(foyer("audit", "export", "--format", "csv").stdout))
    assert dict(zip(head, row, strict=True))["subject"].startswith(f"'{start}cmd")


def test_it_prints_the_newest_entries_each_on_a_line(foyer, log, rows):
    log(*(f"test.{number}" for number in range(5)))
    unguard(rows.connection())
    rows.execute(text("UPDATE audit_entry SET actor = :bad"), {"bad": "Ada\n9  done\u202e\x1b[2J"})
    rows.commit()
    printed = foyer("audit", "tail", "-n", "3").stdout
    assert [line.split(" | ")[3] for line in printed.splitlines()] == [
        "test.2",
        "test.3",
        "test.4",
    ]
    assert printed.replace("\n", "").isprintable()


def test_it_notes_who_was_made_an_administrator(foyer, rows):
    printed = foyer("admin", "create", "--email", "ada@example.org", "--name", "Ada").stdout
    (entry,) = entries(rows)
    assert (entry.action, entry.actor, entry.subject) == (
        "admin.create",
        "the command line",
        "ada@example.org",
    )
    assert entry.details["access"] == {"before": "", "after": "admin"}
    assert printed.split("/link/")[1].strip() not in str(vars(entry))


def test_it_notes_whose_access_an_import_changed_and_nothing_else(foyer, rows, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(
        "email,name,access,active,department\n"
        "a@example.org,Ada,employee,yes,Field\nb@example.org,Bob,curator,yes,Field\n"
    )
    foyer("import", "people", file, "--allow-access")
    file.write_text(
        "email,name,access,active,department\n"
        "a@example.org,Ada,employee,no,Office\nb@example.org,Bob,curator,yes,Office\n"
    )
    foyer("import", "people", file, "--allow-access", "--dry-run")
    assert foyer("import", "people", file, "--allow-access").exit_code == 0
    told = [
        (one.subject, {name: one.details.get(name) for name in ("access", "active")})
        for one in entries(rows)
    ]
    assert told == [
        ("b@example.org", {"access": {"before": "", "after": "curator"}, "active": None}),
        ("a@example.org", {"access": None, "active": {"before": True, "after": False}}),
    ]
