"""How those under way with a playlist get on, told as sums, and what a curator writes to them."""

from datetime import date, timedelta

import httpx
import pytest
from sqlalchemy import select

from app.connectors.http import Http
from app.harvest.reaching import Parts
from app.models import AuditEntry, Connection, Notice, Playlist, Progress
from app.vault import Vault
from tests.support.factories import NOW
from tests.support.plans import playlist_of
from tests.support.queries import count_queries
from tests.support.tools.matrix import FakeMatrix
from tests.support.tools.world import json_answer, on_the_wire

TODAY = date(2026, 11, 12)
PAGE = "/curate/playlists/first-days/cohort"


@pytest.fixture
def steps(make):
    """Return the steps of a playlist: a badge on day 1, a tour on day 20."""
    _playlist, rows = playlist_of(
        make,
        {"title": "Fetch your badge", "due_day": 1},
        {"title": "Tour of the works", "due_day": 20},
    )
    return rows


@pytest.fixture
def under_way(make, session, steps):
    """Return a function that lets people start, some of whom have done the first steps."""

    def started(count, *, done=0, on=TODAY - timedelta(days=3), of=1, **values):
        people = []
        for number in range(count):
            people.append(make.person(**values))
            given = make.assignment(make_playlist(session, steps), people[-1], starts_on=on)
            if number < done:
                session.add_all(
                    Progress(assignment_id=given.id, step_id=step.id, done_at=NOW)
                    for step in steps[:of]
                )
        session.commit()
        return people

    return started


def make_playlist(session, steps):
    return session.get(Playlist, steps[0].playlist_id)


def test_of_four_people_nothing_is_told(as_curator, under_way):
    under_way(4, done=3)
    page = as_curator.get(PAGE)
    assert "Too few people to tell" in page.words
    assert "have done it" not in page.words


def test_from_five_people_on_it_tells_where_they_stall(as_curator, under_way):
    under_way(5, done=5)
    page = as_curator.get(PAGE)
    assert "Everybody under way: 5+ people" in page.words
    assert "5+ of 5+ have done it" in page.words
    assert "Most wait at “Tour of the works”: 5+ of 5+ people" in page.words


def test_it_tells_step_by_step_how_many_have_done_it_and_are_late(as_curator, under_way):
    under_way(18, done=12)
    page = as_curator.get(PAGE)
    assert "Everybody under way: 15+ people" in page.words
    assert "10+ of 15+ have done it · 5+ are late" in page.words
    assert "Most wait at “Tour of the works”: 10+ of 15+ people" in page.words


@pytest.mark.parametrize("done", [10, 12, 13])
def test_that_all_have_done_it_is_told_as_that_all_but_a_few_have(as_curator, under_way, done):
    under_way(13, done=done)
    assert "5+ of 10+ have done it" in as_curator.get(PAGE).words


@pytest.mark.parametrize("done", [0, 1, 4])
def test_that_nobody_has_done_it_is_told_as_that_a_few_have(as_curator, under_way, done):
    under_way(13, done=done)
    assert "Fewer than 5 of 10+ have done it" in as_curator.get(PAGE).words


def test_one_who_joins_is_not_seen_by_looking_twice(as_curator, under_way):
    under_way(12, done=7)
    before = as_curator.get(PAGE).words
    under_way(1, done=1)
    assert as_curator.get(PAGE).words == before


def test_it_names_nobody(as_curator, under_way):
    people = under_way(12, done=5)
    page = as_curator.get(PAGE)
    assert not any(person.name in page.words for person in people)
    assert not any(person.email in page.html for person in people)


def test_those_who_started_in_a_month_are_told_apart(as_curator, under_way):
    under_way(11, done=11, on=date(2026, 10, 5))
    under_way(11, done=0)
    page = as_curator.get(f"{PAGE}?from=2026-10")
    assert "Started in October 2026: 10+ people" in page.words
    assert "5+ of 10+ have done it" in page.words
    fragment = as_curator.htmx(f"{PAGE}?from=2026-11", "figures")
    assert "Fewer than 5 of 10+ have done it" in fragment.words


def test_who_has_finished_or_left_or_is_still_to_come_does_not_count(
    as_curator, under_way, make, session, steps
):
    under_way(11)
    under_way(3, active=False)
    under_way(3, on=TODAY + timedelta(days=2))
    finished = make.person()
    make.assignment(make_playlist(session, steps), finished, finished_at=NOW)
    session.commit()
    assert "Everybody under way: 10+ people" in as_curator.get(PAGE).words


def test_readers_do_not_see_it(as_employee, under_way):
    under_way(6)
    assert as_employee.get(PAGE).status == 404


