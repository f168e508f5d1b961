"""Messages that a provider, or somebody in its place, forges: nobody gets in by any of them.

One application serves all of them, since nothing of a refused message may stay.
"""

import base64
import json
import shutil
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import OctKey

from app.config import Config
from app.factory import create_app
from app.models import LoginSession, Person, SignInRecord
from tests.support import oidc
from tests.support.factories import NOW
from tests.support.oidc import CLIENT_ID, CLIENT_SECRET, as_json

MOMENT = int(NOW.timestamp())

CLAIMS = {
    "iss of another provider": {"iss": "https://evil.test"},
    "no iss": {"iss": None},
    "aud of another client": {"aud": "other"},
    "aud of another client, azp Foyer": {"aud": "other", "azp": CLIENT_ID},
    "aud of another client in a list, azp Foyer": {"aud": ["other"], "azp": CLIENT_ID},
    "two audiences without azp": {"aud": [CLIENT_ID, "other"]},
    "two audiences, azp another client": {"aud": [CLIENT_ID, "other"], "azp": "other"},
    "two audiences, azp Foyer": {"aud": [CLIENT_ID, "other"], "azp": CLIENT_ID},
    "azp of another client": {"azp": "other"},
    "no aud": {"aud": None},
    "an empty list of audiences": {"aud": []},
    "aud of another kind": {"aud": {"a": 1}},
    "expired": {"exp": MOMENT - 61},
    "no exp": {"exp": None},
    "exp as a text": {"exp": str(MOMENT + 300)},
    "no iat": {"iat": None},
    "iat in the future": {"iat": MOMENT + 61},
    "iat too long ago": {"iat": MOMENT - 16 * 60 - 1},
    "nbf in the future": {"nbf": MOMENT + 61},
    "no nonce": {"nonce": None},
    "another nonce": {"nonce": "another"},
    "nonce of another kind": {"nonce": ["another"]},
    "no sub": {"sub": None},
    "an empty sub": {"sub": ""},
    "a sub that is too long": {"sub": "x" * 256},
    "a sub of another kind": {"sub": 7},
    "a sub with a line break": {"sub": "amara\nadmin"},
    "at_hash of another token": {"at_hash": oidc.at_hash("another")},
    "at_hash of another kind": {"at_hash": 7},
    "auth_time in the future": {"auth_time": MOMENT + 3600},
    "auth_time beyond all calendars": {"auth_time": 10**30},
    "auth_time of another kind": {"auth_time": "now"},
}
HEADERS = {
    "a key in the header": {"jwk": oidc.rsa_key("evil").as_dict(private=False)},
    "the address of a key": {"jku": "https://evil.test/jwks"},
    "the address of a certificate": {"x5u": "https://evil.test/x5u"},
    "an unknown crit": {"crit": ["exotic"], "exotic": True},
    "an unencoded payload": {"crit": ["b64"], "b64": False},
    "an unknown kid": {"kid": "nobody"},
    "a kid of another kind": {"kid": 7},
    "the type of an access token": {"typ": "at+jwt"},
    "the type of a logout token": {"typ": "logout+jwt"},
    "a type of another kind": {"typ": ["JWT"]},
    "an alg that the provider does not offer": {"alg": "RS512"},
    "a header that is too long": {"x": "y" * 5000},
}


def _with_secret(header, claims):
    return oidc.signed({**header, "alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET))


def _with_public_key(header, claims):
    public = OctKey.import_key({"kty": "oct", "k": oidc.rsa_key("first").as_dict()["n"]})
    return oidc.signed({**header, "alg": "HS256"}, claims, public)


def _deep(header, claims):
    return oidc.signed(header, b'{"a":' + b"[" * 9000, oidc.rsa_key("first"))


def _changed_afterwards(header, claims):
    head, _, signature = oidc.signed(header, claims, oidc.rsa_key("first")).split(".")
    body = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "boss"}).encode())
    return f"{head}.{body.rstrip(b'=').decode()}.{signature}"


TOKENS = {
    "another key under the right name": lambda h, c: oidc.signed(h, c, oidc.rsa_key("evil")),
    "no signature": lambda h, c: oidc.unsigned({**h, "alg": "none"}, c),
    "no signature, spelt oddly": lambda h, c: oidc.unsigned({**h, "alg": "nOnE"}, c),
    "the signature taken off": lambda h, c: oidc.unsigned(h, c),
    "HS256 with the client secret": _with_secret,
    "HS256 with the public key": _with_public_key,
    "changed after signing": _changed_afterwards,
    "no object inside": lambda h, c: oidc.signed(h, b"[]", oidc.rsa_key("first")),
    "half a surrogate pair": lambda h, c: oidc.signed(
        h, b'{"sub": "\\ud800"}', oidc.rsa_key("first")
    ),
    "too deep": _deep,
    "too large": lambda h, c: oidc.signed(h, {**c, "x": "y" * 70_000}, oidc.rsa_key("first")),
    "two parts": lambda h, c: "a.b",
    "five parts": lambda h, c: "a.b.c.d.e",
    "nothing": lambda h, c: "...",
    "other letters": lambda h, c: "ü.ü.ü",
}
RETURNED = {
    "another state": {"state": "another"},
    "no state": {"state": None},
    "a state of odd letters": {"state": "\0' OR 1=1"},
    "two states": {"state": ["a", "b"]},
    "no code": {"code": None},
    "an unknown code": {"code": "unknown"},
    "a code with a line break": {"code": "a\r\nb"},
    "two codes": {"code": ["a", "b"]},
    "iss of another provider": {"iss": "https://evil.test"},
    "no iss though announced": {"iss": None},
    "two iss": {"iss": ["https://evil.test", "https://evil.test"]},
}
TOKEN_ANSWERS = {
    "no ID token": {"id_token": None},
    "no access token": {"access_token": None},
    "an ID token of another kind": {"id_token": {"a": 1}},
    "another token type": {"token_type": "mac"},
    "no token type": {"token_type": None},
    "an odd lifetime": {"expires_in": "soon"},
    "a lifetime of another kind": {"expires_in": {"a": 1}},
    "an access token with a line break": {"access_token": "a\r\nX-Evil: 1"},
    "an error": {"error": "invalid_grant"},
    "an error of another kind": {"error": {"a": 1}, "error_description": 7},
    "an error in odd letters": {"error": "ü", "error_description": 'a "quoted" ü'},
}
RAW_ANSWERS = {
    "HTML": (200, {}, b"<html>"),
    "a list": (200, {}, b"[]"),
    "nothing": (204, {}, b""),
    "a redirect": (302, {"Location": "/elsewhere"}, b""),
    "a redirect elsewhere": (307, {"Location": "https://evil.test/token"}, b""),
    "too much": (200, {}, b" " * 300_000 + b"{}"),
    "a bomb": (200, {"Content-Encoding": "br"}, b"x"),
    "a plain refusal": (400, {}, b"no"),
    "not allowed": (401, {}, b'{"error": "invalid_client"}'),
}


