"""Sign-in sessions and one-time links."""

from datetime import timedelta

import pytest

from app.auth import service
from app.errors import NotFound
from app.models import LoginSession, OneTimeLink

LIFE = service.Lifetimes(idle=timedelta(hours=1), longest=timedelta(hours=3))


@pytest.fixture
def person(make):
    return make.person("Amara Okafor", roles=[make.role("field-engineer", "Field engineer")])


@pytest.fixture
def token(session, person, now):
    return service.start_session(
        session, person, method="test", user_agent="x" * 500, lifetimes=LIFE, now=now
    )


def viewer(session, token, at):
    return service.viewer_of(session, token, now=at)


def visit(session, token, at):
    """Read a page: find the reader and let the session live on."""
    reader = viewer(session, token, at)
    if reader:
        service.keep_alive(session, reader, lifetimes=LIFE, now=at)
    return reader


def test_it_finds_the_reader_by_the_token(session, token, now):
    reader = viewer(session, token, now)
    assert (reader.name, reader.roles, reader.initials) == (
        "Amara Okafor",
        ("field-engineer",),
        "AO",
    )


def test_it_keeps_only_a_hash_of_the_token(session, token):
    assert token not in session.query(LoginSession).one().token_hash


def test_it_forgets_a_reader_who_is_idle(session, token, now):
    assert viewer(session, token, now + timedelta(minutes=61)) is None


def test_it_lets_a_session_live_on_while_it_is_used(session, token, now):
    visit(session, token, now + timedelta(minutes=50))
    assert viewer(session, token, now + timedelta(minutes=100)) is not None


def test_it_ends_a_session_in_the_end_however_busy(session, token, now):
    for minutes in range(30, 181, 30):
        alive = visit(session, token, now + timedelta(minutes=minutes))
    assert alive is None


def test_it_writes_at_most_once_a_minute_that_somebody_was_here(session, token, now):
    reader = viewer(session, token, now)
    stale = [service.is_stale(reader, now=now + timedelta(seconds=s)) for s in (59, 61)]
    assert stale == [False, True]


def test_it_ends_a_session_at_once(session, token, now):
    service.end_session(session, viewer(session, token, now).session_id)
    assert viewer(session, token, now) is None


def test_it_forgets_the_sessions_of_somebody_who_left(session, person, token, now):
    person.active = False
    session.flush()
    assert viewer(session, token, now) is None


def test_it_refuses_to_sign_in_somebody_who_left(session, make, now):
    gone = make.person(active=False)
    with pytest.raises(NotFound):
        service.start_session(session, gone, method="test", user_agent="", lifetimes=LIFE, now=now)


def test_it_signs_in_once_by_a_one_time_link(session, person, now):
    link = service.make_link(session, person, now=now)
    assert service.use_link(session, link, now=now) is person
    with pytest.raises(NotFound):
        service.use_link(session, link, now=now)


def test_it_refuses_a_link_that_is_too_old(session, person, now):
    link = service.make_link(session, person, now=now)
    with pytest.raises(NotFound):
        service.use_link(session, link, now=now + timedelta(hours=25))


def test_it_lets_only_the_newest_link_work(session, person, now):
    first = service.make_link(session, person, now=now)
    service.make_link(session, person, now=now)
    with pytest.raises(NotFound):
        service.use_link(session, first, now=now)


def test_it_keeps_no_link_in_clear(session, person, now):
    link = service.make_link(session, person, now=now)
    assert link not in session.query(OneTimeLink).one().token_hash
