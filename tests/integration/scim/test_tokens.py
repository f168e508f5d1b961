"""Clients and the tokens they show: hashed, scoped, replaced without a gap, ended at once."""

from datetime import timedelta

import pytest
from sqlalchemy import inspect, select

from app.errors import Conflict, Invalid
from app.models import ScimToken
from app.scim import service
from app.scim.service import PREFIX, Scope, TokenRefused

YEAR = timedelta(days=365)


@pytest.fixture
def client(session, now):
    return service.add_client(session, "Entra ID", now=now)


@pytest.fixture
def issue(session, client, now):
    def issued(*scopes, life=YEAR):
        return service.issue_token(
            session, client, scopes=scopes or tuple(Scope), life=life, now=now
        )

    return issued


def shown(session, token, now):
    return service.token_of(session, f"Bearer {token}", now=now)


def test_it_names_a_client_apart_from_identity_providers(client):
    assert client.slug == "scim-entra-id"


@pytest.mark.parametrize("name", ["", "  ", "*", "x" * 101])
def test_it_refuses_a_name_that_says_nothing_or_too_much(session, now, name):
    with pytest.raises(Invalid):
        service.add_client(session, name, now=now)


def test_it_refuses_a_name_that_is_taken(session, client, now):
    with pytest.raises(Conflict):
        service.add_client(session, "entra  id", now=now)


def test_it_gives_tokens_that_scanners_know_and_nobody_guesses(issue):
    token, other = issue(), issue()
    assert token.startswith(PREFIX)
    assert token != other
    assert len(token.removeprefix(PREFIX)) == 43  # 256 bits


def test_it_keeps_nothing_that_the_token_could_be_read_from(session, issue):
    secret = issue().removeprefix(PREFIX)
    row = session.scalars(select(ScimToken)).one()
    kept = [str(getattr(row, column.key)) for column in inspect(ScimToken).column_attrs]
    assert not any(secret[:10] in text for text in kept)
    assert row.hint == secret[:6]


def test_it_knows_a_token_in_any_case_of_the_scheme(session, issue, client, now):
    found = service.token_of(session, f"bEARER  {issue()} ", now=now)
    assert found.client is client


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic Zm9v", "foyer_scim_x", "Bearer foyer_scim_unknown"]
)
def test_it_refuses_whoever_shows_no_known_token(session, issue, now, header):
    issue()
    with pytest.raises(TokenRefused):
        service.token_of(session, header, now=now)


def test_it_refuses_a_token_from_the_moment_it_expires(session, issue, now):
    token = issue(life=timedelta(hours=2))
    assert shown(session, token, now + timedelta(hours=2, seconds=-1))
    with pytest.raises(TokenRefused, match="bearer") as refused:
        shown(session, token, now + timedelta(hours=2))
    assert refused.value.reason == "expired token"


def test_it_ends_a_token_at_once(session, issue, now):
    token = issue()
    service.revoke_token(session, shown(session, token, now), now=now)
    with pytest.raises(TokenRefused) as refused:
        shown(session, token, now)
    assert (refused.value.reason, refused.value.hint) == (
        "revoked token",
        token.removeprefix(PREFIX)[:6],
    )


def test_it_refuses_every_token_of_a_client_that_is_off(session, issue, client, now):
    token = issue()
    service.switch_client(session, client, enabled=False)
    with pytest.raises(TokenRefused):
        shown(session, token, now)
    service.switch_client(session, client, enabled=True)
    assert shown(session, token, now)


def test_it_replaces_a_token_without_a_gap(session, issue, now):
    old = issue(Scope.READ)
    new = service.rotate_token(
        session, shown(session, old, now), life=YEAR, overlap=timedelta(days=1), now=now
    )
    later = now + timedelta(days=1)
    assert shown(session, old, later - timedelta(seconds=1)).scopes == ["read"]
    assert shown(session, new, later).scopes == ["read"]
    with pytest.raises(TokenRefused):
        shown(session, old, later)


@pytest.mark.parametrize(
    ("scopes", "life"),
    [([], YEAR), (list(Scope), timedelta(minutes=5)), (list(Scope), timedelta(days=800))],
)
def test_it_refuses_a_token_for_nothing_or_for_ever(session, client, now, scopes, life):
    with pytest.raises(Invalid):
        service.issue_token(session, client, scopes=scopes, life=life, now=now)


def test_it_writes_down_a_use_at_most_once_a_minute(session, issue, now):
    row = shown(session, issue(), now)
    moments = [now, now + timedelta(seconds=59), now + timedelta(seconds=60)]
    seen = []
    for moment in moments:
        service.note_use(session, row, now=moment)
        session.refresh(row)
        seen.append(row.last_used_at)
    assert seen == [now, now, moments[2]]
