"""Recommendations from the rows of a database: walls, audiences, freshness, training."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.access import Access, Viewer
from app.activity import pauses, signals
from app.activity import service as activity
from app.catalogue import clusters
from app.foryou import service
from app.foryou.experiments import AS_EVER, Running, Side
from app.foryou.training import judge, train_model
from app.models import Verb, audience_of
from tests.support.factories import NOW


@pytest.fixture
def viewer(make, engineer_role):
    """Return a new engineer as a reader."""
    person = make.person("Amara Okafor", roles=[engineer_role])
    return Viewer(
        id=person.id,
        session_id=1,
        session_token="",
        last_seen_at=NOW,
        proved_at=NOW,
        name=person.name,
        given_name="Amara",
        email=person.email,
        access=Access.EMPLOYEE,
        tokens=frozenset({"everyone", "role:field-engineer"}),
        roles=("field-engineer",),
        role_names=("Field engineer",),
        locale=None,
        time_zone=None,
        theme="auto",
        started_on=None,
    )


@pytest.fixture
def slate(session, room, viewer, now):
    """Return a function that gives the ids of the reader's slate as of now."""

    def drawn(limit=8, **changed):
        reader = service.reader_of(
            session, room, replace(viewer, **changed), language="en", now=now
        )
        return service.slate_for(room, reader, limit=limit).items

    return drawn


@pytest.fixture
def trained(session, room, a_busy_year, now):
    """Train on the busy year."""
    return train_model(session, room.models, now=now, force=True)


def ids(items):
    return {item.id for item in items}


def test_it_fills_the_slate_of_a_newcomer_without_any_model(slate, circuits, statistics):
    assert len(set(slate())) == 8


def test_it_begins_with_the_role_of_a_newcomer(slate, trained, circuits):
    assert set(slate(limit=4)) <= ids(circuits)


def test_it_follows_what_the_reader_did_a_moment_ago(
    session, slate, trained, viewer, statistics, now
):
    before = slate(limit=4)
    for item in statistics[:3]:
        activity.complete(session, viewer.id, item.id, now=now)
    assert set(slate(limit=4)) & ids(statistics[3:])
    assert slate(limit=4) != before


def test_it_forgets_at_once_what_the_reader_deletes(
    session, slate, trained, viewer, statistics, now
):
    before = slate()
    for item in statistics[:3]:
        activity.like(session, viewer.id, item.id, now=now)
    assert slate() != before
    signals.forget(session, viewer.id, now=now)
    assert slate() == before


def test_it_follows_nothing_that_is_done_in_a_pause(
    session, slate, trained, viewer, statistics, now
):
    before = slate()
    pauses.pause(session, viewer.id, now=now)
    for item in statistics[:3]:
        activity.like(session, viewer.id, item.id, now=now)
    assert slate() == before


@pytest.mark.parametrize("write", [activity.complete, activity.dismiss])
def test_it_never_shows_what_is_done_or_dismissed(session, slate, trained, viewer, now, write):
    gone = slate(limit=1)[0]
    write(session, viewer.id, gone, now=now)
    assert gone not in slate(limit=20)


def test_it_never_shows_what_is_assigned_already(session, slate, trained, make, viewer, circuits):
    playlist = make.playlist(circuits[:5])
    make.assignment(playlist, session.get(type(make.person()), viewer.id))
    assert not set(slate(limit=20)) & ids(circuits[:5])


def test_it_never_shows_what_the_reader_may_not_see(session, slate, trained, circuits, now):
    for item in circuits:
        item.audience_id = audience_of(session, ["group:pilot"]).id
        item.updated_at = now + timedelta(seconds=1)
    session.flush()
    assert not set(slate(limit=20)) & ids(circuits)


def test_it_leaves_out_an_item_as_soon_as_it_is_retired(session, slate, trained, circuits, now):
    slate()
    circuits[0].status, circuits[0].updated_at = "retired", now + timedelta(seconds=1)
    session.flush()
    assert circuits[0].id not in slate(limit=20)


