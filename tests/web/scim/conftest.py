"""SCIM as a directory speaks it: JSON with a bearer token, through Flask's client."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.scim import service
from app.scim.protocol import CORE_GROUP, CORE_USER
from app.scim.service import Scope
from tests.support.factories import NOW

SCIM_JSON = "application/scim+json"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Directory:
    """A SCIM client with a token; `status` and JSON of each answer are checked for their form."""

    def __init__(self, app: Flask, token: str):
        self.http: FlaskClient = app.test_client(use_cookies=False)
        self.token = token

    def ask(self, method, path, body=None, *, headers=None, **options):
        """Send a request below /scim/v2 and return Flask's answer."""
        headers = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        if body is not None:
            options |= {"json": body, "content_type": SCIM_JSON}
        answer = self.http.open(f"/scim/v2{path}", method=method, headers=headers, **options)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        if answer.status_code >= 400:
            assert answer.mimetype == SCIM_JSON
            if method != "HEAD":
                assert answer.json["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
                assert answer.json["status"] == str(answer.status_code)
        return answer

    def get(self, path, **query):
        """Return the answer to a GET."""
        return self.ask("GET", path, query_string=query)

    def add(self, user_name="amara@example.org", **more):
        """Add a user and return it as the answer gives it."""
        answer = self.ask("POST", "/Users", user(user_name, **more))
        assert answer.status_code == 201, answer.text
        return answer.json

    def add_group(self, name, *members, **more):
        """Add a group of these user ids and return it."""
        body = {
            "schemas": [CORE_GROUP],
            "displayName": name,
            "members": [{"value": one} for one in members],
            **more,
        }
        answer = self.ask("POST", "/Groups", body)
        assert answer.status_code == 201, answer.text
        return answer.json

    def patch(self, path, *operations, **options):
        """Return the answer to a PATCH of these operations."""
        body = {"schemas": [PATCH_OP], "Operations": list(operations)}
        return self.ask("PATCH", path, body, **options)


def user(user_name, **more):
    """Return the body of a user."""
    return {"schemas": [CORE_USER], "userName": user_name, **more}


@pytest.fixture
def client(session):
    """Return the SCIM client called Entra."""
    return service.add_client(session, "Entra", now=NOW)


@pytest.fixture
def connect(app, session):
    """Return a function that gives a directory with a new token of a client, rows committed."""

    def connected(client, *scopes, life=timedelta(days=365)):
        token = service.issue_token(
            session, client, scopes=scopes or tuple(Scope), life=life, now=NOW
        )
        session.commit()
        return Directory(app, token)

    return connected


@pytest.fixture
def entra(connect, client):
    """Return a directory that may do everything."""
    return connect(client)
