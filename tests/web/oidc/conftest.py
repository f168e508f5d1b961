"""An OpenID provider on the loopback, and ways through it."""

from urllib.parse import urlsplit

import pytest

from app.config import Config
from app.models import AuditEntry, LoginSession
from tests.support import oidc


@pytest.fixture(scope="session")
def running_provider():
    """Return the provider of our own, answering over HTTP."""
    with oidc.running(oidc.Provider()) as provider:
        yield provider


@pytest.fixture
def provider(running_provider):
    """Return the provider with nothing of an earlier test in it."""
    running_provider.reset()
    return running_provider


@pytest.fixture
def client_secret(monkeypatch):
    """Put the client secret where the provider's row says that it is."""
    monkeypatch.setenv("TEST_OIDC_SECRET", oidc.CLIENT_SECRET)


@pytest.fixture
def config(sqlite, tmp_path, client_secret):
    """Return settings that let Foyer fetch from the loopback."""
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_PRIVATE_HOSTS": "127.0.0.1,localhost",
            "FOYER_RATE_LIMITS": "0",
        }
    )


@pytest.fixture
def corp(provider, session):
    """Return the provider as an administrator has connected it."""
    return provider.connect(session)


@pytest.fixture
def come_back(provider, corp):
    """Return a function that takes a browser to the provider, and its page on coming back."""

    def returned(client, wanted="/library", *, via=None, prove=False):
        asked = {"next": wanted} | ({"prove": "1"} if prove else {})
        away = client.get("/oidc/corp/start", query_string=asked)
        back = urlsplit((via or provider.authorize)(away.location))
        return client.get(f"{back.path}?{back.query}")

    return returned


@pytest.fixture
def refusals(session):
    """Return a function that gives the reasons of refused sign-ins in the audit log."""

    def reasons(action="auth.sign_in"):
        session.rollback()
        rows = session.query(AuditEntry).filter_by(action=action, outcome="refused")
        return [row.details.get("reason", "") for row in rows.order_by(AuditEntry.number)]

    return reasons


@pytest.fixture
def sessions(session):
    """Return a function that counts the open sessions."""

    def counted():
        session.rollback()
        return session.query(LoginSession).count()

    return counted
