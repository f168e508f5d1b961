"""Adding people to the directory."""

import pytest

from app import events
from app.errors import Conflict
from app.people import queries
from app.people.service import NewPerson, add_person, choose_settings


def test_it_adds_a_person_with_roles_in_order(session, now):
    new = NewPerson(email="A@Example.org", name="Ada Byron", roles=("Data analyst", "Designer"))
    person = add_person(session, new, now=now)
    session.expire_all()
    found = queries.with_roles_and_groups(session, person.id)
    assert [held.role.slug for held in found.roles] == ["data-analyst", "designer"]


def test_it_finds_a_person_by_e_mail_in_any_case(session, now):
    person = add_person(session, NewPerson(email="ada@example.org", name="Ada"), now=now)
    assert queries.person_by_email(session, " ADA@example.org") is person


def test_it_refuses_a_second_person_with_the_same_e_mail(session, now):
    add_person(session, NewPerson(email="ada@example.org", name="Ada"), now=now)
    with pytest.raises(Conflict, match="in the directory already"):
        add_person(session, NewPerson(email="ADA@example.org", name="Ada"), now=now)


def test_it_tells_the_house_that_somebody_joined(session, now):
    heard = []
    with events.person_joined.connected_to(lambda _s, person_id, at: heard.append(person_id)):
        person = add_person(session, NewPerson(email="ada@example.org", name="Ada"), now=now)
    assert heard == [person.id]


def test_it_lists_people_by_name_with_a_total(session, make):
    for name in ("Bo Lind", "Ada Byron", "Cy Twombly"):
        make.person(name)
    total, people = queries.people_page(session, limit=2)
    assert (total, [person.name for person in people]) == (3, ["Ada Byron", "Bo Lind"])


def test_it_searches_people_by_the_letters_themselves(session, make):
    make.person("Ada 100%")
    make.person("Ada 1000")
    total, _people = queries.people_page(session, text="100%")
    assert total == 1


def test_it_keeps_what_a_reader_chose(session, make):
    person = make.person()
    choose_settings(session, person.id, locale="de", time_zone="Europe/Berlin", theme="dark")
    assert (person.locale, person.time_zone, person.theme) == ("de", "Europe/Berlin", "dark")
