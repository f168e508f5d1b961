"""Late steps on the coming working days: for any plan, holidays and absences."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.playlists.days import Calendar
from app.playlists.progress import StepState, dated
from app.playlists.spreading import overdue, spread
from tests.unit.playlists.test_days import MONDAY, free_days
from tests.unit.playlists.test_progress import planned, step_lists

TODAY = date(2026, 11, 12)


def spread_on(steps, free, today=TODAY, **values):
    calendar = Calendar(starts_on=MONDAY, free=free)
    found = dated(steps, calendar=calendar, today=today)
    return found, spread(found, free=free, today=today, **values)


@given(step_lists(), free_days(), st.integers(0, 60))
def test_every_overdue_step_gets_a_working_day_from_today_on(steps, free, later):
    today = TODAY + timedelta(days=later)
    found, days = spread_on(steps, free, today)
    assert set(days) == {each.step.id for each in overdue(found)}
    assert all(day >= today and day not in free for day in days.values())


@given(step_lists(), free_days())
def test_nothing_is_late_after_it_was_spread(steps, free):
    _found, days = spread_on(steps, free)
    moved = [planned_again(step, days.get(step.id)) for step in steps]
    again = dated(moved, calendar=Calendar(starts_on=MONDAY, free=free), today=TODAY)
    assert overdue(again) == []


@given(step_lists(), free_days())
def test_no_step_comes_before_one_that_it_needs(steps, free):
    found, days = spread_on(steps, free)
    due = {each.step.id: days.get(each.step.id, each.due_on) for each in found}
    for each in found:
        if each.step.id in days:
            assert all(due[need.id] <= due[each.step.id] for need in each.waits_for)


@given(step_lists(choices=False), free_days(), st.integers(1, 4))
def test_a_day_gets_no_more_than_a_few(steps, free, a_day):
    found, days = spread_on(steps, free, a_day=a_day)
    there = Counter(
        each.due_on
        for each in found
        if each.step.id not in days and each.state is not StepState.DONE
    )
    for day, added in Counter(days.values()).items():
        assert there[day] + added <= max(a_day, there[day])


def test_the_longest_due_comes_first_and_weekends_stay_free():
    thursday = [planned(number, number=number) for number in (1, 2, 3, 4, 5)]
    _found, days = spread_on(thursday, Calendar(starts_on=MONDAY).free)
    friday, monday = date(2026, 11, 13), date(2026, 11, 16)
    assert list(days.values()) == [TODAY, TODAY, friday, friday, monday]


def test_alternatives_stay_together():
    pair = [planned(1, number=1, choice=7), planned(2, number=2, choice=7)]
    _found, days = spread_on([*pair, planned(3, number=3)], Calendar(starts_on=MONDAY).free)
    assert days == {1: TODAY, 2: TODAY, 3: TODAY}


def test_what_is_optional_is_left_alone():
    steps = [planned(1, number=1, required=False), planned(2, number=2)]
    assert set(spread_on(steps, Calendar(starts_on=MONDAY).free)[1]) == {2}


def planned_again(step, day):
    return planned(
        step.due_day,
        done=step.done_at is not None,
        number=step.id,
        required=step.required,
        choice=step.choice,
        needs=step.needs,
        planned_on=day,
    )
