"""What a directory with a token may send to make the portal stand still."""

from datetime import timedelta

import pytest

from app.scim import service as scim
from app.scim.service import Scope

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


@pytest.fixture
def ask(app, session, moment):
    """Return a function that sends a SCIM request with a token that may only read."""
    client = scim.add_client(session, "Directory", now=moment)
    life = timedelta(days=1)
    token = scim.issue_token(session, client, scopes=[Scope.READ], life=life, now=moment)
    session.commit()
    http = app.test_client(use_cookies=False)

    def asked(method, path, **options):
        headers = {"Authorization": f"Bearer {token}"}
        return http.open(f"/scim/v2{path}", method=method, headers=headers, **options)

    return asked


@pytest.mark.parametrize("joined", [" or ", " and "])
@pytest.mark.parametrize("name", ["filter", "FILTER"])
@pytest.mark.parametrize("path", ["/Users/.search", "/.search", "/Groups/.search/"])
def test_it_refuses_a_filter_that_takes_the_database_seconds(ask, joined, name, path):
    body = {"schemas": [SEARCH], name: joined.join(['id eq "a"'] * 20_000)}
    answer = ask("POST", path, json=body, content_type="application/scim+json")
    assert answer.status_code in {400, 403}


def test_it_refuses_a_long_filter_in_the_address(ask):
    answer = ask("GET", "/Users", query_string={"filter": " or ".join(['id eq "a"'] * 1_000)})
    assert (answer.status_code, answer.json["scimType"]) == (400, "invalidFilter")


def test_it_answers_the_longest_filter_that_it_takes(ask):
    long = " or ".join(['id eq ""'] * 666)
    assert len(long) <= 8000
    assert ask("GET", "/Users", query_string={"filter": long}).status_code == 200