def test_a_playlist_that_is_not_there_has_no_such_page(as_curator):
    assert as_curator.get("/curate/playlists/nothing/cohort").status == 404


def test_it_takes_as_many_statements_for_many_people_as_for_few(as_curator, app, under_way):
    def statements():
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            as_curator.get(PAGE)
        return len(sent)

    under_way(12, done=5)
    few = statements()
    under_way(30, done=20)
    assert statements() == few


def write(client, text="Tour at ten", **data):
    return client.post(f"{PAGE}/message", {"text": text, **data})


def notices(session):
    session.rollback()
    return session.scalars(select(Notice).where(Notice.kind == "message")).all()


def test_a_message_reaches_everybody_under_way_once(as_curator, session, under_way):
    people = under_way(6)
    assert write(as_curator).location == PAGE
    write(as_curator)
    told = notices(session)
    assert {notice.person_id for notice in told} == {person.id for person in people}
    assert len(told) == 6
    assert told[0].sentence == "Jonas Weber on “Your first days”: Tour at ten"
    assert "cohort.send" in session.scalars(select(AuditEntry.action)).all()


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001])
def test_what_cannot_be_sent_stays_in_the_form(as_curator, session, under_way, text):
    under_way(6)
    page = write(as_curator, text)
    assert page.status == 422
    assert page.text("textarea", name="text") == text.strip()
    assert notices(session) == []


def test_with_nobody_under_way_nothing_is_sent(as_curator, steps, session):
    session.commit()
    assert write(as_curator).status == 422


def test_nobody_writes_again_and_again(as_curator, under_way):
    under_way(6)
    answers = [write(as_curator, f"Message {number}").status for number in range(5)]
    assert answers == [303, 303, 303, 429, 429]


@pytest.fixture
def matrix(app, make, session, steps):
    """Return a fake Matrix server in which the playlist has its channel, and what was said."""
    fake = FakeMatrix()
    fake.said = {}
    answered = fake._answered

    def also_said(path, asked, sent):
        if path.startswith("/v3/join/"):
            return json_answer({"room_id": path.rpartition("/")[2]})
        if "/send/m.room.message/" in path:
            fake.said[path.rpartition("/")[2]] = sent["body"]
            return json_answer({"event_id": "$1"})
        return answered(path, asked, sent)

    fake._answered = also_said
    settings = fake.settings()
    password = settings.pop("password")
    tool = make.tool("chat", "Chat", kind="chat")
    room = make.item("Newcomers", tool=tool, kind="channel", external_id=fake.add("Newcomers"))
    make_playlist(session, steps).channel_id = room.id
    vault = Vault("for tests only")
    session.add(
        Connection(
            tool_id=tool.id,
            kind="matrix",
            settings=settings,
            secrets={"password": vault.seal(password)},
            created_at=NOW,
        )
    )
    session.commit()

    def make_http(_connection, spec, settings, secrets, meter, keep):
        handle = httpx.MockTransport(lambda one: on_the_wire(fake.handle(one)))
        client = httpx.Client(transport=handle)
        return Http(settings.address, client, secrets=secrets, keep=keep, sleep=lambda _s: None)

    database = app.extensions["foyer"].database
    app.extensions["foyer-harvest"] = Parts(database, vault, now=lambda: NOW, make_http=make_http)
    return fake


def test_it_is_said_in_the_channel_too_where_that_is_wanted(as_curator, under_way, matrix):
    under_way(6)
    assert "Say it in the channel “Newcomers” too" in as_curator.get(PAGE).words
    write(as_curator, channel="1")
    assert list(matrix.said.values()) == ["Tour at ten"]
    assert "said in the channel “Newcomers” too" in as_curator.get(PAGE).words


def test_without_the_tick_the_channel_stays_quiet(as_curator, under_way, matrix):
    under_way(6)
    write(as_curator)
    assert matrix.said == {}


def test_where_the_channel_cannot_be_reached_the_words_are_there_to_copy(
    as_curator, session, under_way, matrix
):
    under_way(6)
    matrix.handle = lambda _request: httpx.Response(503)
    write(as_curator, channel="1")
    page = as_curator.get(PAGE)
    assert "It could not be said in the channel “Newcomers”" in page.words
    assert "Tour at ten" in page.words
    assert len(notices(session)) == 6


def test_a_channel_of_a_tool_that_cannot_be_written_to_is_linked(
    as_curator, make, session, steps, under_way
):
    room = make.item("Newcomers", tool=make.tool("slack", "Slack"), kind="channel")
    make_playlist(session, steps).channel_id = room.id
    session.commit()
    under_way(6)
    page = as_curator.get(PAGE)
    assert "Foyer cannot say anything in “Newcomers” itself" in page.words
    assert page.all("input", name="channel") == []
