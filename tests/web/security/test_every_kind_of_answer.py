"""Headers and cookies of every kind of answer, over TLS and without (ASVS 5.0, 3.2 to 3.4)."""

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest

from app.auth import service as auth
from app.config import Config
from app.models import IdentityProvider
from app.web.security import HEADERS
from tests.support.pages import PageClient
from tests.support.saml import flow

TLS, PLAIN = "https://learn.example.com", "http://127.0.0.1:8000"
ELSEWHERE = {"Origin": "https://evil.example"}
_DAY = timedelta(days=1)
TYPES = {
    "text/html; charset=utf-8",
    "text/css; charset=utf-8",
    "text/plain; charset=utf-8",
    "application/json",
    "application/scim+json",
    "application/samlmetadata+xml",
}
INSIDE = ("Traceback", "secret thing", "Werkzeug", "Python/", "sqlite", "site-packages")
KINDS = {
    "page": ("GET", "/settings", {}, 200),
    "address of a link": ("GET", "/sign-in/link/none", {}, 404),
    "part of a page": ("GET", "/discover?q=x", {"HX-Request": "true", "HX-Target": "results"}, 200),
    "file": ("GET", "/static/css/base.css", {}, 200),
    "health": ("GET", "/healthz", {}, 200),
    "json": ("GET", "/readyz", {}, 503),
    "metadata": ("GET", "/saml/acme/metadata", {}, 200),
    "redirect": ("GET", "/signed-out", {}, 303),
    "redirect to a provider": ("GET", "/saml/acme/start", {}, 303),
    "options": ("OPTIONS", "/sign-out", {}, 200),
    "no token": ("POST", "/settings", {}, 400),
    "nothing": ("GET", "/nowhere", {}, 404),
    "no file": ("GET", "/static/none.css", {}, 404),
    "no such method": ("DELETE", "/settings", {}, 405),
    "another host": ("GET", "/sign-in", {"Host": "evil.example"}, 400),
    "failure": ("GET", "/library", {}, 500),
    "scim without a token": ("GET", "/scim/v2/Users", {}, 401),
    "scim to anywhere": ("OPTIONS", "/scim/v2/Users", {}, 401),
}


@pytest.fixture(params=[TLS, PLAIN])
def config(request, sqlite, tmp_path):
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_BASE_URL": request.param,
        }
    )


@pytest.fixture
def browser(app, config, make, session, moment):
    """Return a client whose every request goes to the portal's own address, signed in."""
    person = make.person(access="admin")
    token = auth.make_link(session, person, now=moment)
    session.commit()
    found = Browser(app, config.base_url)
    assert found.ask("POST", f"/sign-in/link/{token}", token=True).status_code == 303
    return found


class Browser:
    """Asks as a page of another site would, and keeps every cookie that it is given."""

    def __init__(self, app, base_url):
        self.client, self.base_url, self.cookies = PageClient(app), base_url, []

    def ask(self, method, path, headers=None, *, token=False, **options):
        """Return the answer; with `token` the request carries a CSRF token."""
        if token:
            options["data"] = {"csrf_token": self._csrf_token()}
        http = self.client.http
        headers = {**ELSEWHERE, **(headers or {})}
        if "Host" in headers:
            http = self.client.app.test_client(use_cookies=False)
        answer = http.open(path, method=method, headers=headers, base_url=self.base_url, **options)
        self.cookies += answer.headers.getlist("Set-Cookie")
        answer.get_data()
        answer.close()
        return answer

    def _csrf_token(self):
        page = self.client.http.get("/sign-in", base_url=self.base_url, follow_redirects=True)
        self.cookies += page.headers.getlist("Set-Cookie")
        return page.get_data(as_text=True).split('"X-CSRFToken": "')[1].split('"')[0]


@pytest.fixture
def answers(browser, provider):
    """Return every kind of answer by its name."""

    def fail():
        raise RuntimeError("a secret thing broke")

    browser.client.app.view_functions["library.index"] = fail
    found = {}
    for kind, (method, path, headers, status) in KINDS.items():
        found[kind] = browser.ask(method, path, headers)
        assert found[kind].status_code == status, kind
    found["too large"] = browser.ask("POST", "/settings", data=b"x=" + b"x" * 1_100_000)
    assert found["too large"].status_code in {400, 413}
    for _ in range(21):
        found["too many"] = browser.ask("GET", "/sign-in/link/none")
    assert found["too many"].status_code == 429
    return found


def test_it_hardens_every_kind_of_answer(answers, config):
    for kind, answer in answers.items():
        wanted = dict(HEADERS)
        if kind == "redirect to a provider":
            wanted["Referrer-Policy"] = "no-referrer"
        if config.https:
            wanted["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        sent = {name: answer.headers.get(name) for name in wanted}
        assert sent == wanted, kind
        assert ("Strict-Transport-Security" in answer.headers) is config.https, kind


def test_it_lets_neither_other_sites_nor_caches_have_them(answers):
    for kind, answer in answers.items():
        names = {name.lower() for name, _value in answer.headers}
        assert not {name for name in names if name.startswith("access-control-")}, kind
        assert ("no-store" in str(answer.cache_control)) is (kind != "file"), kind


def test_it_says_what_each_of_them_is_and_shows_nothing_of_its_inside(answers):
    for kind, answer in answers.items():
        text = answer.get_data(as_text=True)
        assert not text or answer.content_type in TYPES, kind
        for inside in INSIDE:
            assert inside not in text + str(answer.headers), (kind, inside)


def test_it_binds_every_cookie_to_its_purpose(answers, browser, config, session, provider):
    row = session.query(IdentityProvider).filter_by(slug=provider.slug).one()
    answer = browser.ask("GET", f"/saml/{row.slug}/start", token=False)
    started = flow.read_request(answer)
    packed = flow.base64.b64encode(provider.answer(started)).decode()
    home = browser.ask("POST", f"/saml/{row.slug}/acs", data={"SAMLResponse": packed})
    assert home.status_code == 303
    browser.ask("POST", "/sign-out", token=True)
    seen = {}
    for cookie in browser.cookies:
        [(name, morsel)] = SimpleCookie(cookie).items()
        seen.setdefault(name, set()).add(
            (morsel["samesite"], bool(morsel["secure"]), bool(morsel["httponly"]), morsel["path"])
        )
        assert not morsel["domain"]
    own = "__Host-" if config.https else ""
    assert seen == {
        f"{own}foyer": {("Lax", config.https, True, "/")},
        f"{own}foyer-way-in": {("None", True, True, "/")},
    }
