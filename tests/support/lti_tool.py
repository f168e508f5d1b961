"""A simulation lab that somebody else's library makes an LTI 1.3 tool: PyLTI1p3 2.0.0 on Flask.

It shows who was launched into what, and offers two simulations to curators who come to pick. What
its library remembers of a visitor is kept here by a cookie of the lab's own.
"""

import json
import secrets
import threading
from collections import defaultdict
from contextlib import contextmanager
from functools import cache
from html import escape
from html.parser import HTMLParser

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, jsonify, make_response, request
from pylti1p3.contrib.flask import FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.exception import LtiException, OIDCException
from pylti1p3.lineitem import LineItem
from pylti1p3.registration import Registration
from pylti1p3.tool_config import ToolConfDict
from werkzeug.serving import make_server

from app.lti.registration import values_for
from app.models import Connection
from tests.support.factories import NOW

COOKIE = "lab"
NOT_FOUND = ("", 404)
SIMULATIONS = (
    ("Pump start-up", "Bring a pump into service.", "level", "1"),
    ("Valve failure", "Find the valve that leaks.", "level", "2"),
)


@cache
def key_pair(name):
    """Return a private and a public key as PEM, made once for each name."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


@cache
def signing_key_of(name):
    """Return that private key, read: reading it takes a while."""
    return serialization.load_pem_private_key(key_pair(name)[0].encode(), None)


class Lab:
    """The tool. `url` is where browsers reach it, `inside` where other servers do."""

    def __init__(self, key="lab"):
        self.url = self.inside = ""
        self.key = key
        self.visits = defaultdict(dict)
        self.launches = []
        self.registered = None
        self.offered = [_resource(*each) for each in SIMULATIONS]
        self.app = self._app()

    def settings(self, **changes):
        """Return what an administrator of Foyer enters of this tool."""
        return {
            "address": self.inside,
            "login_url": f"{self.url}/login",
            "target_link_uri": f"{self.url}/launch",
            "redirect_uris": f"{self.url}/launch\n{self.url}/other",
            "jwks_url": f"{self.inside}/jwks",
            "kind": "simulation",
        } | changes

    def connect(self, session, tool, **changes):
        """Return the row of this tool's connection, as an administrator makes it."""
        row = Connection(
            tool_id=tool.id,
            kind="lti",
            settings=self.settings(**changes),
            private=True,
            created_at=NOW,
        )
        session.add(row)
        session.commit()
        return row

    def register(self, connection, base_url):
        """Enter Foyer's values in the tool."""
        self.values = values_for(connection, base_url)
        private, public = key_pair(self.key)
        config = ToolConfDict(
            {
                self.values.issuer: {
                    "client_id": self.values.client_id,
                    "auth_login_url": self.values.auth_url,
                    "auth_token_url": self.values.issuer,
                    "key_set_url": self.values.keys_url,
                    "deployment_ids": [self.values.deployment_id],
                }
            }
        )
        config.set_private_key(self.values.issuer, private)
        config.set_public_key(self.values.issuer, public)
        self.registered = config

    @property
    def public_key(self):
        """Return the tool's own public key as PEM."""
        return key_pair(self.key)[1]

    def jwks(self):
        """Return the tool's own key set."""
        return {"keys": [Registration.get_jwk(key_pair(self.key)[1])]}

    def _app(self):
        app = Flask("lab")
        app.add_url_rule("/jwks", "jwks", lambda: jsonify(self.jwks()))
        app.add_url_rule("/login", view_func=self._login, methods=["GET", "POST"])
        app.add_url_rule("/launch", view_func=self._launch, methods=["POST"])
        app.add_url_rule("/pick/<launch_id>", view_func=self._pick, methods=["POST"])
        app.add_url_rule("/favicon.ico", "icon", lambda: NOT_FOUND)
        return app

    def _visit(self):
        """Return the visitor's cookie and the request as the library reads it."""
        visitor = request.cookies.get(COOKIE) or secrets.token_hex(8)
        return visitor, FlaskRequest(session=self.visits[visitor])

    def _login(self):
        visitor, asked = self._visit()
        try:
            away = FlaskOIDCLogin(asked, self.registered).redirect(f"{self.url}/launch")
        except OIDCException as error:
            return str(error), 400
        away.set_cookie(COOKIE, visitor)
        return away

    def _launch(self):
        _visitor, asked = self._visit()
        if "error" in request.form:
            return f"<h1>Refused</h1><p>{escape(request.form['error'])}</p>", 400
        try:
            launch = FlaskMessageLaunch(asked, self.registered)
            data = launch.get_launch_data()
        except LtiException as error:
            return str(error), 400
        self.launches.append(data)
        if launch.is_deep_link_launch():
            return make_response(_shelf(launch.get_launch_id()))
        return make_response(_room(data))

    def _pick(self, launch_id):
        _visitor, asked = self._visit()
        launch = FlaskMessageLaunch.from_cache(launch_id, asked, self.registered)
        chosen = [self.offered[int(one)] for one in request.form.getlist("simulation")]
        return launch.get_deep_link().output_response_form(chosen)


class Form(HTMLParser):
    """The one form of a page: where it leads and what it holds."""

    def __init__(self, html):
        super().__init__()
        self.action, self.fields = "", {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self.action = found["action"]
        elif tag == "input":
            self.fields[found["name"]] = found.get("value", "")


@contextmanager
def serving(lab, name="127.0.0.1"):
    """Serve the lab on the loopback, to browsers under a name that may be another site's."""
    server = make_server("127.0.0.1", 0, lab.app, threaded=True)
    lab.url, lab.inside = f"http://{name}:{server.port}", f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield lab
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _resource(title, text, name, value):
    line = LineItem()
    line.set_score_maximum(100).set_resource_id(f"sim-{value}")
    found = DeepLinkResource().set_title(title).set_custom_params({name: value})
    return found.set_lineitem(line)


def _shelf(launch_id):
    """Return the page on which a curator chooses simulations."""
    boxes = "".join(
        f'<label><input type="checkbox" name="simulation" value="{place}">{escape(title)}</label>'
        for place, (title, *_more) in enumerate(SIMULATIONS)
    )
    return (
        f"<!doctype html><title>Lab</title><h1>Choose simulations</h1>"
        f'<form action="/pick/{launch_id}" method="post">{boxes}<button>Give them</button></form>'
    )


def _room(data):
    shown = escape(json.dumps(data, indent=1))
    return f"<!doctype html><title>Lab</title><h1>Simulation running</h1><pre>{shown}</pre>"
