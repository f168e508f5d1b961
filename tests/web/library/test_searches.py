"""Searches that a reader keeps: kept from any results, and a digest of what is new in them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.library import searches
from app.models import SavedSearch, audience_of
from tests.support.queries import count_queries

KEPT = {"name": "Pumps", "asked": "q=pump&kind=course"}


@pytest.fixture
def kept(as_employee, employee, make, index_now, session, now):
    """A search that the employee kept a week ago; nothing has come in since."""
    came(make, now - timedelta(days=30), "Pump basics", kind="course")
    index_now()
    as_employee.post("/library/searches", KEPT)
    session.execute(select(SavedSearch)).scalar_one().looked_at = now - timedelta(days=7)
    session.commit()


@pytest.fixture
def digest(app, index_now):
    """Return a function that lets the index follow and the digest be made."""

    def run():
        index_now()
        parts = app.extensions["foyer"]
        with parts.database.transaction() as session:
            searches.digest(session, app.extensions["foyer-index"])

    return run


def came(make, at, title, **values):
    """Make an item that came into the catalogue at this moment."""
    item = make.item(title, **values)
    item.created_at = at
    make.session.commit()
    return item


def test_it_offers_to_keep_what_was_asked(as_employee, make, index_now):
    make.item("Pump basics", kind="course")
    index_now()
    page = as_employee.get("/discover?q=pump&kind=course&page=1")
    form = next(f for f in page.all("form") if f.get("action") == "/library/searches")
    fields = {each.get("name"): each.get("value") for each in form.iter("input")}
    assert (fields["name"], fields["asked"]) == ("pump", "q=pump&kind=course")
    assert not [
        f
        for f in as_employee.get("/discover").all("form")
        if f.get("action") == "/library/searches"
    ]


def test_it_lists_what_is_kept_with_its_address(as_employee, kept):
    page = as_employee.get("/library/searches")
    assert "Pumps" in page.texts("h2")
    assert "/discover?q=pump&kind=course" in page.links()
    assert "Nothing new since" in page.words


def test_keeping_the_same_again_gives_it_the_new_name(as_employee, kept, session):
    as_employee.post("/library/searches", {**KEPT, "name": "All pumps"})
    assert session.scalars(select(SavedSearch.name)).all() == ["All pumps"]


def test_htmx_is_told_in_place_that_it_is_kept(as_employee):
    answer = as_employee.post("/library/searches", KEPT, htmx_target="keep_search")
    assert "/library/searches" in answer.links()
    assert answer.status == 200


@pytest.mark.parametrize("asked", ["", "page=4", "sort=newest", "nonsense=1"])
def test_it_keeps_nothing_that_asks_for_nothing(as_employee, session, asked):
    assert as_employee.post("/library/searches", {"name": "x", "asked": asked}).status == 422
    assert session.scalars(select(SavedSearch)).all() == []


def test_the_digest_names_what_came_in_since(as_employee, kept, make, digest, now):
    came(make, now, "Pump repair", kind="course")
    came(make, now, "Pump video", kind="video")
    came(make, now - timedelta(days=9), "Pump of old", kind="course")
    digest()
    page = as_employee.get("/library/searches")
    assert "1 new item since" in page.words
    assert "Pump repair" in page.words
    assert "Pump video" not in page.words
    assert "Pump of old" not in page.words
    assert "Pumps" in as_employee.get("/").words


def test_what_is_not_meant_for_the_reader_is_neither_counted_nor_named(
    as_employee, kept, make, digest, now
):
    came(make, now, "Pump secret", kind="course", audience=("role:chief",))
    digest()
    page = as_employee.get("/library/searches")
    assert "Nothing new since" in page.words
    assert "Pump secret" not in page.words


def test_what_was_withdrawn_since_the_digest_is_not_named(
    as_employee, kept, make, digest, now, session
):
    item = came(make, now, "Pump repair", kind="course")
    digest()
    item.status = "retired"
    session.commit()
    assert "Pump repair" not in as_employee.get("/library/searches").words


@pytest.mark.parametrize("status", ["live", "retired"])
def test_what_is_hidden_since_the_digest_counts_no_more(
    as_employee, kept, make, digest, now, session, status
):
    came(make, now, "Pump repair", kind="course")
    hidden = came(make, now, "Pump secret", kind="course")
    digest()
    assert "2 new items" in as_employee.get("/").words
    hidden.audience_id = audience_of(session, ["role:chief"]).id
    hidden.status = status
    session.commit()
    assert "1 new item since" in as_employee.get("/library/searches").words
    assert "1 new item" in as_employee.get("/").words


def test_a_name_keeps_no_signs_that_no_page_can_show(as_employee, session):
    as_employee.post("/library/searches", {"name": "\0Pu\x01mps\x9f", "asked": "q=pump"})
    assert session.scalars(select(SavedSearch.name)).one() == "Pumps"
    assert as_employee.post("/library/searches", {"name": "\0", "asked": "q=a"}).status == 422


def test_it_asks_only_the_search_page_whatever_the_form_says(as_employee):
    asked = "https://elsewhere.example/?q=pump&next=//elsewhere.example"
    as_employee.post("/library/searches", {"name": "Away", "asked": asked + "&q=seal"})
    assert "/discover?q=seal" in as_employee.get("/library/searches").links()


def test_seen_is_seen(as_employee, kept, make, digest, now):
    came(make, now, "Pump repair", kind="course")
    digest()
    as_employee.post("/library/searches/seen")
    digest()
    assert "Pump repair" not in as_employee.get("/library/searches").words


def test_it_looks_at_once_when_told_to(as_employee, kept, make, index_now, now):
    came(make, now, "Pump repair", kind="course")
    index_now()
    as_employee.post("/library/searches/refresh")
    assert "Pump repair" in as_employee.get("/library/searches").words


def test_nobody_sees_or_deletes_anothers(sign_in, make, kept, session):
    other = sign_in(make.person())
    assert "Pumps" not in other.get("/library/searches").words
    found = session.scalars(select(SavedSearch.id)).one()
    assert other.post(f"/library/searches/{found}/delete").status == 404
    assert session.scalars(select(SavedSearch.id)).one() == found


def test_it_is_deleted(as_employee, kept, session):
    found = session.scalars(select(SavedSearch.id)).one()
    as_employee.post(f"/library/searches/{found}/delete")
    session.expire_all()
    assert session.scalars(select(SavedSearch)).all() == []


def test_there_are_no_more_than_fifty(as_employee, session):
    for number in range(50):
        as_employee.post("/library/searches", {"name": "x", "asked": f"q=pump{number}"})
    assert as_employee.post("/library/searches", {"name": "x", "asked": "q=more"}).status == 409
    assert len(session.scalars(select(SavedSearch.id)).all()) == 50


def test_the_page_takes_as_many_statements_for_many_as_for_one(app, as_employee, kept):
    engine = app.extensions["foyer"].database.engine

    def statements():
        with count_queries(engine) as sent:
            as_employee.get("/library/searches")
        return len(sent)

    before = statements()
    for number in range(10):
        as_employee.post("/library/searches", {"name": "x", "asked": f"q=pump{number}"})
    assert statements() <= before <= 4
