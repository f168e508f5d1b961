"""Asking a tool as a person: the way there, tokens, and what each of the three tools answers."""

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.connectors.base import ErrorKind, Link, SourceError
from app.connectors.personal import (
    Grant,
    authorise_address,
    challenge_of,
    redeemed,
    renewed,
)
from tests.support.tools.authority import LASTS
from tests.support.tools.confluence import CLOUD, FakeConfluence
from tests.support.tools.contract import forms_of
from tests.support.tools.slack import FakeSlack, refusal
from tests.support.tools.teams import FakeTeams
from tests.support.tools.world import CANARY, json_answer

HERE = "https://foyer.test/my-data/accounts/callback"
VERIFIER = "v" * 60
KINDS = pytest.mark.parametrize("kind", [FakeConfluence, FakeSlack, FakeTeams])
GOOD = {"access_token": "access-1234", "token_type": "Bearer", "expires_in": 60}


def way(connector):
    return authorise_address(
        connector.personal(), redirect_uri=HERE, state="a-state", verifier=VERIFIER
    )


def granted(fake, person="ada", connector=None):
    """Return what a person let Foyer have, as the connector goes on with it."""
    connector = connector or fake.connector()
    back = urlsplit(fake.authority.agree(way(connector), person))
    code = parse_qs(back.query)["code"][0]
    grant = redeemed(
        fake.http(), connector.personal(), code=code, verifier=VERIFIER, redirect_uri=HERE
    )
    return replace(grant, place=connector.whose(grant).place)


def refused(call, *args, **named):
    with pytest.raises(SourceError) as caught:
        call(*args, **named)
    return caught.value


