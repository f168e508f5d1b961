"""An HR export in its own words: read through a mapping, access only by rule and by leave."""

import json

import pytest
from sqlalchemy import select

from app.models import IdentityProvider, Person, ScimClient
from app.people.queries import group_slugs, role_slugs
from tests.support.factories import NOW, Factory

MAPPING = {
    "sources": {
        "email": ["E-Mail"],
        "given_name": ["Vorname"],
        "family_name": ["Nachname"],
        "department": ["Kostenstelle"],
        "external_id": ["Personalnummer"],
        "manager": ["Vorgesetzte"],
        "roles": ["Funktion"],
    },
    "rules": [
        {"field": "department", "value": "4711 Labor", "gives": "group", "name": "Lab"},
        {"field": "roles", "value": "redaktion", "gives": "access", "name": "curator"},
    ],
}
COLUMNS = "E-Mail;Vorname;Nachname;Kostenstelle;Personalnummer;Vorgesetzte;Funktion;Raum;access"
ADA = "Ada@Example.org;Ada;Byron;4711 Labor;17;18;Redaktion|Mentor;R1;admin"
BEN = "ben@example.org;Ben;Cole;4712;18;;;R2;admin"


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "hr.json"
    path.write_text(json.dumps(MAPPING))
    return path


@pytest.fixture
def imported(foyer, tmp_path, mapping, rows):
    """Return a function that imports lines of an export through the mapping."""

    def run(*lines, to=mapping, words=()):
        path = tmp_path / "export.csv"
        path.write_text("\n".join([COLUMNS, *lines]))
        result = foyer("import", "people", path, "--mapping", to, *words)
        rows.expire_all()
        return result

    return run


@pytest.fixture
def person(rows):
    """Return a function that finds somebody by given name."""
    return lambda name: rows.scalars(select(Person).where(Person.given_name == name)).one()


def test_it_reads_an_export_in_its_own_words(imported, person, rows):
    result = imported(ADA, BEN)
    assert result.exit_code == 0
    ada = person("Ada")
    assert (ada.email, ada.name, ada.department) == ("ada@example.org", "Ada Byron", "4711 Labor")
    assert (ada.external_id, ada.manager_id) == ("17", person("Ben").id)
    assert (role_slugs(rows, ada.id), group_slugs(rows, ada.id)) == (["mentor"], ["lab"])
    assert "note on raum" in result.stderr


def test_it_changes_nothing_the_second_time(imported):
    imported(ADA, BEN)
    assert "2 unchanged" in imported(ADA, BEN).stdout


def test_it_shows_in_a_dry_run_what_would_change(imported, person):
    imported(ADA, BEN)
    shown = imported(ADA.replace("4711 Labor", "4713"), BEN, words=["--dry-run"]).stdout
    assert "1 changed, 1 unchanged" in shown
    assert "department: “4711 Labor” → “4713”" in shown
    assert person("Ada").department == "4711 Labor"


def test_it_names_every_bad_line_and_keeps_the_good_ones(imported, person):
    result = imported("nobody;X;Y;;;;;;", ADA, ";No;Address;;;;;;", BEN)
    assert result.exit_code == 1
    assert "line 2: email: “nobody” cannot be used" in result.stderr
    assert "line 4: email: is missing" in result.stderr
    assert person("Ada")


def test_it_gives_access_only_by_rule_and_only_when_allowed(imported, person):
    imported(ADA, BEN)
    assert person("Ada").access == "employee"
    imported(ADA, BEN, words=["--allow-access"])
    assert (person("Ada").access, person("Ben").access) == ("curator", "employee")


def test_it_takes_no_access_away(imported, rows, person):
    for name in ("Ada", "Ben"):
        Factory(rows).person(name, email=f"{name.lower()}@example.org", access="admin")
    rows.commit()
    imported(ADA, BEN, words=["--allow-access"])
    assert (person("Ada").access, person("Ben").access) == ("admin", "admin")


@pytest.mark.parametrize("kind", ["provider", "client"])
def test_it_takes_the_mapping_of_a_provider_or_client(imported, rows, person, kind):
    values = {"slug": "hr", "name": "HR", "mapping": MAPPING, "created_at": NOW}
    if kind == "provider":
        values |= {"protocol": "saml", "entity_id": "https://hr.test", "updated_at": NOW}
    rows.add(IdentityProvider(**values) if kind == "provider" else ScimClient(**values))
    rows.commit()
    assert imported(ADA, BEN, to="hr").exit_code == 0
    assert person("Ada").department == "4711 Labor"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "no identity provider"),
        ("{", "not JSON"),
        ('{"sources": {"mail": ["x"]}}', "cannot be used: sources"),
    ],
)
def test_it_says_what_is_wrong_with_a_mapping(imported, mapping, text, words):
    mapping.unlink() if text is None else mapping.write_text(text)
    result = imported(ADA)
    assert result.exit_code == 2
    assert words in result.stderr


def test_it_reads_lists_and_numbers_of_json_lines(foyer, tmp_path, mapping, person, rows):
    path = tmp_path / "export.jsonl"
    line = {"E-Mail": "ada@example.org", "Vorname": "Ada", "Nachname": "Byron", "Raum": {}}
    line |= {"Personalnummer": 17, "Funktion": ["Mentor", "Chief; Lab"], "started_on": "2026-11-03"}
    path.write_text(json.dumps(line))
    assert foyer("import", "people", path, "--mapping", mapping).exit_code == 0
    assert (person("Ada").external_id, str(person("Ada").started_on)) == ("17", "2026-11-03")
    assert role_slugs(rows, person("Ada").id) == ["mentor", "chief-lab"]
