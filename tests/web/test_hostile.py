"""What must hold whatever a hostile visitor, form, address or file name sends."""

from datetime import UTC, datetime

import pytest

from app.auth import service as auth
from app.models import ItemState, LoginSession, Section
from app.web.guard import ROUTES
from app.web.security import FROM_ELSEWHERE
from tests.support.factories import NOW

HUGE = "99999999999999999999"
SCRIPT = '"><script>alert(1)</script>'
LISTS = ("/library", "/library/history")
ODD_SEARCHES = (
    "q=" + "(" * 300,
    "q=" + "a OR " * 60,
    "q=%00%ED%A0%80",
    "q=tool:x OR -tool:y -",
    "page=-1",
    "page=1e9",
    "page=" + "9" * 30,
    "sort=x&kind=%00&skill=" + "x" * 5000,
    "pin_to=" + "9" * 30,
    "&".join(f"skill=s{number}" for number in range(300)),
)


@pytest.fixture
def link(make, session):
    """Return the address of a one-time link."""
    token = auth.make_link(session, make.person(), now=NOW)
    session.commit()
    return f"/sign-in/link/{token}"


def test_it_uses_up_no_one_time_link_for_a_head_request(visitor, link):
    visitor.http.head(link)
    assert visitor.get("/library").location == "/sign-in?next=/library"
    assert visitor.get(link).status == 200


@pytest.mark.parametrize("path", ["/settings", "/items/1/report"])
def test_it_answers_head_as_get(as_employee, make, session, path):
    make.item()
    session.commit()
    assert as_employee.http.head(path).status_code == as_employee.get(path).status == 200


@pytest.mark.parametrize("path", ["/items/%s", "/go/%s", "/items/%s/report"])
@pytest.mark.parametrize("number", [HUGE, "2147483648", "-1", "0"])
def test_it_finds_nothing_at_numbers_beyond_all(as_employee, path, number):
    assert as_employee.get(path % number).status == 404


@pytest.mark.parametrize("verb", ["save", "unsave", "done", "undone", "dismiss", "undismiss"])
def test_it_changes_nothing_at_numbers_beyond_all(as_employee, verb):
    assert as_employee.post(f"/items/{HUGE}/{verb}").status == 404


@pytest.mark.parametrize("query", ODD_SEARCHES)
def test_it_answers_every_search_with_a_page(as_curator, make, index_now, query):
    make.item("Pumps")
    index_now()
    assert as_curator.get(f"/discover?{query}").status == 200


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("page", ["-1", "0", "1e9", "9" * 30, "%00", "1&page=2"])
def test_it_reads_any_page_number(as_employee, path, page):
    assert as_employee.get(f"{path}?page={page}").status == 200


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", ["endpoint", "_anchor", "_scheme", "_method"])
def test_it_takes_no_argument_for_a_setting_of_addresses(as_employee, path, name):
    assert as_employee.get(f"{path}?{name}=x").status == 200


def test_it_goes_home_from_a_referrer_that_is_no_address(as_employee, make, session):
    item = make.item()
    session.commit()
    page = as_employee.post(f"/items/{item.id}/save", headers={"Referer": "http://["})
    assert page.location == f"/items/{item.id}"


def test_it_writes_hostile_texts_as_texts(as_curator, make, session, index_now):
    """The client refuses a page with an inline script or handler."""
    item = make.item(f"Pumps {SCRIPT}", summary=SCRIPT, attribution=SCRIPT, licence=SCRIPT)
    make.role_page(make.role("r", SCRIPT), sections=[SCRIPT], intro=SCRIPT)
    make.pin(session.query(Section).one(), item, note=SCRIPT)
    index_now()
    for path in ("/discover?q=pumps", f"/items/{item.id}", "/roles/r", "/curate/roles/r"):
        assert SCRIPT in as_curator.get(path).words


def test_it_asks_the_database_nothing_for_public_files(as_employee, app):
    app.extensions["foyer"].database.sessions.configure(bind=None)
    assert as_employee.get("/healthz").status == 200
    assert as_employee.get("/static/css/base.css").status == 200


def test_it_gives_its_own_page_when_the_database_is_gone(as_employee, app):
    app.extensions["foyer"].database.sessions.configure(bind=None)
    assert "<h1" in as_employee.get("/library").html


def test_it_reads_a_time_zone_that_is_none_as_the_companys(as_employee, employee, session):
    employee.time_zone = "Nowhere/Else"
    session.commit()
    assert as_employee.get("/").status == 200


def test_it_shows_a_completion_at_the_first_moment_there_is(sign_in, make, session):
    person = make.person(time_zone="America/New_York")
    began = datetime(1, 1, 1, tzinfo=UTC)
    session.add(ItemState(person_id=person.id, item_id=make.item().id, done_at=began))
    assert sign_in(person).get("/library/history").status == 200


@pytest.mark.parametrize("query", ["tool=lab", "q=tool:lab", "q=-skill:merger", "skill=merger"])
def test_it_names_no_tool_or_skill_of_hidden_items(as_employee, make, index_now, query):
    tool, skill = make.tool("lab", "Secret lab"), make.skill("merger", "Secret merger")
    make.item(tool=tool, skills=[skill], audience=("group:board",))
    index_now()
    assert "Secret" not in as_employee.get(f"/discover?{query}").words


def test_it_ends_the_earlier_session_when_somebody_signs_in_anew(as_employee, session, link):
    as_employee.post(link)
    assert session.query(LoginSession).count() == 1


def test_it_refuses_every_unsafe_request_from_another_site(as_curator, app):
    for rule in app.url_map.iter_rules():
        ours = rule.endpoint in ROUTES and rule.endpoint not in FROM_ELSEWHERE
        if ours and "POST" in (rule.methods or ()):
            path = rule.build({**dict.fromkeys(rule.arguments, 1), "what": "task"})[1]
            page = as_curator.post(path, headers={"Sec-Fetch-Site": "cross-site"})
            assert page.status == 400, path


@pytest.mark.parametrize("accepted", ["", "*", "gzip;q=0", "identity;q=0", ",;,", "gzip;q=x"])
def test_it_serves_files_whatever_the_browser_accepts(visitor, accepted):
    answer = visitor.http.get("/static/css/base.css", headers={"Accept-Encoding": accepted})
    assert answer.status_code == 200
    answer.close()


@pytest.mark.parametrize("name", ["../wsgi.py", "..%2f..%2fwsgi.py", "%00", "x" * 3000, "css"])
def test_it_serves_no_file_outside_its_folder(visitor, name):
    assert visitor.get(f"/static/{name}").status == 404
