"""A retired item's successor takes its place everywhere that a reader looks."""

import pytest

from app.models import Activity, Item, ItemState, Section
from tests.support.factories import NOW
from tests.support.queries import count_queries


@pytest.fixture
def used(make, session, employee, index_now):
    """Return an old item that is pinned, in a playlist and saved, and a new one beside it."""
    skill = make.skill("pumps")
    tool = make.tool("moodle")
    old = make.item("Pumps for beginners", tool=tool, skills=[skill])
    new = make.item("Better pumps", tool=tool, skills=[skill])
    page = make.role_page(make.role("fitter", "Fitter"))
    make.pin(session.query(Section).filter_by(page_id=page.id).one(), old)
    playlist = make.playlist([old], slug="first-month", title="First month")
    make.assignment(playlist, employee)
    session.add(ItemState(person_id=employee.id, item_id=old.id, saved_at=NOW))
    index_now()
    return old, new


@pytest.fixture
def follow_index(app):
    """Return a function that lets the real search index follow what was committed."""

    def followed():
        with app.extensions["foyer"].database.transaction() as own:
            app.extensions["foyer-index"].follow(own)

    return followed


def test_the_page_says_where_it_is_used_and_offers_successors(as_curator, used):
    old, _ = used
    page = as_curator.get(f"/curate/items/{old.id}/retire")
    assert "On 1 page: Fitter" in page.words
    assert "In 1 playlist: First month" in page.words
    assert "Fewer than 5 people" in page.words
    assert "Better pumps" in page.words


def test_the_successor_takes_its_place_everywhere(
    as_curator, as_employee, used, follow_index, session
):
    old, new = used
    answer = as_curator.post(f"/curate/items/{old.id}/retire", {"successor": new.id})
    page = as_curator.follow(answer)
    assert "1 pin follows. 1 step follows." in page.words
    assert "Bring it back" in page.words
    follow_index()

    for path in ("/roles/fitter", "/playlists/first-month", "/library"):
        page = as_employee.get(path)
        assert ("Better pumps" in page.words, "Pumps for beginners" in page.words) == (
            True,
            False,
        ), path
    found = as_employee.get("/discover?q=pumps").words
    assert ("Better pumps" in found, "Pumps for beginners" in found) == (True, False)
    assert "Pumps for beginners" not in as_employee.get("/").words

    gone = as_employee.get(f"/go/{old.id}")
    assert gone.status == 303
    page = as_employee.follow(gone)
    assert page.text("h1") == "Better pumps"
    assert "“Pumps for beginners” has been retired. This takes its place." in page.words
    page = as_employee.get(f"/items/{old.id}")
    assert "“Better pumps” in Moodle takes its place." in page.words
    assert session.query(Activity).filter_by(verb="launched").count() == 0


def test_bringing_it_back_puts_things_back(as_curator, as_employee, used, follow_index):
    old, new = used
    as_curator.post(f"/curate/items/{old.id}/retire", {"successor": new.id})
    page = as_curator.follow(as_curator.post(f"/curate/items/{old.id}/bring-back"))
    assert "It is offered again. 1 pin follows. 1 step follows." in page.words
    follow_index()
    for path in ("/roles/fitter", "/playlists/first-month", "/library", "/discover?q=beginners"):
        assert "Pumps for beginners" in as_employee.get(path).words, path


def test_it_leaves_recommendations_at_once(as_curator, as_employee, used, app, employee, session):
    old, new = used
    before = as_employee.get(f"/items/{new.id}").words
    assert "Pumps for beginners" in before
    as_curator.post(f"/curate/items/{old.id}/retire")
    assert "Pumps for beginners" not in as_employee.get(f"/items/{new.id}").words


def test_without_a_successor_the_old_page_says_so(as_curator, as_employee, used):
    old, _ = used
    page = as_curator.follow(as_curator.post(f"/curate/items/{old.id}/retire"))
    assert "Nothing, or nothing that you may see." in page.words
    assert as_employee.get(f"/go/{old.id}").status == 410
    assert "This item has been retired." in as_employee.get(f"/items/{old.id}").words


def test_a_successor_that_leads_back_is_refused_in_words(as_curator, used, session):
    old, new = used
    as_curator.post(f"/curate/items/{old.id}/retire", {"successor": new.id})
    page = as_curator.post(f"/curate/items/{new.id}/retire", {"successor": old.id})
    assert page.status == 422
    assert "This item cannot take its place" in page.words
    session.expire_all()
    assert session.get(Item, new.id).status == "live"


def test_a_successor_is_found_by_its_title(as_curator, used, make, session):
    old, _ = used
    make.item("Something else")
    make.item("Something hidden", audience=["role:pilot"])
    session.commit()
    page = as_curator.htmx(f"/curate/items/{old.id}/retire?q=something", "results")
    assert "Something else" in page.words
    assert "hidden" not in page.words


def test_nobody_learns_of_an_old_item_that_they_may_not_see(as_employee, make, session):
    old = make.item("Secret", audience=["role:pilot"], status="retired")
    new = make.item("Open")
    old.successor_id = new.id
    session.commit()
    assert as_employee.get(f"/go/{old.id}").status == 404
    assert "Secret" not in as_employee.get(f"/items/{new.id}?instead_of={old.id}").words
    assert as_employee.get(f"/items/{new.id}?instead_of=nonsense").status == 200


def test_the_page_takes_the_same_statements_however_much_it_is_used(
    app, as_curator, used, make, session
):
    old, _ = used
    counts = []
    for _ in range(2):
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            as_curator.get(f"/curate/items/{old.id}/retire")
        counts.append(len(sent))
        for _ in range(5):
            page = make.role_page()
            make.pin(session.query(Section).filter_by(page_id=page.id).one(), old)
            make.playlist([old])
        session.commit()
    assert counts[0] == counts[1] <= 10
