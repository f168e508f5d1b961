"""The curators’ pages about links: what wants a look, what is known of one, what they can say."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Wording
from app.links import due, noting
from app.links.answers import Found
from app.links.states import Finding
from app.models import AuditEntry, IndexOutbox, Item, LinkCheck, Section
from tests.support.factories import NOW
from tests.support.queries import count_queries

LIST = "/curate/links"


@pytest.fixture
def found(session):
    """Return a function that notes what checks of an item found, an hour after each other."""

    def noted(item, *findings, asked="tool", moved_to=""):
        due.enrol(session, now=NOW)
        for hours, finding in enumerate(findings):
            said = Wording("Found so: %(what)s", what=finding.value)
            noting.note(
                session,
                item.id,
                Found(finding=finding, said=said, moved_to=moved_to),
                asked=asked,
                watched=False,
                now=NOW - timedelta(days=2) + timedelta(hours=2 * hours),
            )
        session.commit()
        return item

    return noted


@pytest.fixture
def gone(make, found):
    tool = make.tool("wiki", "Wiki")
    return found(make.item("Old pumps", tool=tool), Finding.MISSING, Finding.MISSING)


@pytest.fixture
def link(session):
    """Return a function that gives what is kept of an item's link now."""

    def read(item):
        session.rollback()
        return session.get(LinkCheck, item.id)

    return read


def test_it_says_when_all_is_well(as_curator):
    assert "All links work" in as_curator.get(LIST).words


def test_it_lists_what_wants_a_look_and_leaves_out_what_is_well(as_curator, make, found, gone):
    found(make.item("Good pumps"), Finding.LIVE)
    page = as_curator.get(LIST)
    assert "Old pumps" in page.words
    assert "Good pumps" not in page.words
    assert "Found so: missing" in page.words


@pytest.mark.parametrize(
    ("query", "title"), [("state=live", "Good pumps"), ("state=gone", "Old pumps")]
)
def test_it_filters_by_state(as_curator, make, found, gone, query, title):
    found(make.item("Good pumps"), Finding.LIVE)
    page = as_curator.htmx(f"{LIST}?{query}", "results")
    others = {"Good pumps", "Old pumps"} - {title}
    assert title in page.words
    assert not any(other in page.words for other in others)


def test_it_filters_by_tool(as_curator, make, found, gone):
    found(make.item("Bad lab", tool=make.tool("lab")), Finding.HIDDEN)
    page = as_curator.get(f"{LIST}?tool=wiki")
    assert "Old pumps" in page.words
    assert "Bad lab" not in page.words
    assert "No such link" in as_curator.get(f"{LIST}?tool=nothing").words


def test_what_a_curator_may_not_see_stays_unseen(as_curator, make, found):
    secret = make.item("Secret pumps", audience=("role:board",))
    found(secret, Finding.MISSING, Finding.MISSING)
    assert "Secret pumps" not in as_curator.get(LIST).words
    assert as_curator.get(f"{LIST}/{secret.id}").status == 404
    for action in ("check", "fine", "address"):
        assert as_curator.post(f"{LIST}/{secret.id}/{action}", {"months": "6"}).status == 404


def test_readers_have_no_such_pages(as_employee, gone):
    assert as_employee.get(LIST).status == 404
    assert as_employee.get(f"{LIST}/{gone.id}").status == 404


def test_it_shows_the_last_checks_in_words(as_curator, gone):
    page = as_curator.get(f"{LIST}/{gone.id}")
    assert page.words.count("Not found") == 2
    assert "asked the tool" in page.words
    assert "Looked for twice, at least an hour apart, and not found." in page.words


def test_it_names_the_pages_on_which_readers_meet_it(as_curator, make, session, gone):
    role = make.role("fitter", "Fitter")
    make.role_page(role)
    make.pin(session.scalars(select(Section)).one(), gone)
    session.commit()
    assert "Fitter" in as_curator.get(f"{LIST}/{gone.id}").words


def test_check_now_puts_it_first(as_curator, app, gone, link):
    answer = as_curator.post(f"{LIST}/{gone.id}/check")
    assert (answer.status, answer.location) == (303, f"{LIST}/{gone.id}")
    assert link(gone).next_at == NOW
    assert app.extensions["foyer-jobs"].waiting() == 1


