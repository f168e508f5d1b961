"""The administrator's page about one person, and what can be changed there."""

import pytest

from app.models import AuditEntry, Identity, LoginSession, ScimClient, ScimUser
from tests.support.factories import NOW
from tests.support.queries import count_queries


@pytest.fixture
def admin(make):
    return make.person("Ada Admin", access="admin")


@pytest.fixture
def as_admin(sign_in, admin):
    return sign_in(admin)


@pytest.fixture
def zoe(make, as_admin, session):
    """Return somebody with a department, a manager, a role and a group."""
    boss = make.person("Bo Boss")
    zoe = make.person(
        "Zoe Zimmer",
        email="zoe@example.org",
        roles=[make.role("designer", "Designer")],
        department="Design",
        manager_id=boss.id,
    )
    make.group("Pilots", [zoe])
    session.commit()
    return zoe


@pytest.fixture
def provider(make, session):
    """Return an identity provider that is switched on."""
    provider = make.provider("entra", "Contoso Entra")
    session.commit()
    return provider


@pytest.fixture
def identity(session, provider, zoe):
    """Return the name that the provider has for Zoe."""
    identity = Identity(
        provider_id=provider.id,
        subject="zoe-at-entra",
        person_id=zoe.id,
        created_at=NOW,
        last_used_at=NOW,
    )
    session.add(identity)
    session.commit()
    return identity


def at(person, rest=""):
    return f"/admin/people/{person.id}{rest}"


def noted(session, action):
    """Return what the entries of this action say, but for the rows that changed."""
    session.expire_all()
    rows = session.query(AuditEntry).filter_by(action=action)
    return [{name: row.details[name] for name in row.details if name != "rows"} for row in rows]


def test_it_is_linked_from_the_list(as_admin, zoe):
    assert at(zoe) in as_admin.get("/admin/people").links()


def test_it_shows_what_the_directory_says(as_admin, zoe):
    words = as_admin.get(at(zoe)).words
    for fact in ("zoe@example.org", "Designer", "Pilots", "Design", "Bo Boss", "Employee"):
        assert fact in words


def test_it_shows_who_a_provider_says_they_are(as_admin, zoe, identity):
    words = as_admin.get(at(zoe)).words
    for fact in ("Contoso Entra", "zoe-at-entra", "Last used 12 November, 09:00"):
        assert fact in words


def test_it_says_who_gave_the_access(as_admin, zoe, provider, session):
    zoe.access, zoe.access_from = "curator", "entra"
    session.commit()
    assert "Curator, as Contoso Entra says." in as_admin.get(at(zoe)).words


def test_it_says_which_system_keeps_the_person_up_to_date(as_admin, zoe, session):
    client = ScimClient(slug="okta", name="Okta", created_at=NOW)
    session.add(client)
    session.flush()
    session.add(
        ScimUser(
            id="1-2-3",
            client_id=client.id,
            person_id=zoe.id,
            user_name="zoe",
            body={},
            version="1",
            created_at=NOW,
            updated_at=NOW,
        )
    )
    session.commit()
    assert "Okta, as zoe" in as_admin.get(at(zoe)).words


def test_it_answers_404_for_nobody(as_admin):
    assert as_admin.get("/admin/people/999999").status == 404


def test_it_asks_the_database_the_same_number_of_times_whatever_the_rows(
    as_admin, app, zoe, identity, sign_in
):
    def statements():
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            as_admin.get(at(zoe))
        return len(sent)

    few = statements()
    for _ in range(3):
        sign_in(zoe)
    assert statements() == few <= 8


def test_it_changes_the_access_for_good(as_admin, zoe, session):
    zoe.access_from = "entra"
    session.commit()
    assert as_admin.post(at(zoe, "/access"), {"access": "curator"}).location == at(zoe)
    session.expire_all()
    assert (zoe.access, zoe.access_from) == ("curator", "")
    assert noted(session, "admin.change_access") == [{"before": "employee", "after": "curator"}]


