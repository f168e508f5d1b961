"""Refusals and failures as pages in plain words."""

import pytest

from app.errors import Invalid, Wording


def test_it_says_plainly_that_there_is_nothing(as_employee):
    page = as_employee.get("/items/99999")
    assert page.status == 404
    assert page.text("h1") == "There is nothing here"


def test_it_answers_htmx_with_a_part_of_a_page(as_employee):
    page = as_employee.htmx("/items/99999", "results")
    assert not page.html.lstrip().startswith("<!doctype")


def test_what_is_too_large_is_called_so_and_not_old(as_curator):
    page = as_curator.post("/curate/synonyms/paste", {"lines": "a = b;" * 300_000})
    assert page.status == 413
    assert page.text("h1") == "That is too large"


def test_the_address_of_a_form_has_nothing_to_show_when_it_is_opened(as_curator):
    page = as_curator.get("/curate/pin/read")
    assert (page.status, page.text("h1")) == (405, "There is nothing here")


@pytest.fixture
def broken(app):
    """Let the settings page fail."""

    def fail():
        raise RuntimeError("a secret thing broke")

    app.view_functions["people.settings"] = fail


def test_it_shows_no_detail_of_a_failure(as_employee, broken):
    page = as_employee.get("/settings")
    assert page.status == 500
    assert "secret thing" not in page.html


def test_it_gives_a_failure_a_reference_number(as_employee, broken):
    page = as_employee.get("/settings")
    assert page.headers["X-Request-Id"] in page.words


def test_it_keeps_nothing_of_a_request_that_failed(as_employee, app, session, employee):
    def fail():
        from app.people import service
        from app.web.unit_of_work import db_session

        service.choose_theme(db_session(), employee.id, "dark")
        raise RuntimeError("after the change")

    app.view_functions["people.settings"] = fail
    as_employee.get("/settings")
    session.refresh(employee)
    assert employee.theme == "auto"


@pytest.mark.parametrize(
    ("refusal", "german"),
    [
        (Wording("This cannot be empty."), "Hier fehlt ein Text."),
        (
            Wording("This has %(count)d characters; at most %(most)d fit.", count=9, most=5),
            "Das sind 9 Zeichen; höchstens 5 passen.",
        ),
    ],
)
def test_it_says_what_a_service_refuses_in_the_readers_language(
    app, sign_in, make, refusal, german
):
    def refuse():
        raise Invalid({"note": refusal})

    app.view_functions["people.settings"] = refuse
    page = sign_in(make.person(locale="de")).get("/settings")
    assert (page.status, german in page.words) == (422, True)
