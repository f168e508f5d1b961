"""Answers that a tool did not give, or not to this curator, or not now (Deep Linking 2.0, 4.5)."""

import json
import time
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

import jwt
import pytest
from joserfc.jwk import RSAKey

from app.lti.claims import DEEP_LINKING, LTI
from app.models import Item, LtiLaunch, LtiNonce
from tests.support.lti_tool import Lab, key_pair, signing_key_of

ITEMS = [{"type": "ltiResourceLink", "title": "Pump start-up"}]
DL = "lti.deep_linking"


@pytest.fixture
def asked(browse, sign_in, curator, lab, visitor):
    """Return a picking under way: a good answer's claims, and how to send a token."""
    browser = browse(sign_in(curator))
    path, fields = browser.choose(lab)
    claims = jwt.decode(fields["JWT"], options={"verify_signature": False})
    header = {"kid": jwt.get_unverified_header(fields["JWT"])["kid"]}

    def send(token):
        return visitor.post(path, {"JWT": token})

    def answer(key="lab", algorithm="RS256", headers=None, **changes):
        said = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        return send(jwt.encode(said, signing_key_of(key), algorithm, {**header, **(headers or {})}))

    return SimpleNamespace(
        browser=browser, path=path, claims=claims, header=header, send=send, answer=answer
    )


WRONG = (
    {"iss": "another"},
    {"iss": None},
    {"aud": "https://elsewhere.example"},
    {"aud": []},
    {"aud": None},
    {"azp": "another"},
    {"nonce": None},
    {"nonce": ""},
    {"nonce": "x" * 501},
    {"exp": int(time.time()) - 120},
    {"exp": int(time.time()) + 90_000},
    {"exp": None},
    {"exp": True},
    {"iat": int(time.time()) + 3600},
    {"iat": "now"},
    {LTI + "deployment_id": "999"},
    {LTI + "deployment_id": None},
    {LTI + "message_type": "LtiResourceLinkRequest"},
    {LTI + "version": "1.2.0"},
    {DEEP_LINKING + "data": "guessed"},
    {DEEP_LINKING + "data": None},
    {DEEP_LINKING + "data": 7},
)


def test_it_refuses_an_answer_whose_claims_do_not_fit(asked, refused, session):
    accepted = [changes for changes in WRONG if asked.answer(**changes).status != 400]
    assert accepted == []
    assert len(refused(DL)) == len(WRONG)
    assert session.query(LtiLaunch).filter(LtiLaunch.picked.is_not(None)).count() == 0
    assert asked.answer().status == 303, "and the honest one is still waited for"


def test_it_refuses_an_audience_that_is_not_foyer_alone(asked):
    issuer = asked.claims["aud"][0]
    assert asked.answer(aud=[issuer, "https://elsewhere.example"]).status == 400
    assert asked.answer(aud=issuer).status == 303


def test_it_refuses_what_is_not_signed_by_this_tool(asked, lab, refused):
    good = jwt.encode(asked.claims, signing_key_of("lab"), "RS256", asked.header)
    head, body, _signature = good.split(".")
    forged = [
        jwt.encode(asked.claims, None, "none", asked.header),
        f"{head}.{body}.",
        jwt.encode(asked.claims, "x" * 32, "HS256", asked.header),
        jwt.encode(asked.claims, signing_key_of("stranger"), "RS256", asked.header),
        _with_public_key_as_secret(asked, lab),
        _with_own_key_in_the_header(asked),
        good[:-6] + "AAAAAA",
    ]
    assert [asked.send(token).status for token in forged] == [400] * len(forged)
    assert len(refused(DL)) == len(forged)
    assert asked.send(good).status == 303


def _with_public_key_as_secret(asked, lab):
    import base64
    import hashlib
    import hmac

    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    head = part(json.dumps({**asked.header, "alg": "HS256"}).encode())
    signed = head + b"." + part(json.dumps(asked.claims).encode())
    proof = hmac.digest(lab.public_key.encode(), signed, hashlib.sha256)
    return (signed + b"." + part(proof)).decode()


def _with_own_key_in_the_header(asked):
    private = key_pair("stranger")[0]
    jwk = RSAKey.import_key(private).as_dict(private=False)
    return jwt.encode(asked.claims, private, "RS256", {**asked.header, "jwk": jwk})


def test_it_refuses_what_another_tool_signs(asked, make, session, running_lab):
    other = Lab(key="another lab")
    other.url = other.inside = running_lab.url
    row = other.connect(session, make.tool("other-lab"), jwks_url="", public_key=other.public_key)
    assert asked.answer(key="another lab").status == 400
    token = jwt.encode(asked.claims, signing_key_of("another lab"), "RS256")
    path = f"/lti/deep-linking/{row.id}"
    assert asked.browser.client.post(path, {"JWT": token}).status == 400


def test_it_takes_an_answer_once(asked, refused, session):
    token = jwt.encode(asked.claims, signing_key_of("lab"), "RS256", asked.header)
    assert asked.send(token).status == 303
    assert asked.send(token).status == 400
    assert asked.answer(nonce="another").status == 400
    assert refused(DL) == ["Deep Linking: nobody waits for this answer"] * 2


def test_it_takes_a_nonce_once(asked, browse, sign_in, curator, lab, visitor):
    assert asked.answer().status == 303
    path, fields = asked.browser.choose(lab)
    later = jwt.decode(fields["JWT"], options={"verify_signature": False})
    replayed = later | {"nonce": asked.claims["nonce"]}
    token = jwt.encode(replayed, signing_key_of("lab"), "RS256", asked.header)
    assert visitor.post(path, {"JWT": token}).status == 400


