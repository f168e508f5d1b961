"""What a proxy says of a request counts for as many proxies as the settings trust."""

from dataclasses import replace

import pytest

from app.factory import create_app
from app.models import AuditEntry

CLAIMED = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9", "X-Forwarded-Proto": "https"}


@pytest.fixture
def behind(config, session):
    """Return a function that gives the address which the log has of a request behind proxies."""

    def logged(count, headers):
        app = create_app(replace(config, trusted_proxies=count))
        client = app.test_client(use_cookies=False)
        client.get("/scim/v2/Users", headers=headers)
        app.extensions["foyer"].database.close()
        session.rollback()
        return session.query(AuditEntry).order_by(AuditEntry.number.desc()).first().address

    return logged


@pytest.mark.parametrize(
    ("count", "address"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7")]
)
def test_it_believes_as_many_proxies_as_it_was_told(behind, count, address):
    assert behind(count, CLAIMED) == address


def test_it_answers_to_its_own_names_behind_a_proxy_too(config):
    app = create_app(replace(config, trusted_proxies=1))
    client = app.test_client(use_cookies=False)
    asked = {host: client.get("/healthz", headers={"X-Forwarded-Host": host}).status_code
             for host in ("127.0.0.1:8000", "evil.example")}  # fmt: skip
    app.extensions["foyer"].database.close()
    assert asked == {"127.0.0.1:8000": 200, "evil.example": 400}
