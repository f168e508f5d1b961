"""Giving playlists to people and following what they finish, on both databases."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app import events
from app.activity import service as activity
from app.errors import NotAllowed, NotFound
from app.models import Assignment, Progress
from app.playlists import service

TODAY = date(2026, 11, 12)
EVERYONE = frozenset({"everyone"})


@pytest.fixture
def amara(make):
    return make.person("Amara Okafor")


@pytest.fixture
def following():
    """Connect the receivers as the application does."""
    pairs = [
        (events.item_completed, service.on_item_completed),
        (events.item_reopened, service.on_item_reopened),
    ]
    for signal, receiver in pairs:
        signal.connect(receiver)
    yield
    for signal, receiver in pairs:
        signal.disconnect(receiver)


def start(session, person, playlist, now, tokens=EVERYONE):
    return service.start(session, person.id, playlist.slug, tokens=tokens, today=TODAY, now=now)


def steps_done(session):
    return list(session.scalars(select(Progress.step_id)))


def test_it_starts_a_playlist_today(session, make, amara, now):
    assert start(session, amara, make.playlist([make.item()]), now).starts_on == TODAY


def test_it_keeps_the_start_of_a_playlist_started_twice(session, make, amara, now):
    playlist = make.playlist([make.item()])
    made = make.assignment(playlist, amara, starts_on=TODAY - timedelta(days=9))
    assert start(session, amara, playlist, now).starts_on == made.starts_on


def test_it_counts_what_was_done_before_the_start(session, make, amara, now):
    item = make.item()
    activity.complete(session, amara.id, item.id, now=now - timedelta(days=30))
    start(session, amara, make.playlist([item, make.item()]), now)
    [progress] = session.scalars(select(Progress))
    assert progress.done_at == now - timedelta(days=30)


def test_it_starts_no_playlist_meant_for_others(session, make, amara, now):
    with pytest.raises(NotFound):
        start(session, amara, make.playlist(audience=("role:pilot",)), now)


def test_it_leaves_a_playlist_that_the_reader_started(session, make, amara, now):
    item = make.item()
    activity.complete(session, amara.id, item.id, now=now)
    playlist = make.playlist([item])
    start(session, amara, playlist, now)
    service.stop(session, amara.id, playlist.slug, tokens=EVERYONE)
    assert session.scalars(select(Assignment)).all() == steps_done(session) == []


def test_it_keeps_a_playlist_that_somebody_gave_to_the_reader(session, make, amara):
    playlist = make.playlist([make.item()])
    make.assignment(playlist, amara)
    with pytest.raises(NotAllowed):
        service.stop(session, amara.id, playlist.slug, tokens=EVERYONE)


def test_it_cannot_leave_a_playlist_that_nobody_started(session, make, amara):
    with pytest.raises(NotFound):
        service.stop(session, amara.id, make.playlist().slug, tokens=EVERYONE)


@pytest.mark.usefixtures("following")
def test_it_marks_the_step_in_every_playlist_of_the_person(session, make, amara, now):
    item = make.item()
    for _ in range(2):
        make.assignment(make.playlist([item]), amara)
    activity.complete(session, amara.id, item.id, now=now)
    assert len(steps_done(session)) == 2


@pytest.mark.usefixtures("following")
def test_it_leaves_other_people_where_they_are(session, make, amara, now):
    item = make.item()
    make.assignment(make.playlist([item]), make.person())
    activity.complete(session, amara.id, item.id, now=now)
    assert steps_done(session) == []


@pytest.mark.usefixtures("following")
def test_it_takes_a_step_back_with_its_item(session, make, amara, now):
    item, kept = make.item(), make.item()
    make.assignment(make.playlist([item, kept]), amara)
    for each in (item, kept):
        activity.complete(session, amara.id, each.id, now=now)
    activity.uncomplete(session, amara.id, item.id, now=now)
    assert len(steps_done(session)) == 1


def test_it_marks_a_step_once_however_often_it_is_told(session, make, amara, now):
    item = make.item()
    make.assignment(make.playlist([item]), amara)
    for _ in range(2):
        service.on_item_completed(session, person_id=amara.id, item_id=item.id, at=now)
    assert len(steps_done(session)) == 1
