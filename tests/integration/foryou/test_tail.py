"""What others do is known a moment later, in every process, and what is deleted is not."""

import threading
from datetime import timedelta

import pytest

from app.activity import pauses, signals
from app.activity import service as activity
from app.foryou import queries
from app.foryou.tail import OVERLAP, Tail
from app.foryou.training import dataset_of
from app.models import Activity, Verb
from recommender.model import fit
from tests.support.queries import count_queries

HOUR = timedelta(hours=1)


@pytest.fixture
def model(session, a_busy_year, now):
    """Return a model of the busy year, trained an hour ago."""
    session.commit()
    return fit(dataset_of(session, now=now - HOUR))


@pytest.fixture
def ada(make):
    return make.person("Ada Byron")


@pytest.fixture
def finish(session, ada, now):
    """Let Ada finish items, a minute apart."""

    def finished(*items, person=ada):
        for nth, item in enumerate(items):
            at = now + nth * timedelta(minutes=1)
            activity.complete(session, person.id, item.id, now=at)
        session.commit()

    return finished


def heard(session, tail, model):
    """Return what a process knows by now: how much weight each item has gained since."""
    _state, signs, _audiences = queries.allowed_audiences(session, {"everyone"})
    live = tail.live(session, model, signs)
    gained = live.sums("weight")[: model.items.size] - model.counts.weight
    return {model.items[at] for at in gained.nonzero()[0]}


def followed_by(session, tail, model, item):
    """Return the items that people took after this one, of late or before."""
    _state, signs, _audiences = queries.allowed_audiences(session, {"everyone"})
    live = tail.live(session, model, signs)
    at = model.items.searchsorted([item.id])
    cells = live.rows("after", at)
    return {model.items[column] for column in cells.column if column < model.items.size}


def test_what_anybody_does_is_known_in_every_process(session, model, finish, circuits, statistics):
    here, there = Tail(), Tail()
    assert heard(session, here, model) == set()
    finish(circuits[0], statistics[4])
    assert heard(session, here, model) == {circuits[0].id, statistics[4].id}
    assert heard(session, there, model) == {circuits[0].id, statistics[4].id}
    assert statistics[4].id in followed_by(session, here, model, circuits[0])
    finish(statistics[5])
    assert statistics[5].id in followed_by(session, there, model, statistics[4])


def test_an_event_is_counted_once_however_often_it_is_read(session, model, finish, circuits):
    tail = Tail()
    finish(circuits[0])
    heard(session, tail, model)
    finish(circuits[1])
    heard(session, tail, model)
    _state, signs, _audiences = queries.allowed_audiences(session, {"everyone"})
    told = tail.live(session, model, signs).sums("weight")
    fresh = Tail().live(session, model, signs).sums("weight")
    assert told.tolist() == pytest.approx(fresh.tolist())


def test_without_anything_new_nothing_is_read(session, database, model, finish, circuits):
    tail = Tail()
    finish(circuits[0])
    _state, signs, _audiences = queries.allowed_audiences(session, {"everyone"})
    tail.live(session, model, signs)
    with count_queries(session.get_bind()) as sent:
        tail.live(session, model, signs)
    assert not sent
    finish(circuits[1])
    _state, signs, _audiences = queries.allowed_audiences(session, {"everyone"})
    with count_queries(session.get_bind()) as sent:
        tail.live(session, model, signs)
    assert len(sent) == 1


def test_a_row_that_becomes_visible_late_is_heard(session, model, ada, circuits, now):
    tail = Tail()
    newest = session.query(Activity.id).order_by(Activity.id.desc()).first()[0]
    for row, item in ((newest + 9, circuits[1]), (newest + 5, circuits[2])):
        _launched(session, row, ada, item, now)
        heard(session, tail, model)
    _launched(session, newest + OVERLAP // 2, ada, circuits[3], now)
    assert heard(session, tail, model) == {one.id for one in circuits[1:4]}


def _launched(session, row, person, item, at):
    launched = Verb.LAUNCHED.value
    session.add(Activity(id=row, person_id=person.id, item_id=item.id, verb=launched, at=at))
    session.commit()


def test_what_somebody_deletes_is_forgotten_at_once(
    session, model, ada, finish, circuits, statistics, now
):
    tail = Tail()
    finish(circuits[0], statistics[0])
    assert len(heard(session, tail, model)) == 2
    signals.forget(session, ada.id, now=now)
    session.commit()
    assert heard(session, tail, model) == set()


def test_what_is_done_while_signals_are_paused_is_not_heard(
    session, model, ada, finish, circuits, now
):
    pauses.pause(session, ada.id, now=now)
    session.commit()
    tail = Tail()
    finish(circuits[0])
    assert heard(session, tail, model) == set()


def test_another_model_begins_where_it_was_trained(session, model, finish, circuits, now):
    tail = Tail()
    finish(circuits[0])
    assert heard(session, tail, model) == {circuits[0].id}
    other = fit(dataset_of(session, now=now + HOUR))
    assert heard(session, tail, other) == set()
    assert heard(session, tail, model) == {circuits[0].id}


def test_whoever_comes_while_others_read_gets_what_was_known_before(
    session, model, finish, circuits
):
    tail = Tail()
    finish(circuits[0])
    known = heard(session, tail, model)
    finish(circuits[1])
    found = []
    with tail._lock:
        asking = threading.Thread(target=lambda: found.append(heard(session, tail, model)))
        asking.start()
        asking.join()
    assert found == [known]
