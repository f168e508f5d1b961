"""What whoever runs Foyer does outside the browser."""

import pytest
from sqlalchemy import select

from app.models import Item, OneTimeLink, Person


def test_it_explains_itself_with_examples(foyer):
    result = foyer("--help")
    assert result.exit_code == 0
    assert "foyer admin create --email" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("serve",),
        ("worker",),
        ("migrate",),
        ("import",),
        ("import", "items"),
        ("import", "people"),
        ("import", "activity"),
        ("reindex",),
        ("train",),
        ("evaluate",),
        ("evaluate", "recommendations"),
        ("evaluate", "search"),
        ("demo", "reset"),
        ("demo", "prepare"),
        ("admin", "create"),
        ("config",),
    ],
)
def test_it_explains_every_command(foyer, words):
    result = foyer(*words, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: main {' '.join(words)}")


def test_it_makes_the_tables(foyer):
    assert "brought up to date" in foyer("migrate").stdout
    assert "is up to date" in foyer("migrate").stdout


def test_it_says_when_the_tables_are_missing(foyer):
    result = foyer("reindex")
    assert result.exit_code == 1
    assert "foyer migrate" in result.stderr


def test_it_names_a_setting_that_cannot_be_used(foyer):
    result = foyer("config", web_threads="many")
    assert result.exit_code == 2
    assert "FOYER_WEB_THREADS" in result.stderr


def test_it_prints_settings_with_secrets_masked(foyer):
    result = foyer("config", secret_key="hidden-one", database_url="postgresql://u:hidden-two@h/d")
    assert "FOYER_BASE_URL=https://learn.example.org" in result.stdout
    assert "hidden" not in result.stdout


def test_it_builds_an_index_of_nothing(foyer, migrated):
    assert "Indexed 0 items" in foyer("reindex").stdout


@pytest.fixture
def ada(rows, foyer):
    """Return a function that makes Ada an administrator and answers what was printed."""
    return lambda: foyer("admin", "create", "--email", "Ada@example.org", "--name", "Ada Byron")


def test_it_makes_an_administrator_with_a_link(ada, rows):
    printed = ada().stdout
    person = rows.scalars(select(Person)).one()
    assert (person.email, person.access) == ("ada@example.org", "admin")
    assert "https://learn.example.org/sign-in/link/" in printed


def test_it_makes_an_administrator_whom_no_provider_can_lower(ada, rows):
    ada()
    person = rows.scalars(select(Person)).one()
    person.access, person.access_from = "employee", "acme"
    rows.commit()
    ada()
    rows.refresh(person)
    assert (person.access, person.access_from) == ("admin", "")


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("ada", "Ada"),
        ("ada@example.org\nbcc: eve@example.org", "Ada"),
        ("ada@example.org?bcc=eve@example.org", "Ada"),
        ("", "Ada"),
        ("ada@example.org", " "),
        ("ada@example.org", "Ad\udce9"),
        ("ada@example.org", "A" * 201),
    ],
)
def test_it_makes_no_administrator_who_cannot_be_written_down(foyer, rows, email, name):
    result = foyer("admin", "create", "--email", email, "--name", name)
    assert (result.exit_code, "Error: --" in result.stderr) == (2, True)
    assert rows.scalars(select(Person)).all() == []


def test_it_makes_a_new_link_and_ends_the_one_before(ada, rows):
    ada()
    ada()
    links = rows.scalars(select(OneTimeLink).order_by(OneTimeLink.id)).all()
    assert [link.used_at is None for link in links] == [False, True]


@pytest.mark.parametrize("words", [("reset",), ("prepare",)])
def test_it_loads_the_sample_company_only_where_it_is_switched_on(foyer, migrated, words):
    result = foyer("demo", *words)
    assert result.exit_code == 2
    assert "FOYER_DEMO=1" in result.stderr


def test_it_loads_the_sample_company(foyer, rows):
    assert foyer("demo", "reset", demo="1").exit_code == 0
    assert len(rows.scalars(select(Item.id)).all()) > 290


def test_it_restores_the_sample_company(foyer, rows):
    foyer("demo", "reset", demo="1")
    rows.query(Item).update({"title": "Changed"})
    rows.commit()
    foyer("demo", "reset", demo="1")
    assert not rows.scalars(select(Item.id).where(Item.title == "Changed")).all()


def test_it_does_not_delete_other_people_unless_told_to(foyer, ada, rows):
    ada()
    refused = foyer("demo", "reset", demo="1")
    assert (refused.exit_code, "1 people" in refused.stderr) == (2, True)
    assert foyer("demo", "reset", "--yes", demo="1").exit_code == 0
    assert not rows.scalars(select(Person).where(Person.email == "ada@example.org")).all()


def test_it_prepares_what_is_missing_and_only_that(foyer):
    first = foyer("demo", "prepare", demo="1").stdout
    assert "Loaded the sample company" in first
    assert "Indexed" in first
    assert "model serves" in first
    assert foyer("demo", "prepare", demo="1").stdout == "The database is up to date.\n"
