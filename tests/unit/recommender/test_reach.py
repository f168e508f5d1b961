"""Figures about people: none of fewer than five, none about a small group, none with the reader."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Context, Dataset, Event, ItemFacts
from recommender.case import Case
from recommender.claims import first_month, in_circle, popular, popular_in_role, trending
from recommender.data import DAY
from recommender.dataset import Interactions
from recommender.model import fit
from recommender.profile import Profile
from recommender.reach import FEWEST, Groups, Reach, enough
from recommender.settings import Settings
from tests.unit.recommender.worlds import NOW

ITEM = 1
COUNTING = (popular, trending, popular_in_role, first_month, in_circle)


@st.composite
def crowds(draw):
    """Draw who of a few people holds the role and finished the item, and which of them reads."""
    size = draw(st.integers(1, 14))
    members = draw(st.sets(st.integers(0, size)))
    takers = draw(st.sets(st.integers(0, size)))
    return members, takers, draw(st.integers(0, size)), draw(st.integers(-3, 12))


def case_of(members, takers, reader, fewest):
    """Everybody is of one department and began here ten days before they finished the item."""
    events = [Event(person, ITEM, "completed", NOW - DAY) for person in sorted(takers)]
    people = members | takers | {reader}
    dataset = Dataset(
        events,
        dict.fromkeys(members, ("nurse",)),
        [ItemFacts(ITEM)],
        NOW,
        dict.fromkeys(people, ("dept:care",)),
        dict.fromkeys(people, NOW - 11 * DAY),
    )
    model = fit(dataset)
    context = Context(
        reader,
        dataset.people_roles.get(reader, ("nurse",)),
        [event for event in events if event.person == reader],
        NOW,
        circles=("dept:care",),
        started=NOW - 11 * DAY,
        fewest=fewest,
    )
    profile = Profile.of(context, model.items, model.settings.activity)
    return Case(model, context, profile, [ITEM], np.array([0]), {ITEM: ItemFacts(ITEM)})


@given(crowds())
def test_a_figure_counts_others_only_and_never_too_few(crowd):
    members, takers, reader, fewest = crowd
    least = max(5, fewest)
    case = case_of(*crowd)
    everybody = (members | takers | {reader}) - {reader}
    circles = {popular: None, trending: None, popular_in_role: members, first_month: members}
    for maker in COUNTING:
        group = circles.get(maker, everybody)
        counted = (takers if group is None else takers & group) - {reader}
        reason = maker(case, 0)
        small = group is not None and len(group - {reader}) < least
        if len(counted) < least or small:
            assert reason is None
        elif reason is not None:
            assert reason.people == len(counted)


def test_it_tells_of_a_group_just_large_enough():
    case = case_of(set(range(6)), set(range(6)), 0, 0)
    assert {maker(case, 0).people for maker in COUNTING} == {FEWEST}


@pytest.mark.parametrize(("asked", "told"), [(-1, 5), (0, 5), (5, 5), (6, None)])
def test_the_least_number_can_only_be_raised(asked, told):
    assert enough(5, asked) == told


def test_no_figure_of_fewer_than_five_is_even_kept():
    rows = [Event(person, ITEM, "completed", NOW - DAY) for person in range(4)]
    rows += [Event(person, 2, "completed", NOW - DAY) for person in range(5)]
    circles = dict.fromkeys(range(20), ("dept:care",))
    roles = dict.fromkeys(range(20), ("nurse",))
    dataset = Dataset(rows, roles, (), NOW, circles, dict.fromkeys(range(20), NOW - 2 * DAY))
    reach = Reach.of(Interactions.of(dataset, Settings().activity), dataset)
    kept = [reach.week, reach.month]
    kept += [each.counts.value for each in (reach.roles, reach.first, reach.circles)]
    assert [set(values.tolist()) - {0} for values in kept] == [{5}] * 5


class TestFirstMonth:
    def first(self, days_after_start, now=NOW):
        """Six people finish the item so many days after they began."""
        began = now - 90 * DAY
        rows = [Event(p, ITEM, "completed", began + days_after_start * DAY) for p in range(6)]
        roles = dict.fromkeys(range(9), ("nurse",))
        dataset = Dataset(rows, roles, (), now, {}, dict.fromkeys(range(9), began))
        reach = Reach.of(Interactions.of(dataset, Settings().activity), dataset)
        return int(reach.first.people("nurse", np.array([0]))[0])

    @pytest.mark.parametrize(("days", "people"), [(-1, 0), (0, 6), (30, 6), (30.1, 0)])
    def test_it_counts_what_was_finished_within_thirty_days_of_the_start(self, days, people):
        assert self.first(days) == people

    def test_it_counts_nobody_whose_start_is_not_known(self):
        rows = [Event(p, ITEM, "completed", NOW - DAY) for p in range(6)]
        roles = dict.fromkeys(range(9), ("nurse",))
        dataset = Dataset(rows, roles, (), NOW)
        reach = Reach.of(Interactions.of(dataset, Settings().activity), dataset)
        assert reach.first.people("nurse", np.array([0])) == 0

    def test_opening_is_not_finishing(self):
        rows = [Event(p, ITEM, "launched", NOW - DAY) for p in range(6)]
        roles = dict.fromkeys(range(9), ("nurse",))
        dataset = Dataset(rows, roles, (), NOW, {}, dict.fromkeys(range(9), NOW - 2 * DAY))
        reach = Reach.of(Interactions.of(dataset, Settings().activity), dataset)
        assert reach.first.people("nurse", np.array([0])) == 0


def test_the_counts_are_the_same_when_loaded_again():
    case = case_of(set(range(8)), set(range(7)), 0, 0)
    again = Reach.load(case.model.reach.arrays())
    for one, other in zip(again.arrays().values(), case.model.reach.arrays().values(), strict=True):
        assert np.array_equal(one, other)


def test_nothing_is_known_of_a_group_that_is_not_there():
    table = case_of(set(range(8)), set(range(7)), 0, 0).model.reach.roles
    assert isinstance(table, Groups)
    assert table.people("no such", np.array([0])) == 0
    assert table.people("nurse", np.array([-1])) == 0
