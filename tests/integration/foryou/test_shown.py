"""What was looked at is kept once, for whom it is meant, and as long as it may."""

from datetime import timedelta

import pytest

from app.foryou import shown
from app.models import Experiment, ShownItem, ShownSlate
from app.vault import Vault
from recommender.data import Reason, ReasonCode, Recommendation

VAULT = Vault("for tests only")


def recommended(item, **more):
    reason = Reason(ReasonCode.BECAUSE_OF, item=item, verb="completed")
    return Recommendation(item, 1.23456789, reason, {}, **more)


@pytest.fixture
def reader(make):
    return make.person()


@pytest.fixture
def items(make):
    return [make.item().id for _ in range(3)]


@pytest.fixture
def seal(reader, items, now):
    """Return a function that seals a shelf for the reader."""

    def sealed(**more):
        slate = more.pop("slate", [recommended(item) for item in items])
        given = {"person_id": reader.id, "shelf": "for_you", "slate": slate, "model": "m"}
        return shown.sealed(VAULT, **{**given, "now": now, **more})

    return sealed


@pytest.fixture
def kept(session):
    """Return a function that lists the kept slates: shelf, model and items in order."""

    def read():
        session.expire_all()
        rows = session.query(ShownSlate).order_by(ShownSlate.id).all()
        items = session.query(ShownItem).order_by(ShownItem.slate_id, ShownItem.position).all()
        return [
            (row.shelf, row.model, [one.item_id for one in items if one.slate_id == row.id])
            for row in rows
        ]

    return read


def test_what_was_looked_at_is_kept_in_its_order(session, seal, reader, items, now, kept):
    later = now + timedelta(minutes=2)
    assert shown.keep(session, VAULT, reader.id, seal(), now=later)
    assert kept() == [("for_you", "m", items)]
    assert session.query(ShownSlate).one().shown_at == later


def test_an_item_keeps_its_score_side_chance_and_evidence(session, seal, reader, items, now):
    drawn = recommended(items[1], explored=True, propensity=0.02, team="b")
    shown.keep(session, VAULT, reader.id, seal(slate=[recommended(items[0]), drawn]), now=now)
    row = session.query(ShownItem).filter_by(position=2).one()
    assert (row.item_id, row.score, row.team, row.propensity) == (items[1], 1.235, "b", 0.02)
    assert Reason.from_json(row.evidence) == drawn.reason


def test_it_is_kept_once_however_often_it_is_sent(session, seal, reader, now, kept):
    token = seal()
    assert shown.keep(session, VAULT, reader.id, token, now=now)
    assert not shown.keep(session, VAULT, reader.id, token, now=now)
    assert len(kept()) == 1


def test_the_same_shelf_on_another_page_is_another_token(seal):
    one, other = (shown.opened(VAULT, seal()).token for _ in range(2))
    assert one != other
    assert len(one) >= 20


def test_another_person_cannot_use_it(session, seal, make, now, kept):
    assert not shown.keep(session, VAULT, make.person().id, seal(), now=now)
    assert kept() == []


def test_it_is_good_for_a_day(session, seal, reader, now, kept):
    assert not shown.keep(session, VAULT, reader.id, seal(), now=now + timedelta(days=1.001))
    assert shown.keep(session, VAULT, reader.id, seal(), now=now + timedelta(days=1))
    assert len(kept()) == 1


def test_what_was_not_sealed_here_is_not_kept(session, seal, reader, now, kept):
    foreign = shown.sealed(Vault("another"), reader.id, "for_you", [], model="m", now=now)
    token = seal()
    forged = [foreign, token[:-5], token[:40] + "AAAA" + token[44:], "", "nonsense", "env:HOME"]
    forged += [VAULT.seal("no shelf"), VAULT.seal("{}"), "A" * 10_000]
    assert not any(shown.keep(session, VAULT, reader.id, one, now=now) for one in forged)
    assert kept() == []


def test_nothing_is_kept_of_who_pauses_signals(session, seal, reader, now, kept):
    reader.pauses_signals = True
    session.flush()
    assert not shown.keep(session, VAULT, reader.id, seal(), now=now)
    assert kept() == []


def test_items_and_experiments_that_are_gone_are_left_out(session, seal, reader, items, now, kept):
    slate = [recommended(item) for item in (items[0], 999_999, items[2])]
    assert shown.keep(session, VAULT, reader.id, seal(slate=slate, experiment_id=77), now=now)
    assert kept() == [("for_you", "m", [items[0], items[2]])]
    assert [row.position for row in session.query(ShownItem).order_by("position")] == [1, 3]
    assert session.query(ShownSlate).one().experiment_id is None


def test_the_experiment_is_kept_with_it(session, seal, reader, now):
    row = Experiment(name="Diversity", a={}, b={}, started_at=now)
    session.add(row)
    session.flush()
    shown.keep(session, VAULT, reader.id, seal(experiment_id=row.id), now=now)
    assert session.query(ShownSlate).one().experiment_id == row.id


def test_twenty_items_with_all_their_evidence_stay_small(seal):
    full = Reason(
        ReasonCode.POPULAR_IN_ROLE,
        item=123_456,
        verb="completed",
        role="senior-field-service-engineer",
        skill="hydraulic-systems-maintenance",
        people=1234,
        days=30,
        until=1_794_000_000.123,
        minutes=45,
        has=60,
        circle="group:pilot-project-north",
        page="field-engineer",
        language="en",
        tool="company-learning-system",
    )
    slate = [
        Recommendation(
            1_000_003 * place % 7_654_321,
            0.1234567 * place,
            full,
            {},
            propensity=0.0123456789,
            team="a",
        )
        for place in range(1, 21)
    ]
    assert len(seal(slate=slate, model="20261112T090000-0123456789", shelf="s" * 30)) < 6 * 1024


def test_a_person_sees_theirs_the_newest_first_and_deletes_them(session, seal, reader, make, now):
    other = make.person()
    for minutes, shelf in ((1, "for_you"), (2, "short")):
        at = now + timedelta(minutes=minutes)
        shown.keep(session, VAULT, reader.id, seal(shelf=shelf), now=at)
    shown.keep(session, VAULT, other.id, seal(person_id=other.id), now=now)
    found = shown.shown_to(session, reader.id, 10)
    assert [(row.shelf, len(row.items)) for row in found] == [("short", 3), ("for_you", 3)]
    assert len(shown.shown_to(session, reader.id, 1)) == 1
    assert shown.forget_shown(session, reader.id) == 2
    assert session.query(ShownItem).count() == 3
    assert [row.person_id for row in session.query(ShownSlate)] == [other.id]


def test_it_is_gone_after_ninety_days(session, seal, reader, now, kept):
    shown.keep(session, VAULT, reader.id, seal(), now=now)
    assert shown.forget_old(session, now=now + timedelta(days=90)) == 0
    assert shown.forget_old(session, now=now + timedelta(days=90, seconds=1)) == 1
    assert kept() == []
    assert session.query(ShownItem).count() == 0