def test_it_can_show_an_item_that_is_newer_than_the_model(slate, trained, make, circuits):
    new = make.item("Circuit of today", skills=circuits[0].skills, roles=circuits[0].roles)
    assert new.id in slate(limit=20)


def test_it_keeps_to_the_languages_of_the_reader(slate, trained, make, circuits):
    german = make.item("Stromkreise", language="de", skills=circuits[0].skills)
    assert german.id not in slate(limit=30)


def test_it_says_why_one_item_may_suit(session, room, trained, viewer, circuits, now):
    reader = service.reader_of(session, room, viewer, language="en", now=now)
    assert service.why(room, reader, circuits[0].id).reason.role == "field-engineer"


def test_it_says_nothing_of_what_was_finished_before_the_history_begins(
    session, room, trained, viewer, circuits, now
):
    activity.complete(session, viewer.id, circuits[0].id, now=now - timedelta(days=500))
    reader = service.reader_of(session, room, viewer, language="en", now=now)
    assert service.why(room, reader, circuits[0].id) is None


def test_it_finds_items_that_are_alike(session, room, trained, viewer, circuits, now):
    reader = service.reader_of(session, room, viewer, language="en", now=now)
    assert set(service.similar_to(room, reader, circuits[2].id, limit=4)) <= ids(circuits)


def test_it_publishes_a_model_with_its_reason(trained):
    assert trained.accepted
    assert trained.why


def test_it_beats_popularity_where_roles_matter(session, a_busy_year, now):
    report = judge(session, now=now)
    assert report.row("ours").ndcg > report.row("popularity").ndcg


@pytest.fixture
def twins(session, make, circuits):
    """The first circuit in another tool too, where it is preferred."""
    academy = make.tool("academy", position=1)
    skills = list(circuits[0].skills)
    twin = make.item(circuits[0].title, tool=academy, url=circuits[0].url, skills=skills)
    clusters.catch_up(session)
    return circuits[0], twin


def test_of_duplicates_it_offers_only_the_preferred_one(slate, twins):
    drawn = slate(limit=20)
    assert twins[1].id in drawn
    assert twins[0].id not in drawn


def test_a_reader_who_cannot_see_the_preferred_one_is_offered_the_other(session, slate, twins):
    twins[1].audience_id = audience_of(session, ["group:pilot"]).id
    session.flush()
    assert twins[0].id in slate(limit=20)


def test_a_dismissed_item_stays_out_in_every_tool(session, slate, twins, viewer, now):
    activity.dismiss(session, viewer.id, twins[0].id, now=now)
    assert not set(slate(limit=20)) & {twin.id for twin in twins}


def test_what_is_shown_beside_a_slate_is_not_in_it_from_another_tool(session, room, viewer, twins):
    reader = service.reader_of(session, room, viewer, language="en", now=NOW)
    drawn = service.slate_for(room, reader, limit=20, beside=[twins[0].id]).items
    assert not set(drawn) & {twin.id for twin in twins}


def test_a_duplicate_is_not_called_similar(session, room, viewer, twins):
    reader = service.reader_of(session, room, viewer, language="en", now=NOW)
    for one in twins:
        found = service.similar_to(room, reader, one.id, limit=8)
        assert len(found) == 8
        assert not set(found) & {twin.id for twin in twins}


def test_a_curators_word_counts_at_once(session, slate, twins, now):
    slate()
    clusters.split_off(session, twins[0].id, by=None, now=now)
    assert {twin.id for twin in twins} <= set(slate(limit=30))


def test_a_slate_of_an_experiment_keeps_every_wall(session, room, viewer, trained, now):
    reader = service.reader_of(session, room, viewer, language="en", now=now)
    running = Running(1, AS_EVER, Side("serving", (("live", "as_trained"),)))
    slate = service.slate_for(room, reader, limit=8, experiment=running)
    assert len(set(slate.items)) == 8
    done = slate.items[0]
    activity.record(session, viewer.id, done, Verb.COMPLETED, now=now)
    reader = service.reader_of(session, room, viewer, language="en", now=now)
    assert done not in service.slate_for(room, reader, limit=20, experiment=running).items
