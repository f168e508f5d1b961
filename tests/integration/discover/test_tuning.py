"""What is set for the search is kept in memory, and every change of it is seen in time."""

from datetime import timedelta

import pytest

from app.discover import tuning
from app.models import RankingChoice, SynonymGroup
from search.synonyms import Group, Synonyms
from tests.support.queries import count_queries


@pytest.fixture
def seconds():
    return [0.0]


@pytest.fixture
def tunings(seconds):
    return tuning.Tunings(lambda: seconds[0])


@pytest.fixture
def group(session, now):
    row = SynonymGroup(words=["CoE", "centre of excellence"], changed_at=now)
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def choose(session, now):
    def chosen(**boosts):
        session.add(RankingChoice(boosts=boosts, chosen_at=now))
        session.flush()

    return chosen


def test_nothing_is_set_until_somebody_sets_it(tunings, session):
    assert tunings.current(session) == tuning.UNTUNED


def test_it_gives_groups_in_the_order_in_which_they_were_made(session, group, now):
    session.add(SynonymGroup(words=["LMS"], becomes=["learning platform"], changed_at=now))
    session.flush()
    both = [Group(("CoE", "centre of excellence")), Group(("LMS",), ("learning platform",))]
    assert tuning.live_synonyms(session) == Synonyms(both)


def test_it_gives_the_boosts_that_were_chosen_last(session, choose):
    choose(title=0.2)
    choose(title=0.4, fresh=0.0)
    assert tuning.live_boosts(session) == {"title": 0.4, "fresh": 0.0}


def test_it_asks_the_database_nothing_for_two_seconds(tunings, session, group, seconds):
    tunings.current(session)
    seconds[0] = 1.9
    with count_queries(session.get_bind().engine) as sent:
        assert tunings.current(session).synonyms.groups
    assert sent == []


def test_it_asks_one_statement_after_two_seconds_if_nothing_has_changed(
    tunings, session, group, seconds
):
    first = tunings.current(session)
    seconds[0] = 2.0
    with count_queries(session.get_bind().engine) as sent:
        assert tunings.current(session) is first
    assert len(sent) == 1


def changed(session, group, now):
    group.words, group.changed_at = ["CoE", "competence centre"], now + timedelta(microseconds=1)


def removed(session, group, now):
    session.delete(group)


def added(session, group, now):
    session.add(SynonymGroup(words=["SOP", "procedure"], changed_at=now))


def chosen(session, group, now):
    session.add(RankingChoice(boosts={"title": 0.1}, chosen_at=now))


@pytest.mark.parametrize("change", [changed, removed, added, chosen])
def test_what_another_process_changes_is_there_after_two_seconds(
    tunings, session, group, seconds, now, change
):
    before = tunings.current(session)
    change(session, group, now)
    session.flush()
    assert tunings.current(session) == before
    seconds[0] = 2.0
    after = tunings.current(session)
    assert after != before
    assert after == tuning.Tuning(tuning.live_synonyms(session), tuning.live_boosts(session))


def test_what_this_process_changes_is_there_at_once(tunings, session, group, now):
    before = tunings.current(session)
    tunings.changed(session)
    changed(session, group, now)
    session.flush()
    assert tunings.current(session) == before
    session.commit()
    assert tunings.current(session) != before


def test_two_databases_are_told_apart(tunings, session, group, sqlite):
    tunings.current(session)
    with sqlite.sessions() as other:
        assert tunings.current(other) == tuning.UNTUNED
