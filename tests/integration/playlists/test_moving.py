"""People who move on to another version: what they have done already counts, and may be enough."""

import pytest
from sqlalchemy import select

from app.activity import service as activity
from app.models import Assignment, PlaylistState, Progress
from app.playlists.moving import move_on
from tests.support.plans import playlist_of

OLD = {"state": PlaylistState.PAST.value, "number": 1}


@pytest.fixture
def pumps(make):
    return make.item("Pumps")


@pytest.fixture
def moved(session, make, pumps, now):
    """Return a function that moves somebody who has done the pumps on to other steps."""
    person = make.person()
    badge = {"title": "Badge", "key": "badge"}
    old, _steps = playlist_of(make, badge, **OLD)
    given = make.assignment(old, person)
    activity.complete(session, person.id, pumps.id, now=now)

    def move(*steps):
        new, rows = playlist_of(make, *steps, number=2)
        assert move_on(session, new, now=now) == [person.id]
        session.expire_all()
        done = set(session.scalars(select(Progress.step_id)))
        assert session.get_one(Assignment, given.id).playlist_id == new.id
        return [row.id in done for row in rows], session.get_one(Assignment, given.id).finished_at

    return move


def test_an_item_that_they_have_done_counts_in_the_new_version(moved, pumps):
    assert moved({"item": pumps}, {"title": "Badge", "key": "badge"}) == ([True, False], None)


def test_who_has_done_all_of_the_new_version_has_finished_it(moved, pumps, now):
    assert moved({"item": pumps}) == ([True], now)
