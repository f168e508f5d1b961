"""An identity provider that nobody of us wrote: pysaml2's server behind a few pages.

It reads our metadata, insists on our signature under every request, asks for a name on a page of
its own, and sends the browser back with a form that works without JavaScript. Needs `xmlsec1`.
"""

import base64
import html
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, redirect, request
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, SAMLError
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAME_FORMAT_URI, NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app.models import IdentityProvider, Protocol
from tests.support.saml.keys import KeyPair, key_pair

XMLSEC = shutil.which("xmlsec1") or "/usr/bin/xmlsec1"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
PEOPLE = {
    "amara": {
        "mail": ["amara.okafor@example.org"],
        "givenName": ["Amara"],
        "sn": ["Okafor"],
        "displayName": ["Amara Okafor"],
        "ou": ["Field Service"],
        "l": ["Hamburg"],
        "isMemberOf": ["field-engineers", "everyone"],
    },
}
RULES = [{"field": "groups", "value": "Field-Engineers", "gives": "role", "name": "field-engineer"}]
_PAGE = """<!doctype html><html lang="en"><head><title>{title}</title>
<link rel="icon" href="data:,"></head><body><h1>{title}</h1>{body}</body></html>"""
_LOGIN = """<form method="post" action="/login"><input type="hidden" name="visit" value="{visit}">
<label>Name <input name="name"></label><button>Sign in</button></form>"""
_BACK = """<form method="post" action="{acs}"><input type="hidden" name="SAMLResponse"
value="{packed}"><input type="hidden" name="RelayState" value="{state}"><button>Go on</button>
</form>"""


