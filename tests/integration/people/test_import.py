"""Importing people: what is kept, what is the person's own, and what a second run does."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import events
from app.intake.report import Fate
from app.models import Person
from app.people.imports import PersonImporter, people_to_compare
from tests.support.factories import NOW
from tests.support.importing import Importing

ADA = {
    "email": "Ada@Example.org",
    "name": "Ada Byron",
    "given_name": "Ada",
    "roles": ["Field engineer", "mentor"],
    "groups": "Pilot lab; Books",
    "department": "Field Service",
    "location": "Leeds",
    "started_on": "2026-11-03",
    "locale": "de-DE",
    "time_zone": "Europe/Berlin",
}
BEN = {"email": "ben@example.org", "name": "Ben Cole"}


@pytest.fixture
def imports(session):
    """Return a function that imports rows of values."""
    return Importing(session, lambda **options: PersonImporter(NOW, **options))


def person(session, email="ada@example.org"):
    return people_to_compare(session, [email])[email]


def test_it_keeps_everything_that_a_line_says(session, imports):
    assert imports(ADA) == {"new": 1}
    ada = person(session)
    assert (ada.name, ada.department, ada.started_on) == (
        "Ada Byron",
        "Field Service",
        date(2026, 11, 3),
    )
    assert (ada.locale, ada.time_zone) == ("de", "Europe/Berlin")


def test_it_keeps_roles_in_their_order_and_groups(session, imports):
    imports(ADA)
    ada = person(session)
    assert [held.role.slug for held in ada.roles] == ["field-engineer", "mentor"]
    assert {group.slug for group in ada.groups} == {"pilot-lab", "books"}


@pytest.mark.parametrize("day", ["1899-12-31", "2101-01-01"])
def test_it_refuses_first_days_that_nobody_had(imports, day):
    assert imports(ADA | {"started_on": day}) == {"failed": 1}
    assert imports.problems == [(1, "started_on")]


@pytest.mark.parametrize("field", ["email", "manager"])
def test_it_refuses_an_email_address_that_says_more(imports, field):
    assert imports(ADA | {field: "ada@example.org?bcc=eve@example.org"}) == {"failed": 1}
    assert imports.problems == [(1, field)]


def test_it_refuses_roles_whose_slug_cannot_be_kept(imports):
    assert imports(ADA | {"roles": ["+" * 80]}) == {"failed": 1}
    assert imports.problems == [(1, "roles")]


def test_it_changes_nothing_the_second_time(imports):
    imports(ADA, BEN)
    assert imports(ADA, BEN) == {"unchanged": 2}


def test_it_shows_a_change_field_by_field(session, imports):
    imports(ADA)
    assert imports(ADA | {"roles": ["Mentor"], "location": "Porto"}) == {"changed": 1}
    _, outcome = imports.report.samples[Fate.CHANGED][0]
    assert [(d.field, d.after) for d in outcome.differences] == [
        ("roles", ("mentor",)),
        ("location", "Porto"),
    ]
    assert person(session).location == "Porto"


def test_it_leaves_what_a_line_does_not_mention_and_empties_what_it_says_is_empty(session, imports):
    imports(ADA)
    imports({"email": "ada@example.org", "name": "Ada Byron", "department": ""})
    ada = person(session)
    assert (ada.department, ada.location) == (None, "Leeds")


def test_it_never_overwrites_the_language_somebody_chose(session, imports):
    imports(ADA)
    person(session).locale = "en"
    session.flush()
    assert imports(ADA) == {"unchanged": 1}
    assert person(session).locale == "en"


def test_it_gives_nobody_access_unless_allowed(imports):
    assert imports(ADA | {"access": "admin"}) == {"failed": 1}
    assert imports.problems == [(1, "access")]


def test_it_gives_access_when_allowed(session, imports):
    imports(ADA | {"access": "curator"}, allow_access=True)
    assert person(session).access == "curator"


def test_it_takes_no_access_away_unless_allowed(session, imports):
    imports(ADA | {"access": "curator"}, allow_access=True)
    assert imports(ADA | {"access": "employee"}) == {"unchanged": 1}
    assert person(session).access == "curator"


def test_it_marks_who_has_left(session, imports):
    imports(ADA)
    imports(ADA | {"active": "no"})
    assert not person(session).active


def test_it_does_not_bring_back_who_has_left_because_a_cell_is_empty(session, imports):
    imports(ADA | {"active": "no"})
    imports(ADA | {"active": ""})
    assert not person(session).active


def test_it_finds_a_manager_who_comes_later_in_the_file(session, imports):
    imports(ADA | {"manager": "ben@example.org"}, BEN)
    assert person(session).manager_id == person(session, "ben@example.org").id


def test_it_finds_a_manager_by_external_id(session, imports):
    imports(ADA | {"manager": "e-7"}, BEN | {"external_id": "e-7"})
    assert person(session).manager_id == person(session, "ben@example.org").id


@pytest.mark.parametrize("write", [True, False])
def test_it_names_a_manager_who_is_not_there(imports, write):
    assert imports(ADA | {"manager": "nobody@example.org"}, write=write) == {"new": 1}
    assert imports.problems == [(1, "manager")]


@pytest.mark.parametrize("key", ["ben@example.org", "e-7"])
def test_it_refuses_somebody_who_manages_themselves(imports, key):
    imports(BEN | {"external_id": "e-7", "manager": key})
    assert imports.problems == [(1, "manager")]


def test_it_refuses_a_second_line_about_the_same_person(imports):
    assert imports(ADA, ADA | {"email": "ADA@example.org"}) == {"new": 1, "failed": 1}
    assert "line 1" in imports.reasons[0]


def test_it_names_every_bad_field(imports):
    imports({"email": "x", "name": " ", "time_zone": "Mars/Base", "started_on": "soon"})
    assert imports.problems == [(1, "email"), (1, "name"), (1, "started_on"), (1, "time_zone")]


def test_it_keeps_the_others_when_the_database_refuses_one(session, imports):
    number = {"external_id": "e-1"}
    assert imports(ADA | number, BEN | number) == {"new": 1, "failed": 1}
    assert imports.reasons == ["clashes with another record"]
    assert session.scalars(select(Person.email)).all() == ["ada@example.org"]


def test_it_says_who_has_joined(imports):
    joined = []
    with events.person_joined.connected_to(lambda _session, **told: joined.append(told)):
        imports(ADA, BEN)
        imports(ADA, write=False)
    assert [told["at"] for told in joined] == [NOW, NOW]


def test_it_lowers_nobody_when_it_only_raises(session, imports):
    imports(ADA | {"access": "curator"}, allow_access=True)
    lower = ADA | {"access": "manager"}
    assert imports(lower, allow_access=True, only_raises=True) == {"unchanged": 1}
    assert person(session).access == "curator"


def test_it_makes_the_access_that_it_gives_an_administrators(session, imports):
    imports(ADA)
    person(session).access_from = "entra"
    imports(ADA | {"location": "Porto"}, allow_access=True)
    assert person(session).access_from == "entra"
    imports(ADA | {"access": "curator"}, allow_access=True)
    assert person(session).access_from == ""


def test_it_changes_nothing_in_a_dry_run(session, imports):
    assert imports(ADA, write=False) == {"new": 1}
    assert session.scalars(select(Person)).all() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    row=st.dictionaries(
        st.sampled_from([*ADA, "manager", "active", "external_id", "access"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(alphabet=st.characters(codec=None), max_size=30)
        | st.lists(st.text(alphabet=st.characters(codec=None), max_size=8), max_size=3),
    )
)
def test_it_survives_any_line_and_makes_no_admin(session, imports, row):
    assert sum(imports(ADA | row).values()) == 1
    assert not session.scalars(select(Person).where(Person.access != "employee")).all()