@pytest.fixture(scope="module")
def app(empty_sqlite, tmp_path_factory):
    """Return one application for all tests here."""
    folder = tmp_path_factory.mktemp("forged")
    shutil.copy(empty_sqlite, folder / "foyer.db")
    settings = {"DATA_DIR": str(folder), "SECRET_KEY": "for tests only", "RATE_LIMITS": "0"}
    settings |= {"PRIVATE_HOSTS": "127.0.0.1"}
    app = create_app(Config.from_env({f"FOYER_{name}": one for name, one in settings.items()}))
    yield app
    app.extensions["foyer"].database.close()


@pytest.fixture(scope="module")
def corp(app, running_provider):
    """Return the provider, connected once."""
    running_provider.reset()
    with app.extensions["foyer"].database.sessions() as session:
        return running_provider.connect(session)


@pytest.fixture
def refused(visitor, come_back, refusals, session, client_secret):
    """Return a check: the way back ends with a page, no session, one note and one record."""
    before = len(refusals())
    newest = session.query(SignInRecord).order_by(SignInRecord.id.desc())

    def checked(status=400):
        page = come_back(visitor)
        assert page.status == status
        assert "Reference" in page.words
        reason = refusals()[-1]
        assert reason
        assert len(refusals()) == before + 1
        assert newest.first().reason == reason
        assert session.query(LoginSession).count() == session.query(Person).count() == 0
        return reason

    return checked


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS.keys())
def test_it_refuses_an_id_token_with(provider, refused, claims):
    provider.faults.claims = claims
    assert refused().startswith("ID token: ")


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_it_refuses_a_header_with(provider, refused, header):
    provider.faults.header = header
    assert refused().startswith("the token")


@pytest.mark.parametrize("make", TOKENS.values(), ids=TOKENS.keys())
def test_it_refuses_a_token(provider, refused, make):
    provider.faults.make_token = make
    assert "the token" in refused()


@pytest.mark.parametrize("returned", RETURNED.values(), ids=RETURNED.keys())
def test_it_refuses_a_return_with(provider, refused, returned):
    provider.faults.returned = returned
    refused()


@pytest.mark.parametrize("answer", TOKEN_ANSWERS.values(), ids=TOKEN_ANSWERS.keys())
def test_it_refuses_a_token_answer_with(provider, refused, answer):
    provider.faults.tokens, provider.faults.claims = answer, {"at_hash": None}
    assert refused().startswith(("token endpoint: ", "UserInfo: "))


@pytest.mark.parametrize("path", ["/token", "/userinfo"])
@pytest.mark.parametrize("answer", RAW_ANSWERS.values(), ids=RAW_ANSWERS.keys())
def test_it_refuses_as_an_answer(provider, refused, path, answer):
    provider.answers[path] = lambda: answer
    assert refused().startswith({"/token": "token endpoint: ", "/userinfo": "UserInfo: "}[path])


@pytest.mark.parametrize("userinfo", [{"sub": "boss"}, {"sub": None}, {"sub": ["amara"]}])
def test_it_refuses_userinfo_about_somebody_else(provider, refused, userinfo):
    provider.faults.userinfo = userinfo
    assert "UserInfo" in refused()


@pytest.mark.parametrize("path", ["/token", "/userinfo"])
@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_it_says_that_the_provider_is_out_of_order(provider, refused, path, status):
    provider.answers[path] = lambda: as_json({}, status)
    assert str(status) in refused(503)


NAMES = st.sampled_from(
    ["state", "code", "iss", "error", "error_description", "session_state", "x"]
)


@given(st.lists(st.tuples(NAMES, st.text(max_size=40)), max_size=6), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_answers_any_query_with_a_page(visitor, corp, client_secret, pairs, begun):
    if begun:
        state = oidc.state_of(visitor.get("/oidc/corp/start").location)
        pairs = [("state", state), *[pair for pair in pairs if pair[0] != "state"]]
    query = urlencode([(name, value.encode(errors="replace")) for name, value in pairs])
    assert visitor.get(f"/oidc/corp/callback?{query}").status in {303, 400, 404}


@given(st.binary(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_answers_any_bytes_with_a_page(visitor, corp, junk):
    query = "".join(f"%{byte:02x}" for byte in junk)
    for path in (f"callback?state={query}&code={query}", f"callback?{query}", f"leave?{query}"):
        assert visitor.get(f"/oidc/corp/{path}").status in {303, 400, 404}
