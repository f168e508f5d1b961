"""Foyer's own keys: made once, announced before they are used, readable after they are not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography import x509

from app.errors import Conflict
from app.models import KeyState, SigningKey
from app.saml import keys
from app.vault import CannotOpenError, Vault
from tests.support.factories import NOW

VAULT = Vault("for tests only")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Let keys be as short as quick tests want them."""
    make = keys.generate
    monkeypatch.setattr("app.saml.keys.generate", lambda *, now: make(now=now, bits=1024))


def ring(session):
    return keys.ring(session, VAULT, now=NOW)


def test_it_makes_a_key_at_the_first_call_and_keeps_it(session):
    assert ring(session) == ring(session)
    assert session.query(SigningKey).count() == 1


def test_it_makes_one_key_though_two_want_the_first(database):
    def first(_):
        with database.transaction() as own:
            return ring(own).current.certificate

    with ThreadPoolExecutor(2) as pool:
        made = set(pool.map(first, range(2)))
    with database.transaction() as own:
        own.query(SigningKey).delete()
    assert len(made) == 1


def test_it_seals_the_private_key(session):
    private = ring(session).current.private_key
    row = session.query(SigningKey).one()
    assert private.startswith("-----BEGIN PRIVATE KEY-----")
    assert private.splitlines()[1] not in row.private_key_sealed
    assert "PRIVATE" not in repr(ring(session))


def test_it_does_not_open_a_key_sealed_under_another_secret(session):
    ring(session)
    with pytest.raises(CannotOpenError):
        keys.ring(session, Vault("another"), now=NOW)


def test_it_gives_the_certificate_three_years(session):
    pem = ring(session).current.certificate.encode()
    ends = x509.load_pem_x509_certificate(pem).not_valid_after_utc
    assert ends == NOW + timedelta(days=3 * 365)


def test_it_announces_the_next_key_and_signs_with_the_old(session):
    old = ring(session).current
    keys.prepare_next(session, VAULT, now=NOW)
    found = ring(session)
    assert (found.current, len(found.announced), len(found.readers)) == (old, 2, 2)


def test_it_keeps_a_next_key_that_is_announced_already(session):
    ring(session)
    keys.prepare_next(session, VAULT, now=NOW)
    announced = ring(session).next
    keys.prepare_next(session, VAULT, now=NOW)
    assert ring(session).next == announced


def test_it_signs_with_the_next_and_reads_with_both(session):
    old = ring(session).current
    keys.prepare_next(session, VAULT, now=NOW)
    new = ring(session).next
    keys.use_next(session)
    found = ring(session)
    assert (found.current, found.next, found.retired) == (new, None, old)
    assert found.announced == (new,)
    assert found.readers == (new, old)


def test_it_forgets_all_but_the_last_retired_key(session):
    ring(session)
    for _ in range(3):
        keys.prepare_next(session, VAULT, now=NOW)
        keys.use_next(session)
    states = sorted(row.state for row in keys.in_use(session))
    assert states == [KeyState.CURRENT, KeyState.RETIRED]


def test_it_uses_no_key_that_was_not_announced(session):
    ring(session)
    with pytest.raises(Conflict):
        keys.use_next(session)
