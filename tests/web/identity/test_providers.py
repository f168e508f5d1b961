"""Connecting, changing and switching identity providers."""

import io
from datetime import timedelta

import pytest

from app.errors import Wording
from app.models import AuditEntry, Identity, IdentityProvider, LoginSession, SignInRecord
from tests.support.factories import NOW
from tests.support.saml.keys import key_pair

FORM = {"name": "Acme Login", "email_domains": "example.org, example.net"}


def rows(session, table):
    session.expire_all()
    return session.query(table).all()


def test_it_says_how_to_begin_when_there_is_no_provider(as_admin):
    page = as_admin.get("/admin/providers")
    assert "No identity provider yet" in page.words
    assert "/admin/providers/add/saml" in page.links()


def test_it_connects_a_provider_by_its_metadata_file_and_leaves_it_off(
    as_admin, session, metadata_file
):
    answer = as_admin.post("/admin/providers/add/saml", FORM | {"metadata_file": metadata_file})
    row = rows(session, IdentityProvider)[0]
    assert (answer.location, row.entity_id, row.email_domains, row.enabled) == (
        "/admin/providers/acme-login",
        "https://acme.idp.example.org/metadata",
        ["example.org", "example.net"],
        False,
    )


def test_it_connects_a_provider_by_pasted_metadata(as_admin, session, acme):
    as_admin.post("/admin/providers/add/saml", FORM | {"metadata_text": acme.metadata()})
    assert [row.name for row in rows(session, IdentityProvider)] == ["Acme Login"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({}, "Paste the metadata, or choose its file."),
        ({"metadata_text": "no xml at all"}, "metadata"),
        ({"email_domains": "not a domain!"}, "is not a domain such as example.org"),
        ({"name": ""}, "Please fill this in."),
        ({"metadata_url": "https://127.0.0.1/metadata"}, "address"),
    ],
)
def test_it_names_the_field_that_is_wrong_and_keeps_what_was_typed(
    as_admin, session, wrong, sentence
):
    page = as_admin.post("/admin/providers/add/saml", FORM | wrong)
    assert page.status == 422
    assert sentence in page.words
    assert page.by_id("field_name").get("value") == (FORM | wrong)["name"]
    assert rows(session, IdentityProvider) == []


def test_it_tells_what_to_enter_at_the_provider(as_admin, enrolled):
    page = as_admin.get("/admin/providers/acme")
    base = "http://127.0.0.1:8000/saml/acme"
    codes = page.texts("code")
    assert codes == [f"{base}/metadata", f"{base}/acs", f"{base}/sls"]


def test_it_switches_a_provider_on_and_off(as_admin, session, enrolled):
    as_admin.post("/admin/providers/acme/switch", {"enabled": "1"})
    on = rows(session, IdentityProvider)[0].enabled
    as_admin.post("/admin/providers/acme/switch", {"enabled": ""})
    assert (on, rows(session, IdentityProvider)[0].enabled) == (True, False)


def test_it_does_not_switch_on_a_provider_that_may_speak_for_nobody(as_admin, session, acme):
    acme.enrol(session, enabled=False, email_domains=[])
    page = as_admin.post("/admin/providers/acme/switch", {"enabled": "1"})
    assert (page.status, rows(session, IdentityProvider)[0].enabled) == (422, False)


def test_it_keeps_changes_and_writes_them_into_the_audit_log(as_admin, session, enrolled):
    changed = {"name": "Acme", "email_domains": "*", "position": "3", "idp_initiated": "1"}
    as_admin.post("/admin/providers/acme/edit", changed)
    row = rows(session, IdentityProvider)[0]
    kept = (row.email_domains, row.position, row.idp_initiated, row.creates_people)
    assert kept == (["*"], 3, True, False)
    assert "identity.edit_provider" in {one.action for one in rows(session, AuditEntry)}


def test_it_takes_newer_metadata_and_says_which_keys_are_new(as_admin, session, acme, enrolled):
    acme.pairs = [key_pair("idp"), key_pair("other")]
    upload = io.BytesIO(acme.metadata().encode()), "newer.xml"
    as_admin.post("/admin/providers/acme/metadata", {"metadata_file": upload})
    entry = next(e for e in rows(session, AuditEntry) if e.action == "identity.replace_metadata")
    assert len(entry.details["keys_added"]) == 1
    assert as_admin.get("/admin/providers/acme").texts("dt").count("Signing key") == 2


