"""Foyer answers to its own names alone, so that no Host header gets into an address."""

import pytest

from app.config import Config
from app.web.security import own_hosts

PUBLIC = "https://learn.example.com"


@pytest.fixture
def config(sqlite, tmp_path):
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_BASE_URL": PUBLIC,
            "FOYER_BIND": "10.0.0.5:8000",
        }
    )


OURS = [
    "learn.example.com",
    "LEARN.example.com:443",
    "localhost",
    "127.0.0.1:8000",
    "[::1]:8000",
    "10.0.0.5:8000",
]
OTHERS = [
    "evil.example",
    "learn.example.com.evil.example",
    "evil-learn.example.com",
    "learn.example.com@evil.example",
    "evil.example:80:80",
    "'><script>",
    "[::1",
    "a b",
    "@",
    "::1",
]


def answers(app, address, hosts):
    """Return each host's status; without cookies, since the client cannot keep any for some."""
    client = app.test_client(use_cookies=False)
    return {host: client.get(address, headers={"Host": host}).status_code for host in hosts}


@pytest.mark.parametrize("address", ["/sign-in", "/healthz"])
def test_it_answers_to_its_own_names(app, address):
    assert answers(app, address, OURS) == dict.fromkeys(OURS, 200)


@pytest.mark.parametrize("address", ["/sign-in", "/healthz", "/static/css/tokens.css", "/nowhere"])
def test_it_answers_to_no_other_name(app, address):
    assert answers(app, address, OTHERS) == dict.fromkeys(OTHERS, 400)


def test_it_repeats_no_name_that_is_not_its_own(visitor):
    assert "evil" not in visitor.get("/sign-in", headers={"Host": "evil.example"}).html


def test_it_does_not_believe_a_proxy_that_it_does_not_know(visitor):
    headers = {"Host": "learn.example.com", "X-Forwarded-Host": "evil.example"}
    assert visitor.get("/sign-in", headers=headers).status == 200


@pytest.mark.parametrize(
    ("bind", "name"), [("0.0.0.0:80", "0.0.0.0"), ("[::]:80", "::"), ("box", "box")]
)
def test_it_knows_the_name_where_it_listens(bind, name):
    config = Config.from_env(
        {"FOYER_DATA_DIR": "x", "FOYER_SECRET_KEY": "for tests only", "FOYER_BIND": bind}
    )
    assert name in own_hosts(config)
