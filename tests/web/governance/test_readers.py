"""Suggestions, and ratings with a reason: one queue for curators, an answer for each reader."""

import json

import pytest

from app.activity import service as activity
from app.catalogue.clusters import catch_up
from app.models import Item, ItemState, Notice, Pin, Role, Section, Suggestion
from tests.support.factories import NOW
from tests.support.queries import count_queries

URL = "https://vendor.example/guides/pumps"


@pytest.fixture
def suggestion(session, employee, sign_in):
    row = Suggestion(
        url=URL, note="Our new <b>pumps</b>", by_id=employee.id, made_at=NOW, answer=""
    )
    session.add(row)
    session.commit()
    return row


@pytest.fixture
def rated(session, employee, make):
    """Return what lets the employee give two stars with a reason to an item."""

    def given(why="Far too long", **how):
        item = make.item("Ohm's law")
        activity.rate(session, employee.id, item.id, stars=2, why=why, now=NOW, **how)
        session.commit()
        return item

    return given


def entries(page):
    return [field.get("value") for field in page.all("input", name="entry", type="checkbox")]


def notices(session):
    session.expire_all()
    return [(row.person_id, str(row.sentence), row.path) for row in session.query(Notice)]


def test_a_reader_suggests_a_resource_and_sees_it(as_employee, session, employee):
    page = as_employee.post(
        "/suggestions/new", {"url": URL, "note": "We need it", "role": "field-engineer"}
    )
    assert (page.status, page.location) == (303, "/suggestions")
    page = as_employee.follow(page)
    assert URL in page.words
    assert "Waiting" in page.words
    row = session.query(Suggestion).one()
    assert (row.by_id, row.note) == (employee.id, "We need it")
    assert session.get(Role, row.role_id).slug == "field-engineer"


def test_the_same_suggestion_is_kept_once(as_employee, session):
    for note in ("", "Again"):
        as_employee.post("/suggestions/new", {"url": URL, "note": note})
    assert [row.note for row in session.query(Suggestion)] == ["Again"]


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://me:pw@x.example/", "x" * 2100])
def test_what_is_no_address_comes_back_with_the_words(as_employee, session, url):
    page = as_employee.post("/suggestions/new", {"url": url, "note": "Mine"})
    assert page.status == 422
    assert page.by_id("field_note").text.strip() == "Mine"
    assert session.query(Suggestion).count() == 0


def test_what_is_here_already_is_shown_and_not_suggested(as_employee, make, session):
    make.item("Pumps", url=URL)
    hidden = make.item("Board", url=f"{URL}/board", audience=("group:board",))
    catch_up(session)
    session.commit()
    assert "It is here already" in as_employee.post("/suggestions/new", {"url": URL}).words
    assert session.query(Suggestion).count() == 0
    assert as_employee.post("/suggestions/new", {"url": hidden.url}).status == 303


def test_the_queue_holds_every_kind_and_narrows_to_one(as_curator, suggestion, rated):
    rated()
    page = as_curator.get("/curate/readers")
    assert len(entries(page)) == 2
    assert "<b>pumps</b>" in page.words
    assert [
        each.split(":")[0] for each in entries(as_curator.get("/curate/readers?kind=rating"))
    ] == ["rating"]
    assert len(entries(as_curator.get("/curate/readers?kind=nonsense"))) == 2


def test_the_old_address_leads_to_it(as_curator):
    page = as_curator.get("/curate/reports")
    assert (page.status, page.location) == (301, "/curate/readers")


def test_an_accepted_suggestion_becomes_an_item_pinned_and_its_reader_hears(
    as_curator, as_employee, suggestion, make, session
):
    make.role_page(make.role("technician"))
    session.commit()
    section = session.query(Section).one()
    page = as_curator.post(f"/curate/readers/suggestions/{suggestion.id}/look")
    assert "could not be read" in page.words
    assert "Our new <b>pumps</b>" in page.words
    data = {"url": URL, "title": "Pumps", "kind": "article", "language": "en", "level": "",
            "section": str(section.id), "answer": "Good find!"}  # fmt: skip
    page = as_curator.post(f"/curate/readers/suggestions/{suggestion.id}/accept", data)
    assert page.texts("p", class_="error") == []
    assert page.location == "/curate/readers"
    session.expire_all()
    item = session.query(Item).filter_by(url=URL).one()
    row = session.get(Suggestion, suggestion.id)
    assert (row.accepted, row.item_id, row.answer) == (True, item.id, "Good find!")
    assert session.query(Pin).filter_by(item_id=item.id).count() >= 1
    [(person_id, sentence, path)] = notices(session)
    assert (person_id, path) == (suggestion.by_id, "/suggestions")
    assert sentence.endswith("“Pumps”. Thank you. A curator writes: Good find!")
    page = as_employee.get("/suggestions")
    assert "Good find!" in page.words
    assert f"/items/{item.id}" in page.links()


def test_a_form_with_a_fault_loses_no_answer(as_curator, suggestion):
    page = as_curator.post(
        f"/curate/readers/suggestions/{suggestion.id}/accept",
        {"url": URL, "title": "", "kind": "article", "language": "en", "answer": "Good find!"},
    )
    assert page.status == 422
    assert page.by_id("field_answer").text.strip() == "Good find!"


def test_a_rejected_suggestion_is_answered_too(as_curator, suggestion, session):
    data = {"entry": f"suggestion:{suggestion.id}", "decision": "reject", "answer": "Behind a wall"}
    as_curator.post("/curate/readers", data)
    session.expire_all()
    row = session.get(Suggestion, suggestion.id)
    assert (row.accepted, row.answer, row.item_id) == (False, "Behind a wall", None)
    assert "Behind a wall" in notices(session)[0][1]
    as_curator.post("/curate/readers", data | {"answer": "Another"})
    assert session.get(Suggestion, suggestion.id).answer == "Behind a wall"
    assert len(notices(session)) == 1


