"""Who may ask: a working bearer token with the right scopes, and nobody else, whatever the path."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.models import AuditEntry, ScimToken
from app.scim import service
from app.scim.service import Scope
from tests.support.factories import NOW
from tests.web.scim.conftest import user

EVERYWHERE = ["", "/", "/Users", "/Users/1", "/Groups", "/ServiceProviderConfig", "/Schemas", "/no"]


def refused(answer, error):
    challenge = answer.headers["WWW-Authenticate"]
    assert answer.status_code == 401
    assert challenge.startswith('Bearer realm="SCIM"')
    assert ("invalid_token" in challenge) == error


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_it_tells_nothing_to_whoever_shows_no_token(entra, method):
    for path in EVERYWHERE:
        answer = entra.ask(method, path, headers={"Authorization": None})
        refused(answer, error=False)
        assert "Users" not in answer.text


def test_it_refuses_an_unknown_token(entra):
    refused(
        entra.ask("GET", "/Users", headers={"Authorization": "Bearer foyer_scim_x"}), error=True
    )


def test_it_refuses_a_token_in_the_address(entra):
    answer = entra.ask("GET", f"/Users?access_token={entra.token}", headers={"Authorization": None})
    refused(answer, error=False)


def test_it_refuses_an_expired_token(client, connect, monkeypatch):
    directory = connect(client, life=timedelta(hours=1))
    assert directory.get("/Users").status_code == 200
    monkeypatch.setattr("app.clock.now", lambda: NOW + timedelta(hours=1))
    refused(directory.get("/Users"), error=True)


def test_it_refuses_a_revoked_token_with_the_next_request(entra, session):
    assert entra.get("/Users").status_code == 200
    service.revoke_token(session, session.scalars(select(ScimToken)).one(), now=NOW)
    session.commit()
    refused(entra.get("/Users"), error=True)


def test_it_refuses_a_client_that_was_switched_off(entra, client, session):
    service.switch_client(session, client, enabled=False)
    session.commit()
    refused(entra.get("/Users"), error=True)


def test_it_looks_at_no_cookie(app, sign_in, make):
    reader = sign_in(make.person("Ada", access="admin"))
    assert reader.http.get("/scim/v2/Users").status_code == 401


def test_it_lets_a_reading_token_read_and_not_write(client, connect):
    found = connect(client).add()
    reading = connect(client, Scope.READ)
    assert reading.get("/Users").json["totalResults"] == 1
    assert reading.get(f"/Users/{found['id']}").status_code == 200
    assert reading.ask("POST", "/Users", user("b@example.org")).status_code == 403
    assert reading.ask("DELETE", f"/Users/{found['id']}").status_code == 403
    assert reading.ask("DELETE", "/Groups/1").status_code == 403


def test_it_keeps_writing_users_and_groups_apart(client, connect):
    users, groups = connect(client, Scope.USERS), connect(client, Scope.GROUPS)
    found = users.add()
    assert groups.add_group("Pilots", found["id"])
    assert users.ask("POST", "/Groups", {}).status_code == 403
    assert groups.patch(f"/Users/{found['id']}").status_code == 403
    assert users.get("/Users").status_code == 403


def test_it_shows_a_client_nothing_of_another(connect, client, session):
    entra = connect(client)
    okta = connect(service.add_client(session, "Okta", now=NOW))
    mine = entra.add()
    group = entra.add_group("Pilots", mine["id"])
    for path in (f"/Users/{mine['id']}", f"/Groups/{group['id']}"):
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            body = None if method in {"GET", "DELETE"} else {}
            assert okta.ask(method, path, body).status_code in {400, 404}
        assert okta.get(path).status_code == 404
        assert okta.ask("DELETE", path).status_code == 404
    assert okta.get("/Users").json["totalResults"] == 0
    assert okta.get("/Groups", filter=f'members eq "{mine["id"]}"').json["totalResults"] == 0


def test_it_notes_a_refused_token_by_its_hint_alone(entra, session):
    service.revoke_token(session, session.scalars(select(ScimToken)).one(), now=NOW)
    session.commit()
    entra.get("/Users")
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    secret = entra.token.removeprefix(service.PREFIX)
    assert (entry.action, entry.outcome) == ("scim.refused", "refused")
    assert entry.details == {"reason": "revoked token", "token": secret[:6]}


def test_it_notes_when_a_token_was_used(entra, session):
    entra.get("/Users")
    assert session.scalars(select(ScimToken.last_used_at)).one() == NOW