def test_a_curator_says_that_it_is_fine(as_curator, session, curator, gone, link):
    as_curator.post(f"{LIST}/{gone.id}/fine", {"months": "3"})
    row = link(gone)
    assert (row.state, row.strikes, row.fine_by_id) == ("live", 0, curator.id)
    assert row.fine_until == (NOW + timedelta(days=90)).date()
    page = as_curator.get(f"{LIST}/{gone.id}")
    assert "Jonas Weber opened it and found it fine." in page.words
    assert gone.id in session.scalars(select(IndexOutbox.item_id)).all()
    entries = session.scalars(select(AuditEntry.action)).all()
    assert "links.fine" in entries


@pytest.mark.parametrize("months", ["", "0", "99", "-1", "x"])
def test_a_time_that_is_not_offered_is_refused(as_curator, gone, link, months):
    assert as_curator.post(f"{LIST}/{gone.id}/fine", {"months": months}).status == 422
    assert link(gone).state == "gone"


@pytest.fixture
def moved(make, found):
    item = make.item("Pumps", url="https://old.example.org/pumps", locked=["url"])
    return found(item, Finding.MOVED, asked="address", moved_to="https://new.example.org/pumps")


def test_a_new_address_waits_for_a_curators_yes(as_curator, session, moved, link):
    page = as_curator.get(f"{LIST}/{moved.id}")
    assert "https://new.example.org/pumps" in page.words
    as_curator.post(f"{LIST}/{moved.id}/address", {"address": "https://new.example.org/pumps"})
    assert link(moved).state == "live"
    session.expire_all()
    assert session.get(Item, moved.id).url == "https://new.example.org/pumps"


def test_an_address_that_nobody_proposed_is_not_taken(as_curator, session, moved, link):
    answer = as_curator.post(f"{LIST}/{moved.id}/address", {"address": "https://evil.example"})
    assert answer.status == 409
    session.rollback()
    assert session.get(Item, moved.id).url == "https://old.example.org/pumps"


def test_the_list_takes_as_many_statements_for_many_links_as_for_few(
    as_curator, app, make, found, gone
):
    def statements():
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            as_curator.get(LIST)
        return len(sent)

    few = statements()
    for number in range(20):
        found(make.item(f"Item {number}"), Finding.MISSING, Finding.MISSING)
    assert statements() == few


def test_a_link_that_was_never_looked_at_has_its_page_and_can_be_checked(
    as_curator, session, make, link
):
    item = make.item("New pumps")
    session.commit()
    page = as_curator.get(f"{LIST}/{item.id}")
    assert "Not checked yet" in page.words
    assert link(item) is None
    as_curator.post(f"{LIST}/{item.id}/check")
    assert link(item).next_at == NOW


def test_readers_are_told_gently_and_curators_where_to_look(as_employee, as_curator, gone):
    words = "This may not open at present."
    reader, curator = (client.get(f"/items/{gone.id}") for client in (as_employee, as_curator))
    assert words in reader.words
    assert words in curator.words
    assert f"{LIST}/{gone.id}" not in reader.links()
    assert f"{LIST}/{gone.id}" in curator.links()


def test_only_the_day_of_the_next_check_says_when_a_flaky_link_is_looked_at(
    as_curator, make, found
):
    item = found(make.item("Pumps"), Finding.MISSING)
    page = as_curator.get(f"{LIST}/{item.id}")
    assert "Not found once, or no good answer several times." in page.words
    assert page.words.count("next check") == 1
    assert "soon" not in page.words


def test_nothing_is_said_of_a_link_that_is_only_flaky(as_employee, make, found):
    item = found(make.item("Pumps"), Finding.MISSING)
    assert "may not open" not in as_employee.get(f"/items/{item.id}").words


def test_the_search_finds_what_is_gone_behind_what_opens(as_employee, make, found, index_now):
    tool = make.tool("wiki", "Wiki")
    gone = make.item("Torque wrench", tool=tool, quality=1.0)
    make.item("Torque wrench", tool=tool, quality=0.1)
    found(gone, Finding.MISSING, Finding.MISSING)
    index_now()
    links = [a for a in as_employee.get("/discover?q=torque").links() if a.startswith("/items/")]
    assert f"/items/{gone.id}" in links
    assert links.index(f"/items/{gone.id}") > 0
