"""Signing in and out at an OpenID provider that nobody of us wrote: oidc-provider-mock.

It has neither PKCE nor back-channel logout, which the provider of our own has. It goes by the real
time of day.
"""

import os
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import oidc_provider_mock
import pytest

from app.models import IdentityProvider, LoginSession, Person
from app.oidc import providers

ADDRESS = {
    "email": "amara@example.org",
    "email_verified": True,
    "name": "Amara Okafor",
    "given_name": "Amara",
    "department": "Field service",
    "groups": ["engineers", "first-aid"],
}


@pytest.fixture(autouse=True)
def _at_the_real_time(monkeypatch):
    monkeypatch.setattr("app.clock.now", lambda: datetime.now(UTC))


@pytest.fixture(scope="module")
def foreign():
    """Return the address of the foreign provider, with one person in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "AUTHLIB_INSECURE_TRANSPORT", "1")
        with oidc_provider_mock.run_server_in_thread() as server:
            issuer = f"http://localhost:{server.server_port}"
            httpx.put(f"{issuer}/users/amara", json=ADDRESS).raise_for_status()
            yield issuer


@pytest.fixture
def connected(app, foreign, session):
    """Return the provider as an administrator connects it: by its issuer."""
    now = datetime.now(UTC)
    row = providers.add_provider(
        session,
        app.extensions["foyer"].vault,
        name="Foreign",
        issuer=foreign,
        client_id="foyer",
        client_secret="any",
        discovery=providers.discovered(foreign, private_hosts=["localhost"], now=now),
        email_domains=["example.org"],
        now=now,
    )
    row.enabled = True
    session.commit()
    return row


@pytest.fixture
def come_back(connected):
    """Return a function that sends a browser through the provider's form and back."""

    def returned(client, wanted, **form):
        away = client.get("/oidc/foreign/start", query_string={"next": wanted})
        answer = httpx.post(away.location, data=form)
        back = urlsplit(answer.headers["Location"])
        return client.get(f"{back.path}?{back.query}")

    return returned


def test_it_signs_in_and_lands_where_the_visitor_wanted_to_go(visitor, come_back, session):
    page = come_back(visitor, "/discover?q=C%2B%2B&kind=video", sub="amara")
    assert page.location == "/discover?q=C%2B%2B&kind=video"
    assert visitor.get("/settings").status == 200
    assert session.query(LoginSession).one().subject == "amara"


def test_it_takes_the_claims_of_the_foreign_provider(visitor, come_back, session):
    come_back(visitor, "/", sub="amara")
    person = session.query(Person).one()
    assert (person.name, person.email, person.department) == (
        "Amara Okafor",
        "amara@example.org",
        "Field service",
    )


def test_it_knows_the_person_again(app, visitor, come_back, session):
    come_back(visitor, "/", sub="amara")
    visitor.post("/sign-out")
    come_back(visitor, "/", sub="amara")
    assert session.query(Person).count() == 1


def test_it_says_that_the_person_was_not_let_in_though_no_state_comes_back(visitor, come_back):
    page = come_back(visitor, "/library", action="deny")
    assert page.status == 400
    assert "did not confirm the sign-in" in page.words


def test_it_signs_out_there_and_comes_back(visitor, come_back, session):
    come_back(visitor, "/", sub="amara")
    gone = visitor.follow(visitor.post("/sign-out"))
    (on,) = [link for link in gone.links() if "/leave" in link]
    away = visitor.get(on).location
    asked = httpx.get(away)
    assert asked.status_code == 200
    target = parse_qs(urlsplit(away).query)["post_logout_redirect_uri"][0]
    done = httpx.post(
        f"{session.query(IdentityProvider).one().entity_id}/oauth2/end_session/confirm",
        data={"redirect_uri": target},
    )
    assert done.headers["Location"] == "http://127.0.0.1:8000/signed-out"
    assert visitor.get("/settings").location.startswith("/sign-in")
