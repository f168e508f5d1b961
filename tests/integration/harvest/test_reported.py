"""What a record store told completions of is remembered by tool, on both databases."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.activity.telling import by_hand
from app.connectors.base import Account, AccountKind, Did
from app.harvest.activities import store_activity
from app.models import Connection, ReportedTool
from tests.support.factories import NOW

ADA = Account(AccountKind.EMAIL, "ada@example.org")
TODAY = NOW.date()


@pytest.fixture
def ada(make):
    return make.person("Ada", email="ada@example.org")


@pytest.fixture
def simlab(make):
    return make.tool("simlab", "SimLab")


@pytest.fixture
def course(make, simlab):
    return make.item(tool=simlab, url="https://simlab.example.org/valves")


@pytest.fixture
def store(session, make):
    """Return the connection of a record store."""
    tool = make.tool("lrs", "Our LRS")
    row = Connection(
        tool_id=tool.id,
        kind="lrs",
        enabled=True,
        people_by="email",
        last_ok_at=NOW,
        created_at=NOW,
        settings={},
        tool=tool,
    )
    session.add(row)
    session.flush()
    return row


def hear(session, store, own, item, verb="completed"):
    did = Did(own, ADA, verb, NOW - dt.timedelta(hours=1), address=item.url)
    store_activity(session, store, [did], now=NOW)


def reported(session):
    return set(session.execute(select(ReportedTool.connection_id, ReportedTool.tool_id)).all())


def test_the_first_completion_of_a_tool_is_remembered_once(
    session, make, ada, simlab, course, store
):
    assert by_hand(session, ada.id, course.id, today=TODAY).may_say
    hear(session, store, "one", course)
    hear(session, store, "two", course)
    assert reported(session) == {(store.id, course.tool_id)}
    other = make.item(tool=simlab)
    assert not by_hand(session, ada.id, other.id, today=TODAY).may_say


def test_that_something_was_begun_says_nothing_of_completions(session, ada, course, store):
    hear(session, store, "one", course, verb="launched")
    assert reported(session) == set()


def test_a_tool_that_tells_of_its_own_items_is_not_remembered(session, make, ada, store):
    own = make.item(tool=store.tool, url="https://lrs.example.org/1")
    hear(session, store, "one", own)
    assert reported(session) == set()
