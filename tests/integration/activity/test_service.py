"""What people do: recorded once, kept as state, and told to whoever follows."""

import pytest

from app import events
from app.activity import queries, service
from app.foryou.history import history_of
from app.models import Activity, Verb


@pytest.fixture
def person(make):
    return make.person()


@pytest.fixture
def item(make):
    return make.item()


def verbs(session):
    return [row.verb for row in session.query(Activity).order_by(Activity.id)]


def test_it_saves_once_however_often_asked(session, person, item, now):
    service.save(session, person.id, item.id, now=now)
    service.save(session, person.id, item.id, now=now)
    assert verbs(session) == ["saved"]


def test_it_takes_an_item_out_of_the_library(session, person, item, now):
    service.save(session, person.id, item.id, now=now)
    service.unsave(session, person.id, item.id)
    assert queries.saved_ids(session, person.id) == []


def test_it_tells_followers_of_a_completion_once(session, person, item, now):
    heard = []
    with events.item_completed.connected_to(lambda _s, person_id, item_id, at: heard.append(at)):
        service.complete(session, person.id, item.id, now=now)
        service.complete(session, person.id, item.id, now=now)
    assert heard == [now]


def test_it_takes_a_completion_back_with_its_record(session, person, item, now):
    service.complete(session, person.id, item.id, now=now)
    service.uncomplete(session, person.id, item.id, now=now)
    assert (verbs(session), queries.done_ids(session, person.id)) == ([], [])


def test_it_keeps_completions_that_a_tool_reported(session, person, item, now):
    service.record(session, person.id, item.id, Verb.COMPLETED, now=now, source="lms")
    service.uncomplete(session, person.id, item.id, now=now)
    assert verbs(session) == ["completed"]


def test_it_walls_off_what_is_done_or_dismissed(session, make, person, now):
    done, dismissed, other = make.item(), make.item(), make.item()
    service.complete(session, person.id, done.id, now=now)
    service.dismiss(session, person.id, dismissed.id, now=now)
    service.save(session, person.id, other.id, now=now)
    assert queries.done_or_dismissed(session, person.id) == {done.id, dismissed.id}


def test_it_takes_a_dismissal_back(session, person, item, now):
    service.dismiss(session, person.id, item.id, now=now)
    service.undismiss(session, person.id, item.id, now=now)
    assert queries.done_or_dismissed(session, person.id) == frozenset()


def test_it_finds_a_finished_item_no_longer_unwanted(session, person, item, now):
    service.dismiss(session, person.id, item.id, now=now)
    service.complete(session, person.id, item.id, now=now)
    assert queries.dismissed_ids(session, person.id) == []


def test_it_gives_the_history_oldest_first(session, make, person, now):
    first, second = make.item(), make.item()
    service.launch(session, person.id, first, now=now)
    service.launch(session, person.id, second, now=now)
    history = history_of(session, person.id, since=now)
    assert [event.item for event in history] == [first.id, second.id]
