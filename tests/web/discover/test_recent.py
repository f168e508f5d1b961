"""A reader's last searches: kept by a request of the results' own, shown to them, deleted."""

import json

import pytest

from app.models import RecentSearch
from tests.support.pages import text_of


@pytest.fixture
def kept(session):
    """Return a function that lists what is kept."""

    def read():
        session.rollback()
        session.expire_all()
        rows = session.query(RecentSearch).order_by(RecentSearch.id)
        return [(row.person_id, row.text, row.results) for row in rows]

    return read


def remembering(page):
    """Return the element that tells that a search was done, or None."""
    return next((div for div in page.all("div") if div.get("hx-post") == "/searches/recent"), None)


@pytest.mark.parametrize("address", ["/discover?q=pump&kind=course", "/discover?q=zzz"])
def test_results_tell_when_they_stood_for_a_moment(as_employee, pumps, address):
    for page in (as_employee.get(address), as_employee.htmx(address, "results")):
        told = remembering(page)
        assert (told.get("hx-trigger"), told.get("hx-swap")) == ("load delay:1500ms", "none")
        assert json.loads(told.get("hx-vals"))["q"] in address


@pytest.mark.parametrize("address", ["/discover", "/discover?kind=course", "/discover?q=i&page=2"])
def test_what_is_no_new_search_tells_nothing(as_employee, make, index_now, address):
    for number in range(25):
        make.item(f"Item {number}", kind="course")
    index_now()
    assert remembering(as_employee.get(address)) is None


def test_it_keeps_a_search_with_what_it_finds_for_this_reader(as_employee, employee, pumps, kept):
    page = as_employee.post("/searches/recent", {"q": "pump"}, htmx_target="none")
    assert (page.status, page.html) == (204, "")
    assert kept() == [(employee.id, "pump", 3)]


def test_it_counts_only_what_the_reader_may_find(as_employee, make, index_now, kept):
    make.item("Pump secrets", audience=["dept:secret"])
    index_now()
    as_employee.post("/searches/recent", {"q": "pump"}, htmx_target="none")
    assert [results for _, _, results in kept()] == [0]


def test_it_goes_back_to_the_search_without_script(as_employee, pumps):
    page = as_employee.post("/searches/recent", {"q": "pump", "kind": "course"})
    assert (page.status, page.location) == (303, "/discover?q=pump&kind=course")


def test_it_keeps_nothing_while_there_is_no_index(as_employee, kept):
    assert as_employee.post("/searches/recent", {"q": "pump"}, htmx_target="none").status == 204
    assert kept() == []


def test_it_keeps_nothing_once_the_reader_does_not_want_it(as_employee, pumps, kept):
    as_employee.post("/settings/sharing", {"shares_expertise": "1"})
    as_employee.post("/searches/recent", {"q": "pump"}, htmx_target="none")
    assert kept() == []
    assert "not remembered" in as_employee.get("/searches/recent").words


def test_it_shows_a_reader_their_own_searches(as_employee, as_curator, pumps):
    as_employee.post("/searches/recent", {"q": "pump", "kind": "course"})
    page = as_employee.get("/searches/recent")
    [row] = [text_of(li) for li in page.all("li") if "Delete" in text_of(li)]
    assert row.startswith("pump 1 result · with filters")
    assert "/discover?q=pump&kind=course" in page.links()
    assert "No searches yet" in as_curator.get("/searches/recent").words


def test_a_reader_deletes_one(as_employee, session, pumps, kept):
    for text in ("pump", "chairs"):
        as_employee.post("/searches/recent", {"q": text})
    first = session.query(RecentSearch).filter_by(text="pump").one().id
    page = as_employee.follow(as_employee.post(f"/searches/recent/{first}/forget"))
    assert "The search is deleted." in page.words
    assert [text for _, text, _ in kept()] == ["chairs"]


def test_nobody_deletes_anothers(as_employee, as_curator, session, pumps, kept):
    as_employee.post("/searches/recent", {"q": "pump"})
    first = session.query(RecentSearch).one().id
    assert as_curator.post(f"/searches/recent/{first}/forget").status == 404
    as_curator.post("/searches/recent/forget")
    assert len(kept()) == 1


def test_a_reader_deletes_all(as_employee, pumps, kept):
    for text in ("pump", "chairs"):
        as_employee.post("/searches/recent", {"q": text})
    page = as_employee.follow(as_employee.post("/searches/recent/forget"))
    assert "No searches yet" in page.words
    assert kept() == []


def test_the_library_leads_there(as_employee):
    assert "/searches/recent" in as_employee.get("/library").links()
