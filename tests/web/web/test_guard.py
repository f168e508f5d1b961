"""The permission table: complete, documented, and true for every route and access level."""

from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app import events
from app.access import Access, Permission, allows
from app.scim import service as scim
from app.web.guard import ROUTES, STEP_UP
from app.web.security import FROM_ELSEWHERE, HEADERS, SAFE_METHODS
from tests.support.factories import NOW
from tests.support.pages import Page

FOR_ANYBODY = {"lti.jwks"}  # public keys, which caches may keep
TABLE = Path(__file__).parents[3] / "docs" / "permissions.md"
SCIM_TOKEN = "SCIM token"
LEVELS = [None, *Access, SCIM_TOKEN]
NOBODYS = 999_999


def documented(words):
    """Return the cells of the documentation's table whose heading holds these words."""
    lines = TABLE.read_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("|") and words in line)
    rows = [line.strip("|").split("|") for line in lines[start:] if line.startswith("|")]
    end = next((n for n, line in enumerate(lines[start:]) if not line.startswith("|")), None)
    return [[cell.strip().strip("`") for cell in row] for row in rows[:end] if "--" not in row[0]]


RIGHTS = dict(documented("Route")[1:])
GRANTED = {
    (row[0], level): answer == "yes"
    for head in [documented("employee")[0]]
    for row in documented("employee")[1:]
    for level, answer in zip(head[1:], row[1:], strict=True)
}


@pytest.fixture
def token(session):
    """Return a SCIM token that may do everything."""
    client = scim.add_client(session, "Entra", now=NOW)
    token = scim.issue_token(session, client, scopes=scim.Scope, life=timedelta(days=30), now=NOW)
    session.commit()
    return token


@pytest.fixture
def client(make, sign_in, visitor):
    """Return a function that gives a client of an access level; none for somebody signed out."""

    def of(level):
        known = level in list(Access)
        return sign_in(make.person(access=level.value)) if known else visitor

    return of


def rules(app):
    """Return (rule, method) of everything that can be asked for; what ends a session comes last."""
    found = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]
    return sorted(found, key=lambda one: one[0].endpoint == "auth.sign_out")


def unsafe_rules(app):
    return [(rule, method) for rule, method in rules(app) if method not in SAFE_METHODS]


def address(app, rule, method="GET"):
    """Return an address of the rule with a value in each of its places that names nothing."""
    values = {name: _nothing_of(rule._converters.get(name)) for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


def _nothing_of(converter):
    """Return what a place of a rule takes and nothing has; of a few words, one."""
    if "Integer" in type(converter).__name__:
        largest = converter.max
        return NOBODYS if largest is None else min(NOBODYS, largest)
    return min(getattr(converter, "items", {"x"}))


def ask(client, app, rule, method, headers=(), *, csrf=True):
    """Return the checked answer to a request, with a CSRF token unless told otherwise."""
    sent = {**dict(headers), **({"X-CSRFToken": client.csrf_token()} if csrf else {})}
    return Page(client.http.open(address(app, rule, method), method=method, headers=sent))


@pytest.fixture
def limits():
    """Refuse nobody for asking often: there are more routes than one may change in a minute."""
    return "0"


@contextmanager
def refusals():
    """Give a list of the permissions that signed-in readers are refused for inside the block."""
    heard = []

    def listen(_sender, permission):
        heard.append(permission)

    events.access_refused.connect(listen)
    try:
        yield heard
    finally:
        events.access_refused.disconnect(listen)


def test_it_knows_every_route(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} <= set(ROUTES)


def test_it_lists_no_route_that_is_gone(app):
    sample_only = {"sample.sign_in", "sample.prove"}
    assert set(ROUTES) - sample_only <= {rule.endpoint for rule in app.url_map.iter_rules()}


def test_it_is_what_the_documentation_says():
    assert {name: right.value for name, right in ROUTES.items()} == RIGHTS


def test_it_grants_what_the_documentation_says():
    real = {
        (right.value, level.value): allows(right, level) for right in Permission for level in Access
    }
    assert real == GRANTED


def expected(right, level):
    """Return the answer that the documentation wants: let in, or which way refused."""
    if right == "provision":
        return "let in" if level is SCIM_TOKEN else "asked for a token"
    if level in list(Access):
        return "let in" if GRANTED[right, level.value] else "told there is nothing"
    return "let in" if right == "public" else "sent to sign in"


def seen(page, refused):
    """Return which answer the page is."""
    if page.status == 401:
        return "asked for a token"
    if refused:
        assert page.status == 404
        return "told there is nothing"
    away = urlsplit(page.location or "")
    return "sent to sign in" if away.path == "/sign-in" else "let in"


@pytest.mark.parametrize("level", LEVELS)
def test_it_refuses_exactly_what_the_documentation_says(app, client, level, token):
    asking, wrong = client(level), []
    headers = {"Authorization": f"Bearer {token}"} if level is SCIM_TOKEN else {}
    for rule, method in rules(app):
        with refusals() as refused:
            page = ask(asking, app, rule, method, headers)
        found = (seen(page, refused), page.status in {503, *range(500)})
        if found != (expected(RIGHTS[rule.endpoint], level), True):
            wrong.append((rule.endpoint, method, page.status, *found))
    assert wrong == []


def test_it_refuses_every_unsafe_request_without_a_token(app, client):
    admin = client(Access.ADMIN)
    accepted = [
        (rule.endpoint, method)
        for rule, method in unsafe_rules(app)
        if rule.endpoint not in FROM_ELSEWHERE
        and ask(admin, app, rule, method, csrf=False).status != 400
    ]
    assert accepted == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_it_refuses_every_form_that_comes_from_another_site(app, client, site):
    admin = client(Access.ADMIN)
    accepted = [
        (rule.endpoint, method)
        for rule, method in unsafe_rules(app)
        if rule.endpoint not in FROM_ELSEWHERE
        and ask(admin, app, rule, method, {"Sec-Fetch-Site": site}).status != 400
    ]
    assert accepted == []


def test_it_takes_from_elsewhere_only_what_proves_itself(app):
    right = {ROUTES[endpoint] for endpoint in FROM_ELSEWHERE}
    assert right <= {Permission.PUBLIC, Permission.PROVISION}


def test_it_changes_nothing_with_the_session_cookie_of_a_request_from_elsewhere(app, client):
    """A signed-in reader's cookie gives a message from another site no right that it has not."""
    admin = client(Access.ADMIN)
    for rule, method in unsafe_rules(app):
        if rule.endpoint in FROM_ELSEWHERE:
            page = ask(admin, app, rule, method, {"Sec-Fetch-Site": "cross-site"}, csrf=False)
            assert 400 <= page.status < 500, rule.endpoint


@pytest.mark.parametrize(
    ("level", "part"), [(None, False), (Access.ADMIN, False), (Access.ADMIN, True)]
)
def test_it_hardens_every_answer(app, client, level, part):
    asking, headers = client(level), {}
    if part:
        headers = {"HX-Request": "true", "HX-Target": "results"}
    bad = [
        (rule.endpoint, method, name)
        for rule, method in rules(app)
        for page in [ask(asking, app, rule, method, headers, csrf=False)]
        for name, value in HEADERS.items()
        if page.headers.get(name) != value
        or (
            "no-store" not in page.headers.get("Cache-Control", "")
            and rule.endpoint not in FOR_ANYBODY
        )
    ]
    assert bad == []


def test_it_asks_administrators_again_and_says_so():
    text = TABLE.read_text()
    assert frozenset({Permission.ADMINISTER}) == STEP_UP
    assert "FOYER_STEP_UP_MINUTES" in text
