"""Trainings as rows: who may begin, how they stop, and what is found after one was killed."""

from datetime import timedelta

import pytest

from app.errors import Conflict, NotFound
from app.foryou import trainings
from app.models import Experiment, Training, TrainingState

SECOND = timedelta(seconds=1)


def states(session):
    session.flush()
    return [row.state for row in session.query(Training).order_by(Training.id)]


@pytest.fixture
def asked(session, make, now):
    return trainings.ask(session, by=make.person("Ada Byron", access="admin").id, now=now)


@pytest.fixture
def begun(session, now):
    return trainings.begin(session, engine="implicit", now=now)


def test_what_is_asked_for_waits_for_the_worker(session, asked):
    assert trainings.under_way(session) is asked
    assert (asked.state, asked.stage) == (TrainingState.RUNNING, trainings.WAITING)


def test_nobody_can_ask_while_one_waits_or_is_under_way(session, asked, now):
    with pytest.raises(Conflict):
        trainings.ask(session, by=None, now=now + SECOND)
    trainings.begin(session, engine="implicit", now=now)
    with pytest.raises(Conflict):
        trainings.ask(session, by=None, now=now + SECOND)


def test_the_worker_takes_up_the_one_that_waits(session, asked, now):
    begun = trainings.begin(session, engine="spark", now=now + SECOND)
    assert begun is asked
    assert (begun.engine, begun.started_at, begun.stage) == ("spark", now + SECOND, "data")
    assert begun.asked_by_id


def test_one_that_nobody_asked_for_gets_a_row_too(session, begun):
    assert trainings.under_way(session) is begun
    assert begun.asked_by_id is None


def test_one_that_was_killed_is_found_by_the_next(session, begun, now):
    trainings.begin(session, engine="implicit", now=now + SECOND)
    session.refresh(begun)
    assert begun.state == TrainingState.FAILED
    assert begun.outcome == str(trainings.INTERRUPTED)
    assert begun.ended_at == now + SECOND
    assert states(session) == ["failed", "running"]


def test_somebody_may_ask_again_once_nothing_has_moved_for_long(session, begun, now):
    later = now + trainings.SILENT_FOR + SECOND
    assert trainings.is_lost(begun, later)
    trainings.ask(session, by=None, now=later)
    assert states(session) == ["failed", "running"]


def test_one_that_moves_is_not_lost(session, begun, now):
    later = now + trainings.SILENT_FOR
    trainings.moved(session, begun.id, stage="taste", share=0.4, now=later)
    session.refresh(begun)
    assert not trainings.is_lost(begun, later + trainings.SILENT_FOR)
    assert (begun.stage, begun.share) == ("taste", 0.4)


def test_one_that_no_worker_takes_up_is_given_up(session, asked, now):
    assert not trainings.is_lost(asked, now + trainings.SILENT_FOR + SECOND)
    trainings.ask(session, by=None, now=now + trainings.WAITS_FOR + SECOND)
    session.refresh(asked)
    assert asked.outcome == "No worker took it up."


def test_the_wish_to_stop_is_heard_at_the_next_step(session, begun, now):
    assert not trainings.moved(session, begun.id, stage="taste", share=0.1, now=now)
    trainings.want_stop(session, now=now)
    assert trainings.moved(session, begun.id, stage="taste", share=0.2, now=now)
    assert begun.state == TrainingState.RUNNING


def test_one_that_waits_is_stopped_at_once(session, asked, now):
    trainings.want_stop(session, now=now)
    assert states(session) == ["stopped"]


def test_one_that_is_lost_is_stopped_at_once(session, begun, now):
    trainings.want_stop(session, now=now + trainings.SILENT_FOR + SECOND)
    assert states(session) == ["stopped"]


def test_nothing_can_be_stopped_where_nothing_is_under_way(session, now):
    with pytest.raises(NotFound):
        trainings.want_stop(session, now=now)


def test_what_has_ended_moves_no_more(session, begun, now):
    done = TrainingState.DONE
    trainings.end(session, begun.id, done, "nDCG", model="m", now=now)
    trainings.moved(session, begun.id, stage="taste", share=0.9, now=now + SECOND)
    session.refresh(begun)
    assert (begun.state, begun.stage, begun.model) == (done, "data", "m")
    assert trainings.under_way(session) is None


def test_models_of_experiments_that_run_are_needed(session, now):
    for ended, name in ((None, "kept"), (now, "old")):
        sides = {"a": {"model": f"{name}-a"}, "b": {"model": f"{name}-b"}}
        session.add(Experiment(name=name, started_at=now, ended_at=ended, **sides))
    session.flush()
    assert trainings.needed_models(session) == {"kept-a", "kept-b"}
