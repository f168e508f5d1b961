"""What came of an experiment, in sums of enough people."""

from datetime import timedelta

import pytest

from app.models import Activity, Experiment, ShownItem, ShownSlate, Verb
from app.tending.experiment_results import Result, drawn_since, result_of, wilson
from recommender.interleave import Impression, outcome

HOUR = timedelta(hours=1)


@pytest.fixture
def experiment(session, now):
    """Return the number of an experiment."""
    row = Experiment(name="Diversity", a={}, b={}, started_at=now)
    session.add(row)
    session.flush()
    return row.id


@pytest.fixture
def items(make):
    return [make.item().id for _ in range(4)]


@pytest.fixture
def look(session, items, now):
    """Return a function that lets a person look at a slate; `drawn` are places of chance."""

    def looked(person, *, experiment=None, teams="abab", drawn=(), at=now):
        token = str(session.query(ShownSlate).count())
        row = ShownSlate(
            person_id=person.id,
            token=token,
            shelf="for_you",
            shown_at=at,
            experiment_id=experiment,
        )
        row.items = [
            ShownItem(
                position=place,
                item_id=item,
                score=1.0,
                team=teams[place - 1],
                propensity=0.1 if place in drawn else None,
            )
            for place, item in enumerate(items, start=1)
        ]
        session.add(row)
        session.flush()

    return looked


@pytest.fixture
def take(session, items, now):
    """Return a function that lets a person open the items in these places."""

    def taken(person, *places, verb=Verb.LAUNCHED, after=HOUR):
        for place in places:
            did = {"verb": verb.value, "at": now + after, "item_id": items[place - 1]}
            session.add(Activity(person_id=person.id, **did))
        session.flush()

    return taken


def test_it_counts_people_slates_and_takes_of_each_side(session, make, experiment, look, take, now):
    people = [make.person() for _ in range(6)]
    for person in people:
        look(person, experiment=experiment)
    look(people[0], experiment=experiment, at=now + 2 * HOUR)
    take(people[0], 2, 4)
    take(people[1], 1)
    take(people[2], 1, 2)
    take(people[3], 2, verb=Verb.DISMISSED)
    found = result_of(session, experiment, at_least=5)
    assert (found.people, found.slates) == (6, 7)
    assert (found.takes_a, found.takes_b) == (2, 3)
    assert (found.outcome.wins_a, found.outcome.wins_b, found.outcome.ties) == (1, 1, 4)


def test_what_others_looked_at_is_no_part_of_it(session, make, experiment, look, take):
    for number in range(6):
        person = make.person()
        look(person, experiment=experiment if number else None)
        take(person, 2)
    found = result_of(session, experiment, at_least=5)
    assert (found.people, found.takes_b) == (5, 5)


def test_nothing_is_told_of_few_people(session, make, experiment, look, take):
    for _ in range(4):
        person = make.person()
        look(person, experiment=experiment)
        take(person, 2)
    assert result_of(session, experiment, at_least=5) is None
    assert result_of(session, experiment, at_least=4).people == 4
    assert result_of(session, 999, at_least=0) is None


def test_what_both_sides_chose_counts_for_neither(session, make, experiment, look, take):
    for _ in range(5):
        person = make.person()
        look(person, experiment=experiment, teams=["", "a", "b", ""])
        take(person, 1, 4)
    found = result_of(session, experiment, at_least=5)
    assert (found.takes_a, found.takes_b, found.outcome.ties) == (0, 0, 5)


@pytest.mark.parametrize(
    ("of_a", "of_b", "verdict"),
    [(2, 38, "b"), (38, 2, "a"), (3, 4, "early"), (300, 300, "same")],
)
def test_its_verdict_follows_the_bounds(of_a, of_b, verdict):
    voices = [Impression(n, int(n < of_a), int(n >= of_a)) for n in range(of_a + of_b)]
    result = Result(of_a + of_b, 100, of_a, of_b, outcome(voices))
    assert result.verdict == verdict
    assert Result.of(result.to_json()) == result


def test_places_of_chance_are_compared_with_the_same_places(session, make, look, take, now):
    for number in range(10):
        person = make.person()
        look(person, drawn=[4] if number < 5 else [])
        look(person, drawn=[4] if number < 5 else [], at=now + HOUR / 2)
        if number in {0, 5, 6}:
            take(person, 4)
        take(person, 1)
    found = drawn_since(session, now, at_least=5)
    assert (found.people, found.places) == (5, 5)
    assert found.taken == pytest.approx(0.2)
    assert found.others == pytest.approx(0.4)
    assert (found.low, found.high) == wilson(1, 5)


def test_nothing_is_told_of_chance_that_few_people_met(session, make, look, now):
    for _ in range(4):
        look(make.person(), drawn=[4])
    assert drawn_since(session, now, at_least=5) is None
    assert drawn_since(session, now, at_least=4).others is None
    assert drawn_since(session, now + HOUR, at_least=1) is None


def test_the_bounds_of_a_share_are_those_of_wilson():
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(10, 100)
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)
    assert wilson(0, 20)[0] == pytest.approx(0.0)
