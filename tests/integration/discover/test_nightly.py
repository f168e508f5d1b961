"""What the worker does at night for the search box."""

from datetime import timedelta

import pytest

from app import clock
from app.jobs.tasks import ONE_AT_A_TIME, TIMETABLE, Parts, count_expertise, forget_searches
from app.models import Expertise, ItemState, RecentSearch
from tests.support.factories import Factory


@pytest.fixture
def parts(sqlite):
    """Return the parts that these jobs work with, which is the database alone."""
    return Parts(config=None, database=sqlite, index=None, harvest=None, harvest_soon=None)


@pytest.fixture
def session(sqlite):
    with sqlite.sessions() as session:
        yield session


@pytest.fixture
def make(session):
    return Factory(session)


def test_it_deletes_what_was_searched_for_long_ago(parts, session, make):
    person, now = make.person(), clock.now()
    for text, days in (("pumps", 91), ("seals", 89)):
        searched = {"text": text, "folded": text, "results": 1, "person_id": person.id}
        session.add(RecentSearch(searched_at=now - timedelta(days=days), **searched))
    session.commit()
    forget_searches(parts)
    assert [row.text for row in session.query(RecentSearch)] == ["seals"]


def test_it_counts_who_knows_about_each_skill(parts, session, make, now):
    ada = make.person()
    for skill in (make.skill(), make.skill()):
        for _ in range(3):
            item = make.item(skills=[skill])
            session.add(ItemState(person_id=ada.id, item_id=item.id, done_at=now))
    session.commit()
    count_expertise(parts)
    assert [row.finished for row in session.query(Expertise)] == [3, 3]


def test_both_are_done_by_themselves():
    on_time = [task for task, _times in TIMETABLE]
    assert {forget_searches, count_expertise} <= set(on_time)
    assert count_expertise in ONE_AT_A_TIME
