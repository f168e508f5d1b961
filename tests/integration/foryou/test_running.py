"""A training from beginning to end: progress, stop, kills, and going on to the same bits."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from app.activity import service as activity
from app.foryou import running, trainings
from app.foryou.training import RESUMED_WITHIN
from app.models import Training, Verb
from recommender.store import ModelStore, TrainingUnderWay
from tests.support.factories import NOW, Factory

ROOT = Path(__file__).parents[3]


@pytest.fixture
def portal(sqlite):
    """Return a database in which forty people did something, rows committed."""
    with sqlite.transaction() as session:
        make = Factory(session)
        role = make.role()
        items = [make.item(f"Circuit {n}", roles=[role]) for n in range(12)]
        for number in range(40):
            person = make.person(roles=[role])
            for day in range(6):
                at = NOW - timedelta(days=90 - 2 * number - day)
                item = items[(number + day * day) % 12]
                activity.record(session, person.id, item.id, Verb.COMPLETED, now=at)
    return sqlite


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


@pytest.fixture
def run(portal, store):
    """Return a function that trains at a moment."""

    def ran(at=NOW, **more):
        return running.run(portal, store, now=lambda: at, **more)

    return ran


@pytest.fixture
def rows(portal):
    """Return a function that reads the rows of trainings."""

    def read():
        with portal.sessions() as session:
            return list(session.query(Training).order_by(Training.id))

    return read


class Ended(Exception):
    """What a test raises in the middle of a training."""


def broken(at, error=Ended):
    """Return a function that ends a training at its step number `at`."""
    left = iter(range(at))

    def tell(_stage, _share):
        if next(left, None) is None:
            raise error

    return tell


def factors(store):
    return store.current().scorers.taste.factors


def test_it_writes_down_what_came_of_it(run, rows, store):
    promotion = run()
    (row,) = rows()
    assert (row.state, row.model) == ("done", promotion.name)
    assert row.outcome == promotion.why
    origin = store.history()[0].origin
    assert (origin.events, origin.people, origin.items) == (240, 40, 12)
    assert origin.seconds > 0
    assert origin.peak_bytes > 50_000_000
    assert not (store.path / "begun").exists()


def test_a_refused_model_is_named_in_no_row(run, rows, monkeypatch):
    monkeypatch.setattr("recommender.gate.ACCEPTING", frozenset())
    assert not run().accepted
    assert (rows()[0].state, rows()[0].model) == ("done", "")


def test_only_one_trains_at_a_time(run, rows, store):
    with store.training(), pytest.raises(TrainingUnderWay):
        run()
    assert rows() == []


def test_the_reporter_ends_it_at_the_next_step_once_somebody_wants_it_to_stop(portal):
    with portal.transaction() as session:
        training_id = trainings.begin(session, engine="implicit", now=NOW).id
    reporter = running.Reporter(portal, training_id, lambda: NOW)
    reporter.write()
    reporter("taste", 0.1)
    with portal.transaction() as session:
        trainings.want_stop(session, now=NOW)
    reporter("taste", 0.2)
    reporter.write()
    with pytest.raises(running.Stopped):
        reporter("taste", 0.3)


def test_one_that_is_stopped_changes_nothing_that_serves(run, rows, store):
    with pytest.raises(running.Stopped):
        run(tell=broken(20, running.Stopped))
    assert (rows()[0].state, rows()[0].outcome) == ("stopped", str(trainings.STOPPED))
    assert store.current() is None


def test_what_goes_wrong_stands_in_the_row(run, rows):
    with pytest.raises(Ended):
        run(tell=broken(5))
    assert (rows()[0].state, rows()[0].outcome) == ("failed", "Ended ended it.")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interruption_stands_in_the_row(run, rows, error):
    with pytest.raises(error):
        run(tell=broken(5, error))
    assert rows()[0].outcome == str(trainings.INTERRUPTED)


@pytest.fixture
def uninterrupted(run, store, tmp_path, portal):
    """Return the factors that a training gives which nobody interrupts."""
    other = ModelStore(tmp_path / "uninterrupted")
    running.run(portal, other, now=lambda: NOW)
    return factors(other)


def test_it_goes_on_with_the_data_of_then(run, portal, store, uninterrupted):
    with pytest.raises(Ended):
        run(tell=broken(20))
    with portal.transaction() as session:
        activity.record(session, 1, 1, Verb.COMPLETED, now=NOW + timedelta(minutes=1))
    steps = []
    run(NOW + timedelta(minutes=5), tell=lambda *step: steps.append(step))
    assert not [share for stage, share in steps if stage == "rehearsal" and share]
    assert np.array_equal(factors(store), uninterrupted)
    assert store.current().trained_at == NOW.timestamp()


@pytest.mark.parametrize("what", ["an activity of then is gone", "it is long ago"])
def test_it_begins_anew_when_it_cannot_go_on(run, portal, store, what):
    with pytest.raises(Ended):
        run(tell=broken(20))
    later = NOW + timedelta(minutes=5)
    if what == "it is long ago":
        later = NOW + RESUMED_WITHIN + timedelta(minutes=5)
    else:
        with portal.transaction() as session:
            session.connection().exec_driver_sql("DELETE FROM activity WHERE id = 7")
    steps = []
    run(later, tell=lambda *step: steps.append(step))
    assert [share for stage, share in steps if stage == "rehearsal" and share]
    assert store.current().trained_at == later.timestamp()


class Process:
    """A training in a process of its own that does one step for each line it is given."""

    def __init__(self, portal, store):
        url = portal.engine.url.render_as_string(hide_password=False)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.training_process", url, str(store.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def until(self, step):
        """Let it work up to a step, and leave it there."""
        while (said := self.process.stdout.readline()) != step:
            assert said, "it ended"
            self.process.stdin.write("\n")
            self.process.stdin.flush()

    def end(self, signal_number=None):
        """Send a signal, or none but the end of what it is given; return how it ended."""
        if signal_number is not None:
            self.process.send_signal(signal_number)
        self.process.stdin.close()
        said = self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(), said


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_process_leaves_nothing_half_made_and_the_next_goes_on(
    portal, store, rows, uninterrupted, number
):
    process = Process(portal, store)
    process.until("taste 0.67\n")
    code, _said = process.end(number)
    assert code in (-signal.SIGKILL, 128 + signal.SIGTERM)
    assert rows()[1].state == ("running" if number == signal.SIGKILL else "failed")
    assert store.current() is None
    with store.training():
        pass
    code, said = Process(portal, store).end()
    assert code == 0
    assert "taste 0.67\n" not in said
    assert said.endswith(f"end {store.serving_name()}\n")
    assert np.array_equal(factors(store), uninterrupted)
    assert [row.state for row in rows()] == ["done", "failed", "done"]
    left = {path.name for path in store.path.iterdir()}
    assert left == {"current", "history.jsonl", "lock", "models", "training.lock"}


def test_the_reporter_survives_a_database_that_is_busy(portal, rows, caplog):
    with portal.transaction() as session:
        training_id = trainings.begin(session, engine="implicit", now=NOW).id
    reporter = running.Reporter(portal, training_id, lambda: NOW)
    reporter("taste", 0.5)
    with portal.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE training RENAME TO away")
    reporter.write()
    with portal.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO training")
    reporter.write()
    assert (rows()[0].stage, rows()[0].share) == ("taste", 0.5)
    assert "the progress cannot be written" in caplog.text
