"""Dates, states and pace of a playlist."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.playlists.days import Calendar
from app.playlists.progress import (
    TO_DO,
    PlannedStep,
    StepState,
    dated,
    is_done,
    is_finished,
    is_required,
    next_step,
    units,
    waits,
)
from app.playlists.standing import Pace, standing

START = date(2026, 11, 2)
CALENDAR = Calendar(starts_on=START)
NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
days = st.dates(date(2026, 10, 1), date(2027, 6, 1))
due_days = st.integers(1, 60)


def planned(due_day=1, *, done=False, number=1, **values):
    return PlannedStep(
        id=number,
        playlist_id=1,
        item_id=number,
        title=f"Step {number}",
        kind="video",
        tool_name="PeerTube",
        minutes=4,
        due_day=due_day,
        note="",
        done_at=NOW if done else None,
        **values,
    )


@st.composite
def step_lists(draw, choices=True):
    """Return steps of any kind in the order of their days, circles of needs among them."""
    count = draw(st.integers(0, 9))
    drawn = sorted(draw(st.lists(due_days, min_size=count, max_size=count)))
    numbers = st.integers(0, max(count - 1, 0))
    return [
        planned(
            due,
            done=draw(st.booleans()),
            number=number,
            required=draw(st.booleans()),
            choice=draw(st.none() | st.integers(0, 2)) if choices else None,
            needs=draw(st.frozensets(numbers, max_size=2)) - {number},
        )
        for number, due in enumerate(drawn)
    ]


def on(steps, today):
    return dated(steps, calendar=CALENDAR, today=today)


def states(steps, today):
    return [each.state for each in on(steps, today)]


def standing_on(steps, today, days=30):
    return standing(on(steps, today), days=days, calendar=CALENDAR, today=today)


@pytest.mark.parametrize(
    ("day", "state"), [(1, StepState.NOW), (4, StepState.NOW), (5, StepState.LATE)]
)
def test_it_calls_a_step_late_from_the_day_after_it_was_due(day, state):
    assert states([planned(4)], START + timedelta(days=day - 1)) == [state]


def test_it_never_calls_what_is_done_late():
    assert states([planned(1, done=True)], START + timedelta(days=90)) == [StepState.DONE]


def test_it_never_calls_what_is_optional_late():
    found = states([planned(1, required=False)], START + timedelta(days=90))
    assert found == [StepState.NOW]


def test_it_puts_what_is_late_before_what_is_next():
    found = states([planned(1), planned(9, number=2)], START + timedelta(days=3))
    assert found == [StepState.LATE, StepState.OPEN]


def test_it_puts_an_optional_step_whose_day_has_passed_last():
    steps = [planned(1, required=False), planned(9, number=2)]
    assert next_step(on(steps, START + timedelta(days=3))).step.id == 2


def test_it_has_no_next_step_when_all_are_done():
    assert next_step(on([planned(done=True)], START)) is None


def test_it_waits_for_what_comes_first():
    steps = [planned(1), planned(2, number=2, needs=frozenset({1}))]
    found = on(steps, START + timedelta(days=9))
    assert [each.state for each in found] == [StepState.LATE, StepState.WAITING]
    assert [step.id for step in found[1].waits_for] == [1]


def test_it_waits_no_longer_when_an_alternative_of_what_comes_first_is_done():
    steps = [
        planned(1, choice=1),
        planned(1, number=2, choice=1, done=True),
        planned(2, number=3, needs=frozenset({1})),
    ]
    assert states(steps, START)[2] is StepState.NOW


def test_it_waits_for_nothing_that_is_not_on_offer():
    assert states([planned(needs=frozenset({99}))], START) == [StepState.NOW]


def test_one_alternative_done_is_enough():
    steps = [planned(1, choice=1, done=True), planned(1, number=2, choice=1)]
    found = on(steps, START)
    assert [each.state for each in found] == [StepState.DONE, StepState.SPARE]
    assert standing_on(steps, START).pace is Pace.FINISHED


def test_alternatives_are_due_together_on_the_latest_of_their_days():
    found = on([planned(1, choice=1), planned(5, number=2, choice=1)], START)
    assert {each.due_on for each in found} == {START + timedelta(days=4)}


def test_a_chosen_day_goes_before_that_of_the_plan():
    [found] = on([planned(1, planned_on=START + timedelta(days=9))], START + timedelta(days=3))
    assert (found.due_on, found.state) == (START + timedelta(days=9), StepState.NOW)
    assert found.is_moved


def test_optional_steps_keep_no_plan_from_being_finished():
    steps = [planned(1, done=True), planned(2, number=2, required=False)]
    where = standing_on(steps, START)
    assert (where.pace, where.total, where.extra) == (Pace.FINISHED, 1, 1)


def test_optional_steps_count_where_there_are_no_others():
    where = standing_on([planned(1, required=False)], START)
    assert (where.total, where.pace) == (1, Pace.ON_TRACK)


def test_a_playlist_without_steps_is_not_finished():
    assert not is_finished([])


@given(step_lists(), days)
def test_it_points_at_one_step_at_most(steps, today):
    assert states(steps, today).count(StepState.NOW) <= 1


@given(step_lists(), days)
def test_there_is_always_something_to_do_while_anything_is_left(steps, today):
    found = on(steps, today)
    left = any(not is_done(unit) for unit in units(steps))
    assert (next_step(found) is not None) == left
    assert left == any(each.state in TO_DO for each in found)


@given(step_lists())
def test_whatever_waits_leads_to_something_that_does_not(steps):
    waiting = waits(steps)
    for number in waiting:
        ahead, seen = [number], set()
        while ahead:
            this = ahead.pop()
            assert this not in seen or this != number
            seen.add(this)
            ahead += [need.id for need in waiting.get(this, ()) if need.id not in seen]
        assert any(each not in waiting for each in seen)


@given(step_lists(), days)
def test_it_accounts_for_every_unit_that_counts(steps, today):
    where = standing_on(steps, today)
    required = [unit for unit in units(steps) if is_required(unit)]
    assert where.done + where.left == where.total == len(required or units(steps))
    assert where.late <= where.left


@given(step_lists(), days, st.integers(0, 60))
def test_it_never_grows_less_late_as_days_go_by(steps, today, later):
    then = today + timedelta(days=later)
    assert standing_on(steps, today).late <= standing_on(steps, then).late


@given(step_lists(), days)
def test_it_is_finished_exactly_when_nothing_that_counts_is_left(steps, today):
    where = standing_on(steps, today)
    assert (where.pace is Pace.FINISHED) == (where.left == 0)
    assert is_finished(steps) == (where.left == 0 and bool(steps))


@given(step_lists(choices=False), days)
def test_doing_what_is_next_leaves_less_to_do(steps, today):
    following = next_step(on(steps, today))
    if following is None:
        return
    after = [replace(step, done_at=NOW) if step.id == following.step.id else step for step in steps]
    assert sum(state in TO_DO | {StepState.WAITING} for state in states(after, today)) < sum(
        state in TO_DO | {StepState.WAITING} for state in states(steps, today)
    )


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
