"""Reporting a problem, and the curators' queue: full page, fragment, and without script."""

import pytest

from app.models import Problem, ProblemReport
from tests.support.factories import NOW
from tests.support.queries import count_queries

FORM = {"problem": "broken-link", "note": "It says 404."}


@pytest.fixture
def item(make, session):
    item = make.item("Ohm's law")
    session.commit()
    return item


@pytest.fixture
def address(item):
    return f"/items/{item.id}/report"


@pytest.fixture
def report(make, session, employee, item):
    report = ProblemReport(
        item_id=item.id,
        reporter_id=employee.id,
        problem=Problem.OUTDATED.value,
        note="Two\nlines",
        reported_at=NOW,
    )
    session.add(report)
    session.commit()
    return report


def kept(session):
    session.expire_all()
    return [(row.problem, row.note, row.resolved_at) for row in session.query(ProblemReport)]


def test_it_asks_what_is_wrong(as_employee, address):
    page = as_employee.get(address)
    assert (page.status, page.text("h1")) == (200, "Report a problem")
    assert len(page.all("input", type="radio")) == len(Problem)


def test_it_gives_htmx_only_the_form(as_employee, address):
    page = as_employee.htmx(address, "report")
    assert page.by_id("report").tag == "form"
    assert not page.all("h1")


def test_it_thanks_on_a_page_of_its_own(as_employee, session, address):
    page = as_employee.post(address, FORM)
    assert (page.status, page.location) == (303, f"{address}/thanks")
    assert as_employee.follow(page).text("h1") == "Thank you"
    assert kept(session) == [("broken-link", "It says 404.", None)]


def test_it_thanks_in_place_of_the_form(as_employee, session, address):
    page = as_employee.post(address, FORM, htmx_target="report")
    assert page.status == 200
    assert "reached the curators" in page.by_id("report").get("data-announce")
    assert len(kept(session)) == 1


def test_it_names_the_curator_of_the_item(as_employee, session, item, curator, address):
    item.curator_id = curator.id
    session.commit()
    page = as_employee.get(f"{address}/thanks")
    assert "reached Jonas Weber, who looks after this item" in page.words


@pytest.mark.parametrize("target", [None, "report"])
@pytest.mark.parametrize(
    "form", [{}, {"problem": "rude"}, {"problem": "other", "note": "x" * 1001}]
)
def test_it_says_what_is_wrong_with_a_report(as_employee, session, address, target, form):
    page = as_employee.post(address, form, htmx_target=target)
    assert page.status == 422
    assert page.all("p", class_="error")
    assert kept(session) == []


def test_it_changes_a_report_of_the_same_day(as_employee, session, address):
    as_employee.post(address, FORM)
    as_employee.post(address, {"problem": "outdated", "note": "No, it is old."})
    assert kept(session) == [("outdated", "No, it is old.", None)]


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_knows_nothing_of_items_for_others(as_employee, make, session, method):
    secret = make.item("Secret", audience=("group:pilot",))
    session.commit()
    for address in (f"/items/{secret.id}/report", f"/items/{secret.id}/report/thanks"):
        if method == "get" or not address.endswith("thanks"):
            assert getattr(as_employee, method)(address).status == 404


def test_it_lists_open_reports_to_curators(as_curator, report):
    page = as_curator.get("/curate/readers")
    assert "1 open" in page.words
    assert ("Ohm's law" in page.words, "Amara Okafor" in page.words) == (True, True)
    assert "It is out of date" in page.words


def test_it_lists_no_report_of_an_item_for_others(as_curator, make, session):
    secret = make.item("Secret", audience=("group:pilot",))
    session.add(ProblemReport(item_id=secret.id, problem="other", reported_at=NOW))
    session.commit()
    page = as_curator.get("/curate/readers")
    assert "Secret" not in page.html
    assert "Nothing to look at" in page.words


def test_it_resolves_without_script(as_curator, session, report):
    page = as_curator.post(
        "/curate/readers", {"entry": f"report:{report.id}", "decision": "accept"}
    )
    assert (page.status, page.location) == (303, "/curate/readers")
    assert kept(session)[0][2] == NOW


def test_it_answers_htmx_with_what_is_left(as_curator, session, report):
    data = {"entry": f"report:{report.id}", "decision": "accept"}
    page = as_curator.post("/curate/readers", data, htmx_target="queue")
    assert "Nothing to look at" in page.words
    assert "1 entry is answered." in page.words
    assert not page.all("h1")


def test_it_gives_htmx_only_the_list(as_curator, report):
    page = as_curator.htmx("/curate/readers", "queue")
    assert "Ohm's law" in page.words
    assert not page.all("h1")


def test_it_knows_no_report_with_another_number(as_curator, report):
    for entry in (
        "report:999",
        "report:",
        "report:x",
        "nonsense:1",
        "rating:env:HOME",
        "rating:1-1",
    ):
        data = {"entry": entry, "decision": "accept"}
        assert as_curator.post("/curate/readers", data).status == 404


@pytest.mark.parametrize("more", [0, 20])
def test_it_sends_at_most_eight_statements(app, as_curator, make, session, item, more):
    for _ in range(1 + more):
        person = make.person()
        session.add(
            ProblemReport(
                item_id=make.item().id, reporter_id=person.id, problem="other", reported_at=NOW
            )
        )
    session.commit()
    with count_queries(app.extensions["foyer"].database.engine) as sent:
        as_curator.get("/curate/readers")
    assert len(sent) <= 8
