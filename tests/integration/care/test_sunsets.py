"""Items leave on their day; owners hear of it 30 and 7 days before, unless they keep them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.care import deeds, sunsets
from app.jobs.tasks import Parts, tend_items
from app.models import Activity, CareRule, Item, ItemCare, Notice, ToolUse
from tests.support.emptying import empty
from tests.support.factories import NOW, Factory

TODAY = NOW.date()


@pytest.fixture
def owner(make):
    """Return who looks after items."""
    return make.person("Jonas Weber", access="curator")


@pytest.fixture
def leaving(make, session, owner):
    """Return a function that makes an item which leaves in so many days."""

    def made(days, title="Pumps"):
        item = make.item(title)
        session.add(
            ItemCare(
                item_id=item.id,
                owner_id=owner.id,
                sunset_on=TODAY + timedelta(days=days),
                by_hand=["owner_id", "sunset_on"],
            )
        )
        session.flush()
        return item

    return made


def told(session):
    return [notice.sentence for notice in session.scalars(select(Notice).order_by(Notice.id))]


def test_an_owner_hears_of_it_thirty_and_seven_days_before(leaving, session):
    leaving(31)
    heard = [
        sunsets.remind(session, now=NOW + timedelta(days=days)) for days in (0, 1, 2, 23, 24, 25)
    ]
    assert heard == [0, 1, 0, 0, 1, 0]
    assert told(session)[0] == "“Pumps” leaves on 2026-12-13, unless you keep it."


def test_many_at_once_are_one_sentence(leaving, session):
    for number in range(5):
        leaving(20, f"Item {number}")
    sunsets.remind(session, now=NOW)
    assert told(session) == [
        "5 items that you look after leave on 2026-12-02, unless you keep them."
    ]


def test_what_was_kept_is_not_spoken_of(leaving, session, owner):
    item = leaving(20)
    deeds.keep(session, [item.id], by=owner.id, tokens=["everyone"], now=NOW)
    assert (sunsets.remind(session, now=NOW), told(session)) == (0, [])
    assert sunsets.due(session, TODAY + timedelta(days=20), limit=9) == []


def test_owners_hear_once_a_week_how_many_reviews_are_due(make, session, owner):
    for _ in range(2):
        session.add(ItemCare(item_id=make.item().id, owner_id=owner.id, review_on=TODAY))
    session.flush()
    heard = [
        sunsets.remind_of_reviews(session, now=NOW + timedelta(days=days)) for days in (0, 1, 7)
    ]
    assert (heard, told(session)[0]) == (
        [1, 0, 1],
        "2 items that you look after are due for a look.",
    )


def test_items_leave_on_their_day_and_not_before(database):
    with database.transaction() as session:
        make = Factory(session)
        owner = make.person()
        items = [make.item() for _ in range(3)]
        for item, days in zip(items, (-1, 0, 1), strict=True):
            session.add(
                ItemCare(
                    item_id=item.id,
                    owner_id=owner.id,
                    sunset_on=TODAY + timedelta(days=days),
                    by_hand=["owner_id", "sunset_on"],
                )
            )
    try:
        assert sunsets.retire_due(database, now=NOW) == 2
        assert sunsets.retire_due(database, now=NOW) == 0
        with database.sessions() as session:
            rows = session.execute(select(Item.status, Item.locked).order_by(Item.id)).all()
            assert [tuple(row) for row in rows] == [
                ("retired", ["status"]),
                ("retired", ["status"]),
                ("live", []),
            ]
            assert len(told(session)) == 2
    finally:
        empty(database)


def test_the_job_tends_retires_tells_and_counts(database, monkeypatch):
    monkeypatch.setattr("app.clock.now", lambda: NOW)
    with database.transaction() as session:
        make = Factory(session)
        owner = make.person()
        session.add(CareRule(owner_id=owner.id, review_months=1, made_at=NOW))
        due = make.item("Due", published_on=TODAY - timedelta(days=90))
        gone = make.item("Gone")
        leaves = {"sunset_on": TODAY, "by_hand": ["sunset_on"]}
        session.add(ItemCare(item_id=gone.id, **leaves))
        session.add(Activity(person_id=owner.id, item_id=due.id, verb="launched", at=NOW))
    try:
        tend_items(Parts(None, database, None, None, None))
        with database.sessions() as session:
            assert session.get(Item, gone.id).status == "retired"
            assert session.get(ItemCare, due.id).owner_id == owner.id
            assert sorted(told(session)) == [
                "One item that you look after is due for a look.",
                "“Gone” has left, as its day had come.",
            ]
            assert session.scalars(select(ToolUse.people)).all() == [1]
    finally:
        empty(database)
