"""How connected tools are, in words, and which are due."""

import datetime as dt

import pytest

from app.connectors.base import Delete, ErrorKind, Mode, Presence, SourceError
from app.errors import Wording
from app.harvest import health
from app.harvest.schedule import due
from app.models import Connection, Tool
from tests.support.queries import count_queries
from tests.support.tools.scripted import end, upsert


def the_health(harvesting):
    with harvesting.database.sessions() as session:
        return health.of_all(session, now=harvesting.now)[0]


def is_due(harvesting):
    with harvesting.database.sessions() as session:
        return due(session, harvesting.now) == [harvesting.connection_id]


def test_a_new_tool_has_never_run_and_is_due(harvesting, script):
    assert the_health(harvesting).state == "has never run"
    assert is_due(harvesting)


def test_a_tool_that_was_read_works_and_counts_its_items(harvesting, script):
    script.pulls = [
        [upsert("a"), upsert("b"), upsert("c"), end()],
        [Delete("b", Presence.HIDDEN), Delete("c"), end()],
    ]
    harvesting.run()
    harvesting.run()
    harvesting.run(dry=True)
    harvesting.now += dt.timedelta(minutes=5)
    found = the_health(harvesting)
    assert (found.state, found.live, found.retired, found.hidden) == ("working", 1, 2, 1)
    assert (found.counts["removed"], found.age) == (2, dt.timedelta(minutes=15))
    assert not is_due(harvesting)


def test_a_tool_is_due_again_after_its_time(harvesting, script):
    script.pulls = [[upsert("a"), end()]]
    harvesting.run()
    harvesting.now += dt.timedelta(minutes=60)
    assert is_due(harvesting)


def test_a_tool_that_is_switched_off_is_paused_and_never_due(harvesting, script):
    harvesting.change(Connection, enabled=False)
    assert the_health(harvesting).state == "not switched on yet"
    script.pulls = [[end()]]
    harvesting.run()
    assert the_health(harvesting).state == "paused"
    assert not is_due(harvesting)


@pytest.mark.parametrize(
    ("kind", "state"),
    [(ErrorKind.AUTH_INVALID, "needs a look"), (ErrorKind.TRANSIENT, "could not be read yet")],
)
def test_trouble_that_needs_somebody_says_so(harvesting, script, kind, state):
    script.pulls = [[SourceError(kind, Wording("In a bad way."))]]
    harvesting.run()
    found = the_health(harvesting)
    assert (found.state, found.error) == (state, "In a bad way.")


def test_a_tool_that_keeps_failing_rests(harvesting, script):
    script.pulls = [[SourceError(ErrorKind.TRANSIENT, Wording("Down."))]]
    for _ in range(8):
        harvesting.run()
    assert the_health(harvesting).state == "resting"
    assert not is_due(harvesting)


def test_a_tool_that_was_not_read_for_long_needs_a_look(harvesting, script):
    script.pulls = [[upsert("a"), end()]]
    harvesting.run()
    harvesting.now += dt.timedelta(hours=4)
    assert the_health(harvesting).state == "needs a look"


def test_a_tool_that_is_read_now_says_so_and_is_not_due(harvesting, script):
    seen = []
    script.pulls = [[lambda _: seen.append((the_health(harvesting).state, is_due(harvesting)))]]
    harvesting.run()
    assert seen == [("is being read", False)]


def test_a_sweep_in_quarantine_waits_for_an_answer(harvesting, script):
    many = [upsert(str(number)) for number in range(40)]
    script.pulls = [[*many, end()], [many[0], end()]]
    script.there = {one.external_id: Presence.GONE for one in many}
    harvesting.run()
    harvesting.run(Mode.SWEEP)
    found = the_health(harvesting)
    assert (found.state, found.held, found.live) == ("waits for an answer", 39, 40)


def test_more_tools_cost_no_more_statements(harvesting, script):
    def statements():
        database = harvesting.database
        with database.sessions() as session, count_queries(database.engine) as counted:
            health.of_all(session, now=harvesting.now)
        return len(counted)

    one = statements()
    with harvesting.database.transaction() as session:
        for number in range(10):
            tool = Tool(slug=f"tool-{number}", name="Tool")
            session.add(tool)
            session.flush()
            session.add(Connection(tool_id=tool.id, kind="wordpress", created_at=harvesting.now))
    assert statements() == one == 4
