"""Writes of synonyms and boosts: nothing twice, nothing overwritten unseen, times only grow."""

from datetime import timedelta

import pytest

from app.discover import tuning
from app.errors import Conflict, Invalid, NotFound
from app.models import RankingChoice, SynonymGroup
from app.tending import service
from app.tending.groups import Wanted

COE = Wanted(("CoE", "centre of excellence"))
LMS = Wanted(("LMS",), ("learning platform",))


@pytest.fixture
def by(make):
    return make.person(access="curator").id


@pytest.fixture
def add(session, by, now):
    def added(wanted, at=now):
        return service.add_group(session, wanted, note="", by=by, now=at)

    return added


@pytest.fixture
def choose(session, by, now):
    def chosen(boosts, seen):
        return service.choose_boosts(
            session, boosts, figures={}, note="", seen=seen, by=by, now=now
        )

    return chosen


def edit(session, group, wanted, *, seen=None, by=None, now=None):
    seen = seen or group.changed_at.isoformat()
    return service.edit_group(
        session, group.id, wanted, note="", seen=seen, by=by, now=now or group.changed_at
    )


def test_what_is_kept_is_what_searches_use(session, add):
    add(COE)
    add(LMS)
    groups = tuning.live_synonyms(session).groups
    assert [(group.words, group.becomes) for group in groups] == [
        (COE.words, ()),
        (LMS.words, LMS.becomes),
    ]


def test_the_same_group_is_not_kept_twice(add):
    add(COE)
    with pytest.raises(Invalid) as refusal:
        add(Wanted(("Centre of Excellence", "COE")))
    assert set(refusal.value.fields) == {"words"}


def test_times_of_changes_only_grow_whatever_the_clock_says(session, add, by, now):
    first = add(COE)
    second = add(LMS, at=now - timedelta(hours=1))
    assert second.changed_at > first.changed_at
    third = edit(session, first, Wanted(("CoE", "hub")), by=by, now=now - timedelta(days=1))
    assert third.changed_at > second.changed_at


def test_a_group_is_not_changed_by_who_has_not_seen_its_last_change(session, add, by, now):
    group = add(COE)
    seen = group.changed_at.isoformat()
    edit(session, group, Wanted(("CoE", "hub")), by=by)
    with pytest.raises(Conflict):
        edit(session, group, Wanted(("CoE", "core")), seen=seen, by=by, now=now)
    with pytest.raises(Conflict):
        service.remove_group(session, group.id, seen=seen, now=now)
    assert session.get(SynonymGroup, group.id).words == ["CoE", "hub"]


def test_a_group_does_not_become_another_one(session, add, by):
    add(COE)
    with pytest.raises(Invalid):
        edit(session, add(LMS), COE, by=by)


def test_a_group_that_is_gone_is_not_changed(session, add, by, now):
    group = add(COE)
    seen = group.changed_at.isoformat()
    service.remove_group(session, group.id, seen=seen, now=now)
    with pytest.raises(NotFound):
        edit(session, group, LMS, seen=seen, by=by)


def test_pasted_lines_are_not_kept_twice_among_themselves(session, by, now):
    pasted = service.add_lines(session, "a1 = b1\nB1 = A1", by=by, now=now)
    assert (len(pasted.added), [line.number for line in pasted.refused]) == (1, [2])


def test_there_is_an_end_to_groups(session, add, monkeypatch, by, now):
    monkeypatch.setattr(service, "MOST_GROUPS", 1)
    add(COE)
    with pytest.raises(Invalid):
        add(LMS)
    assert service.add_lines(session, "a1 = b1", by=by, now=now).added == []


def test_only_what_differs_from_the_usual_boosts_is_kept(choose, session):
    row = choose({"title": 0.5, "role": 0.2}, seen=0)
    assert row.boosts == {"role": 0.2}
    assert tuning.live_boosts(session) == {"role": 0.2}


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_boost_outside_0_to_1_is_refused_by_name(choose, session, share):
    with pytest.raises(Invalid) as refusal:
        choose({"title": share, "role": 0.2}, seen=0)
    assert set(refusal.value.fields) == {"title"}
    assert session.query(RankingChoice).count() == 0


def test_a_boost_that_nobody_knows_is_refused_by_name(choose):
    with pytest.raises(Invalid) as refusal:
        choose({"luck": 0.5}, seen=0)
    assert set(refusal.value.fields) == {"luck"}


def test_boosts_are_not_chosen_by_who_has_not_seen_the_last_choice(choose):
    first = choose({"title": 0.4}, seen=0)
    with pytest.raises(Conflict):
        choose({"title": 0.3}, seen=0)
    choose({"title": 0.3}, seen=first.id)
