"""`foyer import`: exit codes, what is printed, and what an interruption keeps."""

import json
import os
import threading

import pytest
from sqlalchemy import func, select

from app.cli import imports
from app.cli.progress import bar
from app.config import Config
from app.jobs import Jobs
from app.models import Item, Person

pytestmark = pytest.mark.usefixtures("migrated")


@pytest.fixture
def catalogue(tmp_path):
    """Return a function that writes a file of so many items, with raw lines added."""

    def written(count, *raw, **values):
        path = tmp_path / "items.jsonl"
        lines = [json.dumps(_line(number) | values) for number in range(count)]
        path.write_text("\n".join([*lines, *raw]) + "\n")
        return path

    return written


def _line(number):
    return {
        "tool": "moodle",
        "external_id": str(number),
        "kind": "course",
        "title": f"Course {number}",
        "url": f"https://moodle.example.org/{number}",
    }


def items(rows):
    return rows.scalar(select(func.count()).select_from(Item))


def test_it_ends_with_0_when_all_lines_are_good(foyer, catalogue, rows):
    result = foyer("import", "items", catalogue(3))
    assert result.exit_code == 0
    assert "3 lines: 3 new, 0 changed, 0 unchanged, 0 failed; 0 problems." in result.stdout
    assert items(rows) == 3


def test_it_ends_with_1_when_some_are_bad_and_names_them(foyer, catalogue, rows):
    result = foyer("import", "items", catalogue(2, "not json", '{"tool": "x"}'))
    assert result.exit_code == 1
    assert "line 3: line: is not JSON" in result.stderr
    assert "line 4: title: is missing" in result.stderr
    assert items(rows) == 2


@pytest.mark.parametrize("name", ["nowhere.jsonl", "items.txt", "empty.csv", "."])
def test_it_ends_with_2_when_the_file_cannot_be_read(foyer, tmp_path, name):
    (tmp_path / "items.txt").touch()
    (tmp_path / "empty.csv").touch()
    result = foyer("import", "items", tmp_path / name)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")


def test_it_writes_bad_lines_to_a_file_as_well(foyer, catalogue, tmp_path):
    foyer("import", "items", catalogue(1, "{"), "--errors", tmp_path / "bad.jsonl")
    assert json.loads((tmp_path / "bad.jsonl").read_text()) == {
        "line": 2,
        "field": "line",
        "reason": "is not JSON",
    }


def test_it_prints_what_a_dry_run_would_change_field_by_field(foyer, catalogue, rows):
    foyer("import", "items", catalogue(1))
    result = foyer("import", "items", catalogue(30, minutes=20), "--dry-run")
    assert "minutes: nothing → “20”" in result.stdout
    assert "New: 29" in result.stdout
    assert "… and 9 more" in result.stdout
    assert items(rows) == 1


def test_it_changes_nothing_the_second_time(foyer, catalogue):
    foyer("import", "items", catalogue(5))
    assert "5 unchanged" in foyer("import", "items", catalogue(5)).stdout


def test_it_lets_the_worker_bring_the_index_up_to_date(foyer, catalogue, migrated):
    foyer("import", "items", catalogue(1))
    config = Config.from_env({"FOYER_DATA_DIR": str(migrated)})
    assert Jobs(config).waiting() == 1


def test_it_reads_csv_as_well(foyer, tmp_path, rows):
    path = tmp_path / "items.csv"
    path.write_text(
        "tool;external_id;kind;title;url;skills\n"
        'wiki;1;page;Pumps;https://wiki.example.org/1;"Pumps;Flow"\n'
    )
    assert foyer("import", "items", path).exit_code == 0
    assert rows.scalars(select(Item.kind)).all() == ["article"]


