"""What a directory says becomes people: made, found again, changed, let go and taken back."""

import pytest
from sqlalchemy import select

from app.models import LoginSession, Person, ScimUser
from app.people.queries import with_roles_and_groups
from app.scim import service
from app.scim.protocol import ENTERPRISE
from tests.support.factories import NOW
from tests.web.scim.conftest import user

PILOTS = {"field": "groups", "value": "Pilots", "gives": "group", "name": "Lab pilots"}
CURATORS = {"field": "groups", "value": "Learning team", "gives": "access", "name": "curator"}
ENGINEERS = {"field": "department", "value": "R&D", "gives": "role", "name": "Engineer"}


@pytest.fixture
def person(session):
    """Return a function that reads a person anew."""

    def read(email="amara@example.org"):
        session.expire_all()
        found = session.scalar(select(Person).where(Person.email == email))
        return found and with_roles_and_groups(session, found.id)

    return read


@pytest.fixture
def known(make, session):
    """Return a function that makes a person who is here before the directory speaks of them."""

    def made(*args, **more):
        found = make.person(*args, **more)
        session.commit()
        return found

    return made


@pytest.fixture
def rules(client, session):
    """Return a function that gives the client rules."""

    def ruled(*rules):
        client.mapping = {"rules": list(rules)}
        session.commit()

    return ruled


def set_(path, value):
    return {"op": "replace", "path": path, "value": value}


def test_it_makes_a_person_of_a_user(entra, person):
    entra.add(
        "aokafor",
        emails=[{"value": "other@example.org"}, {"value": "Amara@Example.org", "type": "work"}],
        name={"givenName": "Amara", "familyName": "Okafor"},
        preferredLanguage="de-DE",
        **{ENTERPRISE: {"department": "Field service", "employeeNumber": "E-77"}},
    )
    made = person()
    assert (made.name, made.given_name, made.locale) == ("Amara Okafor", "Amara", "de")
    assert (made.department, made.external_id) == ("Field service", "E-77")
    assert (made.access, made.access_from, made.active) == ("employee", "", True)


def test_it_takes_the_primary_address_first(entra, person):
    entra.add(
        emails=[
            {"value": "work@example.org", "type": "work"},
            {"value": "home@example.org", "type": "home", "primary": True},
        ]
    )
    assert person("home@example.org")


def test_it_refuses_a_user_whom_no_address_names(entra, session):
    answer = entra.ask("POST", "/Users", user("aokafor", emails=[{"value": "not an address"}]))
    assert (answer.status_code, answer.json["scimType"]) == (400, "invalidValue")
    assert "emails" in answer.json["detail"]
    assert session.scalars(select(ScimUser)).all() == []


def test_it_keeps_the_address_of_a_person_whose_user_loses_it(entra, person):
    found = entra.add("aokafor", emails=[{"value": "amara@example.org"}])
    assert (
        entra.patch(f"/Users/{found['id']}", {"op": "remove", "path": "emails"}).status_code == 200
    )
    assert person()


def test_it_follows_a_new_address(entra, person):
    found = entra.add()
    entra.patch(f"/Users/{found['id']}", set_("userName", "amara.okafor@example.org"))
    assert person() is None
    assert person("amara.okafor@example.org")


def test_it_refuses_an_address_that_is_somebody_elses(entra, known, person):
    known("Jonas Weber", email="jonas@example.org")
    found = entra.add()
    answer = entra.patch(f"/Users/{found['id']}", set_("userName", "jonas@example.org"))
    assert (answer.status_code, answer.json["scimType"]) == (409, "uniqueness")
    assert person()


def test_it_empties_what_a_user_no_longer_says(entra, person):
    found = entra.add(**{ENTERPRISE: {"department": "Sales"}})
    assert person().department == "Sales"
    entra.patch(f"/Users/{found['id']}", {"op": "remove", "path": f"{ENTERPRISE}:department"})
    assert person().department is None


def test_it_leaves_what_a_directory_never_spoke_of(entra, known, person):
    known("Amara Okafor", email="amara@example.org", department="From HR", location="Basel")
    entra.add(displayName="Amara O.")
    found = person()
    assert (found.name, found.department, found.location) == ("Amara O.", "From HR", "Basel")


def test_it_finds_managers_among_its_own_users(entra, person):
    boss = entra.add("boss@example.org", displayName="Boss")
    found = entra.add(**{ENTERPRISE: {"manager": {"value": boss["id"].upper()}}})
    assert person().manager_id == person("boss@example.org").id
    entra.patch(f"/Users/{found['id']}", {"op": "remove", "path": f"{ENTERPRISE}:manager"})
    assert person().manager_id is None


def test_it_adopts_a_person_whom_no_client_keeps(entra, known, person):
    before = known("Amara Okafor", email="amara@example.org", access="curator")
    entra.add(active=False)
    assert (person().id, person().access, person().active) == (before.id, "curator", False)


def test_it_never_takes_over_an_administrator_appointed_here(entra, known, person):
    known("Ada", email="ada@example.org", access="admin")
    answer = entra.ask("POST", "/Users", user("ada@example.org", active=False))
    assert (answer.status_code, answer.json["scimType"]) == (409, "uniqueness")
    assert "administrator" in answer.json["detail"]
    assert person("ada@example.org").active


def test_it_refuses_a_person_whom_another_client_keeps(entra, connect, session):
    entra.add()
    okta = connect(service.add_client(session, "Okta", now=NOW))
    answer = okta.ask("POST", "/Users", user("amara@example.org"))
    assert (answer.status_code, answer.json["scimType"]) == (409, "uniqueness")


