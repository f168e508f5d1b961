"""Reasons: which are given, and that none speaks of too few people."""

from collections import Counter

import numpy as np
import pytest

from recommender import Context, Dataset, Event, ItemFacts, ReasonCode, explain, recommend
from recommender.arrays import positions
from recommender.data import DAY
from recommender.model import fit
from recommender.profile import Profile
from recommender.reach import FEWEST
from recommender.reasons import Case, reason_for
from tests.unit.recommender.worlds import NOW, is_true, person_of, world

ITEM, OTHER = 1, 2
FACTS = {ITEM: ItemFacts(ITEM), OTHER: ItemFacts(OTHER)}


def crowd(takers, members=20, days_ago=1.0):
    """Let some of a role's members take the item, and none of the others."""
    rows = [Event(person, ITEM, "completed", NOW - days_ago * DAY) for person in range(takers)]
    return Dataset(rows, dict.fromkeys(range(members), ("nurse",)), (), NOW)


def reason(dataset, context, *parts):
    """Explain the item to somebody, or say what these parts of a score say, the first loudest."""
    model = fit(dataset)
    if not parts:
        found = explain(model, context, ITEM, FACTS)
        return found and found.reason
    at, known = positions(model.items, np.array([ITEM]))
    profile = Profile.of(context, model.items, model.settings.activity)
    case = Case(model, context, profile, [ITEM], np.where(known, at, -1), FACTS)
    return reason_for(case, 0, {part: 1 / n for n, part in enumerate(parts, start=1)})


class TestFigures:
    def test_it_tells_how_many_of_the_role_took_an_item(self):
        found = reason(crowd(7), Context(99, ("nurse",), (), NOW), "role")
        assert found.code == ReasonCode.POPULAR_IN_ROLE
        assert (found.role, found.people, found.days, found.until) == ("nurse", 7, 30, NOW)

    @pytest.mark.parametrize("days_ago", [1.0, 20.0])
    def test_it_speaks_of_no_fewer_than_five_people(self, days_ago):
        nurse = Context(99, ("nurse",), (), NOW)
        assert reason(crowd(FEWEST, days_ago=days_ago), nurse) is not None
        assert reason(crowd(FEWEST - 1, days_ago=days_ago), nurse) is None

    def test_it_speaks_of_no_role_with_fewer_than_five_others(self):
        found = reason(crowd(5, members=5), Context(0, ("nurse",), (), NOW))
        assert found.role is None
        assert found.code in {ReasonCode.TRENDING, ReasonCode.POPULAR}

    def test_it_does_not_count_the_reader(self):
        dataset = crowd(FEWEST)
        assert reason(dataset, person_of(dataset, 0)) is None

    def test_it_calls_a_trend_what_was_taken_this_week(self):
        stranger = Context(99, (), (), NOW)
        assert reason(crowd(6, days_ago=20), stranger).code == ReasonCode.POPULAR
        trend = explain(fit(crowd(6)), stranger, ITEM, FACTS)
        assert trend.reason.people == 6

    def test_it_does_not_quote_counts_older_than_their_span(self):
        assert reason(crowd(9), Context(99, ("nurse",), (), NOW + 31 * DAY)) is None


class TestNextSteps:
    @pytest.mark.parametrize(("people", "code"), [(6, "often_next"), (4, "because_of")])
    def test_it_says_often_only_of_five_people_or_more(self, people, code):
        rows = [
            Event(person, item, "completed", NOW - 200 * DAY + person * DAY + item)
            for person in range(people)
            for item in (3, ITEM)
        ]
        rows = [event._replace(at=event.at + (event.item == ITEM) * 50) for event in rows]
        history = [Event(99, 3, "launched", NOW)]
        reader = Context(99, (), history, NOW)
        assert reason(Dataset(rows, {}, (), NOW), reader, "next").code == code

    def test_it_names_the_strongest_thing_the_person_did(self):
        rows = [Event(p, i, "completed", NOW - 90 * DAY) for p in range(4) for i in (ITEM, OTHER)]
        verbs = ("viewed", "completed", "launched")
        history = [Event(99, OTHER, verb, NOW + n) for n, verb in enumerate(verbs)]
        found = reason(Dataset(rows, {}, (), NOW), Context(99, (), history, NOW))
        assert (found.code, found.item, found.verb) == ("because_of", OTHER, "completed")

    def test_it_never_gives_a_dismissed_item_as_a_cause(self):
        rows = [Event(p, i, "completed", NOW - 90 * DAY) for p in range(4) for i in (ITEM, OTHER)]
        history = [Event(99, OTHER, verb, NOW) for verb in ("completed", "dismissed")]
        assert reason(Dataset(rows, {}, (), NOW), Context(99, (), history, NOW)) is None


class TestAllReasons:
    def test_it_gives_several_kinds_of_reasons_and_only_true_ones(self):
        given = Counter()
        for seed in range(6):
            dataset = world(seed)
            facts = {each.item: each for each in dataset.items}
            model = fit(dataset)
            for person in range(0, 70, 3):
                context = person_of(dataset, person)
                slate = recommend(model, context, facts.keys(), facts)
                given.update(each.reason.code for each in slate.recommendations)
                for each in slate.recommendations:
                    assert is_true(each.reason, each.item, dataset, context, facts), each
        assert len(given) >= 4
