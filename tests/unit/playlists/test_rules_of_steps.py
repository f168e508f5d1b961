"""What steps wait for, which of them stand for each other, and on which days they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.playlists import arranging, choices
from app.playlists.days import week_of
from app.playlists.needs import Fault, Trouble, circle_in, fault_in, may_be_needed
from app.playlists.outline import OutlineStep

KEYS = st.sampled_from("abcdefg")
NEEDS = st.dictionaries(KEYS, st.frozensets(KEYS, max_size=3), max_size=7)
DAYS = st.lists(st.integers(1, 40), max_size=30)


def step(key, day=1, needs="", **values):
    return OutlineStep(key=key, due_day=day, title=key.upper(), needs=frozenset(needs), **values)


def reaches(needs, start, goal):
    """Tell whether a step waits for another one, directly or not."""
    ahead, seen = list(needs.get(start, ())), set()
    while ahead:
        this = ahead.pop()
        if this == goal:
            return True
        if this not in seen:
            seen.add(this)
            ahead += needs.get(this, ())
    return False


@given(NEEDS)
def test_a_circle_is_found_exactly_where_a_step_waits_for_itself(needs):
    circle = circle_in(needs)
    assert bool(circle) == any(reaches(needs, key, key) for key in needs)
    for key, following in zip(circle, (*circle[1:], *circle[:1]), strict=True):
        assert following in needs[key]


@given(NEEDS, st.dictionaries(KEYS, st.integers(1, 5)))
def test_no_circle_and_nothing_later_is_accepted(needs, due):
    steps = [step(key, due.get(key, 1), needs[key]) for key in needs]
    by_key = {each.key: each for each in steps}
    if fault_in(steps) is None:
        assert not any(reaches(needs, key, key) for key in needs)
        for each in steps:
            for need in each.needs & by_key.keys():
                assert by_key[need].due_day <= each.due_day


@given(NEEDS, st.dictionaries(KEYS, st.integers(1, 5)), st.dictionaries(KEYS, st.integers(1, 2)))
def test_what_is_offered_as_a_need_is_accepted(needs, due, groups):
    steps = [step(key, due.get(key, 1), needs[key], choice=groups.get(key)) for key in needs]
    if fault_in(steps) is not None:
        return
    for one in steps:
        for offered in may_be_needed(steps, one.key):
            more = step(one.key, one.due_day, one.needs | {offered.key}, choice=one.choice)
            assert fault_in([more if each.key == one.key else each for each in steps]) is None


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ([step("a", needs="b"), step("b", needs="a")], Fault(Trouble.CIRCLE, ("a", "b"))),
        ([step("a", needs="a")], Fault(Trouble.CIRCLE, ("a",))),
        ([step("a", 3, "b"), step("b", 4)], Fault(Trouble.LATER, ("a", "b"))),
        (
            [step("a", needs="b", choice=1), step("b", choice=1)],
            Fault(Trouble.ALTERNATIVE, ("a", "b")),
        ),
        ([step("a", 3, "bz"), step("b", 3)], None),
    ],
)
def test_it_names_the_steps_that_are_at_fault(steps, fault):
    assert fault_in(steps) == fault


@given(st.dictionaries(KEYS, st.none() | st.integers(1, 3), min_size=2), st.data())
def test_a_group_never_has_a_single_member(groups, data):
    names = st.sampled_from(sorted(groups))
    one, other = data.draw(names), data.draw(names)
    for found in (choices.joined(groups, one, other), choices.left(groups, one)):
        assert found.keys() == groups.keys()
        numbers = [number for number in found.values() if number is not None]
        assert all(numbers.count(number) > 1 for number in numbers)
    if one != other:
        assert other in choices.alternatives(choices.joined(groups, one, other), one)
    assert not choices.alternatives(choices.left(groups, one), one)


def test_joining_another_group_leaves_the_first():
    groups = {"a": 1, "b": 1, "c": 1, "d": None}
    assert choices.joined(groups, "a", "d") == {"a": 2, "b": 1, "c": 1, "d": 2}


@given(DAYS)
def test_days_in_order_never_go_back_and_change_as_few_as_can_be(given_days):
    found = arranging.in_order(given_days)
    assert found == sorted(found)
    assert len(found) == len(given_days)
    assert set(found) <= set(given_days)
    assert arranging.in_order(found) == found
    changed = sum(one != other for one, other in zip(found, given_days, strict=True))
    assert changed <= max(0, len(given_days) - 1)


def test_a_step_that_is_dragged_takes_the_day_between_its_new_neighbours():
    assert arranging.in_order([9, 2, 4, 7]) == [2, 2, 4, 7]
    assert arranging.in_order([2, 4, 1, 7]) == [2, 4, 4, 7]
    assert arranging.in_order([2, 4, 5, 7]) == [2, 4, 5, 7]


@given(st.integers(1, 730), st.integers(1, 730), st.permutations([5, 7]))
def test_other_weeks_keep_week_and_order(one, other, lengths):
    before, after = lengths
    moved = arranging.converted(one, before, after)
    assert week_of(moved, in_week=after) == week_of(one, in_week=before)
    if one <= other:
        assert moved <= arranging.converted(other, before, after)


@given(st.integers(1, 730), st.sampled_from([5, 7]))
def test_a_day_lies_in_its_week(day, length):
    week = week_of(day, in_week=length)
    assert arranging.first_day(week, length) <= day <= arranging.last_day(week, length)
    assert week <= arranging.weeks_in(day, length)


@given(st.integers(1, 100), st.integers(1, 9), st.integers(1, 9), st.sampled_from([5, 7]))
def test_weeks_that_change_places_twice_are_where_they_were(day, one, other, length):
    there = arranging.exchanged(day, one, other, length)
    assert arranging.exchanged(there, one, other, length) == day
    if week_of(day, in_week=length) == one:
        assert week_of(there, in_week=length) == other
