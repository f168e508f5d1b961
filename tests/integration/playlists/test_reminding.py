"""Reminders of steps: when, of what, once, and never to who is away; on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.models import Absence, Notice, Progress, StepDate
from app.playlists.reminding import people_to_remind, remind
from tests.support.plans import playlist_of

THURSDAY = date(2026, 11, 12)
AT = datetime(2026, 11, 12, 6, 13, tzinfo=UTC)


@pytest.fixture
def amara(make):
    return make.person("Amara Okafor")


@pytest.fixture
def follow(make, amara):
    """Return a function that lets Amara follow a playlist of these steps."""

    def followed(*steps, starts_on=THURSDAY, **values):
        playlist, rows = playlist_of(make, *steps, **values)
        return make.assignment(playlist, amara, starts_on=starts_on), rows

    return followed


def told(session, person, now=AT):
    """Return what the person is told now."""
    before = set(session.scalars(select(Notice.id)))
    remind(session, person.id, time_zone="UTC", now=now)
    rows = session.scalars(select(Notice).where(Notice.person_id == person.id).order_by(Notice.id))
    return [str(row.sentence) for row in rows if row.id not in before]


def test_it_tells_what_is_due_tomorrow_today_and_late(session, follow, amara):
    follow(
        *({"title": f"Day {day}", "due_day": day} for day in (1, 2, 3, 4)),
        starts_on=THURSDAY - timedelta(days=1),
    )
    assert told(session, amara) == [
        "“Day 1” of “Your first days” is still waiting for you. One tap gives it a new day.",
        "“Day 2” of “Your first days” is due today.",
        "“Day 3” of “Your first days” is due tomorrow.",
    ]


def test_it_tells_each_once(session, follow, amara):
    follow({})
    assert len(told(session, amara)) == 1
    assert told(session, amara, AT + timedelta(hours=1)) == []


def test_it_tells_anew_of_what_was_moved(session, follow, amara):
    given, [step] = follow({})
    told(session, amara)
    session.add(StepDate(assignment_id=given.id, step_id=step.id, due_on=date(2026, 11, 17)))
    session.flush()
    assert told(session, amara, AT + timedelta(days=1)) == []
    assert told(session, amara, AT + timedelta(days=5)) == [
        "“Task 0” of “Your first days” is due today."
    ]


def test_it_speaks_on_friday_of_monday(session, follow, amara):
    follow({"due_day": 3}, working_days=True)
    assert told(session, amara, AT + timedelta(days=1)) == [
        "“Task 0” of “Your first days” is due on your next working day."
    ]


@pytest.mark.parametrize("days", [2, 3])
def test_it_is_silent_at_the_weekend(session, follow, amara, days):
    follow({})
    assert told(session, amara, AT + timedelta(days=days)) == []


def test_it_is_silent_while_somebody_is_away_and_speaks_afterwards(session, follow, amara):
    session.add(Absence(person_id=amara.id, starts_on=THURSDAY, ends_on=date(2026, 11, 16)))
    follow({})
    assert told(session, amara) == []
    assert len(told(session, amara, AT + timedelta(days=5))) == 1


def test_it_says_nothing_of_what_is_done_waits_or_is_not_needed(session, follow, amara, now):
    given, [first, *_others] = follow(
        {"choice": 1}, {"choice": 1}, {"title": "Next", "needs": [0]}, {"needs": [2]}
    )
    session.add(Progress(assignment_id=given.id, step_id=first.id, done_at=now))
    session.flush()
    assert told(session, amara) == ["“Next” of “Your first days” is due today."]


def test_it_names_one_of_several_alternatives(session, follow, amara):
    follow({"choice": 1}, {"choice": 1})
    assert len(told(session, amara)) == 1


def test_it_says_nothing_of_what_the_person_may_not_see(session, make, follow, amara):
    follow({"item": make.item("Secret", audience=("role:pilot",))})
    assert told(session, amara) == []


def test_it_leads_to_the_step(session, follow, amara):
    _given, [step] = follow({})
    told(session, amara)
    [notice] = session.scalars(select(Notice))
    assert notice.path == f"/playlists/first-days#step_{step.id}"


def test_it_writes_down_that_a_plan_is_finished_when_its_last_item_is_gone(
    session, make, follow, amara, now
):
    gone = make.item()
    given, [done, _gone] = follow({}, {"item": gone})
    session.add(Progress(assignment_id=given.id, step_id=done.id, done_at=now))
    gone.status = "retired"
    session.flush()
    assert told(session, amara) == []
    assert given.finished_at == now


def test_it_reminds_in_the_morning_of_each(session, make):
    playlist, _rows = playlist_of(make, {})
    zones = ("UTC", "Asia/Tokyo", "America/New_York", None)
    people = [make.person(time_zone=zone) for zone in zones]
    for person in people:
        make.assignment(playlist, person)
    assert people_to_remind(session, time_zone="Europe/Berlin", now=AT) == [
        people[0].id,
        people[3].id,
    ]


def test_it_leaves_alone_who_has_finished_or_left(session, make):
    playlist, _rows = playlist_of(make, {})
    make.assignment(playlist, make.person(active=False))
    make.assignment(playlist, make.person(), finished_at=AT)
    assert people_to_remind(session, time_zone="UTC", now=AT) == []
