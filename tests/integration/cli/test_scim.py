"""Connecting a directory on the command line."""

import pytest
from sqlalchemy import select

from app import clock
from app.models import AuditEntry, Person, ScimClient, ScimToken, ScimUser
from app.scim import service
from tests.support.factories import Factory


@pytest.fixture
def entra(foyer, migrated):
    """Return the command line with a SCIM client called Entra ID."""
    assert "foyer scim token scim-entra-id" in foyer("scim", "add", "Entra ID").stdout
    return foyer


def test_it_prints_a_token_that_works_and_nothing_else(entra, rows):
    result = entra("scim", "token", "scim-entra-id", "--scopes", "read,users", "--days", 30)
    assert "https://learn.example.org/scim/v2" in result.stderr
    found = service.token_of(rows, f"Bearer {result.stdout.strip()}", now=clock.now())
    assert found.scopes == ["read", "users"]
    assert (found.expires_at - found.created_at).days == 30


def test_it_lists_clients_and_tokens_without_secrets(entra):
    secret = entra("scim", "token", "scim-entra-id").stdout.strip()
    listed = entra("scim", "list").stdout
    assert "scim-entra-id  Entra ID: 0 users, 0 groups" in listed
    assert "groups, read, users  until" in listed
    assert secret[20:] not in listed


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("add", "Entra ID"), "Entra ID"),
        (("add", "*"), "name"),
        (("token", "nobody"), "nobody"),
        (("apply", "nobody"), "nobody"),
        (("token", "scim-entra-id", "--scopes", "all"), "all"),
        (("token", "scim-entra-id", "--scopes", ""), "scopes"),
        (("token", "scim-entra-id", "--days", 0), "life"),
        (("token", "scim-entra-id", "--days", 10**12), "life"),
    ],
)
def test_it_says_what_it_cannot_do(entra, rows, words, named):
    result = entra("scim", *words)
    assert result.exit_code == 2
    assert named in result.stderr
    assert rows.scalars(select(ScimToken)).all() == []


def test_it_holds_changed_rules_against_everybody(entra, rows, now):
    client = rows.scalars(select(ScimClient)).one()
    for name in ("amara", "jonas"):
        person = Factory(rows).person(name, email=f"{name}@example.org")
        body = {"userName": person.email, "title": "Lead" if name == "amara" else "Engineer"}
        moments = {"created_at": now, "updated_at": now}
        rows.add(
            ScimUser(
                id=name, client_id=client.id, person_id=person.id, user_name=person.email,
                version="1", body=body, **moments,
            )
        )  # fmt: skip
    rule = {"field": "roles", "value": "Lead", "gives": "access", "name": "curator"}
    client.mapping = {"sources": {"roles": ["title"]}, "rules": [rule]}
    rows.commit()
    assert "2 people changed" in entra("scim", "apply", "scim-entra-id").stdout
    assert "0 people changed" in entra("scim", "apply", "scim-entra-id").stdout
    rows.expire_all()
    levels = rows.execute(select(Person.name, Person.access).order_by(Person.name)).all()
    assert [tuple(one) for one in levels] == [("amara", "curator"), ("jonas", "employee")]
    actions = rows.scalars(select(AuditEntry.action)).all()
    assert actions.count("scim.apply") == 2


def test_it_notes_both_in_the_audit_log(entra, rows):
    secret = entra("scim", "token", "scim-entra-id").stdout.strip()
    entries = rows.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    assert [(one.action, one.subject) for one in entries] == [
        ("scim.add_client", "SCIM client scim-entra-id"),
        ("scim.add_token", "SCIM client scim-entra-id"),
    ]
    assert secret[20:] not in str([one.details for one in entries])
