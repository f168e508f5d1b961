"""Connecting directories by SCIM: clients, their tokens and what their groups mean."""

import pytest

from app.models import AuditEntry, ScimClient, ScimToken


@pytest.fixture
def entra(as_admin):
    """Return the address of a SCIM client's page."""
    return as_admin.post("/admin/scim", {"name": "Entra ID"}).location


def token_on(page):
    return next(text for text in page.texts("code") if text.startswith("foyer_scim_"))


def test_it_connects_a_directory(as_admin, entra):
    assert entra == "/admin/scim/scim-entra-id"
    assert "Entra ID" in as_admin.get("/admin/scim").words


def test_it_refuses_a_second_directory_of_that_name(as_admin, entra):
    page = as_admin.post("/admin/scim", {"name": "Entra ID"})
    assert page.status == 422
    assert "There is a SCIM client called Entra ID already." in page.words


def test_it_shows_a_token_once_and_the_token_works(as_admin, visitor, entra):
    page = as_admin.post(f"{entra}/tokens", {"scopes": ["read"], "days": "90"})
    token = token_on(page)
    bearer = {"Authorization": f"Bearer {token}"}
    assert visitor.http.get("/scim/v2/Users", headers=bearer).status_code == 200
    assert token not in as_admin.get(entra).html


def test_it_wants_at_least_one_scope(as_admin, session, entra):
    page = as_admin.post(f"{entra}/tokens", {"days": "90"})
    assert (page.status, session.query(ScimToken).count()) == (422, 0)


def test_it_ends_a_token_at_once(as_admin, visitor, session, entra):
    token = token_on(as_admin.post(f"{entra}/tokens", {"scopes": ["read"], "days": "90"}))
    number = session.query(ScimToken).one().id
    as_admin.post(f"{entra}/tokens/{number}/revoke")
    bearer = {"Authorization": f"Bearer {token}"}
    assert visitor.http.get("/scim/v2/Users", headers=bearer).status_code == 401


def test_it_does_not_end_another_client_s_token(as_admin, session, entra):
    as_admin.post(f"{entra}/tokens", {"scopes": ["read"], "days": "90"})
    other = as_admin.post("/admin/scim", {"name": "Okta"}).location
    number = session.query(ScimToken).one().id
    assert as_admin.post(f"{other}/tokens/{number}/revoke").status == 404


def test_it_switches_a_directory_off(as_admin, visitor, entra):
    token = token_on(as_admin.post(f"{entra}/tokens", {"scopes": ["read"], "days": "90"}))
    as_admin.post(f"{entra}/switch", {"enabled": ""})
    bearer = {"Authorization": f"Bearer {token}"}
    assert visitor.http.get("/scim/v2/Users", headers=bearer).status_code == 401


def test_it_keeps_what_groups_mean(as_admin, session, entra):
    rule = {"rule_field": "groups", "rule_value": "Service", "rule_gives": "role"}
    as_admin.post(f"{entra}/mapping", rule | {"rule_name": "field-engineer"})
    assert session.query(ScimClient).one().mapping["rules"][0]["value"] == "Service"


def test_it_writes_no_token_into_the_audit_log(as_admin, session, entra):
    token = token_on(as_admin.post(f"{entra}/tokens", {"scopes": ["read"], "days": "90"}))
    entries = session.query(AuditEntry).all()
    assert "identity.add_token" in {entry.action for entry in entries}
    assert token not in str([entry.details for entry in entries])
