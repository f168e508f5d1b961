"""An experiment mixes two rankers on one slate, one experiment at a time."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from app.errors import Conflict, Invalid, NotFound
from app.foryou import experiments
from app.foryou.experiments import AS_EVER, Running, Side
from app.models import Experiment
from recommender.blend import BlendConfig
from recommender.data import Reason, ReasonCode, Recommendation, Slate
from recommender.dataset import Dataset
from recommender.model import fit

ALIKE = Side("serving", (("diversity", "alike"),))
MIXED = Side("serving", (("diversity", "mixed"),))


@pytest.fixture
def served(room, now):
    """Let a model serve that knows nothing."""
    room.models.publish(fit(Dataset((), {}, (), now.timestamp())), force=True)


@pytest.fixture
def begin(session, make, now):
    """Return a function that starts an experiment."""
    by = make.person(access="admin").id

    def started(a=AS_EVER, b=ALIKE, name="Diversity", kept=()):
        return experiments.start(session, name, a, b, kept=list(kept), by=by, now=now)

    return started


def ranked_by(**orders):
    """Return how each side ranks, told by its choice of diversity."""

    def ranked(model, side):
        items = orders[dict(side.changes).get("diversity", "usual")]
        reason = Reason(ReasonCode.NEW)
        return Slate(tuple(Recommendation(item, 1.0, reason, {}) for item in items))

    return ranked


def test_a_started_experiment_runs_until_it_is_ended(session, begin, now):
    assert experiments.running(session) is None
    row = begin()
    assert experiments.running(session) == Running(row.id, AS_EVER, ALIKE)
    experiments.end(session, row.id, result={"people": 7}, now=now + timedelta(days=1))
    assert experiments.running(session) is None
    assert (row.result, row.ended_at) == ({"people": 7}, now + timedelta(days=1))


def test_there_is_one_at_a_time(begin):
    begin()
    with pytest.raises(Conflict):
        begin()


def test_what_is_not_running_cannot_be_ended(session, begin, now):
    row = begin()
    experiments.end(session, row.id, result=None, now=now)
    for number in (row.id, 999):
        with pytest.raises(NotFound):
            experiments.end(session, number, result=None, now=now)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"b": Side("20260101T000000-0123456789")}, "b_model"),
        ({"a": Side("serving", (("diversity", "odd"),))}, "a_diversity"),
        ({"a": Side("serving", (("colour", "blue"),))}, "a_colour"),
        ({"a": ALIKE, "b": ALIKE}, "b_model"),
    ],
)
def test_a_start_that_is_wrong_names_the_field(session, begin, wrong, field):
    with pytest.raises(Invalid) as refusal:
        begin(**wrong)
    assert list(refusal.value.fields) == [field]
    assert session.query(Experiment).count() == 0


def test_a_change_changes_its_setting_and_nothing_else(served, room):
    model = room.models.current()
    for choice, relevance in (("alike", 1.0), ("mixed", 0.75)):
        changed = Side("serving", (("diversity", choice),)).of_model(model)
        assert changed.settings.rules.relevance == relevance
        rules = replace(changed.settings.rules, relevance=model.settings.rules.relevance)
        assert replace(changed.settings, rules=rules) == model.settings
    assert AS_EVER.of_model(model) is model


def test_weights_that_were_learnt_can_be_set_aside(served, room):
    name = fields(BlendConfig)[0].name
    brought = getattr(BlendConfig(), name)
    learnt = replace(BlendConfig(), **{name: tuple(share / 2 for share in brought)})
    model = room.models.current().blended(learnt)
    assert (
        Side("serving", (("weights", "untaught"),)).of_model(model).settings.blend == BlendConfig()
    )


def test_a_slate_holds_items_of_both_sides_with_their_teams(served, room, now):
    ranked = ranked_by(usual=[1, 2, 3, 4], alike=[1, 9, 8, 7])
    running = Running(5, AS_EVER, ALIKE)
    slates = [
        room.experiments.slate(
            running, ranked, person=3, now=now.timestamp() + hours * 3600, limit=5
        )
        for hours in (0, 1, 14)
    ]
    first = {each.item: each.team for each in slates[0].recommendations}
    assert first.pop(1) == ""
    assert {item for item, team in first.items() if team == "a"} == {2, 3}
    assert {item for item, team in first.items() if team == "b"} == {9, 8}
    assert slates[0] == slates[1] == slates[2]


def test_other_people_and_days_throw_the_coin_anew(served, room, now):
    ranked = ranked_by(usual=[1, 2, 3, 4], alike=[9, 8, 7, 6])
    running = Running(5, AS_EVER, ALIKE)
    slates = {
        room.experiments.slate(
            running, ranked, person=person, now=now.timestamp() + day * 86_400, limit=8
        ).items
        for person in range(4)
        for day in range(4)
    }
    assert len(slates) > 8


def test_without_a_model_what_serves_goes_on_and_nothing_counts(room, now):
    ranked = ranked_by(usual=[1, 2], alike=[3, 4])
    slate = room.experiments.slate(
        Running(5, AS_EVER, ALIKE), ranked, person=3, now=now.timestamp(), limit=4
    )
    assert [(each.item, each.team) for each in slate.recommendations] == [(1, ""), (2, "")]


def test_so_it_does_with_a_kept_model_that_is_gone(served, room, now, caplog):
    ranked = ranked_by(usual=[1, 2])
    running = Running(5, AS_EVER, Side("20260101T000000-0123456789"))
    slate = room.experiments.slate(running, ranked, person=3, now=now.timestamp(), limit=4)
    assert {each.team for each in slate.recommendations} == {""}
    assert "cannot be had" in caplog.text


def test_a_process_reads_it_every_few_seconds_and_at_once_after_its_own_change(
    session, begin, room, monkeypatch
):
    seconds = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: seconds[0])
    assert room.experiments.running(session) is None
    row = begin()
    assert room.experiments.running(session) is None
    seconds[0] += 5
    assert room.experiments.running(session).id == row.id
    experiments.end(session, row.id, result=None, now=row.started_at)
    room.experiments.after_commit(session)
    assert room.experiments.running(session) is None
