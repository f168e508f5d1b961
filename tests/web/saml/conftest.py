"""A provider with keys, and sign-ins at the real time of day, which python3-saml goes by."""

from datetime import UTC, datetime

import pytest

from tests.support.saml import flow
from tests.support.saml.keys import key_pair
from tests.support.saml.provider import Provider


@pytest.fixture
def moment():
    """Return the moment at which this test happens: now."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(autouse=True)
def _at_a_fixed_time(monkeypatch, moment):
    """Let every page happen at that moment."""
    monkeypatch.setattr("app.clock.now", lambda: moment)


@pytest.fixture
def provider(session, moment):
    """Return a SAML provider that is enrolled and may speak for example.org."""
    provider = Provider(now=moment)
    provider.enrol(session)
    return provider


@pytest.fixture
def other_provider(session, moment):
    """Return a second provider with a key of its own, enrolled for example.net alone."""
    provider = Provider("other", [key_pair("other")], now=moment)
    provider.enrol(session, email_domains=["example.net"])
    return provider


@pytest.fixture
def started(visitor, provider):
    """Return a sign-in that the visitor has begun at the provider, bound for a deep link."""
    return flow.start(visitor, provider.slug, "/library?from=start")
