"""Signing out: here at once, then at the provider, and never straight in again."""

from urllib.parse import parse_qs, urlsplit

import pytest

from app.models import Departure, IdentityProvider, LoginSession
from tests.support.factories import NOW


@pytest.fixture
def provider(make, session):
    """Return the only identity provider, which is switched on."""
    provider = make.provider("contoso")
    session.commit()
    return provider


@pytest.fixture
def came_through_it(as_employee, provider, session):
    """Return the employee's client, in a session that the provider began."""
    row = session.query(LoginSession).one()
    row.provider_id, row.subject, row.session_index = provider.id, "amara", "s1"
    session.commit()
    return as_employee


def test_it_says_so_and_offers_the_way_back(as_employee):
    page = as_employee.follow(as_employee.post("/sign-out"))
    assert page.text("h1") == "You are signed out of Foyer"
    assert "Refresh" not in page.headers
    assert "/sign-in?stay=1" in page.links()


def test_it_goes_on_to_the_provider(came_through_it, session):
    page = came_through_it.follow(came_through_it.post("/sign-out"))
    leave = next(link for link in page.links() if "/leave" in link)
    assert urlsplit(leave).path == "/saml/contoso/leave"
    assert page.headers["Refresh"] == f"0; url={leave}"
    assert (session.query(LoginSession).count(), session.query(Departure).count()) == (0, 1)


@pytest.mark.parametrize("ticket", ["", "x", "a" * 5000, "\0", "ünï"])
def test_it_goes_nowhere_with_a_ticket_that_is_none(visitor, provider, ticket):
    page = visitor.get("/signed-out", query_string={"ticket": ticket})
    assert (page.status, "Refresh" in page.headers) == (200, False)


def test_it_does_not_say_so_to_who_is_signed_in(as_employee):
    assert as_employee.get("/signed-out").location == "/"


def test_it_goes_straight_to_the_only_provider(visitor, provider):
    page = visitor.get("/sign-in", query_string={"next": "/discover?q=C%2B%2B&kind=video"})
    parts = urlsplit(page.location)
    assert (page.status, parts.path) == (303, "/saml/contoso/start")
    assert parse_qs(parts.query)["next"] == ["/discover?q=C%2B%2B&kind=video"]


def test_it_stays_on_the_sign_in_page_after_signing_out(came_through_it):
    page = came_through_it.follow(came_through_it.post("/sign-out"))
    for link in page.links():
        if link.startswith("/sign-in"):
            assert came_through_it.get(link).status == 200


def test_it_stays_where_there_are_two_ways(visitor, provider, session):
    session.add(
        IdentityProvider(
            slug="b",
            name="B",
            protocol="oidc",
            entity_id="b",
            enabled=True,
            created_at=NOW,
            updated_at=NOW,
        )
    )
    session.commit()
    assert visitor.get("/sign-in").status == 200


def test_it_stays_where_the_only_provider_is_switched_off(visitor, provider, session):
    provider.enabled = False
    session.commit()
    assert visitor.get("/sign-in").status == 200
