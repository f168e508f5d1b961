"""Fields that nobody asked for, and fields that stand twice (ASVS 5.0, 15.3)."""

import pytest

from app.models import Person

MORE = {
    "id": "1",
    "access": "admin",
    "active": "0",
    "person_id": "1",
    "access_from": "admin",
    "email": "evil@example.org",
    "name": "Evil",
    "external_id": "evil",
}


@pytest.fixture
def people(session):
    """Return a function that gives what may not change of every person."""

    def read():
        session.rollback()
        session.expire_all()
        return [
            (one.id, one.access, one.active, one.email, one.name, one.external_id, one.access_from)
            for one in session.query(Person).order_by(Person.id)
        ]

    return read


def test_it_takes_from_a_form_only_what_the_form_has(portal, people):
    """An employee sends every field of a person to every route they may write to."""
    before = people()
    for rule in portal.rules("POST"):
        if rule.endpoint not in {"auth.sign_out", "scim.handle"}:
            form = {"locale": "de", "time_zone": "UTC", "theme": "dark", **MORE}
            portal.employee.post(portal.address(rule, "POST"), form)
    assert people() == before


def test_it_takes_no_right_from_a_directory_without_a_rule(app, scim_token, session):
    """Neither SCIM's own words for rights nor ours give any (mass assignment)."""
    user = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada@example.org",
        "roles": [{"value": "admin"}],
        "entitlements": [{"value": "admin"}],
        "groups": [{"value": "admin"}],
        **{name: MORE[name] for name in ("access", "person_id", "access_from")},
    }
    bearer = {"Authorization": f"Bearer {scim_token}"}
    answer = app.test_client().post("/scim/v2/Users", json=user, headers=bearer)
    assert answer.status_code == 201
    person = session.query(Person).filter_by(email="ada@example.org").one()
    assert (person.access, person.access_from) == ("employee", "")


@pytest.mark.parametrize(
    "values", [["employee", "admin"], ["admin", "employee"], ["admin", "x"], ["x", "admin"]]
)
def test_it_reads_a_field_that_stands_twice_once(portal, session, values):
    """What is checked is what is written: the first value, whatever follows."""
    path = f"/admin/people/{portal.values['person_id']}/access"
    page = portal.admin.post(path, {"access": values})
    session.rollback()
    found = session.get(Person, portal.values["person_id"], populate_existing=True)
    if values[0] == "x":
        assert (page.status, found.access) == (422, "employee")
    else:
        assert (page.status, found.access) == (303, values[0])


@pytest.mark.parametrize(
    "query", ["next=/library&next=//evil.example", "next=//evil.example&next=/library"]
)
def test_it_goes_where_the_address_that_was_checked_leads(portal, query):
    assert portal.admin.get(f"/sign-in?{query}").location in {"/library", "/"}


def test_it_refuses_a_parameter_of_a_directory_that_stands_twice(app, scim_token):
    bearer = {"Authorization": f"Bearer {scim_token}"}
    answer = app.test_client().get("/scim/v2/Users?count=1&count=2", headers=bearer)
    assert answer.status_code == 400
