"""Who hears of what: once, unless muted, and never more than is bearable."""

from datetime import timedelta

import pytest

from app.errors import Invalid, Wording
from app.models import Notice, NoticeKind
from app.notices import queries, service
from app.notices.service import KEPT, MOST_IN_A_DAY, tell

SENTENCE = Wording("“%(title)s” is due today.", title="Pumps")


@pytest.fixture
def person(make):
    return make.person()


@pytest.fixture
def say(session, person, now):
    def said(key="step:1", kind=NoticeKind.STEP, at=now, **values):
        return tell(session, [person.id], kind, key=key, sentence=SENTENCE, now=at, **values)

    return said


def heard(session, person, tokens=("everyone",)):
    found = queries.notices_of(session, person.id, tokens=tokens, offset=0, limit=100)
    assert queries.notice_count(session, person.id, tokens=tokens) == len(found)
    return [each.key for each in found]


def test_the_same_thing_is_told_once(session, person, say, make, now):
    assert (say(), say()) == (1, 0)
    other = make.person()
    told = tell(
        session, [person.id, other.id], NoticeKind.STEP, key="step:1", sentence=SENTENCE, now=now
    )
    assert told == 1
    assert heard(session, person) == heard(session, other) == ["step:1"]


def test_a_sentence_is_kept_so_that_it_can_be_said_in_any_language(session, person, say):
    say()
    session.expire_all()
    kept = session.query(Notice).one().sentence
    assert (kept.template, kept.values) == (SENTENCE.template, {"title": "Pumps"})


def test_what_is_muted_is_not_told(session, person, say):
    service.choose(session, person.id, frequency="daily", muted=["step", "no such kind"])
    assert say() == 0
    assert say(key="answer:1", kind=NoticeKind.ANSWER) == 1


def test_nobody_hears_more_than_is_bearable_in_a_day(session, person, say, now):
    for number in range(MOST_IN_A_DAY):
        assert say(key=f"step:{number}") == 1
    assert say(key="one more") == 0
    assert say(key="tomorrow", at=now + timedelta(days=1, minutes=1)) == 1


def test_what_is_about_a_hidden_item_is_not_heard(session, person, say, make):
    item = make.item(audience=["group:board"])
    say(item_id=item.id)
    assert heard(session, person) == []
    assert heard(session, person, ["everyone", "group:board"]) == ["step:1"]


def test_the_latest_come_first(session, person, say, now):
    for number in (2, 3, 1):
        say(key=f"step:{number}", at=now + timedelta(minutes=number))
    assert heard(session, person) == ["step:3", "step:2", "step:1"]


def test_mail_that_was_ended_comes_again_only_by_choice(session, person, now):
    service.stop_mail(session, person.id, now=now)
    service.choose(session, person.id, frequency="never", muted=[])
    choice = queries.choice_of(session, person.id)
    assert (choice.frequency, choice.stopped_at) == ("never", now)
    service.choose(session, person.id, frequency="weekly", muted=[])
    assert (choice.frequency, choice.stopped_at) == ("weekly", None)


def test_it_names_what_cannot_be_chosen(session, person):
    with pytest.raises(Invalid, match="frequency"):
        service.choose(session, person.id, frequency="hourly", muted=[])


def test_old_ones_are_deleted(session, person, say, now):
    say(at=now - KEPT - timedelta(seconds=1))
    say(key="step:2")
    service.forget_old(session, now=now)
    assert heard(session, person) == ["step:2"]
