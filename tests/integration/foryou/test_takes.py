"""What people took of what they looked at, and what of the rest counts as refused."""

from datetime import timedelta

import pytest

from app.foryou.takes import judged_slates, takes_of
from app.models import Activity, ShownItem, ShownSlate, Verb

HOUR = timedelta(hours=1)


@pytest.fixture
def reader(make):
    return make.person()


@pytest.fixture
def items(make):
    return [make.item().id for _ in range(4)]


@pytest.fixture
def show(session, reader, items, now):
    """Return a function that lets the reader look at items; it gives the slate's id."""

    def shown(*, at=now, order=items, person=reader, teams="", shelf="for_you"):
        token = str(session.query(ShownSlate).count())
        row = ShownSlate(person_id=person.id, token=token, shelf=shelf, shown_at=at)
        row.items = [
            ShownItem(position=place, item_id=item, score=1.0, team=teams[place - 1 : place])
            for place, item in enumerate(order, start=1)
        ]
        session.add(row)
        session.flush()
        return row.id

    return shown


@pytest.fixture
def do(session, reader, now):
    """Return a function that lets the reader do something with an item."""

    def done(verb, item, after=HOUR, *, person=reader, **more):
        at = now + after
        session.add(Activity(person_id=person.id, item_id=item, verb=verb.value, at=at, **more))
        session.flush()

    return done


@pytest.mark.parametrize("verb", [Verb.LAUNCHED, Verb.COMPLETED, Verb.SAVED, Verb.LIKED])
def test_what_is_taken_within_a_day_counts_for_the_slate(
    session, reader, items, show, do, now, verb
):
    show()
    do(verb, items[1])
    [slate] = judged_slates(session, now)
    assert (slate.person_id, slate.shown_at, slate.shelf) == (reader.id, now, "for_you")
    assert slate.shown == tuple(items)
    assert slate.taken == {items[1]}


def test_what_stands_above_the_lowest_take_was_examined(session, items, show, do, now):
    show()
    do(Verb.SAVED, items[0])
    do(Verb.LAUNCHED, items[2])
    [slate] = judged_slates(session, now)
    assert slate.examined == tuple(items[:3])


def test_a_dismissal_counts_against_an_item(session, items, show, do, now):
    show()
    do(Verb.LAUNCHED, items[0])
    do(Verb.DISMISSED, items[0], 2 * HOUR)
    do(Verb.DISMISSED, items[3])
    [slate] = judged_slates(session, now)
    assert slate.taken == set()
    assert slate.dismissed == {items[0], items[3]}
    assert slate.examined == tuple(items)


def test_a_slate_of_which_nothing_was_taken_teaches_nothing(session, show, now):
    show()
    assert judged_slates(session, now) == []


def test_what_happened_before_or_a_day_later_is_no_take(session, items, show, do, now):
    show()
    do(Verb.LAUNCHED, items[0], -HOUR)
    do(Verb.LAUNCHED, items[1], timedelta(days=1, seconds=1))
    assert judged_slates(session, now) == []


def test_viewing_is_no_take_nor_is_what_does_not_count(session, items, show, do, now):
    show()
    do(Verb.VIEWED, items[0])
    do(Verb.LAUNCHED, items[1], counts=False)
    assert judged_slates(session, now) == []


def test_what_others_took_is_no_take(session, make, items, show, do, now):
    show()
    do(Verb.LAUNCHED, items[0], person=make.person())
    assert judged_slates(session, now) == []


def test_a_take_counts_for_the_last_slate_before_it(session, items, show, do, now):
    show()
    second = show(at=now + HOUR, shelf="short")
    show(at=now + 3 * HOUR)
    do(Verb.LAUNCHED, items[0], 2 * HOUR)
    assert [slate.shelf for slate in judged_slates(session, now)] == ["short"]
    [take] = takes_of(session)
    assert take.slate_id == second


def test_an_item_is_taken_once_of_a_slate(session, reader, items, show, do):
    slate = show(teams="ab")
    for verb in (Verb.LAUNCHED, Verb.SAVED, Verb.COMPLETED):
        do(verb, items[1])
    assert takes_of(session) == [(slate, reader.id, items[1], "for_you", 2, "b", None, False)]


def test_older_slates_are_left_out(session, items, show, do, now):
    show(at=now - HOUR)
    show(at=now)
    do(Verb.LAUNCHED, items[0])
    assert [slate.shown_at for slate in judged_slates(session, now - HOUR / 2)] == [now]