def test_it_reads_other_words_by_a_mapping_file(foyer, tmp_path, rows):
    mapping, path = tmp_path / "words.json", tmp_path / "items.jsonl"
    mapping.write_text('{"fields": {"ref": "external_id"}, "kinds": {"kurs": "course"}}')
    line = _line(1) | {"ref": "77", "kind": "Kurs"}
    del line["external_id"]
    path.write_text(json.dumps(line))
    assert foyer("import", "items", path, "--mapping", mapping).exit_code == 0
    assert rows.scalars(select(Item.external_id)).all() == ["77"]


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"unknown": {}}',
        b'{"kinds": []}',
        b'{"kinds": {"kurs": []}}',
        b'{"fields": {"ref": {}}}',
        b'{"tools": []}',
        b'{"tools": {"moodle": 5}}',
        b'{"tools": {"moodle": {"tool_name": []}}}',
    ],
)
def test_it_ends_with_2_when_a_mapping_cannot_be_read(foyer, tmp_path, catalogue, content):
    mapping = tmp_path / "words.json"
    mapping.write_bytes(content)
    result = foyer("import", "items", catalogue(1), "--mapping", mapping)
    assert (result.exit_code, str(mapping) in result.stderr) == (2, True)


@pytest.fixture
def pipe(catalogue, tmp_path):
    """Return a pipe through which three items come."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    content = catalogue(3).read_text()
    writer = threading.Thread(target=path.write_text, args=(content,))
    writer.start()
    yield path
    writer.join()


@pytest.mark.parametrize(("options", "kept"), [((), 3), (("--dry-run",), 0)])
def test_it_reads_a_pipe(foyer, pipe, rows, options, kept):
    result = foyer("import", "items", pipe, "--format", "jsonl", *options)
    assert result.exit_code == 0
    assert "3 lines: 3 new" in result.stdout
    assert items(rows) == kept


def test_it_shows_progress_without_a_total(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with bar("items", None) as progress:
        progress(500)
        progress(700)
    assert "items" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nowhere/bad.jsonl", "."])
def test_it_ends_with_2_when_the_bad_lines_cannot_be_written(
    foyer, catalogue, tmp_path, rows, name
):
    result = foyer("import", "items", catalogue(1), "--errors", tmp_path / name)
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
    assert items(rows) == 0


def test_it_keeps_what_was_committed_when_it_is_interrupted(foyer, catalogue, rows, monkeypatch):
    seen = []

    class Interrupted(imports.ItemImporter):
        def store(self, session, records, *, write):
            seen.append(len(records))
            if len(seen) == 2:
                raise KeyboardInterrupt
            return super().store(session, records, write=write)

    path = catalogue(900)
    with monkeypatch.context() as patched:
        patched.setattr(imports, "ItemImporter", Interrupted)
        result = foyer("import", "items", path)
    assert result.exit_code == 130
    assert "run it again" in result.stderr
    assert items(rows) == 500
    assert "400 new, 0 changed, 500 unchanged" in foyer("import", "items", path).stdout


def test_it_imports_people(foyer, tmp_path, rows):
    path = tmp_path / "people.csv"
    path.write_text("email,name\nada@example.org,Ada Byron\n")
    assert foyer("import", "people", path).exit_code == 0
    assert rows.scalars(select(Person.name)).all() == ["Ada Byron"]


def test_it_makes_curators_only_when_allowed(foyer, tmp_path, rows):
    path = tmp_path / "people.csv"
    path.write_text("email,name,access\nada@example.org,Ada Byron,curator\n")
    assert foyer("import", "people", path).exit_code == 1
    assert foyer("import", "people", path, "--allow-access").exit_code == 0
    assert rows.scalars(select(Person.access)).all() == ["curator"]


def test_it_imports_activity(foyer, catalogue, tmp_path, make_ada):
    foyer("import", "items", catalogue(1))
    path = tmp_path / "done.jsonl"
    path.write_text(
        '{"email": "ada@example.org", "tool": "moodle", "external_id": "0",'
        ' "verb": "completed", "at": "2026-01-05T10:00:00Z"}'
    )
    assert "1 new" in foyer("import", "activity", path).stdout


@pytest.fixture
def make_ada(foyer, tmp_path):
    path = tmp_path / "ada.csv"
    path.write_text("email,name\nada@example.org,Ada Byron\n")
    foyer("import", "people", path)
