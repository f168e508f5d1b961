"""Dates, states and pace of a playlist."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.playlists.progress import (
    Pace,
    PlannedStep,
    StepState,
    dated,
    day_number,
    due_on,
    next_step,
    standing,
    week_of,
    week_starts_on,
)

START = date(2026, 11, 2)
NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
due_days = st.integers(1, 120)


def planned(due_day=1, *, done=False, number=1):
    return PlannedStep(
        id=number,
        playlist_id=1,
        item_id=number,
        title="Torque sequence",
        kind="video",
        tool_name="PeerTube",
        minutes=4,
        due_day=due_day,
        note="",
        done_at=NOW if done else None,
    )


@st.composite
def step_lists(draw):
    drawn = draw(st.lists(st.tuples(due_days, st.booleans()), max_size=12))
    return [planned(due, done=done, number=n) for n, (due, done) in enumerate(sorted(drawn))]


def states(steps, today):
    return [each.state for each in dated(steps, starts_on=START, today=today)]


def standing_on(steps, today, days=30):
    return standing(
        dated(steps, starts_on=START, today=today), days=days, starts_on=START, today=today
    )


def test_it_counts_the_start_day_as_day_one():
    assert day_number(START, START) == 1


@given(days, due_days)
def test_it_counts_a_due_day_as_its_own_number(start, due_day):
    assert day_number(start, due_on(start, due_day)) == due_day


@given(due_days)
def test_it_puts_every_day_into_the_week_that_holds_it(due_day):
    assert 7 * (week_of(due_day) - 1) < due_day <= 7 * week_of(due_day)


@given(days, due_days)
def test_it_starts_a_week_no_later_than_its_days(start, due_day):
    begun = (due_on(start, due_day) - week_starts_on(start, week_of(due_day))).days
    assert 0 <= begun < 7


@pytest.mark.parametrize(
    ("day", "state"), [(1, StepState.NOW), (4, StepState.NOW), (5, StepState.LATE)]
)
def test_it_calls_a_step_late_from_the_day_after_it_was_due(day, state):
    assert states([planned(4)], START + timedelta(days=day - 1)) == [state]


def test_it_never_calls_what_is_done_late():
    assert states([planned(1, done=True)], START + timedelta(days=90)) == [StepState.DONE]


def test_it_puts_what_is_late_before_what_is_next():
    found = states([planned(1), planned(9, number=2)], START + timedelta(days=3))
    assert found == [StepState.LATE, StepState.OPEN]


def test_it_has_no_next_step_when_all_are_done():
    assert next_step(dated([planned(done=True)], starts_on=START, today=START)) is None


@given(step_lists(), days)
def test_it_points_at_one_step_at_most(steps, today):
    assert states(steps, today).count(StepState.NOW) <= 1


@given(step_lists(), days)
def test_it_always_says_what_to_do_next(steps, today):
    found = next_step(dated(steps, starts_on=START, today=today))
    left = [step for step in steps if step.done_at is None]
    assert (found.step if found else None) == (left[0] if left else None)


@given(step_lists(), days)
def test_it_accounts_for_every_step(steps, today):
    where = standing_on(steps, today)
    assert where.done + where.left == where.total == len(steps)
    assert where.late <= where.left


@given(step_lists(), days, st.integers(0, 60))
def test_it_never_grows_less_late_as_days_go_by(steps, today, later):
    then = today + timedelta(days=later)
    assert standing_on(steps, today).late <= standing_on(steps, then).late


@given(step_lists(), days)
def test_it_is_finished_exactly_when_nothing_is_left(steps, today):
    where = standing_on(steps, today)
    assert (where.pace is Pace.FINISHED) == (where.left == 0)


@pytest.mark.parametrize(
    ("day", "pace"),
    [
        (0, Pace.UPCOMING),
        (1, Pace.ON_TRACK),
        (9, Pace.ON_TRACK),
        (12, Pace.BEHIND),
        (31, Pace.OVER),
    ],
)
def test_it_tells_the_pace_of_a_plan(day, pace):
    today = START + timedelta(days=day - 1)
    assert standing_on([planned(10)], today).pace is pace
