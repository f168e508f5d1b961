"""No secret stands in the audit log or in a log line, whatever was done with it.

A case does something through the real pages and returns every secret that it knows of; to add one,
write a function that takes a `World` and put it into CASES.
"""

import json
import logging
import re

import pytest
from sqlalchemy import select

from app.auth import service as auth
from app.models import AuditEntry, IdentityProvider, SigningKey
from app.scim import service as scim
from app.vault import Vault
from tests.support.factories import NOW

CLIENT_SECRET = "canary-client-secret-4711"
BEARER = "canary-bearer-0815"
SEARCHED = "canary-burnout"


class World:
    """What a case works with."""

    def __init__(self, app, make, session, sign_in, visitor):
        self.app, self.make, self.session, self.visitor = app, make, session, visitor
        self._sign_in = sign_in

    def administrator(self):
        """Return a client signed in as an administrator, and the secret in its cookie."""
        client = self._sign_in(self.make.person(access="admin"))
        return client, cookie_token(client)

    def provider(self):
        """Return an OIDC provider whose secret is sealed under the application's key."""
        vault = Vault(self.app.secret_key)
        found = IdentityProvider(
            slug="acme",
            name="Acme",
            protocol="oidc",
            entity_id="https://id.example.org",
            client_id="foyer",
            client_secret_sealed=vault.seal(CLIENT_SECRET),
            enabled=True,
            email_domains=["example.org"],
            created_at=NOW,
            updated_at=NOW,
        )
        self.session.add(found)
        self.session.commit()
        return found


def cookie_token(client):
    """Return the session token that a client's cookie carries."""
    with client.http.session_transaction() as cookie:
        return cookie["_user_id"]


def one_time_link(world):
    person = world.make.person("Ada Byron")
    link = auth.make_link(world.session, person, now=NOW)
    world.session.commit()
    assert world.visitor.get(f"/sign-in/link/{link}").status == 200
    assert world.visitor.post(f"/sign-in/link/{link}").status == 303
    token = cookie_token(world.visitor)
    assert world.visitor.post(f"/sign-in/link/{link}").status == 404
    return [link, token]


def one_time_link_opened_too_often(world):
    link = auth.make_link(world.session, world.make.person(), now=NOW)
    world.session.commit()
    answers = [world.visitor.get(f"/sign-in/link/{link}").status for _ in range(21)]
    assert answers[-1] == 429
    return [link]


def session_ended_by_its_person(world):
    client, token = world.administrator()
    assert client.post("/settings/sessions/end-others").status == 303
    assert client.post("/sign-out").status == 303
    return [token]


def client_secret_changed(world):
    provider = world.provider()
    before = provider.client_secret_sealed
    client, token = world.administrator()
    values = {"name": "Acme 2", "client_id": "foyer-2", "client_secret": f"{CLIENT_SECRET}-new"}
    values |= {"scopes": "openid", "position": "1", "email_domains": "example.org"}
    assert client.post("/admin/providers/acme/edit", values).status == 303
    world.session.refresh(provider)
    assert provider.client_secret_sealed != before
    return [CLIENT_SECRET, before, provider.client_secret_sealed, token]


def signing_keys_made(world):
    client, token = world.administrator()
    client.get("/admin/providers")
    assert client.post("/admin/providers/key/prepare").status == 303
    keys = world.session.scalars(select(SigningKey)).all()
    vault = Vault(world.app.secret_key)
    opened = [vault.open(key.private_key_sealed) for key in keys]
    assert all("PRIVATE KEY" in text for text in opened)
    inside = [text.splitlines()[1] for text in opened]
    return [token, *inside, *(key.private_key_sealed for key in keys)]


def bearer_token_made_and_shown(world):
    made = scim.add_client(world.session, "Entra", now=NOW)
    world.session.commit()
    client, token = world.administrator()
    answer = client.post(
        f"/admin/scim/{made.slug}/tokens", {"scopes": ["read", "users"], "days": "365"}
    )
    assert answer.status == 200
    bearer = max(re.findall(r"[\w.~-]{40,}", " ".join(shown_texts(answer))), key=len)
    hashes = [auth.hashed(bearer), auth.hashed(token)]
    return [bearer, token, *hashes]


def shown_texts(page):
    """Return what a page shows in its fields and text, but not its own CSRF tokens."""
    fields = (
        field.get("value") or "" for field in page.all("input") if field.get("type") != "hidden"
    )
    return [*fields, *page.texts("code"), page.words]


def bearer_token_refused(world):
    for path in ("/scim/v2/Users", f"/scim/v2/Users?access_token={BEARER}"):
        answer = world.visitor.http.get(path, headers={"Authorization": f"Bearer {BEARER}"})
        assert answer.status_code == 401
    return [BEARER]


def words_searched_and_pages_refused(world):
    client, _ = world.administrator()
    client.get(f"/discover?q={SEARCHED}")
    employee = world._sign_in(world.make.person())
    assert employee.get(f"/admin/people?q={SEARCHED}").status == 404
    return [SEARCHED]


CASES = [
    one_time_link,
    one_time_link_opened_too_often,
    session_ended_by_its_person,
    client_secret_changed,
    signing_keys_made,
    bearer_token_made_and_shown,
    bearer_token_refused,
    words_searched_and_pages_refused,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_it_keeps_secrets_out_of_every_log(
    case, app, make, session, sign_in, visitor, caplog, capfd
):
    caplog.set_level(logging.DEBUG)
    secrets = case(World(app, make, session, sign_in, visitor))
    session.expire_all()
    written = [as_text(entry) for entry in session.scalars(select(AuditEntry))]
    assert written
    lines = [*written, caplog.text, *capfd.readouterr()]
    assert not [secret for secret in secrets for one in lines if secret in one]


def as_text(entry):
    """Return everything an entry holds as one text."""
    values = {column.name: getattr(entry, column.name) for column in AuditEntry.__table__.columns}
    return json.dumps(values, default=str, ensure_ascii=False)
