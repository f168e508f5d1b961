"""Which runs are kept, and that old ones go with their problems."""

import datetime as dt

import pytest
from sqlalchemy import func, insert, select

from app.models import HarvestProblem, HarvestRun
from tests.support.tools.scripted import end, upsert

DAY = dt.timedelta(days=1)


@pytest.fixture
def with_runs(harvesting, script):
    """Return what puts so many runs into the past, the newest so long ago, each with a problem."""
    script.pulls = [[upsert("a"), end()]]

    def made(number, ago, apart=dt.timedelta(minutes=1)):
        with harvesting.database.transaction() as session:
            for count in range(number):
                at = harvesting.now - ago - count * apart
                row = {"mode": "delta", "dry": False, "state": "done", "counts": {}, "samples": {}}
                ran = session.scalar(
                    insert(HarvestRun).returning(HarvestRun.id),
                    row
                    | {"connection_id": harvesting.connection_id}
                    | {"started_at": at, "seen_at": at},
                )
                session.add(HarvestProblem(run_id=ran, what="a", reason="It is odd."))

    return made


def kept(harvesting):
    """Return how many ended runs are kept, and how many problems."""
    with harvesting.database.sessions() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table))
            for table in (HarvestRun, HarvestProblem)
        ]
    return counts[0] - 1, counts[1]


def test_the_newest_fifty_are_kept_however_old_they_are(harvesting, with_runs):
    with_runs(60, 90 * DAY)
    harvesting.run()
    assert kept(harvesting) == (50, 50)


def test_of_the_last_thirty_days_all_are_kept(harvesting, with_runs):
    with_runs(70, DAY, apart=dt.timedelta(hours=12))
    harvesting.run()
    assert kept(harvesting) == (58, 58)


def test_but_never_more_than_five_hundred(harvesting, with_runs):
    with_runs(510, DAY)
    harvesting.run()
    assert kept(harvesting) == (500, 500)


def test_where_none_is_old_nothing_is_deleted(harvesting, with_runs, written):
    with_runs(49, 90 * DAY)
    harvesting.run()
    assert ("DELETE", "harvest_run") not in written
