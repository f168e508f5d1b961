"""Each event that security asks to be logged says who, what, when and from where, in UTC.

OWASP ASVS 5.0, 16.2 and 16.3. What each says besides is tested where it happens.
"""

from datetime import UTC

import pytest

from app.audit.verify import verify
from app.models import AuditEntry, IdentityProvider, Pin
from tests.support.pages import PageClient
from tests.support.saml import flow

FROM = "203.0.113.9"


@pytest.fixture
def happen(portal, app, provider, scim_token, session):
    """Let each event happen once, from one address; return (action, outcome) in their order."""

    def come_in(how=None, **changes):
        client = PageClient(app)
        client.http.environ_base["REMOTE_ADDR"] = FROM
        started = flow.start(client, provider.slug)
        flow.come_back(client, started, provider.answer(started, how, **changes))
        return client

    for client in (portal.admin, portal.employee, portal.visitor):
        client.http.environ_base["REMOTE_ADDR"] = FROM
    person, pin = portal.values["person_id"], portal.values["pin_id"]
    item, section = portal.values["item_id"], portal.values["section_id"]
    ada = come_in(assertion_id="_let-in")
    come_in(assertion_id="_kept-out", recipient=None)
    ada.post("/sign-out")
    portal.employee.get("/admin/people")
    portal.admin.post(f"/curate/pins/{pin}/unpin")
    portal.admin.post(f"/curate/sections/{section}/pins", {"item_id": item})
    assert session.query(Pin).count() == 2  # the published one, and the draft's
    portal.admin.post(f"/admin/people/{person}/access", {"access": "curator"})
    portal.admin.post(f"/admin/providers/{provider.slug}/switch", {"enabled": ""})
    bearer = {"Authorization": f"Bearer {scim_token}"}
    user = {"schemas": [], "userName": "b@example.org"}
    portal.visitor.http.post("/scim/v2/Users", json=user, headers=bearer)
    portal.visitor.http.get("/scim/v2/Users", headers={"Authorization": "Bearer none"})
    session.rollback()
    return session.query(AuditEntry).order_by(AuditEntry.number).all()


def test_it_writes_every_event_with_who_what_when_and_where(happen, moment, session):
    assert [(one.action, one.outcome) for one in happen] == [
        ("auth.sign_in", "done"),
        ("auth.sign_in", "refused"),
        ("auth.sign_out", "done"),
        ("access.refused", "refused"),
        ("curation.unpin", "done"),
        ("curation.pin", "done"),
        ("admin.change_access", "done"),
        ("identity.switch_provider", "done"),
        ("scim.create", "done"),
        ("scim.refused", "refused"),
    ]
    for entry in happen:
        assert entry.address == FROM, entry.action
        assert len(entry.request_id) == 12, entry.action
        assert (entry.at, entry.at.tzinfo) == (moment, UTC), entry.action
    assert [one.actor for one in happen] == [
        "Amara Okafor",
        "somebody not signed in",
        "Amara Okafor",
        "Amara Okafor",
        *["Ada Byron"] * 4,
        "SCIM Entra",
        "a SCIM client",
    ]
    assert verify(session).broken is None


def test_it_writes_what_proved_a_sign_in_or_failed_to(happen, provider, session):
    let_in, kept_out = happen[:2]
    row = session.query(IdentityProvider).filter_by(slug=provider.slug).one()
    said = (row.slug, row.entity_id, provider.pair.fingerprint)
    details = let_in.details
    assert (details["provider"], details["issuer"], details["fingerprint"]) == said
    assert details["message"] == "_let-in"
    assert (kept_out.details["provider"], kept_out.details["issuer"]) == said[:2]
    assert kept_out.details["reason"]
    assert (kept_out.details["message"], kept_out.details["fingerprint"]) == ("_kept-out", said[2])


def test_it_writes_what_changed(happen):
    access = next(one for one in happen if one.action == "admin.change_access")
    assert (access.details["before"], access.details["after"]) == ("employee", "curator")
    assert "Amara Okafor" in access.subject
    for action in ("curation.pin", "curation.unpin", "identity.switch_provider"):
        entry = next(one for one in happen if one.action == action)
        assert entry.details["rows"], action
