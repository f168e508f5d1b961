"""Reading the sample company: it is taken whole, or refused with every reason at once."""

import json
import shutil

import pytest

from app.demo.files import CONTENT, ContentError, load


@pytest.fixture
def folder(tmp_path):
    """Return a copy of the files that a test may spoil."""
    return shutil.copytree(CONTENT, tmp_path / "content")


def spoil_item(folder, **values):
    """Change fields of the first item."""
    path = folder / "items.jsonl"
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    line = json.dumps(json.loads(first) | values)
    path.write_text("\n".join([line, *rest]), encoding="utf-8")


def spoil(folder, name, change):
    """Change what a JSON file holds."""
    path = folder / name
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_it_loads_the_same_company_from_a_copy(folder, sample):
    assert load(folder) == sample


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"url": "javascript:alert(1)"}, "not a web address"),
        ({"tool": "nowhere"}, "unknown tool 'nowhere'"),
        ({"kind": "rumour"}, "unknown kind 'rumour'"),
        ({"level": "wizard"}, "unknown level 'wizard'"),
        ({"skills": ["sql"]}, "1 skills"),
        ({"skills": ["sql", "juggling"]}, "unknown skill 'juggling'"),
        ({"roles": ["pilot"]}, "unknown role 'pilot'"),
        ({"audience": ["dept:magic"]}, "unknown audience 'dept:magic'"),
        ({"audience": []}, "no audience"),
        ({"channel": "phet-ohms-law"}, "unknown channel 'phet-ohms-law'"),
        ({"summary": "Short."}, "a summary of 6 characters"),
        ({"minutes": 0}, "0 minutes"),
        ({"title": " "}, "no title"),
        ({"external_id": "phet-density"}, "item twice: phet-density"),
    ],
)
def test_it_refuses_an_item_and_says_why(folder, values, complaint):
    spoil_item(folder, **values)
    with pytest.raises(ContentError, match="faults") as refused:
        load(folder)
    assert complaint in str(refused.value)


def test_it_refuses_a_role_that_asks_for_an_unknown_skill(folder):
    spoil(folder, "role_pages.json", lambda pages: pages[0]["skills"].append("juggling"))
    with pytest.raises(ContentError, match="unknown skill 'juggling'"):
        load(folder)


def test_it_lists_every_fault_at_once(folder):
    spoil_item(folder, tool="nowhere", kind="rumour")
    with pytest.raises(ContentError, match="has 2 faults"):
        load(folder)


def test_it_names_the_line_that_is_not_json(folder):
    (folder / "items.jsonl").write_text("{}\n{", encoding="utf-8")
    with pytest.raises(ContentError, match="cannot be read"):
        load(folder)


def test_it_refuses_a_field_that_it_does_not_know(folder):
    spoil(folder, "tools.json", lambda tools: tools[0].update(colour="green"))
    with pytest.raises(ContentError, match="Tool has no field colour"):
        load(folder)


def test_it_refuses_a_missing_file(folder):
    (folder / "skills.json").unlink()
    with pytest.raises(ContentError, match=r"skills\.json"):
        load(folder)


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("manager", "nobody@tarnwell.example.com", "unknown manager"),
        ("access", "emperor", "unknown access 'emperor'"),
        ("time_zone", "Mars/Olympus", "unknown time zone"),
        ("location", "Atlantis", "unknown site 'Atlantis'"),
        ("roles", [], "no role"),
        ("started", -1, "starts in the future"),
        ("groups", ["secret"], "unknown group 'secret'"),
    ],
)
def test_it_refuses_a_person_and_says_why(folder, field, value, complaint):
    spoil(folder, "people.json", lambda all_: all_["people"][-1].update({field: value}))
    with pytest.raises(ContentError) as refused:
        load(folder)
    assert complaint in str(refused.value)


def test_it_refuses_a_pin_of_an_unknown_item(folder):
    spoil(folder, "role_pages.json", lambda p: p[0]["sections"][0]["pins"][0].update(item="gone"))
    with pytest.raises(ContentError, match="unknown item 'gone'"):
        load(folder)


def test_it_refuses_a_page_whose_curator_may_not_curate(folder):
    employee = "amara.okafor@tarnwell.example.com"
    spoil(folder, "role_pages.json", lambda pages: pages[0].update(curator=employee))
    with pytest.raises(ContentError, match=f"unknown curator '{employee}'"):
        load(folder)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda p: p["steps"][0].update(due_day=99), "days out of order"),
        (lambda p: p["steps"][0].update(item="ms-threat-hunting"), "may not see"),
        (lambda p: p["weeks"].pop(), "4 weeks for 35 days"),
        (lambda p: p["assignments"][0].update(start=400), "before the person's first day"),
        (lambda p: p["assignments"][0]["done"][0].update(day=30), "in the future"),
        (lambda p: p["assignments"][0]["done"][0].update(step=13), "or unknown"),
        (lambda p: p.update(audience=["role:designer"]), "not for this person"),
    ],
)
def test_it_refuses_a_playlist_and_says_why(folder, change, complaint):
    spoil(folder, "playlists.json", lambda playlists: change(playlists[0]))
    with pytest.raises(ContentError) as refused:
        load(folder)
    assert complaint in str(refused.value)
