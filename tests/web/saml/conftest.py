"""A provider with keys, and sign-ins at the real time of day, which python3-saml goes by."""

from datetime import UTC, datetime

import pytest

from app.models import AuditEntry, KeyState, LoginSession
from app.saml import keys
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
def signing_key(app, session, moment):
    """Give the portal a key pair; making one as long as real ones takes a while."""
    pair = key_pair("foyer", "Foyer")
    vault = app.extensions["foyer"].vault
    own = keys.KeyPair(certificate=pair.certificate, private_key=pair.key)
    keys.keep(session, vault, own, KeyState.CURRENT, now=moment)
    session.commit()
    return pair


@pytest.fixture
def provider(session, moment, signing_key):
    """Return a SAML provider that is enrolled and may speak for example.org."""
    provider = Provider(now=moment)
    provider.enrol(session)
    return provider


@pytest.fixture
def other_provider(session, moment, signing_key):
    """Return a second provider with a key of its own, enrolled for example.net alone."""
    provider = Provider("other", [key_pair("other")], now=moment)
    provider.enrol(session, email_domains=["example.net"])
    return provider


@pytest.fixture
def open_provider(session, moment, signing_key):
    """Return a provider that may send people whom nobody asked about."""
    provider = Provider("open", [key_pair("open")], now=moment)
    provider.enrol(session, idp_initiated=True)
    return provider


@pytest.fixture
def started(visitor, provider):
    """Return a sign-in that the visitor has begun at the provider, bound for a deep link."""
    return flow.start(visitor, provider.slug, "/library?from=start")


@pytest.fixture
def newest_entry(session):
    """Return a function that gives the newest row of the audit log with this action."""

    def found(action):
        session.rollback()
        rows = session.query(AuditEntry).filter_by(action=action)
        return rows.order_by(AuditEntry.number.desc()).first()

    return found


@pytest.fixture
def sessions_open(session):
    """Return a function that counts the sessions that are open."""

    def counted():
        session.rollback()
        return session.query(LoginSession).count()

    return counted


@pytest.fixture
def refused(newest_entry):
    """Return a check: the page says plainly that this was refused, and the audit log says why."""

    def checked(page, action="auth.sign_in"):
        assert page.status == 400, page.html
        entry = newest_entry(action)
        assert entry is not None, "nothing in the audit log"
        assert entry.outcome == "refused"
        assert entry.request_id in page.words
        assert entry.details["reason"]
        assert entry.details["reason"] not in page.words
        assert "Traceback" not in page.html
        return entry

    return checked


@pytest.fixture
def kept_out(visitor, started, refused, sessions_open):
    """Return a check: the visitor comes back with a message, is refused and not signed in."""

    def checked(xml, **options):
        entry = refused(flow.come_back(visitor, started, xml, **options))
        assert visitor.get("/").location.startswith("/sign-in")
        assert sessions_open() == 0
        return entry

    return checked
