"""An OpenID provider of our own on the loopback: it does PKCE and back-channel logout, and errs.

A test changes `faults` (and the answers by path in `answers`) before it lets somebody through.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from app.models import IdentityProvider
from tests.support.factories import NOW

CLIENT_ID = "foyer"
CLIENT_SECRET = "a secret: with % and ü, as people choose them"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@cache
def rsa_key(kid):
    """Return a private RSA key of that name, made once."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def ec_key(kid):
    """Return a private P-256 key of that name."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


def ed_key(kid):
    """Return a private Ed25519 key of that name."""
    return OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig"})


def signed(header, claims, key):
    """Return a token with this header and these claims, or any bytes, signed with the key."""
    body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    registry.check_header = lambda header: None
    registry.get_alg = lambda name: registry.algorithms[name]
    return jws.serialize_compact(header, body, key, registry=registry)


def unsigned(header, claims):
    """Return a token without a signature (`alg` none)."""
    parts = [json.dumps(one).encode() for one in (header, claims)]
    return ".".join([*(base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in parts), ""])


def at_hash(access_token, algorithm="RS256"):
    """Return the `at_hash` that fits the token's algorithm (OIDC Core, 3.1.3.6)."""
    name = "sha512" if algorithm == "EdDSA" else f"sha{algorithm[2:]}"
    digest = hashlib.new(name, access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def state_of(address):
    """Return the state in an address that Foyer sends a browser to."""
    return dict(parse_qsl(urlsplit(address).query))["state"]


@dataclass
class Faults:
    """What to do otherwise; in the dictionaries None leaves the member out."""

    claims: dict = field(default_factory=dict)
    header: dict = field(default_factory=dict)
    returned: dict = field(default_factory=dict)
    tokens: dict = field(default_factory=dict)
    userinfo: dict = field(default_factory=dict)
    metadata: dict = field(default_factory=dict)
    key: object = None
    make_token: object = None


def changed(values, changes):
    """Return the values with the changes made."""
    both = {**values, **changes}
    return {name: value for name, value in both.items() if value is not None}


class Provider:
    """The provider: what it knows of its one person, and how it speaks."""

    def __init__(self):
        self.issuer = ""
        self.reset()

    def reset(self):
        """Forget everything that a test did."""
        self.now = NOW
        self.keys = [rsa_key("first")]
        self.person = {
            "sub": "amara",
            "email": "amara@example.org",
            "email_verified": True,
            "name": "Amara Okafor",
            "given_name": "Amara",
        }
        self.sid = "session-1"
        self.wanted = ["basic", CLIENT_ID, CLIENT_SECRET]
        self.faults = Faults()
        self.answers = {}
        self.codes = {}
        self.access_tokens = {}
        self.seen = []

    def connect(self, session, *, slug="corp", enabled=True, **values):
        """Return a row for this provider, as an administrator would have connected it."""
        row = IdentityProvider(
            slug=slug,
            name="Example Corp",
            protocol="oidc",
            entity_id=self.issuer,
            enabled=enabled,
            email_domains=["example.org"],
            client_id=CLIENT_ID,
            client_secret_sealed=values.pop("client_secret_sealed", "env:TEST_OIDC_SECRET"),
            discovery=self.discovery(),
            created_at=NOW,
            updated_at=NOW,
            **values,
        )
        session.add(row)
        session.commit()
        return row

    def discovery(self):
        """Return what Foyer keeps of this provider."""
        moment = NOW.isoformat()
        keys = self.jwks()
        return {
            "metadata": self.metadata(),
            "jwks": keys,
            "fetched_at": moment,
            "tried_at": moment,
        }

    def metadata(self):
        """Return the published configuration."""
        values = {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/authorize?tenant=1",
            "token_endpoint": self.issuer + "/token",
            "userinfo_endpoint": self.issuer + "/userinfo",
            "end_session_endpoint": self.issuer + "/end",
            "jwks_uri": self.issuer + "/jwks",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        return changed(values, self.faults.metadata)

    def jwks(self):
        """Return the published keys."""
        return {"keys": [key.as_dict(private=False) for key in self.keys]}

    def authorize(self, address):
        """Let the person sign in and return where the browser is sent: Foyer's callback."""
        asked = dict(parse_qsl(urlsplit(address).query))
        self.seen.append(("authorize", asked))
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return self._back(asked, back)

    def decline(self, address, error="access_denied", description=None):
        """Return where the browser is sent when the person is not let in."""
        asked = dict(parse_qsl(urlsplit(address).query))
        back = {"error": error, "state": asked["state"], "iss": self.issuer}
        return self._back(asked, changed(back, {"error_description": description}))

    def _back(self, asked, values):
        query = urlencode(changed(values, self.faults.returned), doseq=True)
        return f"{asked['redirect_uri']}?{query}"

    def id_token(self, asked, access_token):
        """Return the ID token for an authorization request."""
        moment = int(self.now.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": self.person["sub"],
            "sid": self.sid,
            "iat": moment,
            "exp": moment + 300,
            "nonce": asked.get("nonce"),
            "at_hash": at_hash(access_token, self.faults.header.get("alg", "RS256")),
            "auth_time": moment if "max_age" in asked else None,
        }
        return self.token(changed(claims, self.faults.claims))

    def token(self, claims, **header):
        """Return a token signed as the provider signs now, or as its faults have it."""
        key = self.faults.key or self.keys[0]
        usual = {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
        header = changed(changed(usual, header), self.faults.header)
        if self.faults.make_token:
            return self.faults.make_token(header, claims)
        return signed(header, claims, key)

    def logout_token(self, header=(), **claims):
        """Return a logout token for the person's session (Back-Channel Logout, 2.4)."""
        moment = int(self.now.timestamp())
        usual = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": moment,
            "exp": moment + 120,
            "jti": secrets.token_hex(8),
            "sid": self.sid,
            "sub": self.person["sub"],
            "events": {EVENT: {}},
        }
        return self.token(changed(usual, claims), **{"typ": "logout+jwt", **dict(header)})

    def answer(self, method, target, headers, body):
        """Return status, headers and body of an answer over HTTP."""
        path = urlsplit(target).path
        self.seen.append((path, dict(parse_qsl(body))))
        if path in self.answers:
            return self.answers[path]()
        published = {
            "/.well-known/openid-configuration": self.metadata,
            "/jwks": self.jwks,
        }
        if path in published:
            return as_json(published[path]())
        if path == "/token" and method == "POST":
            return self._redeem(headers, parse_qs(body))
        if path == "/userinfo":
            return self._userinfo(headers)
        return as_json({"error": "not_found"}, 404)

    def _redeem(self, headers, form):
        if self._shown(headers, form) != self.wanted:
            return as_json({"error": "invalid_client"}, 401)
        asked = self.codes.pop(form["code"][0], None)
        verifier = form.get("code_verifier", [""])[0]
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge_method"] != "S256"
            or asked["code_challenge"] != challenge
            or form["redirect_uri"] != [asked["redirect_uri"]]
        ):
            return as_json({"error": "invalid_grant", "error_description": "no such code"}, 400)
        access_token = secrets.token_urlsafe(16)
        self.access_tokens[access_token] = asked
        answer = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.id_token(asked, access_token),
        }
        return as_json(changed(answer, self.faults.tokens))

    def _shown(self, headers, form):
        """Return how the client has shown who it is, and what it showed."""
        in_form = [form[name][0] for name in ("client_id", "client_secret") if name in form]
        if "Authorization" not in headers:
            return ["form", *in_form]
        basic = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
        return ["basic", *(unquote_plus(part) for part in basic.split(":")), *in_form]

    def _userinfo(self, headers):
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.access_tokens:
            return as_json({"error": "invalid_token"}, 401)
        return as_json(changed(self.person, self.faults.userinfo))

    def asked(self, path):
        """Return how often something was asked for."""
        return sum(1 for seen, _ in self.seen if seen == path)


def as_json(value, status=200):
    """Return an answer with this JSON."""
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def slowly(seconds):
    """Return an answer that takes its time."""

    def answer():
        time.sleep(seconds)
        return as_json({})

    return answer


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self):
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size).decode()
        status, headers, sent = self.provider.answer(self.command, self.path, self.headers, body)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(sent))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *args):
        pass

    def handle(self):
        with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked had enough
            super().handle()


@contextmanager
def running(provider):
    """Let the provider answer over HTTP on the loopback."""
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