@pytest.mark.parametrize("name", ["amara@example.org", "AMARA@example.org"])
def test_it_refuses_a_user_name_that_is_taken(entra, name):
    entra.add()
    answer = entra.ask("POST", "/Users", user(name, emails=[{"value": "b@example.org"}]))
    assert (answer.status_code, answer.json["scimType"]) == (409, "uniqueness")


@pytest.fixture
def signed_in(sign_in, person):
    """Return a function that signs a person in and returns their browser."""

    def browser():
        found = sign_in(person())
        assert found.get("/settings").status == 200
        return found

    return browser


def is_out(browser):
    return browser.get("/settings").location.startswith("/sign-in")


@pytest.mark.parametrize(
    "leave",
    [
        lambda one, path: one.patch(path, set_("active", value=False)),
        lambda one, path: one.patch(path, {"op": "Replace", "path": "active", "value": "False"}),
        lambda one, path: one.ask("PUT", path, user("amara@example.org", active=False)),
        lambda one, path: one.ask("DELETE", path),
    ],
    ids=["patch", "entra", "put", "delete"],
)
def test_it_ends_every_session_with_the_next_request(entra, session, signed_in, person, leave):
    found = entra.add()
    phone, desk = signed_in(), signed_in()
    assert leave(entra, f"/Users/{found['id']}").status_code in {200, 204}
    assert is_out(phone)
    assert is_out(desk)
    assert not person().active
    assert session.scalars(select(LoginSession)).all() == []


def test_it_lets_somebody_back_in(entra, person):
    path = f"/Users/{entra.add()['id']}"
    entra.patch(path, set_("active", value=False))
    assert entra.get(path).json["active"] is False
    entra.patch(path, set_("active", value=True))
    assert person().active


def test_it_takes_a_deleted_user_back_as_the_same_person(entra, person):
    path = f"/Users/{entra.add()['id']}"
    before = person().id
    entra.ask("DELETE", path)
    assert entra.get(path).status_code == 404
    entra.add()
    assert (person().id, person().active) == (before, True)


def test_it_leaves_somebody_off_whom_an_administrator_switched_off(entra, session, person):
    path = f"/Users/{entra.add()['id']}"
    person().active = False
    session.commit()
    entra.patch(path, set_("title", "Engineer"))
    assert not person().active


def test_it_gives_no_access_without_a_rule(entra, person):
    entra.add(roles=[{"value": "admin"}], entitlements=[{"value": "admin"}], userType="admin")
    assert person().access == "employee"


def test_it_gives_groups_and_access_by_rules_and_takes_them_back(entra, rules, person):
    rules(PILOTS, CURATORS)
    found = entra.add()
    path = f"/Groups/{entra.add_group('Pilots', found['id'])['id']}"
    team = f"/Groups/{entra.add_group('learning TEAM', found['id'])['id']}"
    assert [one.name for one in person().groups] == ["Lab pilots"]
    assert (person().access, person().access_from) == ("curator", "scim-entra")
    entra.patch(path, {"op": "remove", "path": f'members[value eq "{found["id"]}"]'})
    entra.ask("DELETE", team)
    assert person().groups == []
    assert (person().access, person().access_from) == ("employee", "")


def test_it_gives_by_a_groups_id_whatever_it_is_called(entra, rules, person):
    found = entra.add()
    group = entra.add_group("Any", externalId="0b5f")
    rules({**CURATORS, "value": "0b5f"})
    entra.patch(
        f"/Groups/{group['id']}",
        {"op": "add", "path": "members", "value": [{"value": found["id"]}]},
    )
    assert person().access == "curator"


def test_it_follows_a_group_that_is_renamed(entra, rules, person):
    rules(PILOTS)
    found = entra.add()
    path = f"/Groups/{entra.add_group('Testers', found['id'])['id']}"
    assert person().groups == []
    entra.patch(path, set_("displayName", "Pilots"))
    assert [one.name for one in person().groups] == ["Lab pilots"]


def test_it_gives_roles_by_rules_on_any_field(entra, rules, person):
    rules(ENGINEERS)
    entra.add(**{ENTERPRISE: {"department": "R&D"}})
    assert [held.role.name for held in person().roles] == ["Engineer"]


def test_it_does_not_take_away_what_an_administrator_gave(entra, rules, known, person):
    known("Amara Okafor", email="amara@example.org", access="curator")
    rules(CURATORS)
    entra.add()
    assert (person().access, person().access_from) == ("curator", "")


def test_it_shows_a_user_the_groups_they_belong_to(entra):
    found = entra.add()
    group = entra.add_group("Pilots", found["id"])
    read = entra.get(f"/Users/{found['id']}").json
    assert [(one["value"], one["display"]) for one in read["groups"]] == [(group["id"], "Pilots")]
    assert read["groups"][0]["$ref"].endswith(f"/scim/v2/Groups/{group['id']}")


def test_it_keeps_every_attribute_as_it_came(entra):
    said = {
        "nickName": "Ama",
        "title": "Engineer",
        "addresses": [{"type": "work", "locality": "Basel", "country": "CH"}],
        "phoneNumbers": [{"type": "mobile", "value": "+41 79"}],
        "x509Certificates": [{"value": "AAAA"}],
        ENTERPRISE: {"costCenter": "4130", "organization": "Fjord", "division": "North"},
    }
    found = entra.get(f"/Users/{entra.add(**said)['id']}").json
    assert {name: found[name] for name in said} == said