def test_it_refuses_another_provider_s_metadata(as_admin, session, acme, enrolled):
    before = enrolled.metadata_xml
    acme.slug = "evil"
    page = as_admin.post("/admin/providers/acme/metadata", {"metadata_text": acme.metadata()})
    assert page.status == 422
    assert rows(session, IdentityProvider)[0].metadata_xml == before


def test_it_sends_the_administrator_to_try_a_provider_that_is_off(as_admin, enrolled):
    answer = as_admin.get("/admin/providers/acme/try")
    assert answer.location.startswith("https://acme.idp.example.org/sso?SAMLRequest=")


def test_it_ends_every_session_that_a_provider_began(as_admin, make, session, enrolled):
    person = make.person()
    for number in range(2):
        session.add(
            LoginSession(
                token_hash=str(number),
                person_id=person.id,
                provider_id=enrolled.id,
                method="Acme",
                started_at=NOW,
                last_seen_at=NOW,
                proved_at=NOW,
                expires_at=NOW + timedelta(hours=1),
            )
        )
    session.commit()
    as_admin.post("/admin/providers/acme/end-sessions")
    assert [row.provider_id for row in rows(session, LoginSession)] == [None]


def test_it_removes_a_provider_only_when_sure_and_leaves_its_people(
    as_admin, make, session, enrolled
):
    person = make.person("Amara Okafor")
    who = {"provider_id": enrolled.id, "subject": "a", "person_id": person.id}
    session.add(Identity(**who, created_at=NOW, last_used_at=NOW))
    session.commit()
    as_admin.post("/admin/providers/acme/remove")
    unsure = len(rows(session, IdentityProvider))
    as_admin.post("/admin/providers/acme/remove", {"sure": "1"})
    assert (unsure, rows(session, IdentityProvider), rows(session, Identity)) == (1, [], [])
    assert "Amara Okafor" in as_admin.get("/admin/people").words


def test_it_shows_what_was_received_beside_what_was_made_of_it(as_admin, session, enrolled):
    session.add(
        SignInRecord(
            provider_id=enrolled.id,
            at=NOW,
            purpose="test",
            accepted=True,
            subject="amara-1",
            received={"mail": ["amara@example.org"], "shoeSize": ["39"]},
            made={
                "fields": {"email": "amara@example.org"},
                "access": None,
                "origins": {"email": "mail"},
                "unread": ["shoeSize"],
                "remarks": [{"template": "There is no e-mail address.", "values": {}}],
                "changes": [{"field": "email", "before": "", "after": "amara@example.org"}],
            },
        )
    )
    session.commit()
    link = next(a for a in as_admin.get("/admin/providers/acme").links() if "/sign-ins/" in a)
    page = as_admin.get(link)
    assert [row for row in page.texts("tr") if "shoeSize" in row] == ["shoeSizenot used39"]
    assert "E-mail addressfrom mailamara@example.org" in page.texts("tr")
    assert "Accessas it is: no rule speaks of access" in page.texts("tr")


def test_it_announces_the_next_key_before_it_uses_it(as_admin, visitor, enrolled):
    visitor.get("/saml/acme/metadata")
    as_admin.post("/admin/providers/key/prepare")
    announced = as_admin.get("/admin/providers").words
    as_admin.post("/admin/providers/key/use")
    assert "Use the next key" in announced
    assert "Only reads" in as_admin.get("/admin/providers").words


def test_it_knows_no_provider_of_that_name(as_admin):
    assert as_admin.get("/admin/providers/nobody").status == 404


def test_it_says_what_went_wrong_in_the_language_of_who_reads(make, sign_in, session, enrolled):
    enrolled.metadata_problem = Wording(
        "It could not be fetched: %(why)s.", why=Wording("the name is not known")
    )
    session.commit()
    reader = sign_in(make.person("Ada Admin", access="admin", locale="de"))
    said = reader.get("/admin/providers/acme").words
    assert "Der Abruf ist fehlgeschlagen: dieser Name ist nicht bekannt." in said
