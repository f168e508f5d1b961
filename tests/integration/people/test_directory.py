"""A source brings a person up to date: only what it says, and never beyond what it may."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app import events
from app.access import Access
from app.auth import service as auth
from app.errors import Conflict, Invalid
from app.models import LoginSession, PersonRole
from app.people.directory import add_from_profile, may_speak_for, take_profile
from app.people.mapping import Profile
from app.people.queries import group_slugs, role_slugs, with_roles_and_groups
from app.people.service import hold_roles, join_groups, switch_person
from tests.support.factories import NOW


def said(**values):
    """Return a profile that speaks of exactly these fields."""
    access = values.pop("access", None)
    return Profile(**values, access=access, said=frozenset(values))


@pytest.fixture
def ada(make):
    return make.person("Ada Byron", department="Sales", external_id="e-1")


@pytest.fixture
def take(session, ada):
    """Return a function that takes a profile of Ada's and gives back what changed."""

    def taken(source="entra", speaks_for=(), **values):
        return take_profile(session, ada, said(**values), source=source, speaks_for=speaks_for)

    return taken


def changed(taken):
    return [(one.field, one.before, one.after) for one in taken.changes]


def test_it_touches_only_what_is_said(take, ada):
    assert changed(take(location="Leeds")) == [("location", "", "Leeds")]
    assert (ada.department, ada.location) == ("Sales", "Leeds")


def test_it_empties_what_is_said_to_be_empty(take, ada):
    assert changed(take(department="")) == [("department", "Sales", "")]
    assert ada.department is None


def test_it_changes_nothing_the_second_time(take):
    same = {"name": "Ada King", "roles": ("Mentor",), "groups": ("b", "A"), "manager": ""}
    assert take(**same).changes
    assert not take(**same).changes


def test_it_lets_the_given_name_follow_the_name(take, ada):
    take(name="Augusta King")
    assert ada.given_name == "Augusta"
    take(given_name="Gusti")
    take(name="Ada King")
    assert ada.given_name == "Gusti"


def test_it_only_suggests_a_language(take, ada):
    take(locale="de")
    take(locale="en")
    assert ada.locale == "de"


def test_it_replaces_roles_and_groups_that_are_said(session, take, ada):
    hold_roles(session, ada, ("Buddy", "Mentor"))
    join_groups(session, ada, ("Pilots",))
    assert changed(take(roles=("Mentor", "Lead"))) == [("roles", "buddy, mentor", "mentor, lead")]
    assert (role_slugs(session, ada.id), group_slugs(session, ada.id)) == (
        ["mentor", "lead"],
        ["pilots"],
    )
    take(groups=())
    assert group_slugs(session, ada.id) == []


def test_it_lets_what_was_read_before_be_read_anew(session, take, ada):
    hold_roles(session, ada, ("Buddy",))
    assert with_roles_and_groups(session, ada.id).groups == []
    take(roles=("Mentor",), groups=("Pilots",))
    read = with_roles_and_groups(session, ada.id)
    assert [held.role.slug for held in read.roles] == ["mentor"]
    assert [group.slug for group in read.groups] == ["pilots"]


@pytest.mark.parametrize(
    ("domains", "email"),
    [
        ((), "person1@example.org"),
        (("example.com",), "person1@example.org"),
        (("example.net",), "ada@example.net"),
        (("*",), "ada@example.net"),
    ],
)
def test_it_moves_an_address_only_into_a_domain_that_the_source_speaks_for(
    make, session, domains, email
):
    person = make.person(email="person1@example.org")
    profile = said(email="ada@example.net")
    taken = take_profile(session, person, profile, source="entra", speaks_for=domains)
    assert person.email == email
    assert bool(taken.remarks) == (email == "person1@example.org")


def test_it_refuses_an_address_that_somebody_else_has(make, take):
    make.person(email="ben@example.org")
    with pytest.raises(Conflict, match="Somebody else"):
        take(email="ben@example.org", speaks_for=("*",))


def test_it_leaves_an_external_id_that_somebody_else_has(make, take, ada):
    make.person(external_id="e-2")
    taken = take(external_id="e-2", location="Leeds")
    assert (ada.external_id, ada.location, len(taken.remarks)) == ("e-1", "Leeds", 1)


