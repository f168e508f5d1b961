"""Events with a date: their day stays, and nobody is late who could not be there."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.playlists.days import Calendar, FreeDays, Span
from app.playlists.moments import Held, Missed, Moment, clock_text, held_for, skipped_to
from app.playlists.progress import (
    PlannedStep,
    StepState,
    dated,
    is_excused,
    is_finished,
    next_step,
    waits,
)
from app.playlists.spreading import overdue, spread

START = date(2026, 11, 2)
GIVEN = datetime(2026, 11, 1, 8, tzinfo=UTC)
TOWN_HALL = Moment(date(2026, 11, 24), time(14), "Europe/Berlin")
days = st.dates(date(2026, 10, 1), date(2027, 3, 1))


def planned(number=1, *, due_day=1, held=None, done=False, **values):
    return PlannedStep(
        id=number,
        playlist_id=1,
        item_id=None,
        title=f"Step {number}",
        kind="event" if held else "task",
        tool_name="",
        minutes=60,
        due_day=due_day,
        note="",
        done_at=GIVEN if done else None,
        held=held,
        **values,
    )


def held(moment=TOWN_HALL, *, today=START, starts_on=START, away=(), own_zone="Europe/Berlin"):
    calendar = Calendar(starts_on=starts_on, free=FreeDays(away=tuple(away)))
    return held_for(moment, own_zone=own_zone, calendar=calendar, given_at=GIVEN, today=today)


def on(day, *steps, calendar=None):
    return dated(steps, calendar=calendar or Calendar(starts_on=START), today=day)


def test_it_is_the_same_moment_on_every_clock():
    there = held().at
    elsewhere = held(own_zone="Australia/Sydney").at
    assert there == elsewhere
    assert (there.hour, elsewhere.hour) == (14, 0)


def test_it_is_on_the_day_that_it_is_for_its_reader():
    assert held().day == date(2026, 11, 24)
    assert held(own_zone="Australia/Sydney").day == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Europe/Berlin", "14:00"),
        ("Europe/Paris", "14:00"),
        ("America/New_York", "08:00 (14:00 Berlin)"),
        (None, "14:00 (Berlin)"),
    ],
)
def test_its_time_is_written_for_its_reader(zone, text):
    assert clock_text(held(own_zone=zone)) == text


FORWARD = [date(2026, 3, 29), date(2026, 3, 8), date(2026, 10, 4)]


@given(
    st.sampled_from(FORWARD) | days,
    st.times(time(1), time(4)),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC"]),
)
def test_a_time_is_refused_exactly_where_no_clock_shows_it(day, at, zone):
    at = at.replace(second=0, microsecond=0)
    shown = Moment(day, at, zone).on_the_clock_of(zone)
    assert (skipped_to(day, at, zone) is None) == (shown.time() == at)


def test_a_time_that_clocks_pass_over_is_named_with_what_they_show():
    assert skipped_to(date(2026, 3, 29), time(2, 30), "Europe/Berlin") == time(3, 30)


def test_of_a_time_that_comes_twice_the_first_is_meant():
    twice = Moment(date(2026, 10, 25), time(2, 30), "Europe/Berlin")
    assert twice.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@st.composite
def lives(draw):
    """Return free days of any kind: absences, holidays, and which weekdays are free."""
    away = draw(st.lists(st.tuples(days, st.integers(0, 40)), max_size=3))
    return FreeDays(
        away=tuple(Span(first, first + timedelta(days=length)) for first, length in away),
        holidays=draw(st.frozensets(days, max_size=5)),
    )


@given(
    moment=st.builds(Moment, days, st.times(), st.sampled_from(["Europe/Berlin", "Asia/Tokyo"])),
    free=lives(),
    starts_on=days,
    today=days,
    working=st.booleans(),
    own=st.sampled_from([None, "UTC", "Pacific/Auckland"]),
    planned_on=st.none() | days,
    choice=st.none() | st.just(1),
    due=st.integers(1, 60),
)
def test_its_day_never_moves(moment, free, starts_on, today, working, own, planned_on, choice, due):
    calendar = Calendar(starts_on=starts_on, working=working, free=free)
    mine = held_for(moment, own_zone=own, calendar=calendar, given_at=GIVEN, today=today)
    event = planned(1, held=mine, due_day=due, planned_on=planned_on, choice=choice)
    other = planned(2, due_day=due, planned_on=planned_on, choice=choice, needs=frozenset({1}))
    [found, _other] = dated([event, other], calendar=calendar, today=today)
    assert found.due_on == moment.on_the_clock_of(own).date() == found.planned
    assert not found.is_moved
    assert found not in overdue([found, _other])
    assert 1 not in spread([found, _other], free=free, today=today)


@given(starts_on=days, today=days, free=lives())
def test_nobody_is_late_for_what_was_before_their_start_or_while_they_were_away(
    starts_on, today, free
):
    calendar = Calendar(starts_on=starts_on, free=free)
    mine = held_for(TOWN_HALL, own_zone=None, calendar=calendar, given_at=GIVEN, today=today)
    [found] = dated([planned(held=mine)], calendar=calendar, today=today)
    could = starts_on <= TOWN_HALL.day and not free.is_away(TOWN_HALL.day)
    assert (found.state is StepState.LATE) == (could and today > TOWN_HALL.day)


@pytest.mark.parametrize(
    ("values", "missed"),
    [
        ({"starts_on": date(2026, 11, 25)}, Missed.BEFORE),
        ({"starts_on": date(2026, 11, 24)}, None),
        ({"away": [Span(date(2026, 11, 23), date(2026, 11, 27))]}, Missed.AWAY),
        ({}, None),
    ],
)
def test_it_says_why_somebody_could_not_be_there(values, missed):
    assert held(today=date(2026, 11, 30), **values).missed is missed


def test_an_absence_that_is_to_come_excuses_nobody_yet():
    away = [Span(date(2026, 11, 23), date(2026, 11, 27))]
    assert held(today=date(2026, 11, 24), away=away).missed is None


def test_who_was_given_the_playlist_after_it_could_not_be_there():
    given_at = TOWN_HALL.starts_at + timedelta(minutes=1)
    calendar = Calendar(starts_on=START)
    found = held_for(
        TOWN_HALL, own_zone=None, calendar=calendar, given_at=given_at, today=TOWN_HALL.day
    )
    assert found.missed is Missed.BEFORE


def missed_event(number=1, **values):
    return planned(
        number,
        held=Held(at=TOWN_HALL.starts_at, zone="UTC", is_own=True, missed=Missed.AWAY),
        **values,
    )


def test_what_was_missed_holds_up_neither_the_end_nor_another_step():
    event, after = missed_event(), planned(2, needs=frozenset({1}))
    assert is_excused([event])
    assert waits([event, after]) == {}
    assert is_finished([event, planned(2, done=True)])


def test_what_was_missed_counts_when_the_person_was_there_after_all():
    assert is_finished([missed_event(done=True)])


def test_an_alternative_to_what_was_missed_is_still_asked_for():
    steps = [missed_event(choice=1), planned(2, choice=1)]
    assert not is_finished(steps)
    after = TOWN_HALL.day + timedelta(days=1)
    assert [each.state for each in on(after, *steps)] == [StepState.MISSED, StepState.LATE]


def test_an_alternative_is_due_no_earlier_than_the_event_itself():
    event, recording = planned(1, held=held(), choice=1), planned(2, choice=1, due_day=3)
    [first, second] = on(START, event, recording)
    assert (first.due_on, second.due_on) == (TOWN_HALL.day, TOWN_HALL.day)


def test_an_event_is_not_late_while_its_alternative_has_time():
    event = planned(1, held=held(), choice=1)
    recording = planned(2, choice=1, due_day=30)
    [first, second] = on(TOWN_HALL.day + timedelta(days=2), event, recording)
    assert (first.state, second.state) == (StepState.OPEN, StepState.NOW)


def test_it_waits_for_nothing():
    event, before = planned(1, held=held(), needs=frozenset({2})), planned(2)
    assert on(TOWN_HALL.day, event, before)[0].state is StepState.OPEN


def test_others_wait_for_it():
    event, after = planned(1, held=held()), planned(2, needs=frozenset({1}))
    assert on(START, event, after)[1].state is StepState.WAITING


def test_what_can_still_be_done_comes_before_an_event_that_is_over():
    event, task = planned(1, held=held()), planned(2, due_day=40)
    following = next_step(on(TOWN_HALL.day + timedelta(days=1), event, task))
    assert following.step is task
