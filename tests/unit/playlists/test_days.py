"""How the days of a plan are counted, for all starts, absences and holidays."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.playlists.days import Calendar, FreeDays, Span, days_in_week, joined, week_of

MONDAY = date(2026, 11, 2)
DAY = timedelta(days=1)
days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
due_days = st.integers(1, 120)


@st.composite
def spans(draw, near=MONDAY):
    first = near + timedelta(days=draw(st.integers(-40, 120)))
    return Span(first, first + timedelta(days=draw(st.integers(0, 30))))


@st.composite
def free_days(draw, weekend=None):
    holidays = draw(st.frozensets(st.integers(-40, 150), max_size=8))
    return FreeDays(
        holidays=frozenset(MONDAY + timedelta(days=number) for number in holidays),
        away=tuple(draw(st.lists(spans(), max_size=3))),
        **({} if weekend is None else {"weekend": weekend}),
    )


@st.composite
def calendars(draw):
    start = MONDAY + timedelta(days=draw(st.integers(-20, 20)))
    return Calendar(starts_on=start, working=draw(st.booleans()), free=draw(free_days()))


@given(calendars(), due_days)
def test_a_later_day_of_a_plan_is_a_later_day(calendar, number):
    assert calendar.due_on(number) < calendar.due_on(number + 1)


@given(calendars(), due_days)
def test_the_first_days_are_those_on_which_each_falls_due(calendar, count):
    assert calendar.first(count)[-1] == calendar.due_on(count)


@given(free_days(), days, due_days)
def test_nothing_falls_due_on_a_free_day_where_working_days_count(free, start, number):
    calendar = Calendar(starts_on=start, working=True, free=free)
    assert calendar.due_on(number) not in free


@given(days, due_days)
def test_without_free_days_working_days_are_calendar_days(start, number):
    free = FreeDays(weekend=frozenset())
    counted = Calendar(starts_on=start, working=True, free=free)
    assert counted.due_on(number) == start + timedelta(days=number - 1)
    assert counted.day_number(start + timedelta(days=number - 1)) == number


@given(free_days(), days, due_days)
def test_calendar_days_run_on_through_free_ones(free, start, number):
    calendar = Calendar(starts_on=start, free=free)
    assert calendar.due_on(number) == start + timedelta(days=number - 1)


@given(calendars(), due_days)
def test_a_due_day_is_counted_as_its_own_number(calendar, number):
    assert calendar.day_number(calendar.due_on(number)) == number


@given(calendars(), st.integers(-60, 200))
def test_the_number_of_a_day_never_falls(calendar, number):
    day = calendar.starts_on + timedelta(days=number)
    assert calendar.day_number(day) <= calendar.day_number(day + DAY)


@given(free_days(), spans(), due_days)
def test_an_absence_shifts_what_is_due_by_its_working_days(free, absence, number):
    before = Calendar(starts_on=MONDAY, working=True, free=free)
    away = FreeDays(holidays=free.holidays, away=(*free.away, absence))
    after = Calendar(starts_on=MONDAY, working=True, free=away)
    due = after.due_on(number)
    lost = sum(
        day in absence and day not in free
        for day in (MONDAY + timedelta(days=n) for n in range((due - MONDAY).days + 1))
    )
    assert due == before.due_on(number + lost)


@given(free_days(), spans())
def test_what_was_due_before_an_absence_stays(free, absence):
    before = Calendar(starts_on=MONDAY, working=True, free=free)
    away = FreeDays(holidays=free.holidays, away=(*free.away, absence))
    after = Calendar(starts_on=MONDAY, working=True, free=away)
    kept = [day for day in before.first(20) if day < absence.first]
    assert after.first(len(kept)) == kept


def test_a_plan_that_starts_at_the_weekend_has_its_first_day_on_monday():
    calendar = Calendar(starts_on=MONDAY - 2 * DAY, working=True)
    assert calendar.due_on(1) == MONDAY
    assert calendar.day_number(MONDAY - DAY) == 0


def test_a_week_has_five_working_days():
    calendar = Calendar(starts_on=MONDAY, working=True)
    assert (calendar.due_on(5), calendar.due_on(6)) == (MONDAY + 4 * DAY, MONDAY + 7 * DAY)
    assert calendar.week_starts_on(2) == MONDAY + 7 * DAY


@given(calendars(), due_days)
def test_a_day_lies_in_the_week_of_its_number(calendar, number):
    assert calendar.week_holding(calendar.due_on(number)) == week_of(
        number, in_week=calendar.days_in_week
    )


@given(due_days, st.booleans())
def test_every_day_lies_in_the_week_that_holds_it(number, working):
    size = days_in_week(working=working)
    week = week_of(number, in_week=size)
    assert size * (week - 1) < number <= size * week


@given(free_days(), days)
def test_the_next_working_day_is_the_first_after_today_that_is_not_free(free, today):
    found = free.working_after(today)
    between = (today + timedelta(days=n) for n in range(1, (found - today).days))
    assert found > today
    assert found not in free
    assert all(day in free for day in between)


@given(st.lists(spans(), max_size=8))
def test_joined_spans_hold_the_same_days_and_never_touch(given_spans):
    found = joined(given_spans)
    every = [MONDAY + timedelta(days=n) for n in range(-50, 170)]
    for day in every:
        assert any(day in span for span in found) == any(day in span for span in given_spans)
    assert all(one.last + DAY < two.first for one, two in pairwise(found))


@pytest.mark.parametrize(("after", "back"), [(0, False), (1, True), (14, True), (15, False)])
def test_somebody_is_back_for_two_weeks_after_an_absence(after, back):
    absence = Span(MONDAY, MONDAY + 4 * DAY)
    found = FreeDays(away=(absence,)).back_since(
        absence.last + after * DAY, within=timedelta(days=14)
    )
    assert found == (absence if back else None)


def test_nobody_is_back_while_they_are_away_again():
    free = FreeDays(away=(Span(MONDAY, MONDAY), Span(MONDAY + 2 * DAY, MONDAY + 3 * DAY)))
    assert free.back_since(MONDAY + 2 * DAY, within=timedelta(days=14)) is None
