"""The worker and the command line: tools are read when they are due, and when somebody asks."""

import signal
import threading
import time

import pytest
from click.testing import CliRunner

from app import jobs
from app.cli import main
from app.cli.portal import Portal
from app.config import Config
from app.connectors.base import Mode
from app.discover.indexing import SearchIndex
from app.models import Connection, HarvestRun, Item, Tool
from search.document import Request
from search.query import parse
from tests.support.factories import NOW
from tests.support.tools.serving import Counting, Served
from tests.support.tools.wordpress import FakeWordPress


@pytest.fixture
def config(sqlite, tmp_path):
    return Config.from_env({"FOYER_DATA_DIR": str(tmp_path / "data"), "FOYER_SECRET_KEY": "x"})


@pytest.fixture
def blog():
    fake = FakeWordPress()
    fake.add("Calibrating flow meters")
    return fake


@pytest.fixture
def answering():
    """Return what is called after each answer of the tool, to be replaced."""
    return {"after": lambda _number: None}


@pytest.fixture
def connection_id(sqlite, blog, answering):
    """Return the connection of a blog that answers on this machine."""
    with Served(Counting(blog, lambda number: answering["after"](number))) as server:
        with sqlite.transaction() as session:
            tool = Tool(slug="blog", name="The blog")
            session.add(tool)
            session.flush()
            row = Connection(
                tool_id=tool.id,
                kind="wordpress",
                settings={"address": server.url},
                private=True,
                enabled=True,
                created_at=NOW,
            )
            session.add(row)
            session.flush()
        yield row.id


@pytest.fixture
def queue(config):
    return jobs.Jobs(config)


@pytest.fixture
def index(config, sqlite):
    index = SearchIndex(config.index_dir, config.search_engine)
    with sqlite.transaction() as session:
        index.rebuild(session, lambda _done: None)
    yield index
    index.close()


@pytest.fixture
def worker(queue):
    """Run the worker for as long as the test lasts."""
    handlers = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    consumer = queue.worker()
    consumer.start()
    yield consumer
    consumer.stop(graceful=True)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    queue.close()


@pytest.fixture
def cli(config):
    """Return a function that runs a command and returns its exit code and output."""

    def run(*words):
        result = CliRunner().invoke(main, ["tools", *words], obj=Portal(config))
        return result.exit_code, result.output

    return run


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def titles(sqlite):
    with sqlite.sessions() as session:
        return {one.title for one in session.query(Item)}


def found(index, text):
    request = Request(parse(text), frozenset({"everyone"}))
    return [hit.id for hit in index.search(request).hits]


def test_what_a_harvest_commits_is_found_within_two_seconds(
    config, queue, index, connection_id, worker, sqlite
):
    queue.harvest_soon(connection_id, asked_by="Ada")
    assert wait_for(lambda: titles(sqlite))
    assert wait_for(lambda: found(index, "calibrating"), seconds=20)


def test_a_tool_that_is_due_is_read_by_itself(queue, index, connection_id, worker, sqlite):
    queue._tasks["harvest_due"]()
    assert wait_for(lambda: titles(sqlite) == {"Calibrating flow meters"})


@pytest.fixture
def switched_off(sqlite, connection_id):
    """Let the tool be read only when somebody asks."""
    with sqlite.transaction() as session:
        session.get(Connection, connection_id).enabled = False


def test_a_job_for_a_tool_that_is_no_longer_due_does_nothing(
    queue, connection_id, switched_off, blog
):
    jobs.harvest(queue._parts, connection_id, None, dry=False, asked_by="")
    assert blog.requests == []
    queue.close()


def test_at_its_end_the_worker_stops_a_run_softly(
    queue, connection_id, switched_off, worker, blog, answering, sqlite
):
    for number in range(400):
        blog.add(f"Post {number}")
    reading = threading.Event()

    def after(number):
        if number == 2:
            reading.set()
            queue._ending.wait(10)

    answering["after"] = after
    queue.harvest_soon(connection_id, asked_by="Ada")
    assert reading.wait(10)
    worker.stop()
    with sqlite.sessions() as session:
        assert session.get(Connection, connection_id).running_until is None
        assert session.query(HarvestRun).one().state == "halted"
        assert 100 <= session.query(Item).count() < 300


def test_three_are_read_at_once_and_the_others_wait(queue):
    with queue._turns.one() as a, queue._turns.one() as b, queue._turns.one() as c:
        with queue._turns.one() as d:
            assert (a, b, c, d) == (True, True, True, False)
        assert not queue._turns.wait_for_all(jobs.PATIENCE_AT_END / 1000)
    assert queue._turns.wait_for_all(jobs.PATIENCE_AT_END)


def test_one_that_somebody_asked_for_waits_for_its_turn(queue, connection_id, sqlite):
    task = queue._harvest_task
    with queue._turns.one(), queue._turns.one(), queue._turns.one():
        for asked_by in ("Ada", ""):
            task.call_local(connection_id, mode=None, dry=False, asked_by=asked_by)
    assert queue.waiting() == 1
    assert titles(sqlite) == set()


def test_the_command_line_reads_a_tool(cli, connection_id, sqlite):
    code, said = cli("run", "blog")
    assert (code, "1 new" in said) == (0, True)
    assert titles(sqlite) == {"Calibrating flow meters"}


def test_the_command_line_tries_a_tool(cli, connection_id, sqlite):
    code, said = cli("run", "blog", "--dry-run")
    assert (code, "New: 1" in said, "Calibrating flow meters (1)" in said) == (0, True, True)
    assert titles(sqlite) == set()


def test_the_command_line_says_how_tools_are(cli, connection_id):
    assert cli("list")[1].startswith("blog (wordpress): has never run; 0 items; ")


def test_the_command_line_checks_a_tool(cli, connection_id):
    assert cli("check", "blog")[:1] == (0,)


def test_the_command_line_says_what_was_in_the_way(cli, connection_id, sqlite):
    with sqlite.transaction() as session:
        session.get(Connection, connection_id).private = False
    code, said = cli("run", "blog")
    assert (code, "127.0.0.1" in said or "https" in said) == (1, True)


def test_the_command_line_names_a_tool_that_is_not_there(cli, connection_id):
    code, said = cli("run", "nothing")
    assert (code, "There is no connected tool nothing" in said) == (1, True)


def test_a_trial_survives_the_queue(queue, index, connection_id, switched_off, worker, sqlite):
    queue.harvest_soon(connection_id, Mode.SWEEP, dry=True, asked_by="Ada")
    assert wait_for(lambda: any(one.job == "harvest" for one in queue.last_runs()))
    assert titles(sqlite) == set()
