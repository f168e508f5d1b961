"""The permission table: complete, documented, and true for every route and access level."""

from pathlib import Path

import pytest

from app.access import Access, allows
from app.web.guard import ROUTES

TABLE = Path(__file__).parents[3] / "docs" / "permissions.md"
LEVELS = [None, *Access]


@pytest.fixture
def clients(make, sign_in, visitor):
    """Return a client for each access level, and one that is not signed in."""
    return {None: visitor} | {level: sign_in(make.person(access=level.value)) for level in Access}


def address(app, rule):
    """Return an address of the rule with a value in each of its places."""
    values = {name: "1" if "int" in str(rule) else "x" for name in rule.arguments}
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values)


def rules(app):
    """Return (rule, method) of everything that can be asked for."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in rule.methods & {"GET", "POST"}
    ]


def test_it_knows_every_route(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} <= set(ROUTES)


def test_it_lists_no_route_that_is_gone(app):
    sample_only = {"sample.sign_in"}
    assert set(ROUTES) - sample_only <= {rule.endpoint for rule in app.url_map.iter_rules()}


@pytest.mark.parametrize("level", LEVELS)
def test_it_refuses_exactly_what_the_table_says(app, clients, level):
    wrong = []
    for rule, method in rules(app):
        if rule.endpoint == "auth.sign_out":
            continue
        ask = clients[level].get if method == "GET" else clients[level].post
        answer = ask(address(app, rule))
        turned_away = level is None and (answer.location or "").startswith("/sign-in")
        refused = turned_away or (level is not None and answer.status == 404)
        allowed = allows(ROUTES[rule.endpoint], level)
        if (turned_away and allowed) or not (allowed or refused):
            wrong.append((rule.endpoint, method, answer.status))
    assert wrong == []


def test_it_refuses_every_unsafe_request_without_a_token(app, clients):
    accepted = [
        rule.endpoint
        for rule, method in rules(app)
        if method == "POST"
        and clients[Access.ADMIN].http.post(address(app, rule)).status_code != 400
    ]
    assert accepted == []


def test_it_is_what_the_documentation_says():
    rows = [line.split("|")[1:3] for line in TABLE.read_text().splitlines() if "| `" in line]
    documented = {name.strip().strip("`"): right.strip() for name, right in rows}
    assert documented == {name: right.value for name, right in ROUTES.items()}


def test_it_refuses_a_form_that_comes_from_another_site(as_employee):
    page = as_employee.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status == 400