@pytest.mark.parametrize("key", ["grace@example.org", "Grace@Example.ORG", "g-7"])
def test_it_finds_a_manager_by_address_or_id(make, take, ada, key):
    grace = make.person("Grace", email="grace@example.org", external_id="g-7")
    assert changed(take(manager=key)) == [("manager", "", "grace@example.org")]
    assert ada.manager_id == grace.id
    take(manager="")
    assert ada.manager_id is None


@pytest.mark.parametrize("key", ["nobody@example.org", "e-1"])
def test_it_leaves_the_manager_when_the_new_one_is_nobody_or_the_person(make, take, ada, key):
    ada.manager_id = make.person().id
    assert "not in the directory" in take(manager=key).remarks[0]
    assert ada.manager_id


def test_it_gives_access_and_takes_back_what_it_gave(take, ada):
    assert changed(take(access=Access.CURATOR)) == [("access", "employee", "curator")]
    assert ada.access_from == "entra"
    take(access=None)
    assert ada.access == "curator"
    take(access=Access.MANAGER)
    assert ada.access == "manager"
    take(access=Access.EMPLOYEE)
    assert (ada.access, ada.access_from) == ("employee", "")


@pytest.mark.parametrize("given_by", ["", "okta"])
def test_it_never_lowers_what_an_administrator_or_another_source_gave(take, ada, given_by):
    ada.access, ada.access_from = "curator", given_by
    for lower in (Access.EMPLOYEE, Access.MANAGER):
        assert not take(access=lower).changes
    take(access=Access.ADMIN)
    assert (ada.access, ada.access_from) == ("admin", "entra")


def test_it_adds_somebody_and_says_so(session):
    joined = []
    profile = said(
        email="eve@example.org", name="Eve Moneypenny", roles=("Mentor",), access=Access.CURATOR
    )
    with events.person_joined.connected_to(lambda _session, **told: joined.append(told)):
        eve, taken = add_from_profile(session, profile, source="entra", now=NOW)
    assert joined == [{"person_id": eve.id, "at": NOW}]
    assert (eve.name, eve.given_name, eve.access, eve.access_from) == (
        "Eve Moneypenny",
        "Eve",
        "curator",
        "entra",
    )
    assert role_slugs(session, eve.id) == ["mentor"]
    assert [field for field, _, _ in changed(taken)] == ["email", "name", "roles", "access"]


def test_it_calls_somebody_without_a_name_by_their_address(session):
    eve, _ = add_from_profile(session, said(email="eve@example.org"), source="s", now=NOW)
    assert eve.name == "eve"


def test_it_adds_nobody_without_an_address_or_with_a_taken_one(session, make):
    make.person(email="eve@example.org")
    with pytest.raises(Invalid):
        add_from_profile(session, said(name="Eve"), source="s", now=NOW)
    with pytest.raises(Conflict):
        add_from_profile(session, said(email="eve@example.org"), source="s", now=NOW)


@pytest.mark.parametrize(
    ("domains", "may"),
    [
        ([], False),
        (["*"], True),
        ([" Example.ORG"], True),
        (["@example.org"], True),
        (["org"], False),
        (["learn.example.org"], False),
        (["xexample.org", "ample.org"], False),
    ],
)
def test_it_compares_whole_domains(domains, may):
    assert may_speak_for("ada@example.org", domains) is may


def test_it_ends_every_session_of_whom_it_switches_off(session, make, ada):
    day = timedelta(days=1)
    lifetimes = auth.Lifetimes(idle=day, longest=day)
    auth.start_session(session, ada, method="x", user_agent="x", lifetimes=lifetimes, now=NOW)
    switch_person(session, ada, active=False)
    assert session.query(LoginSession).count() == 0


def test_a_role_that_follows_another_begins_on_its_day(session, ada, monkeypatch):
    monkeypatch.setattr("app.clock.now", lambda: datetime(2026, 3, 1, tzinfo=UTC))
    hold_roles(session, ada, ("Buddy",))
    monkeypatch.setattr("app.clock.now", lambda: datetime(2026, 4, 1, tzinfo=UTC))
    hold_roles(session, ada, ("Mentor", "Buddy"))
    monkeypatch.setattr("app.clock.now", lambda: datetime(2026, 5, 1, tzinfo=UTC))
    hold_roles(session, ada, ("Buddy", "Mentor"))
    held = session.query(PersonRole).filter_by(person_id=ada.id).order_by(PersonRole.position)
    assert [each.since for each in held] == [None, date(2026, 4, 1)]
