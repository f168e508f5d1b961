"""What a directory does is in the audit log: who, to whom, and what rights changed."""

import pytest
from sqlalchemy import select

from app.models import AuditEntry
from app.scim.protocol import ENTERPRISE


@pytest.fixture
def log(session):
    """Return a function that gives the log's entries as (action, subject, details)."""

    def read():
        session.expire_all()
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
        assert {one.actor for one in entries} <= {"SCIM Entra"}
        return [(one.action, one.subject, one.details) for one in entries]

    return read


def changed(details):
    """Return the fields whose values an entry tells, before and after."""
    return {one["field"]: [one["before"], one["after"]] for one in details["changes"]}


def test_it_notes_every_write(entra, log):
    path = f"/Users/{entra.add(**{ENTERPRISE: {'department': 'Lab'}})['id']}"
    entra.patch(path, {"op": "replace", "path": f"{ENTERPRISE}:department", "value": "Sales"})
    entra.ask("PUT", path, {"schemas": [], "userName": "amara@example.org", "active": False})
    entra.ask("DELETE", path)
    actions = [(action, changed(details)) for action, _, details in log()]
    assert actions == [
        ("scim.create", {"department": ["", "Lab"]}),
        ("scim.patch", {"department": ["Lab", "Sales"]}),
        ("scim.replace", {"department": ["Sales", ""], "active": ["yes", "no"]}),
        ("scim.delete", {}),
    ]
    assert log()[0][2]["fields"][:2] == ["email", "name"]
    assert {subject for _, subject, _ in log()} == {"person amara@example.org"}


def test_it_notes_reading_and_failures_of_the_directory_not_at_all(entra, log):
    entra.get("/Users")
    entra.ask("POST", "/Users", {})
    assert log() == []


def test_it_notes_whose_rights_a_group_changed(entra, client, session, log):
    rule = {"field": "groups", "value": "Team", "gives": "access", "name": "curator"}
    client.mapping = {"rules": [rule]}
    session.commit()
    amara, _ = entra.add(), entra.add("b@example.org")
    entra.add_group("Team", amara["id"])
    entra.add_group("Others")
    assert [one[:2] for one in log()[2:]] == [
        ("scim.create", "person amara@example.org"),
        ("scim.create", "Groups"),
    ]
    assert changed(log()[2][2]) == {"access": ["employee", "curator"]}


def test_it_keeps_no_secrets(entra, log):
    entra.add(password="correct horse")
    text = str(log())
    assert "correct horse" not in text
    assert entra.token[20:] not in text


def test_it_does_not_let_guesses_flood_the_log(entra, session):
    for _ in range(8):
        entra.ask("GET", "/Users", headers={"Authorization": "Bearer foyer_scim_guess"})
    refused = session.scalars(select(AuditEntry).where(AuditEntry.action == "scim.refused")).all()
    assert 0 < len(refused) < 8