@KINDS
class TestEach:
    def test_the_way_there_carries_a_challenge_and_no_secret(self, kind):
        connector = kind().connector()
        address = way(connector)
        asked = parse_qs(urlsplit(address).query)
        assert address.startswith("https://")
        assert asked["state"] == ["a-state"]
        assert asked["redirect_uri"] == [HERE]
        assert (
            asked.get("code_challenge") == [challenge_of(VERIFIER)]
        ) is connector.personal().pkce
        assert VERIFIER not in address
        assert CANARY not in address

    def test_without_an_app_nobody_can_connect(self, kind):
        assert kind().connector(accounts_client_secret="").personal() is None
        assert kind().connector(accounts_client_id="").personal() is None

    def test_a_code_is_worth_tokens_once(self, kind):
        fake = kind()
        connector = fake.connector()
        back = fake.authority.agree(way(connector), "ada")
        code = parse_qs(urlsplit(back).query)["code"][0]
        what = {"code": code, "verifier": VERIFIER, "redirect_uri": HERE}
        grant = redeemed(fake.http(), connector.personal(), **what)
        assert grant.lasts == timedelta(seconds=LASTS)
        assert grant.refresh
        again = refused(redeemed, fake.http(), connector.personal(), **what)
        assert again.kind is ErrorKind.AUTH_EXPIRED

    def test_it_says_whose_account_it_is(self, kind):
        fake = kind()
        connector = fake.connector()
        assert "ada" in connector.whose(granted(fake)).name

    def test_two_people_find_what_each_of_them_may_see(self, kind):
        fake = kind()
        fake.say("Pump for Ada", "ada")
        fake.say("Pump for Grace", "grace")
        fake.say("Pump for both", "ada", "grace")
        found = {}
        for person in ("ada", "grace"):
            hits = fake.connector().search_as(granted(fake, person), "pump", 10)
            found[person] = {f"{hit.title} {hit.summary}" for hit in hits}
        assert len(found["ada"]) == len(found["grace"]) == 2
        assert not any("for Grace" in text for text in found["ada"])
        assert not any("for Ada" in text for text in found["grace"])
        assert fake.searched == ["ada", "grace"]

    def test_a_hit_can_be_opened_and_has_an_id_of_its_own(self, kind):
        fake = kind()
        fake.say("Pump one", "ada")
        fake.say("Pump two", "ada")
        hits = fake.connector().search_as(granted(fake), "pump", 10)
        assert len({hit.external_id for hit in hits}) == 2
        assert all(hit.url.startswith("https://") and hit.title for hit in hits)
        assert len(fake.connector().search_as(granted(fake), "pump", 1)) == 1

    def test_no_question_shows_the_companys_secrets(self, kind):
        fake = kind()
        grant = granted(fake)
        before = len(fake.requests)
        fake.connector().search_as(grant, "pump", 10)
        shown = [one.headers["Authorization"] for one in fake.requests[before:]]
        assert shown == [f"Bearer {grant.access}"]

    def test_a_token_that_has_run_out_says_so(self, kind):
        fake = kind()
        grant = granted(fake)
        fake.authority.expire()
        error = refused(fake.connector().search_as, grant, "pump", 10)
        assert error.kind in {ErrorKind.AUTH_EXPIRED, ErrorKind.AUTH_INVALID}

    def test_refresh_tokens_rotate_and_an_old_one_is_the_end(self, kind):
        fake = kind()
        connector, first = fake.connector(), granted(fake)
        second = renewed(fake.http(), connector.personal(), first)
        assert second.refresh != first.refresh
        assert second.place == first.place
        connector.search_as(second, "pump", 10)
        error = refused(renewed, fake.http(), connector.personal(), first)
        assert error.kind is ErrorKind.AUTH_EXPIRED

    def test_a_wrong_secret_of_the_app_is_no_fault_of_the_person(self, kind):
        fake = kind()
        grant = granted(fake)
        wrong = fake.connector(accounts_client_secret="wrong").personal()
        assert refused(renewed, fake.http(), wrong, grant).kind is ErrorKind.CONFIG

    def test_revoking_is_told_truly(self, kind):
        fake = kind()
        grant = granted(fake)
        assert fake.connector().revoke(grant) is (kind is FakeSlack)
        assert bool(fake.authority.access) is (kind is not FakeSlack)

    @pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
    def test_a_token_that_the_tool_repeats_is_in_no_sentence(self, kind, status):
        fake = kind()
        grant = granted(fake)
        told = {"ok": False, "error": grant.refresh, "message": grant.access, "detail": CANARY}
        connector = fake.connector(lambda _request: httpx.Response(status, json=told))
        http = fake.http(lambda _request: httpx.Response(status, json=told))
        errors = [
            refused(connector.search_as, grant, "pump", 10),
            refused(renewed, http, connector.personal(), grant),
        ]
        for error in errors:
            text = f"{error} {error.sentence!r} {error.sentence.values}"
            assert not any(form in text for form in forms_of(CANARY))

    @pytest.mark.parametrize("answer", [{}, [], None, {"ok": True, "value": 1}, "x"])
    def test_what_is_no_list_of_hits_is_refused_in_words(self, kind, answer):
        fake = kind()
        grant = granted(fake)
        connector = fake.connector(lambda _request: json_answer(answer))
        assert refused(connector.search_as, grant, "pump", 10).kind is ErrorKind.SCHEMA


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        {},
        {"access_token": ""},
        {"access_token": 5},
        {"access_token": "two words"},
        {"access_token": "line\nbreak"},
        {"access_token": "x" * 20_000},
        {**GOOD, "refresh_token": {"a": 1}},
    ],
)
def test_tokens_that_cannot_be_sent_are_not_taken(values):
    fake = FakeTeams()
    http, oauth = fake.http(lambda _request: json_answer(values)), fake.connector().personal()
    what = {"code": "c", "verifier": VERIFIER, "redirect_uri": HERE}
    assert refused(redeemed, http, oauth, **what).kind is ErrorKind.SCHEMA


@pytest.mark.parametrize("lasts", [None, "soon", -1, 0, True, float("inf"), 10**12])
def test_a_life_that_is_none_is_not_believed(lasts):
    fake = FakeTeams()
    oauth = fake.connector().personal()
    body = {**GOOD, "expires_in": lasts} if lasts != float("inf") else GOOD | {"expires_in": "inf"}
    http = fake.http(lambda _request: json_answer(body))
    grant = redeemed(http, oauth, code="c", verifier=VERIFIER, redirect_uri=HERE)
    assert grant.lasts is None


