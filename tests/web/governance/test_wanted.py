"""Telling the curators what was looked for and not found, and their answer."""

import pytest

from app.models import SearchWish
from tests.support.factories import NOW


def wishes(session):
    session.expire_all()
    return [(row.text, row.note, row.answered_at) for row in session.query(SearchWish)]


@pytest.fixture
def wish(session, employee):
    row = SearchWish(person_id=employee.id, text="plasma cutting", note="for 3 mm", wished_at=NOW)
    session.add(row)
    session.commit()
    return row


def test_a_search_without_results_offers_it(as_employee, make, index_now):
    make.item("Pump")
    index_now()
    page = as_employee.get("/discover?q=zzyzx")
    [form] = [one for one in page.all("form") if one.get("action") == "/discover/wanted"]
    [text] = [one.get("value") for one in form.iter("input") if one.get("name") == "text"]
    assert text == "zzyzx"
    as_employee.post("/discover/wanted", {"text": text, "note": "for the night shift"})
    assert "Thank you" in as_employee.get("/discover").words


def test_it_is_kept_once_however_often_it_is_sent(as_employee, session):
    for note in ("", "for 3 mm"):
        as_employee.post("/discover/wanted", {"text": "plasma  cutting", "note": note})
    assert wishes(session) == [("plasma cutting", "for 3 mm", None)]


def test_htmx_is_answered_in_place(as_employee):
    answer = as_employee.post("/discover/wanted", {"text": "plasma"}, htmx_target="wish")
    assert "Thank you" in answer.words


@pytest.mark.parametrize("text", ["", "  ", "x" * 301])
def test_it_needs_words_that_can_be_kept(as_employee, session, text):
    assert as_employee.post("/discover/wanted", {"text": text}).status == 422
    assert wishes(session) == []


def test_curators_see_it_with_a_link_to_the_search(as_curator, wish):
    page = as_curator.get("/curate/readers")
    assert "Not found" in page.words
    assert "for 3 mm" in page.words
    assert "/discover?q=plasma+cutting" in page.links()


def test_a_curator_takes_it_off_the_list(as_curator, wish, session):
    as_curator.post("/curate/readers", {"entry": f"wanted:{wish.id}", "decision": "accept"})
    assert wishes(session)[0][2] is not None
    assert "plasma" not in as_curator.get("/curate/readers").words


def test_no_other_reader_may_see_or_answer_it(as_employee, wish, session):
    assert as_employee.post("/curate/readers", {"entry": f"wanted:{wish.id}"}).status in {403, 404}
    assert wishes(session)[0][2] is None


def test_what_is_not_there_cannot_be_answered(as_curator):
    assert as_curator.post("/curate/readers", {"entry": "wanted:99"}).status == 404