@pytest.mark.parametrize("access", ["", "owner", "administer"])
def test_it_refuses_an_access_level_that_there_is_not(as_admin, zoe, access):
    assert as_admin.post(at(zoe, "/access"), {"access": access}).status == 422


def test_it_never_lets_administrators_take_their_own_access(as_admin, make, admin, session):
    make.person(access="admin")
    session.commit()
    page = as_admin.post(at(admin, "/access"), {"access": "employee"})
    assert (page.status, "Ask another administrator" in page.words) == (403, True)
    session.expire_all()
    assert admin.access == "admin"


def test_it_never_lets_administrators_shut_themselves_out(as_admin, admin):
    assert as_admin.post(at(admin, "/switch"), {"active": "0"}).status == 403


def test_it_signs_somebody_out_who_may_not_sign_in_any_more(as_admin, zoe, sign_in, session):
    as_zoe = sign_in(zoe)
    as_admin.post(at(zoe, "/switch"), {"active": "0"})
    assert as_zoe.get("/settings").location.startswith("/sign-in")
    assert noted(session, "admin.switch_person") == [{"active": False, "sessions_ended": 1}]


def test_it_lets_somebody_sign_in_again(as_admin, zoe, session):
    zoe.active = False
    session.commit()
    assert "may not sign in" in as_admin.get(at(zoe)).words
    as_admin.post(at(zoe, "/switch"), {"active": "1"})
    session.expire_all()
    assert zoe.active


def test_it_ends_one_session_of_a_person(as_admin, zoe, sign_in, session):
    first, second = sign_in(zoe), sign_in(zoe)
    number = min(row.id for row in session.query(LoginSession).filter_by(person_id=zoe.id))
    as_admin.post(at(zoe, "/sessions/end"), {"session_id": number})
    assert [one.get("/settings").status for one in (first, second)] == [303, 200]


def test_it_ends_all_sessions_of_a_person_and_no_others(as_admin, zoe, sign_in, session):
    both = sign_in(zoe), sign_in(zoe)
    as_admin.post(at(zoe, "/sessions/end"))
    assert [one.get("/settings").status for one in (*both, as_admin)] == [303, 303, 200]
    assert noted(session, "admin.end_sessions") == [{"sessions_ended": 2, "session": None}]


def test_it_does_not_end_the_session_of_somebody_else(as_admin, zoe, admin, session):
    mine = session.query(LoginSession).filter_by(person_id=admin.id).one().id
    as_admin.post(at(zoe, "/sessions/end"), {"session_id": mine})
    assert as_admin.get("/settings").status == 200


def test_it_unlinks_an_identity_and_ends_what_it_began(
    as_admin, zoe, identity, provider, sign_in, session
):
    as_zoe = sign_in(zoe)
    row = session.query(LoginSession).filter_by(person_id=zoe.id).one()
    row.provider_id, row.subject = provider.id, identity.subject
    session.commit()
    as_admin.post(at(zoe, "/unlink"), {"identity_id": identity.id})
    assert as_zoe.get("/settings").status == 303
    assert session.query(Identity).count() == 0
    assert noted(session, "admin.unlink") == [{"provider": "entra", "identity": "zoe-at-entra"}]


def test_it_unlinks_no_identity_of_somebody_else(as_admin, admin, identity, session):
    assert as_admin.post(at(admin, "/unlink"), {"identity_id": identity.id}).status == 404
    assert session.query(Identity).count() == 1


@pytest.mark.parametrize("number", ["", "x", "0", "-1", "9" * 30])
def test_it_answers_any_number_of_an_identity(as_admin, zoe, number):
    assert as_admin.post(at(zoe, "/unlink"), {"identity_id": number}).status == 422


def test_it_is_not_there_for_others(as_curator, make, session):
    zoe = make.person()
    session.commit()
    assert as_curator.get(at(zoe)).status == 404
    assert as_curator.post(at(zoe, "/access"), {"access": "admin"}).status == 404
