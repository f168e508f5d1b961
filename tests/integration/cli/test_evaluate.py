"""`foyer evaluate`: how good search is, in figures and exit codes."""

import json
import shutil

import pytest

from app.config import SAMPLE_JUDGED
from app.models import Item, RankingChoice, Role, SynonymGroup

TITLES = {"pumps": "Pumps", "valves": "Valves and pumps", "welding": "Welding for beginners"}


@pytest.fixture
def catalogue(foyer, migrated, tmp_path):
    """Fill the database with three items and index them; return the folder."""
    lines = [
        {
            "tool": "learn",
            "external_id": name,
            "kind": "course",
            "title": title,
            "url": f"https://learn.example.org/{name}",
            "roles": ["welder"] if name == "welding" else [],
        }
        for name, title in TITLES.items()
    ]
    path = tmp_path / "items.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    assert foyer("import", "items", path).exit_code == 0
    assert foyer("reindex").exit_code == 0
    return migrated


@pytest.fixture
def judged(tmp_path):
    """Return a function that writes a file of judged queries, with raw lines added."""

    def written(queries, *raw):
        path = tmp_path / "judged.jsonl"
        rows = [
            {"query": text, "items": {f"learn/{name}": 3}, "note": "why", **rest}
            for text, name, rest in queries
        ]
        path.write_text("\n".join([*map(json.dumps, rows), *raw]))
        return path

    return written


def table(result):
    """Return the figures of all queries: how many, nDCG, MRR, hit rate, zero results."""
    [row] = [line for line in result.stdout.splitlines() if line.startswith("all ")]
    return [float(cell) for cell in row.split()[1:]]


def test_it_prints_figures_and_the_worst(foyer, catalogue, judged):
    path = judged([("pumps", "pumps", {}), ("quarks", "welding", {"kind": "topic"})])
    result = foyer("evaluate", "search", "--judged", path)
    assert result.exit_code == 0
    assert table(result) == [2, 0.5, 0.5, 0.5, 0.5]
    assert "topic" in result.stdout
    story = result.stdout.split("Worst:")[1]
    assert "quarks" in story
    assert "found:  nothing" in story
    assert f"absent: {TITLES['welding']}" in story
    assert "1.00  pumps" not in story


def test_it_takes_the_file_from_the_settings(foyer, catalogue, judged):
    path = judged([("welding", "welding", {})])
    assert table(foyer("evaluate", "search", judged_queries=str(path))) == [1, 1, 1, 1, 0]


def test_it_says_when_there_is_no_file(foyer, catalogue):
    result = foyer("evaluate", "search")
    assert result.exit_code == 2
    assert "--judged FILE" in result.stderr


def test_it_names_a_file_that_is_no_text(foyer, catalogue, tmp_path):
    path = tmp_path / "judged.jsonl"
    path.write_bytes(b"\xff\xfe\x00")
    result = foyer("evaluate", "search", "--judged", path)
    assert result.exit_code == 1
    assert "judged.jsonl cannot be read" in result.stderr


def test_it_names_bad_lines_and_measures_the_others(foyer, catalogue, judged):
    path = judged([("welding", "welding", {})], "{", '{"query": "x", "items": {}, "note": "n"}')
    result = foyer("evaluate", "search", "--judged", path)
    assert result.exit_code == 3
    assert "judged.jsonl, line 2: is not a JSON object" in result.stderr
    assert "judged.jsonl, line 3, items: needs at least one item" in result.stderr
    assert table(result)[0] == 1


def test_it_leaves_out_what_this_catalogue_does_not_have(foyer, catalogue, judged):
    path = judged([("welding", "welding", {}), ("probes", "probes", {})])
    result = foyer("evaluate", "search", "--judged", path)
    assert result.exit_code == 0
    assert "Left out, none of its items is here: probes" in result.stderr
    assert table(result)[0] == 1


def test_it_ends_with_1_when_nothing_could_be_asked(foyer, catalogue, judged):
    result = foyer("evaluate", "search", "--judged", judged([("probes", "probes", {})]))
    assert result.exit_code == 1
    assert "No judged query could be asked." in result.stderr


def test_it_does_not_ask_for_what_is_retired(foyer, catalogue, judged, rows):
    rows.query(Item).filter_by(external_id="welding").update({"status": "retired"})
    rows.commit()
    path = judged([("pumps", "pumps", {}), ("welding", "welding", {})])
    assert table(foyer("evaluate", "search", "--judged", path))[0] == 1


def test_it_says_that_there_is_no_index(foyer, catalogue, judged):
    shutil.rmtree(catalogue / "index")
    result = foyer("evaluate", "search", "--judged", judged([("pumps", "pumps", {})]))
    assert result.exit_code == 1
    assert "foyer reindex" in result.stderr


def test_it_asks_with_the_curators_synonyms_unless_told_not_to(foyer, catalogue, judged, rows, now):
    rows.add(SynonymGroup(words=["brazing", "welding"], changed_at=now))
    rows.commit()
    path = judged([("brazing", "welding", {})])
    assert table(foyer("evaluate", "search", "--judged", path))[1] == 1
    assert table(foyer("evaluate", "search", "--judged", path, "--without", "synonyms"))[1] == 0


def test_it_asks_with_the_boosts_that_were_chosen_unless_told_not_to(
    foyer, catalogue, judged, rows, now
):
    rows.query(Item).filter_by(external_id="valves").update({"quality": 1.0})
    rows.query(Item).filter_by(external_id="pumps").update({"quality": 0.0})
    rows.add(RankingChoice(boosts={"quality": 50.0, "title": 0.0}, chosen_at=now))
    rows.commit()
    foyer("reindex")
    path = judged([("pumps", "pumps", {})])
    assert table(foyer("evaluate", "search", "--judged", path))[2] == 0.5
    assert table(foyer("evaluate", "search", "--judged", path, "--without", "boosts"))[2] == 1


def test_with_a_role_it_leaves_out_what_was_judged_for_others(foyer, catalogue, judged):
    path = judged(
        [
            ("welding", "welding", {}),
            ("pumps", "pumps", {"role": "welder"}),
            ("valves", "valves", {"role": "diver"}),
        ]
    )
    result = foyer("evaluate", "search", "--judged", path, "--role", "welder")
    assert table(result)[0] == 2


def test_it_names_a_role_that_nobody_has(foyer, catalogue, judged, rows):
    assert rows.query(Role).filter_by(slug="diver").count() == 0
    path = judged([("welding", "welding", {})])
    result = foyer("evaluate", "search", "--judged", path, "--role", "diver")
    assert result.exit_code == 2
    assert "diver" in result.stderr


def test_the_sample_company_brings_its_own_file(foyer, migrated):
    assert f"FOYER_JUDGED_QUERIES={SAMPLE_JUDGED}" in foyer("config", demo="1").stdout
    assert "FOYER_JUDGED_QUERIES=\n" in foyer("config").stdout


def test_without_a_word_it_measures_recommendations(foyer, migrated):
    assert foyer("evaluate").output == foyer("evaluate", "recommendations").output