def test_it_waits_for_an_answer_for_two_hours(asked, clock):
    clock.ahead = timedelta(hours=2, minutes=1)
    assert asked.answer(exp=int(time.time()) + 9000).status == 400


def test_it_shows_one_curator_s_picks_to_no_other(asked, sign_in, make, session):
    shown = asked.answer().location
    other = sign_in(make.person(access="curator"))
    assert other.get(urlsplit(shown).path).status == 404
    assert other.post(urlsplit(shown).path + "/add", {"pick": ["0"]}).status == 404
    assert other.post(urlsplit(shown).path + "/drop").status == 404
    assert session.query(Item).count() == 0
    assert asked.browser.client.get(urlsplit(shown).path).status == 200


def test_it_gives_an_employee_no_way_to_pick(browse, sign_in, employee, lab, simulation, session):
    client = sign_in(employee)
    assert client.get("/curate/lti/lab/pick").status == 404
    assert session.query(LtiLaunch).count() == 0


def test_it_lets_nobody_pick_who_is_no_curator_any_more(browse, sign_in, curator, lab, session):
    browser = browse(sign_in(curator))
    request = browser.login(browser.leave("/curate/lti/lab/pick"))
    curator.access = "employee"
    session.commit()
    page = browser.ask(request)
    assert page.status == 400
    assert 'value="access_denied"' in page.html


def test_it_fetches_nothing_for_an_answer_that_nobody_waits_for(visitor, connection, session):
    connection.settings = connection.settings | {"jwks_url": "http://127.0.0.1:1/jwks"}
    session.commit()
    claims = {DEEP_LINKING + "data": "guessed"}
    token = jwt.encode(claims, signing_key_of("lab"), "RS256")
    assert visitor.post(f"/lti/deep-linking/{connection.id}", {"JWT": token}).status == 400


def test_it_says_that_the_key_set_cannot_be_had(asked, connection, lab, session):
    for broken in (f"{lab.inside}/nowhere", "http://127.0.0.1:1/jwks", "http://10.1.1.1/jwks"):
        connection.settings = lab.settings(jwks_url=broken)
        session.commit()
        assert asked.answer().status == 503
    assert session.query(LtiNonce).count() == 0


def test_it_refuses_junk(visitor, connection):
    for junk in ("", "x", "a.b.c", "e30.e30.e30", "ä.b.c", "W10.W10.W10", "bnVsbA.bnVsbA.x"):
        page = visitor.post(f"/lti/deep-linking/{connection.id}", {"JWT": junk})
        assert page.status == 400, junk
    assert visitor.post(f"/lti/deep-linking/{connection.id}").status == 400


def test_it_refuses_two_tokens_and_huge_ones(asked):
    good = jwt.encode(asked.claims, signing_key_of("lab"), "RS256", asked.header)
    assert asked.browser.client.post(asked.path, {"JWT": [good, good]}).status == 400
    many = [{"type": "link", "url": "https://x.example/" + "x" * 900}] * 2000
    assert asked.answer(**{DEEP_LINKING + "content_items": many[:300]}).status == 400
    assert asked.answer(**{DEEP_LINKING + "content_items": many}).status in {400, 413}
    deep = "[" * 50_000
    assert asked.send(f"{good.split('.')[0]}.{deep}.x").status == 400


def test_it_takes_no_item_that_leads_where_nobody_should_go(asked, session):
    items = [
        {"type": "ltiResourceLink", "title": "Script", "url": "javascript:alert(1)"},
        {"type": "link", "title": "Data", "url": "data:text/html,<script>alert(1)</script>"},
        {"type": "link", "title": "Person", "url": "https://learn.example.org@evil.example/"},
        {"type": "link", "title": "No address"},
        {"type": "html", "title": "Markup", "html": "<script>alert(1)</script>"},
        {"type": "ltiResourceLink", "title": "Custom", "custom": {"a": {"b": 1}}},
        {"type": "ltiResourceLink", "title": "<img src=x onerror=alert(1)>Fine"},
        "nothing",
        None,
    ]
    back = asked.answer(**{DEEP_LINKING + "content_items": items})
    page = asked.browser.client.follow(back)
    assert (
        page.texts(
            "b",
        )
        == ["Fine"]
        or "Fine" in page.words
    )
    assert "javascript:" not in " ".join(page.links())
    assert "<script>alert" not in page.html
    assert "onerror" not in page.html
    assert len(page.all("input", name="pick")) == 1
    assert asked.browser.client.post(back.location + "/add", {"pick": ["0"]}).status == 303
    assert [item.title for item in session.query(Item)] == ["Fine"]


def test_it_says_so_when_nothing_can_be_added(asked):
    page = asked.browser.client.follow(asked.answer(**{DEEP_LINKING + "content_items": [{}, 7]}))
    assert "Nothing was picked" in page.words
    assert page.all("input", name="pick") == []


def test_it_keeps_texts_that_no_database_likes_out_of_it(asked, session):
    items = [{"type": "ltiResourceLink", "title": "a\0b\ud800c", "custom": {"k\0": "v\0\ud800"}}]
    back = asked.answer(**{DEEP_LINKING + "content_items": items})
    asked.browser.client.post(back.location + "/add", {"pick": ["0"]})
    assert session.query(Item).one().title == "abc"
