"""Whatever is sent: SCIM's own JSON comes back with a fitting 4xx, and nothing was written."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.models import Person, ScimUser
from tests.web.scim.conftest import SCIM_JSON, user

MALFORMED = [
    b"",
    b"{",
    b"nonsense",
    b"\xff\xfe",
    b"[]",
    b"null",
    b'"text"',
    b'{"userName": "\\ud800"}',
    b"[" * 5000,
    b'{"a":' * 5000,
    b'{"userName": NaN}',
]
WRONG = [
    {},
    {"schemas": ["urn:x"], "userName": "a@example.org"},
    user(""),
    user("   "),
    user("x" * 321 + "@example.org"),
    user(5),
    user("a@example.org\0"),
    user("a@example.org", title={"a": 1}),
    user("a@example.org", emails="a@example.org,b@example.org", name=[]),
    user("a@example.org", emails=[{"value": {}}]),
    user("a@example.org", active="perhaps"),
]
ODD_QUERIES = [
    "filter=userName",
    "filter=userName+eq",
    'filter=nobody+eq+"x"',
    "filter=" + "(" * 3000,
    'filter=userName+eq+"a"&filter=userName+eq+"b"',
    "sortBy=nobody",
    "sortBy=password",
    "count=many",
    "startIndex=1.5",
    "cursor=x",
    "attributes=a&excludedAttributes=b",
]


def scim_type(answer):
    return answer.json.get("scimType")


@pytest.mark.parametrize("body", MALFORMED)
@pytest.mark.parametrize(("method", "path"), [("POST", "/Users"), ("PATCH", "/Groups/1")])
def test_it_refuses_what_is_no_json_object(entra, method, path, body):
    answer = entra.ask(method, path, data=body, content_type=SCIM_JSON)
    assert answer.status_code == 400
    assert scim_type(answer) in {"invalidSyntax", "invalidValue"}


@pytest.mark.parametrize("body", WRONG, ids=range(len(WRONG)))
def test_it_refuses_a_user_that_cannot_be_kept(entra, session, body):
    answer = entra.ask("POST", "/Users", body)
    assert answer.status_code == 400
    assert "pydantic" not in answer.text
    assert session.scalars(select(Person)).all() == []


@pytest.mark.parametrize("query", ODD_QUERIES)
def test_it_refuses_a_search_that_says_nothing(entra, query):
    entra.add()
    assert entra.ask("GET", f"/Users?{query}").status_code in {400, 501}


@given(st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_answers_any_filter(entra, text):
    for filter_ in (text, f"userName eq {json.dumps(text)}", f"displayName co {json.dumps(text)}"):
        assert entra.get("/Users", filter=filter_).status_code in {200, 400}


@given(
    st.dictionaries(
        st.sampled_from(["userName", "emails", "name", "active", "schemas", "groups", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["value", "type", "primary", "y"]), inner)
            ),
            max_leaves=5,
        ),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_answers_any_user_and_any_patch(entra, body):
    assert entra.ask("POST", "/Users", body).status_code in {201, 400, 409}
    patch = {"Operations": [{"op": "add", "value": body}, {"op": "add", "path": "name", **body}]}
    assert entra.ask("PATCH", "/Users/none", patch).status_code in {400, 404}


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/html", "multipart/form-data", "application/x"]
)
def test_it_reads_json_alone(entra, kind):
    body = json.dumps(user("a@example.org"))
    assert entra.ask("POST", "/Users", data=body, content_type=kind).status_code == 415


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", SCIM_JSON])
def test_it_reads_both_names_of_json(entra, kind):
    body = json.dumps(user("a@example.org"))
    assert entra.ask("POST", "/Users", data=body, content_type=kind).status_code == 201


def test_it_reads_at_most_a_megabyte(entra):
    body = json.dumps(user("a@example.org", title="x" * 1024 * 1024))
    assert entra.ask("POST", "/Users", data=body, content_type=SCIM_JSON).status_code == 413


def test_it_refuses_more_operations_than_any_directory_sends(entra):
    operations = [{"op": "replace", "path": "title", "value": "x"}] * 1001
    assert entra.patch(f"/Users/{entra.add()['id']}", *operations).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/Users/1/2/3", 404),
        ("GET", "/Users/%00", 404),
        ("DELETE", "/Users", 405),
        ("POST", "/Schemas", 405),
        ("OPTIONS", "/Users", 405),
        ("GET", "/Me", 501),
        ("POST", "/Bulk", 501),
        ("GET", "/Schemas/urn:none", 404),
        ("GET", "/ResourceTypes/none", 404),
        ("GET", "/ServiceProviderConfig?filter=x", 403),
    ],
)
def test_it_says_what_is_not_here_in_json(entra, method, path, status):
    answer = entra.ask(method, path)
    assert answer.status_code == status
    assert status != 405 or answer.headers["Allow"]


def test_it_answers_a_head_like_a_get_without_a_body(entra):
    answer = entra.ask("HEAD", "/Users")
    assert (answer.status_code, answer.data) == (200, b"")


def test_it_writes_all_of_a_request_or_nothing(entra, session):
    found = entra.add(title="Engineer")
    answer = entra.patch(
        f"/Users/{found['id']}",
        {"op": "replace", "path": "title", "value": "Manager"},
        {"op": "replace", "path": "userName", "value": ""},
    )
    assert answer.status_code == 400
    assert entra.get(f"/Users/{found['id']}").json["title"] == "Engineer"


def test_it_answers_other_hosts_in_json_too(entra):
    answer = entra.ask("GET", "/Users", headers={"Host": "elsewhere.example"})
    assert answer.status_code == 400


def test_it_keeps_no_password(entra, session):
    found = entra.add(password="correct horse")
    assert "password" not in found
    assert "password" not in session.scalars(select(ScimUser.body)).one()
