"""A portal that listens on the loopback, a lab that it launches, and the ways between them."""

import socket
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

from app.auth import service as auth
from app.config import Config
from app.models import AuditEntry, LtiKey
from tests.support.lti_tool import Form, Lab, serving
from tests.support.pages import PageClient

_DAY = timedelta(days=1)


class Clock:
    """The time of day, which the lab's library goes by, and how far a test has moved it."""

    def __init__(self):
        self.ahead = timedelta()

    def now(self):
        """Return the moment at which the portal is."""
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock():
    """Return the clock of this test's portal."""
    return Clock()


@pytest.fixture(autouse=True)
def _at_a_fixed_time(monkeypatch, clock):
    """Let every page happen at the clock's moment."""
    monkeypatch.setattr("app.clock.now", clock.now)


@pytest.fixture
def config(sqlite, tmp_path):
    """Return settings of a portal that the lab reaches under its own address."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{sock.getsockname()[1]}"
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_BASE_URL": f"http://{address}",
            "FOYER_BIND": address,
            "FOYER_RATE_LIMITS": "0",
        }
    )


@pytest.fixture
def listening(app, config):
    """Let the portal be asked over HTTP too: the lab reads its keys."""
    port = int(config.bind.rpartition(":")[2])
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sign_in(app, session, clock):
    """Return a function that gives a client signed in as a person, rows committed."""

    def signed_in(person):
        token = auth.start_session(
            session,
            person,
            method="test",
            user_agent="test",
            lifetimes=auth.Lifetimes(idle=_DAY, longest=_DAY),
            now=clock.now(),
        )
        session.commit()
        client = PageClient(app)
        with client.http.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return client

    return signed_in


@pytest.fixture(scope="session")
def running_lab():
    """Return a lab that answers over HTTP."""
    with serving(Lab()) as lab:
        yield lab


@pytest.fixture
def lab_tool(make):
    """Return the lab as readers know it."""
    return make.tool("lab", "Lab", kind="simulation")


@pytest.fixture
def connection(running_lab, session, lab_tool):
    """Return the lab's connection as an administrator has made it."""
    return running_lab.connect(session, lab_tool)


@pytest.fixture(scope="session")
def key_in_use():
    """Return a platform key as it is before it is sealed, made once."""
    key = RSAKey.generate_key(2048, {"kid": "in-use", "use": "sig", "alg": "RS256"})
    return key.as_pem(private=True).decode(), key.as_dict(private=False)


@pytest.fixture
def signing_key(app, session, clock, key_in_use):
    """Give the portal that key; making one takes a while."""
    private, public = key_in_use
    sealed = app.extensions["foyer"].vault.seal(private)
    row = LtiKey(
        kid="in-use",
        state="current",
        private_key=sealed,
        public_jwk=public,
        created_at=clock.now() - timedelta(days=1),
    )
    session.add(row)
    session.commit()


@pytest.fixture
def lab(running_lab, connection, config, listening, signing_key):
    """Return the lab, registered with this test's portal and with nobody in it."""
    running_lab.visits.clear()
    running_lab.launches.clear()
    running_lab.register(connection, config.base_url)
    return running_lab


@pytest.fixture
def simulation(make, session, lab_tool, running_lab):
    """Return an item of the lab."""
    item = make.item(
        "Pump start-up", tool=lab_tool, kind="simulation", url=f"{running_lab.url}/launch"
    )
    session.commit()
    return item


class Browser:
    """A browser between portal and lab: the portal's side is checked, the lab's is HTTP."""

    def __init__(self, client):
        self.client, self.outside = client, requests.Session()

    def leave(self, path):
        """Return where the portal sends the browser, after checking that it does."""
        page = self.client.get(path)
        assert page.status == 303, page.html
        return page.location

    def login(self, address):
        """Return the parameters with which the lab asks who this is."""
        answer = self.outside.get(address, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def ask(self, asked):
        """Return the portal's page in answer to an authentication request."""
        return self.client.get("/lti/auth", query_string=asked)

    def arrive(self, page):
        """Let the portal's form go to the lab; return the lab's answer."""
        form = Form(page.html)
        return self.outside.post(form.action, data=form.fields)

    def open(self, path):
        """Go the whole way into the lab; return its answer."""
        return self.arrive(self.ask(self.login(self.leave(path))))

    def choose(self, lab, places=("0", "1")):
        """Go to the lab, choose simulations there; return the address and fields sent back."""
        shelf = self.open("/curate/lti/lab/pick")
        assert shelf.status_code == 200, shelf.text
        given = self.outside.post(lab.url + Form(shelf.text).action, data={"simulation": places})
        form = Form(given.text)
        return urlsplit(form.action).path, form.fields


@pytest.fixture
def browse():
    """Return a function that puts a signed-in client into a browser."""
    return Browser


@pytest.fixture
def refused(session):
    """Return a function that gives the reasons of refusals in the audit log, oldest first."""

    def reasons(action="lti.auth"):
        session.rollback()
        rows = session.query(AuditEntry).filter_by(action=action, outcome="refused")
        return [row.details["reason"] for row in rows.order_by(AuditEntry.number)]

    return reasons


@pytest.fixture
def begun(browse, sign_in, employee, lab, simulation):
    """Return a launch whose authentication request the lab has just made."""
    browser = browse(sign_in(employee))
    asked = browser.login(browser.leave(f"/go/{simulation.id}"))
    return SimpleNamespace(browser=browser, asked=asked)
