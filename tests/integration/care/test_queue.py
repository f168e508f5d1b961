"""The queue: who sees what of it, in which order, and how many statements that takes."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.care import queue, tending
from app.care.queue import Wanted
from app.care.reasons import Reason, urgency
from app.models import ClusterMember, ItemCare, ItemState, LinkCheck, ProblemReport, Section
from tests.support.factories import NOW
from tests.support.queries import count_queries

TODAY = NOW.date()


@pytest.fixture
def old(make, rule):
    """Return a function that makes an item which has been due for long."""
    rule(review_months=1)
    return lambda title, **values: make.item(
        title, published_on=TODAY - timedelta(days=400), **values
    )


@pytest.fixture
def waiting(session):
    """Return a function that tends all items and gives the queue as somebody sees it."""

    def listed(wanted=None, *, person_id=0, tokens=("everyone",), limit=50):
        tending.tend(session, tending.needing(session, since=NOW, after=0, limit=500), now=NOW)
        return queue.waiting(
            session,
            wanted or Wanted(),
            person_id=person_id,
            tokens=tokens,
            today=TODAY,
            offset=0,
            limit=limit,
        )

    return listed


def titles(rows):
    return [row.title for row in rows]


def test_pinned_items_come_first_then_those_in_playlists_then_the_most_used(
    make, session, old, waiting
):
    used, _, listed, pinned = (old(name) for name in ("used", "plain", "listed", "pinned"))
    page = make.role_page()
    make.pin(session.query(Section).filter_by(page_id=page.id).one(), pinned)
    make.playlist([listed])
    waiting()
    session.get(ItemCare, used.id).launches = 9

    session.flush()
    session.execute(update(ItemCare).values(urgency=urgency()))
    rows = queue.waiting(
        session, Wanted(), person_id=0, tokens=["everyone"], today=TODAY, offset=0, limit=9
    )
    assert titles(rows) == ["pinned", "listed", "used", "plain"]
    assert [(row.pages, row.playlists) for row in rows[:2]] == [(1, 0), (0, 1)]


def test_a_draft_pins_nothing(make, session, old, waiting):
    old("plain")
    item = old("in a draft")
    page = make.role_page(published=False)
    make.pin(session.query(Section).filter_by(page_id=page.id).one(), item)
    assert [row.pages for row in waiting()] == [0, 0]


def test_an_item_stands_there_once_with_all_its_reasons(session, old, waiting):
    item = old("Pumps")
    session.add(LinkCheck(item_id=item.id, state="gone", since=NOW, next_at=NOW))
    session.add(ProblemReport(item_id=item.id, problem="outdated", reported_at=NOW))
    [row] = waiting()
    assert row.reasons == (Reason.LINK, Reason.REPORTED, Reason.DUE)
    assert not row.only_due


def test_what_a_curator_may_not_see_is_neither_shown_nor_counted(session, old, waiting):
    old("for all")
    old("for pilots", audience=["role:pilot"])
    assert titles(waiting()) == ["for all"]
    rows = queue.tally(session, person_id=0, tokens=["everyone"], today=TODAY)
    assert queue.counts(rows, Wanted()).total == 1
    assert len(waiting(tokens=["everyone", "role:pilot"])) == 2


def test_a_duplicate_of_something_hidden_is_no_reason(make, session, waiting):
    seen, hidden = make.item("seen"), make.item("hidden", audience=["role:pilot"])
    session.add_all(
        [
            ClusterMember(item_id=hidden.id, cluster_id=seen.id, preferred=True),
            ClusterMember(item_id=seen.id, cluster_id=seen.id, preferred=False),
        ]
    )
    session.flush()
    assert titles(waiting()) == []
    rows = queue.tally(session, person_id=0, tokens=["everyone"], today=TODAY)
    assert queue.counts(rows, Wanted()).total == 0
    assert titles(waiting(tokens=["everyone", "role:pilot"])) == ["seen"]


def test_filters_by_reason_tool_and_owner_and_counts_beside_them(make, session, old, waiting):
    moodle, wiki = make.tool("moodle"), make.tool("wiki")
    mine, other = make.person(), make.person()
    broken = old("broken", tool=moodle)
    old("due", tool=wiki)
    session.add(LinkCheck(item_id=broken.id, state="gone", since=NOW, next_at=NOW))
    waiting()
    care = session.get(ItemCare, broken.id)
    care.owner_id = mine.id
    session.flush()
    for wanted, expected in [
        (Wanted(reason=Reason.LINK), ["broken"]),
        (Wanted(tool="wiki"), ["due"]),
        (Wanted(mine=True), ["broken"]),
        (Wanted(reason=Reason.LINK, tool="wiki"), []),
    ]:
        rows = waiting(wanted, person_id=mine.id)
        assert titles(rows) == expected
        tallied = queue.tally(session, person_id=mine.id, tokens=["everyone"], today=TODAY)
        counts = queue.counts(tallied, wanted)
        assert counts.shown == len(expected)
    assert waiting(Wanted(mine=True), person_id=other.id) == []
    counts = queue.counts(tallied, Wanted(tool="moodle"))
    assert dict(counts.by_reason)[Reason.LINK] == 1
    assert counts.by_tool == {("moodle", "Moodle"): 1, ("wiki", "Wiki"): 1}


def test_stars_of_fewer_than_five_people_are_not_told(make, session, old, waiting):
    few, many = old("few"), old("many")
    for item, number in ((few, 4), (many, 5)):
        session.add_all(
            ItemState(person_id=make.person().id, item_id=item.id, stars=1) for _ in range(number)
        )
    session.flush()
    stars = {row.title: row.stars for row in waiting()}
    assert stars == {"few": None, "many": (1.0, 5)}


def test_the_queue_takes_the_same_statements_however_long_it_is(session, database, old, waiting):
    counts = []
    for number in (2, 20):
        for place in range(number):
            old(f"item {place}")
        waiting()
        with count_queries(database.engine) as sent:
            queue.tally(session, person_id=0, tokens=["everyone"], today=TODAY)
            queue.waiting(
                session, Wanted(), person_id=0, tokens=["everyone"], today=TODAY, offset=0, limit=25
            )
        counts.append(len(sent))
    assert counts == [3, 3]
