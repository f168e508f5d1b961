"""Connecting a provider: its secret is sealed, its slug its own, its issuer known once."""

from datetime import timedelta

import pytest

from app.auth import queries
from app.errors import Invalid
from app.models import IdentityProvider
from app.oidc import providers
from app.oidc.renewal import Renewal
from app.vault import Vault
from tests.support import oidc

VAULT = Vault("for tests only")
HOURS = timedelta(hours=1)


@pytest.fixture
def add(session, provider, now):
    """Return a function that connects the provider."""

    def added(**values):
        known = providers.discovered(provider.issuer, private_hosts=["127.0.0.1"], now=now)
        given = {
            "name": "Example Corp",
            "issuer": provider.issuer,
            "client_id": oidc.CLIENT_ID,
            "client_secret": "hush",
            "discovery": known,
        }
        return providers.add_provider(session, VAULT, **{**given, **values}, now=now)

    return added


def test_it_connects_a_provider_switched_off(add):
    row = add(email_domains=["example.org"])
    assert (row.slug, row.protocol, row.enabled) == ("example-corp", "oidc", False)
    assert row.email_domains == ["example.org"]


def test_it_seals_the_secret(add):
    row = add()
    assert "hush" not in row.client_secret_sealed
    assert VAULT.open(row.client_secret_sealed) == "hush"


def test_it_takes_an_issuer_once(add):
    add()
    with pytest.raises(Invalid) as refusal:
        add(name="Again")
    assert "issuer" in refusal.value.fields


def test_it_gives_each_provider_a_slug_of_its_own(add, session):
    add().entity_id = "https://idp.example.org"
    session.flush()
    assert add().slug == "example-corp-2"
    assert queries.free_slug(session, "SCIM Example") == "example"


def test_it_always_asks_for_an_id_token(add):
    assert add(scopes="email groups").scopes == "openid email groups"


def test_it_refuses_a_provider_that_takes_only_keys_for_secrets(add, provider):
    provider.faults.metadata = {"token_endpoint_auth_methods_supported": ["private_key_jwt"]}
    with pytest.raises(Invalid) as refusal:
        add()
    assert "client_secret" in refusal.value.fields


def test_it_keeps_the_last_good_copy_when_asked_again_in_vain(add, provider, now):
    row = add()
    before = row.discovery
    provider.faults.metadata = {"issuer": "https://evil.example.org"}
    with pytest.raises(Invalid):
        providers.ask_again(row, private_hosts=["127.0.0.1"], now=now)
    assert row.discovery == before


@pytest.fixture
def renewal(sqlite, provider, wire, now):
    """Return a function that makes what renews the keys of a connected provider, some time on."""
    with sqlite.sessions() as session:
        number = provider.connect(session).id

    def made(later):
        with sqlite.sessions() as session:
            row = session.get(IdentityProvider, number)
            return Renewal(sqlite, wire, row, now=now + later)

    return made


def test_it_asks_at_most_once_a_minute(renewal, provider):
    assert renewal(timedelta(seconds=59))() is None
    assert renewal(timedelta(seconds=60))() is not None
    assert renewal(timedelta(seconds=61))() is None
    assert provider.asked("/jwks") == 1


def test_it_asks_at_most_once_a_minute_a_provider_that_fails(renewal, provider):
    provider.answers["/jwks"] = lambda: (500, {}, b"")
    assert renewal(HOURS)() is None
    assert renewal(HOURS + timedelta(seconds=30))() is None
    assert provider.asked("/jwks") == 1


def test_it_keeps_the_last_good_copy_of_a_provider_that_fails(renewal, provider):
    provider.keys = []
    assert renewal(HOURS)() is None
    assert renewal(2 * HOURS).fresh()["jwks"]["keys"][0]["kid"] == "first"


def test_it_drops_a_withdrawn_key_after_half_a_day(renewal, provider):
    provider.keys = [oidc.ec_key("second")]
    assert renewal(11 * HOURS).fresh()["jwks"]["keys"][0]["kid"] == "first"
    assert renewal(13 * HOURS).fresh()["jwks"]["keys"][0]["kid"] == "second"
