"""What people looked at is part of what a training reads."""

from datetime import timedelta

import pytest

from app.foryou import shown
from app.foryou.training import dataset_of
from app.models import Activity, Verb
from app.vault import Vault
from recommender.checkpoints import digest_of
from recommender.data import Reason, ReasonCode, Recommendation, Shown

VAULT = Vault("for tests only")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
UNSEEN = Reason(ReasonCode.UNSEEN)


@pytest.fixture
def reader(make):
    return make.person()


@pytest.fixture
def items(make):
    return [make.item().id for _ in range(4)]


@pytest.fixture
def look(session, reader, items, now):
    """Return a function that lets the reader look at the items, and do things an hour later."""

    def looked(*did, at=now):
        slate = [Recommendation(item, 1.0, UNSEEN, {}) for item in items]
        token = shown.sealed(VAULT, reader.id, "for_you", slate, model="m", now=at)
        assert shown.keep(session, VAULT, reader.id, token, now=at)
        for verb, item in did:
            row = Activity(person_id=reader.id, item_id=item, verb=verb.value, at=at + HOUR)
            session.add(row)
        session.flush()

    return looked


def test_it_holds_what_was_examined_and_taken(session, look, reader, items, now):
    look((Verb.DISMISSED, items[0]), (Verb.LAUNCHED, items[2]))
    examined = tuple(items[:3])
    expected = [Shown(reader.id, now.timestamp(), examined, (items[2],))]
    assert dataset_of(session, now=now + DAY).shown == expected


def test_what_may_still_be_taken_of_is_left_out(session, look, items, now):
    look((Verb.LAUNCHED, items[2]))
    assert dataset_of(session, now=now + DAY - HOUR).shown == []


def test_what_was_only_dismissed_of_is_left_out(session, look, items, now):
    look((Verb.DISMISSED, items[2]))
    assert dataset_of(session, now=now + DAY).shown == []


def test_what_is_about_to_be_deleted_is_left_out(session, look, items, now):
    look((Verb.LAUNCHED, items[2]))
    assert len(dataset_of(session, now=now + 89 * DAY).shown) == 1
    assert dataset_of(session, now=now + 89 * DAY + HOUR).shown == []


def test_who_pauses_signals_is_left_out(session, look, reader, items, now):
    look((Verb.LAUNCHED, items[2]))
    reader.pauses_signals = True
    session.flush()
    assert dataset_of(session, now=now + DAY).shown == []


def test_an_interrupted_training_knows_it_by_its_digest(session, look, items, now):
    look((Verb.LAUNCHED, items[2]))
    one = digest_of(dataset_of(session, now=now + DAY))
    look(at=now + HOUR / 2)
    assert digest_of(dataset_of(session, now=now + DAY)) != one