def test_a_code_is_not_sent_twice():
    fake = FakeTeams()
    oauth, asked = fake.connector().personal(), []

    def away(request):
        asked.append(request)
        return httpx.Response(503)

    what = {"code": "c", "verifier": VERIFIER, "redirect_uri": HERE}
    assert refused(redeemed, fake.http(away), oauth, **what).kind is ErrorKind.TRANSIENT
    assert len(asked) == 1


def test_a_refresh_token_that_does_not_rotate_is_kept():
    fake = FakeTeams()
    http = fake.http(lambda _request: json_answer(GOOD))
    old = Grant(access="a", refresh="stays", scopes="x", place="there")
    found = renewed(http, fake.connector().personal(), old)
    assert (found.refresh, found.scopes, found.place) == ("stays", "x", "there")


def test_slack_renews_with_tokens_at_the_top_of_the_answer_too():
    fake = FakeSlack()
    http = fake.http(lambda _request: json_answer({"ok": True, **GOOD, "refresh_token": "new"}))
    found = renewed(http, fake.connector().personal(), Grant(access="a", refresh="b"))
    assert (found.access, found.refresh) == ("access-1234", "new")


def test_slack_takes_no_account_of_another_workspace():
    fake = FakeSlack()
    grant = granted(fake)
    other = fake.connector(address="https://other.slack.com")
    assert refused(other.whose, grant).kind is ErrorKind.CONFIG


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("token_revoked", ErrorKind.AUTH_INVALID),
        ("token_expired", ErrorKind.AUTH_EXPIRED),
        ("missing_scope", ErrorKind.FORBIDDEN),
        ("ratelimited", ErrorKind.RATE_LIMITED),
        ("feature_not_enabled", ErrorKind.CONFIG),
    ],
)
def test_slack_says_why_it_does_not_search(code, kind):
    connector = FakeSlack().connector(lambda _request: refusal(code))
    assert refused(connector.search_as, Grant(access="a"), "pump", 10).kind is kind


def test_slack_marks_become_words():
    fake = FakeSlack()
    fake.say("Pump &amp; <https://acme.test/x|the manual>", "ada")
    [hit] = fake.connector().search_as(granted(fake), "pump", 10)
    assert hit.summary == "Pump & the manual"
    assert hit.title == "#pumps, Grace"
    assert fake.connector().link(hit.external_id, Link("")).url == hit.url


def test_what_is_said_in_chats_of_teams_is_not_shown():
    fake = FakeTeams()
    fake.say("Pump in the channel", "ada")
    fake.say("Pump between us", "ada", chat=True)
    hits = fake.connector().search_as(granted(fake), "pump", 10)
    assert [hit.summary for hit in hits] == ["Pump in the channel"]


@given(st.text(max_size=60))
def test_no_text_becomes_query_language_of_the_graph(text):
    sent = []

    def noted(request):
        sent.append(request.read().decode())
        return json_answer({"value": []})

    FakeTeams().connector(noted).search_as(Grant(access="a"), text, 10)
    assert not any(mark in words_of(one) for one in sent for mark in '":()*{}[]<>=')


def words_of(body):
    return json.loads(body)["requests"][0]["query"]["queryString"]


def test_confluence_wants_the_very_site_of_the_connection():
    fake = FakeConfluence()
    assert granted(fake).place == CLOUD
    fake.site = "https://other.atlassian.net"
    error = refused(granted, fake)
    assert error.kind is ErrorKind.CONFIG
    assert "https://company.test" in str(error)


def test_confluence_keeps_to_the_spaces_that_are_wanted():
    fake = FakeConfluence()
    fake.add("Pump in HR", space="HR")
    fake.add("Pump in IT", space="IT")
    grant = granted(fake)
    hits = fake.connector(spaces="IT").search_as(grant, "pump", 10)
    assert [hit.title for hit in hits] == ["Pump in IT"]


def test_confluence_calls_a_refresh_token_that_is_over_by_two_names():
    fake = FakeConfluence()
    told = {"error": "unauthorized_client", "error_description": "refresh_token is invalid"}
    http = fake.http(lambda _request: json_answer(told, 403))
    error = refused(renewed, http, fake.connector().personal(), Grant(access="a", refresh="b"))
    assert error.kind is ErrorKind.AUTH_EXPIRED
