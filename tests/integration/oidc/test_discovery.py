"""What a provider publishes is taken only if it is whole, its own, and safe to use."""

from datetime import timedelta

import pytest

from app.errors import Invalid, Unavailable
from app.oidc.discovery import discover
from app.oidc.wire import Wire
from tests.support import oidc
from tests.support.oidc import as_json

CONFIGURATION = "/.well-known/openid-configuration"


def test_it_keeps_addresses_and_keys(wire, provider, now):
    found = discover(wire, provider.issuer, now=now)
    assert found["metadata"]["token_endpoint"] == provider.issuer + "/token"
    assert [key["kid"] for key in found["jwks"]["keys"]] == ["first"]
    assert found["fetched_at"] == now.isoformat()


def test_it_keeps_nothing_that_it_does_not_use(wire, provider, now):
    provider.faults.metadata = {"op_policy_uri": "https://example.org", "x" * 99: "y" * 9999}
    kept = discover(wire, provider.issuer, now=now)["metadata"]
    assert "op_policy_uri" not in kept
    assert len(str(kept)) < 2000


ODD = {
    "another issuer": {"issuer": "https://idp.example.org"},
    "no issuer": {"issuer": None},
    "an issuer that is no text": {"issuer": ["x"]},
    "no token endpoint": {"token_endpoint": None},
    "http to elsewhere": {"token_endpoint": "http://example.org/token"},
    "an odd port": {"token_endpoint": "https://example.org:22/token"},
    "javascript": {"authorization_endpoint": "javascript:alert(1)"},
    "a file": {"jwks_uri": "file:///etc/passwd"},
    "a user name": {"token_endpoint": "https://a@example.org/token"},
    "a line break": {"authorization_endpoint": "https://example.org/\r\nX-Evil: 1"},
    "letters beyond ASCII": {"authorization_endpoint": "https://example.org/ü\u2028"},
    "a fragment": {"end_session_endpoint": "https://example.org/#out"},
    "an address that is no text": {"userinfo_endpoint": {"a": 1}},
    "only HS256": {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    "no code flow": {"response_types_supported": ["id_token"]},
    "plain PKCE": {"code_challenge_methods_supported": ["plain"]},
}


@pytest.mark.parametrize("changes", ODD.values(), ids=ODD.keys())
def test_it_refuses(wire, provider, now, changes):
    provider.faults.metadata = changes
    with pytest.raises(Invalid) as refusal:
        discover(wire, provider.issuer, now=now)
    assert refusal.value.fields["issuer"]


ANSWERS = {
    "HTML": (200, {}, b"<html>"),
    "not found": (404, {}, b"{}"),
    "a redirect": (302, {"Location": "/elsewhere"}, b""),
    "a redirect to the machine's own services": (302, {"Location": "http://169.254.169.254"}, b""),
    "more than we read": (200, {}, b" " * 300_000 + b"{}"),
}


@pytest.mark.parametrize("path", [CONFIGURATION, "/jwks"])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_it_refuses_as_an_answer(wire, provider, now, path, answer):
    provider.answers[path] = lambda: answer
    with pytest.raises(Invalid):
        discover(wire, provider.issuer, now=now)


KEY_SETS = {
    "no keys": {"keys": []},
    "no list": {"keys": {}},
    "a secret": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]},
    "keys to encrypt with": {"keys": [{**oidc.rsa_key("e").as_dict(), "use": "enc"}]},
    "a short key": {"keys": [{"kty": "RSA", "n": "AQAB" * 40, "e": "AQAB"}]},
    "an unknown curve": {"keys": [{"kty": "EC", "crv": "P-1", "x": "AQAB", "y": "AQAB"}]},
    "a point beside its curve": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}]},
    "half a key": {"keys": [{"kty": "RSA", "n": "A" * 343}]},
    "texts": {"keys": ["a", None, 1]},
}


@pytest.mark.parametrize("keys", KEY_SETS.values(), ids=KEY_SETS.keys())
def test_it_refuses_a_key_set_with(wire, provider, now, keys):
    provider.answers["/jwks"] = lambda: as_json(keys)
    with pytest.raises(Invalid, match="keys cannot be read"):
        discover(wire, provider.issuer, now=now)


def test_it_never_keeps_a_private_key(wire, provider, now):
    provider.answers["/jwks"] = lambda: as_json(
        {"keys": [oidc.rsa_key("first").as_dict(private=True)]}
    )
    (key,) = discover(wire, provider.issuer, now=now)["jwks"]["keys"]
    assert set(key) == {"kty", "kid", "use", "n", "e"}


def test_it_reads_keys_of_each_kind_beside_some_that_it_does_not_know(wire, provider, now):
    listed = [
        oidc.ec_key("ec").as_dict(private=False),
        oidc.ed_key("ed").as_dict(private=False),
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AQAB"},
    ]
    provider.answers["/jwks"] = lambda: as_json({"keys": listed})
    kept = discover(wire, provider.issuer, now=now)["jwks"]["keys"]
    assert [key["kid"] for key in kept] == ["ec", "ed"]


def test_it_says_that_a_provider_is_not_there(wire, now):
    with pytest.raises(Unavailable):
        discover(wire, "http://127.0.0.1:9", now=now)


def test_it_says_that_a_provider_is_out_of_order(wire, provider, now):
    provider.answers[CONFIGURATION] = lambda: (503, {}, b"")
    with pytest.raises(Unavailable):
        discover(wire, provider.issuer, now=now)


def test_it_does_not_wait_for_a_provider_that_hangs(provider, now):
    provider.answers[CONFIGURATION] = oidc.slowly(0.6)
    with Wire(["127.0.0.1"], timeout=timedelta(seconds=0.2)) as wire, pytest.raises(Unavailable):
        discover(wire, provider.issuer, now=now)


def test_it_asks_no_private_host_that_the_settings_do_not_name(provider, now):
    with Wire() as wire, pytest.raises(Invalid):
        discover(wire, provider.issuer, now=now)
    assert provider.seen == []


@pytest.mark.parametrize("issuer", ["", "idp", "https://", "https://a b", "https://x.test/?q=1"])
def test_it_refuses_an_issuer_that_is_no_address(wire, now, issuer):
    with pytest.raises(Invalid):
        discover(wire, issuer, now=now)