@dataclass
class ForeignProvider:
    """pysaml2 at `url`. What is set here may be changed before each visit.

    `encrypts` says whether assertions are, `contained` whether each then has all its namespaces in
    itself (as pysaml2 has it by default), `name_format` how attributes are called.
    """

    url: str
    folder: Path
    pairs: list[KeyPair] = field(default_factory=lambda: [key_pair("foreign")])
    encrypts: bool = False
    contained: bool = True
    name_format: str = NAME_FORMAT_URI
    people: dict[str, dict[str, list[str]]] = field(default_factory=lambda: dict(PEOPLE))

    def __post_init__(self) -> None:
        self.service_provider = ""
        self.visits = {}
        self.answered = []
        self.signed_in = {}
        self.app = Flask("foreign")
        self.app.add_url_rule("/sso", view_func=self.sso)
        self.app.add_url_rule("/login", view_func=self.login, methods=["POST"])
        self.app.add_url_rule("/slo", view_func=self.slo)
        self.app.register_error_handler(SAMLError, lambda error: (f"refused: {error!r}", 400))

    @property
    def entity_id(self) -> str:
        return f"{self.url}/metadata"

    def metadata(self) -> str:
        """Return the provider's metadata, with every signing certificate."""
        return str(entity_descriptor(self._config()))

    def server(self) -> Server:
        """Return pysaml2's server, which knows the service provider that it trusts."""
        return Server(config=self._config())

    def enrol(self, session: Session, **values: object) -> IdentityProvider:
        """Add the provider's row, enabled, allowed to speak for example.org; commit."""
        now = datetime.now(UTC)
        row = IdentityProvider(
            **{
                "slug": "foreign",
                "name": "Foreign",
                "protocol": Protocol.SAML.value,
                "entity_id": self.entity_id,
                "enabled": True,
                "email_domains": ["example.org"],
                "metadata_xml": self.metadata(),
                "mapping": {"rules": RULES},
                "created_at": now,
                "updated_at": now,
            }
            | values
        )
        session.add(row)
        session.commit()
        return row

    def sso(self) -> Response:
        """Check the request and ask who it is."""
        asked = self.server().parse_authn_request(
            request.args["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=request.args.get("RelayState"),
            sigalg=request.args.get("SigAlg"),
            signature=request.args.get("Signature"),
        )
        visit = asked.message.id
        self.visits[visit] = (asked.message, request.args.get("RelayState", ""))
        return _page("Who are you?", _LOGIN.format(visit=html.escape(visit)))

    def login(self) -> Response:
        """Answer the request for whoever it is."""
        message, state = self.visits.pop(request.form["visit"])
        return self.send_back(request.form["name"], message.id, state)

    def send_back(self, name: str, request_id: str | None = None, state: str = "") -> Response:
        """Return the page that takes the browser back; unasked, it was the provider's idea."""
        server = self.server()
        (descriptor,) = server.metadata.service_providers()
        acs = server.metadata.assertion_consumer_service(descriptor, BINDING_HTTP_POST)[0]
        name_id = self._name_id(name)
        answer = server.create_authn_response(
            self.people[name],
            request_id,
            acs["location"],
            descriptor,
            name_id=name_id,
            authn={"class_ref": PASSWORD},
            sign_assertion=True,
            encrypt_assertion=self.encrypts,
            encrypt_assertion_self_contained=self.contained,
            sign_alg=SIG_RSA_SHA256,  # left alone, pysaml2 takes SHA-1, which we refuse
            digest_alg=DIGEST_SHA256,
        )
        self.signed_in[name] = name_id
        packed = base64.b64encode(str(answer).encode()).decode()
        fields = {"acs": acs["location"], "packed": packed, "state": html.escape(state)}
        return _page("You are signed in", _BACK.format(**fields))

    def slo(self) -> Response:
        """Sign somebody out whom the portal signs out, or hear that it has obeyed."""
        if "SAMLResponse" in request.args:
            self.answered.append(
                self.server().parse_logout_request_response(
                    request.args["SAMLResponse"], BINDING_HTTP_REDIRECT
                )
            )
            return _page("Signed out everywhere", "")
        server = self.server()
        order = server.parse_logout_request(
            request.args["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=request.args.get("RelayState"),
            sigalg=request.args.get("SigAlg"),
            signature=request.args.get("Signature"),
        )
        self.signed_in.pop(order.message.name_id.text, None)
        answer = server.create_logout_response(order.message, [BINDING_HTTP_REDIRECT], sign=False)
        return redirect(self._redirect(server, answer, answer.destination, response=True), 303)

    def order_to_leave(self, name: str) -> str:
        """Return the address that takes a LogoutRequest for somebody to the portal."""
        server = self.server()
        (descriptor,) = server.metadata.service_providers()
        place = server.metadata.single_logout_service(descriptor, BINDING_HTTP_REDIRECT, "spsso")[
            0
        ]["location"]
        _, order = server.create_logout_request(
            place, descriptor, name_id=self.signed_in.pop(name), sign=False
        )
        return self._redirect(server, order, place)

    def _redirect(self, server: Server, message: object, place: str, **how: bool) -> str:
        state = request.args.get("RelayState", "") if how else ""
        made = server.apply_binding(
            BINDING_HTTP_REDIRECT,
            str(message),
            place,
            state,
            sign=True,
            sigalg=SIG_RSA_SHA256,
            **how,
        )
        return dict(made["headers"])["Location"]

    def _name_id(self, name: str) -> NameID:
        return NameID(format=NAMEID_FORMAT_PERSISTENT, text=name)

    def _config(self) -> IdPConfig:
        paths = [self._written(number, pair) for number, pair in enumerate(self.pairs)]
        here = {"single_sign_on_service": "sso", "single_logout_service": "slo"}
        service = {
            "endpoints": {
                name: [(f"{self.url}/{path}", BINDING_HTTP_REDIRECT)] for name, path in here.items()
            },
            "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": self.name_format}},
            "want_authn_requests_signed": True,
            "name_id_format": [NAMEID_FORMAT_PERSISTENT],
        }
        settings = {
            "entityid": self.entity_id,
            "service": {"idp": service},
            "key_file": f"{paths[0]}.key",
            "cert_file": f"{paths[0]}.crt",
            "additional_cert_files": [f"{path}.crt" for path in paths[1:]],
            "xmlsec_binary": XMLSEC,
        }
        if self.service_provider:
            settings["metadata"] = {"inline": [self.service_provider]}
        return IdPConfig().load(settings)

    def _written(self, number: int, pair: KeyPair) -> Path:
        path = self.folder / f"{number}-{pair.fingerprint[:16]}"
        path.with_suffix(".key").write_text(pair.key)
        path.with_suffix(".crt").write_text(pair.certificate)
        return path


@contextmanager
def on_a_site_of_its_own(foreign: ForeignProvider) -> Iterator[ForeignProvider]:
    """Serve the provider under a name that browsers take for another site than 127.0.0.1."""
    server = make_server("127.0.0.1", 0, foreign.app, threaded=True)
    foreign.url = f"http://idp.localhost:{server.port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield foreign
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _page(title: str, body: str) -> Response:
    return Response(_PAGE.format(title=title, body=body))
