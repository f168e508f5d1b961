"""Signing in and out: deep links survive, nothing leads elsewhere, ended sessions are over."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.auth import service
from app.models import AuditEntry, LoginSession

DEEP = ["/discover?q=C%2B%2B&kind=video&kind=course", "/items/7", "/roles/field-engineer", "/go/3"]


@pytest.mark.parametrize("wanted", DEEP)
def test_it_keeps_the_deep_link_of_a_visitor(visitor, wanted):
    asked = parse_qs(urlsplit(visitor.get(wanted).location).query)
    assert asked["next"] == [wanted]


@pytest.mark.parametrize("wanted", DEEP)
def test_it_sends_a_reader_on_to_the_deep_link(as_employee, wanted):
    page = as_employee.get("/sign-in", query_string={"next": wanted})
    assert page.location == wanted


@given(st.text(max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_never_sends_a_reader_to_another_host(as_employee, text):
    page = as_employee.get("/sign-in", query_string={"next": text})
    assert not urlsplit(page.location).netloc
    assert page.location.startswith("/")
    assert not page.location.startswith("//")


def test_it_tells_htmx_to_leave_for_the_sign_in_page(visitor):
    page = visitor.htmx("/discover", "results")
    assert page.headers["HX-Redirect"].startswith("/sign-in")


def test_it_shows_a_sign_in_page_without_sample_people(visitor):
    assert "sample" not in visitor.get("/sign-in").words.lower()


def test_it_ends_the_session_row_on_sign_out(as_employee, session):
    as_employee.post("/sign-out")
    assert session.query(LoginSession).count() == 0


def test_it_does_not_take_back_a_cookie_after_sign_out(as_employee):
    with as_employee.http.session_transaction() as cookie:
        token = cookie["_user_id"]
    as_employee.post("/sign-out")
    with as_employee.http.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert as_employee.get("/settings").location.startswith("/sign-in")


@pytest.fixture
def limits():
    """Let anything be asked any number of times."""
    return "0"


@pytest.fixture
def link(session, make, now):
    """Return the address of a one-time link."""
    token = service.make_link(session, make.person(access="admin"), now=now)
    session.commit()
    return f"/sign-in/link/{token}"


def test_it_does_not_use_up_a_link_that_is_only_looked_at(visitor, link):
    assert visitor.get(link).status == visitor.get(link).status == 200


def test_it_signs_in_by_a_one_time_link(visitor, link):
    assert visitor.post(link).location == "/"
    assert visitor.get("/settings").status == 200


def test_it_refuses_a_link_the_second_time(visitor, link):
    visitor.post(link)
    assert visitor.get(link).status == 404


def test_it_gives_a_new_token_at_sign_in(visitor, link):
    with visitor.http.session_transaction() as cookie:
        cookie["left over"] = "from before"
    visitor.post(link)
    with visitor.http.session_transaction() as cookie:
        assert "left over" not in cookie


def next_of(address):
    """Return where an address of the sign-in page leads afterwards, or None."""
    return parse_qs(urlsplit(address).query).get("next", [None])[0]


FROM_SEARCH = {"Referer": "http://localhost/discover?q=C%2B%2B"}


def test_it_brings_back_to_the_page_whose_part_was_asked_for(visitor):
    page = visitor.htmx("/", "shelf", **FROM_SEARCH)
    assert next_of(page.headers["HX-Redirect"]) == "/discover?q=C%2B%2B"


def test_it_brings_back_to_the_page_of_a_form_that_came_too_late(visitor):
    page = visitor.post("/items/1/save", headers=FROM_SEARCH)
    assert next_of(page.location) == "/discover?q=C%2B%2B"


@pytest.mark.parametrize("page_of_form", ["http://evil.example/x", "http://[", "//", ""])
def test_it_brings_back_to_no_page_of_another_site(visitor, page_of_form):
    page = visitor.post("/items/1/save", headers={"Referer": page_of_form})
    assert next_of(page.location) is None


def test_it_notes_who_came_by_a_one_time_link(visitor, link, session):
    visitor.post(link)
    visitor.post(link)
    entries = [(one.action, one.outcome) for one in session.query(AuditEntry)]
    assert entries == [("auth.sign_in", "done"), ("auth.sign_in", "refused")]
