"""An administrator tries a provider that is still switched off."""

from urllib.parse import urlsplit

import pytest

from app.models import LoginSession, Person, Purpose, SignInRecord
from app.oidc.leave import send_away


@pytest.fixture
def try_out(app, provider, session, make, sign_in):
    """Return a function that sends an administrator to the provider and back."""
    admin = make.person("Ines Roth", access="admin")
    row = provider.connect(session, enabled=False)
    client = sign_in(admin)

    def tried():
        with app.test_request_context():
            away = app.process_response(
                send_away(row, purpose=Purpose.TEST, next_url="/admin", person_id=admin.id)
            )
        cookie = away.headers.getlist("Set-Cookie")[0]
        name, value = cookie.split(";")[0].split("=", 1)
        client.http.set_cookie(name, value, path="/")
        back = urlsplit(provider.authorize(away.location))
        return client.get(f"{back.path}?{back.query}")

    return tried


def test_it_shows_what_was_received_and_changes_nothing(try_out, session):
    assert try_out().status == 303
    record = session.query(SignInRecord).one()
    assert (record.purpose, record.accepted, record.subject) == ("test", True, "amara")
    assert record.received["email"] == ["amara@example.org"]
    assert session.query(Person).count() == 1
    assert session.query(LoginSession).count() == 1


def test_it_keeps_why_a_try_failed(try_out, provider, session):
    provider.faults.claims = {"aud": "other"}
    assert try_out().status == 400
    record = session.query(SignInRecord).one()
    assert (record.purpose, record.accepted) == ("test", False)
    assert "ID token" in record.reason
