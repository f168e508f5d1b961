"""The worker: what it does, how soon, and what it notes."""

import signal
import time

import pytest
from sqlalchemy import delete

from app import jobs
from app.catalogue import clusters
from app.catalogue.service import queue_for_index
from app.config import Config
from app.discover.indexing import SearchIndex
from app.models import ClusterMember
from recommender.store import ModelStore
from search.document import Request
from search.query import parse
from tests.support.factories import NOW, Factory


@pytest.fixture
def config(sqlite, tmp_path):
    return Config.from_env({"FOYER_DATA_DIR": str(tmp_path / "data"), "FOYER_SECRET_KEY": "x"})


@pytest.fixture
def queue(config):
    return jobs.Jobs(config)


@pytest.fixture
def session(sqlite):
    with sqlite.sessions() as session:
        yield session


@pytest.fixture
def index(config, session):
    """Return the search index, built while the catalogue was empty."""
    index = SearchIndex(config.index_dir, config.search_engine)
    index.rebuild(session, lambda _done: None)
    session.commit()
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


def changed_item(session, title):
    item = Factory(session).item(title)
    queue_for_index(session, [item.id], now=NOW)
    session.commit()
    return item


@pytest.fixture
def with_an_item(session):
    """Put an item into the catalogue before the worker starts, which may build at once."""
    Factory(session).item("Hydraulics")
    session.commit()


def test_it_builds_an_index_where_there_is_none(config, with_an_item, worker):
    index = SearchIndex(config.index_dir, config.search_engine)
    jobs.Jobs(config).follow_index_soon()
    assert wait_for(index.ready, seconds=30)
    assert index.count() == 1
    index.close()


def wait_for(condition, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def found(index, text):
    request = Request(parse(text), frozenset({"everyone"}))
    return [hit.id for hit in index.search(request).hits]


def test_it_makes_a_change_findable_within_two_seconds(queue, worker, index, session):
    item = changed_item(session, "Calibrating flow meters")
    queue.after_commit(session)
    assert wait_for(lambda: found(index, "calibrating") == [item.id], seconds=20)


def test_it_follows_only_transactions_that_changed_items(queue, session):
    queue.after_commit(session)
    assert queue.waiting() == 0


def test_it_lets_one_change_be_followed_once(queue, session):
    changed_item(session, "Calibrating")
    queue.after_commit(session)
    queue.after_commit(session)
    assert queue.waiting() == 1


def test_it_carries_jobs_from_one_process_to_another(config, queue):
    queue.train_soon()
    assert jobs.Jobs(config).waiting() == 1


def errors_of(queue, job):
    return [run.error for run in queue.last_runs() if run.job == job]


def test_it_notes_how_a_job_ended(queue, worker, index):
    queue.follow_index_soon()
    assert wait_for(lambda: errors_of(queue, "follow_index") == [""], seconds=20)


def test_it_notes_what_went_wrong_and_works_on(queue, worker, sqlite):
    with sqlite.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE item")
    queue.train_soon()
    assert wait_for(lambda: errors_of(queue, "train"), seconds=60)
    assert "exit code 1" in errors_of(queue, "train")[0]


def test_it_trains_in_a_process_of_its_own(config, queue, worker, session):
    Factory(session).item()
    session.commit()
    queue.train_soon()
    assert wait_for(lambda: ModelStore(config.models_dir).current() is not None, seconds=60)


@pytest.fixture
def with_duplicates(session):
    """Put two things in two tools each into the catalogue: one without keys, one missed before."""
    make = Factory(session)
    tools = [make.tool(), make.tool()]
    for tool in tools:
        make.item(tool=tool, url="https://provider.example.org/course/5")
    clusters.catch_up(session)
    session.execute(delete(ClusterMember))
    for tool in tools:
        make.item(tool=tool, url="https://provider.example.org/course/6")
    session.commit()


def test_it_looks_for_duplicates_when_it_starts(with_duplicates, queue, worker, session):
    assert wait_for(lambda: errors_of(queue, "find_duplicates") == [""], seconds=30)
    assert session.query(ClusterMember).count() == 4