def test_several_are_answered_at_once_and_suggestions_wait_for_a_look(
    as_curator, suggestion, rated, session
):
    item = rated()
    chosen = entries(as_curator.get("/curate/readers"))
    page = as_curator.follow(
        as_curator.post("/curate/readers", {"entry": chosen, "decision": "accept"})
    )
    assert "1 entry is answered. 1 suggestion wants a look of its own" in page.words
    session.expire_all()
    assert session.get(ItemState, (suggestion.by_id, item.id)).why_answered_at is not None


def test_nothing_chosen_changes_nothing(as_curator, suggestion):
    page = as_curator.follow(as_curator.post("/curate/readers", {"decision": "reject"}))
    assert "Choose at least one first." in page.words
    assert len(entries(page)) == 1


def test_a_reason_is_read_without_its_name_unless_wanted(as_curator, rated, session, employee):
    item = rated()
    page = as_curator.get("/curate/readers")
    assert "Far too long" in page.words
    assert ("A reader" in page.words, "Amara" in page.html) == (True, False)
    activity.rate(session, employee.id, item.id, stars=2, why="Far too long", named=True, now=NOW)
    session.commit()
    assert "Amara Okafor" in as_curator.get("/curate/readers").words


def test_nobody_reads_a_persons_number_from_the_page(as_curator, rated, employee):
    item = rated()
    [entry] = entries(as_curator.get("/curate/readers"))
    assert f"{employee.id}-{item.id}" not in entry
    assert entry not in entries(as_curator.get("/curate/readers"))  # sealed anew each time


def test_an_answered_reason_reaches_who_gave_it_and_a_new_one_is_open_again(
    as_curator, as_employee, rated, session, employee
):
    item = rated()
    [entry] = entries(as_curator.get("/curate/readers"))
    as_curator.post("/curate/readers", {"entry": entry, "decision": "accept", "answer": "Cut now"})
    assert "Cut now" in notices(session)[0][1]
    assert "Cut now" in as_employee.get("/suggestions").words
    assert entries(as_curator.get("/curate/readers")) == []
    activity.rate(session, employee.id, item.id, stars=1, why="Still long", now=NOW)
    session.commit()
    assert len(entries(as_curator.get("/curate/readers"))) == 1


def test_reasons_about_items_for_others_are_not_in_the_queue(as_curator, make, session, employee):
    item = make.item("Board papers", audience=("group:board",))
    activity.rate(session, employee.id, item.id, stars=1, why="Secret", now=NOW)
    session.commit()
    page = as_curator.get("/curate/readers")
    assert "Secret" not in page.html
    assert "Board" not in page.html


def test_the_form_of_stars_keeps_the_reason_and_the_name(as_employee, make, session):
    item = make.item("Ohm's law")
    session.commit()
    as_employee.get(f"/go/{item.id}")
    address = f"/items/{item.id}/rate"
    as_employee.post(address, {"stars": "2", "why": " Too  long ", "named": "1"})
    state = session.query(ItemState).one()
    assert (state.stars, state.why_stars, state.names_stars, state.rated_at) == (
        2, "Too long", True, NOW,
    )  # fmt: skip
    assert as_employee.get(f"/items/{item.id}").by_id(f"why_{item.id}").get("value") == "Too long"
    assert as_employee.post(address, {"stars": "2", "why": "x" * 501}).status == 422
    as_employee.post(f"/items/{item.id}/unrate")
    session.expire_all()
    state = session.query(ItemState).one()
    assert (state.stars, state.why_stars, state.names_stars) == (None, "", False)


def test_deleting_the_signal_deletes_its_reason(as_employee, rated, session):
    rated()
    as_employee.post("/my-data/signals/delete", {"kind": "rated"})
    session.expire_all()
    assert session.query(ItemState).one().why_stars == ""


def test_a_reader_takes_back_what_is_theirs_alone(as_employee, sign_in, make, suggestion, session):
    other = sign_in(make.person("Mia Chen"))
    data = {"kind": "suggestion", "key": str(suggestion.id)}
    assert other.post("/suggestions/withdraw", data).status == 404
    assert as_employee.post("/suggestions/withdraw", data).status == 303
    assert session.query(Suggestion).count() == 0
    for bad in ({"kind": "x", "key": "1"}, {"kind": "report", "key": "9" * 30}, {}):
        assert as_employee.post("/suggestions/withdraw", bad).status == 404


def test_it_is_all_taken_along(as_employee, suggestion, rated):
    rated()
    answer = as_employee.http.get("/my-data/download/jsonl")
    lines = [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]
    assert URL in [line.get("url") for line in lines]
    assert "Far too long" in [line.get("why_stars") for line in lines]


def test_readers_do_not_meet_the_queue(as_employee, suggestion):
    assert as_employee.get("/curate/readers").status == 404
    data = {"entry": f"suggestion:{suggestion.id}", "decision": "reject"}
    assert as_employee.post("/curate/readers", data).status == 404
    assert as_employee.post(f"/curate/readers/suggestions/{suggestion.id}/look").status == 404


@pytest.mark.parametrize("more", [0, 15])
def test_it_sends_as_many_statements_however_much_there_is(
    app, as_curator, make, session, suggestion, rated, more
):
    rated()
    for _ in range(more):
        person = make.person()
        session.add(Suggestion(url=URL, by_id=person.id, made_at=NOW, answer=""))
        activity.rate(session, person.id, make.item().id, stars=1, why="No", now=NOW)
    session.commit()
    with count_queries(app.extensions["foyer"].database.engine) as sent:
        as_curator.get("/curate/readers")
    assert len(sent) <= 9
