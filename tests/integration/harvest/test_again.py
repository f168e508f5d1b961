"""What people did with items that come later counts by itself, and is not read too often."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.connectors.base import Account, AccountKind
from app.harvest import accounts, again
from app.models import Activity, Connection
from tests.support.factories import NOW, Factory

ADA = Account(AccountKind.EMAIL, "ada@example.org")
LATER = "https://courses.test/course/77"
DAY = dt.timedelta(days=1)


@pytest.fixture
def with_what_nobody_knows(harvesting, lrs):
    """Let the store tell of an item that is not in the catalogue, an hour ago."""
    lrs.complete(LATER, ADA)
    lrs.tick(60)
    harvesting.run()


def comes(harvesting, url=LATER):
    """Let an item come now, of some tool."""
    with harvesting.database.transaction() as session:
        Factory(session, now=harvesting.now).item(url=url, external_id=url)


def counted(harvesting):
    with harvesting.database.sessions() as session:
        return len(session.scalars(select(Activity)).all())


def test_what_was_done_with_an_item_that_comes_later_counts(
    harvesting, lrs, with_what_nobody_knows
):
    comes(harvesting)
    harvesting.now += DAY
    assert harvesting.run().counts["activities"] == 1
    assert not harvesting.connection().items_missed


def test_it_is_read_from_the_beginning_once_a_day_at_most(harvesting, lrs, with_what_nobody_knows):
    comes(harvesting, "https://courses.test/course/5")
    harvesting.now += DAY
    harvesting.run()
    comes(harvesting)
    harvesting.run()
    assert counted(harvesting) == 0
    harvesting.now += DAY
    harvesting.run()
    assert counted(harvesting) == 1


def test_without_new_items_it_goes_on_where_it_was(harvesting, lrs, with_what_nobody_knows):
    harvesting.now += DAY
    harvesting.run()
    harvesting.now += 2 * DAY
    lrs.requests.clear()
    harvesting.run()
    assert all("since" in str(one.url) for one in lrs.requests)


def test_where_every_item_was_known_new_ones_change_nothing(harvesting, lrs):
    lrs.complete("https://courses.test/course/1", ADA)
    lrs.tick(60)
    harvesting.run()
    comes(harvesting)
    harvesting.now += 2 * DAY
    lrs.requests.clear()
    harvesting.run()
    assert all("since" in str(one.url) for one in lrs.requests)


@pytest.mark.parametrize(("own", "due"), [(True, True), (False, False)])
def test_a_tool_with_items_waits_for_its_own(session, make, own, due):
    tool = make.tool("lms")
    read_at = NOW - 2 * DAY
    row = Connection(
        tool_id=tool.id,
        kind="moodle",
        settings={},
        people_read_at=read_at,
        items_missed=True,
        created_at=NOW,
    )
    session.add(row)
    make.now = read_at + dt.timedelta(hours=1)
    make.item(tool=tool if own else make.tool("wiki"))
    assert again.is_due(session, row, own_items=True, now=NOW) is due
    assert again.is_due(session, row, own_items=False, now=NOW)


def test_asked_for_during_a_run_it_is_done_by_the_next_one(harvesting, lrs, with_what_nobody_knows):
    comes(harvesting)
    answers = lrs.handle

    def handle(request):
        harvesting.handle = answers
        with harvesting.database.transaction() as session:
            accounts.read_again(session, session.get_one(Connection, harvesting.connection_id))
        return answers(request)

    harvesting.handle = handle
    harvesting.run()
    assert counted(harvesting) == 0
    harvesting.run()
    assert counted(harvesting) == 1
