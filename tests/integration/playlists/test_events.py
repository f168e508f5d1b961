"""Events with a date: written, copied, compared, reminded of, and missed; on both databases."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from app.curation.seen import seen_of
from app.errors import Invalid
from app.models import EVERYONE, Absence, Assignment, Notice, Progress, StepKind
from app.playlists import doing, planning, queries, removals, steps, versions
from app.playlists.cohort_reading import travellers
from app.playlists.drafts import Author, contents, draft_row
from app.playlists.moments import Moment
from app.playlists.moving import move_on
from app.playlists.progress import StepState
from app.playlists.reminding import remind
from tests.support.plans import EVENT_FORM, playlist_of

MONDAY = date(2026, 11, 16)
TOWN_HALL = {
    "kind": "event",
    "title": "Town hall",
    "held_on": date(2026, 11, 24),
    "held_at": time(14),
    "time_zone": "Europe/Berlin",
}
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)


@pytest.fixture
def author(make):
    return Author(id=make.person(access="curator").id, tokens=EVERYONE, now=NOW)


@pytest.fixture
def draft(session, author):
    """Return the draft of an empty playlist."""
    return versions.create(session, "Start", author=author)


@pytest.fixture
def amara(make):
    return make.person("Amara Okafor", time_zone="Europe/Berlin")


@pytest.fixture
def follow(make, amara):
    """Return a function that lets Amara follow a playlist of these steps."""

    def followed(*given, starts_on=MONDAY, **values):
        playlist, rows = playlist_of(make, *given, **values)
        return make.assignment(playlist, amara, starts_on=starts_on), rows

    return followed


def add(session, author, **values):
    return steps.add_step(session, "start", StepKind.EVENT, EVENT_FORM | values, author=author).step


def edit(session, author, step, **values):
    held = contents(session, draft_row(session, "start"), tokens=EVERYONE)
    now = steps.fields_of(step, held)
    was, needs = seen_of(*now.values()), steps.NeedsGiven()
    return steps.edit_step(
        session, "start", step.key, now | values, was=was, needs=needs, author=author
    )


def plan_on(session, person, today):
    [plan] = queries.assigned_plans(session, person.id, tokens=EVERYONE, today=today)
    return plan


def told(session, person, now):
    before = set(session.scalars(select(Notice.id)))
    remind(session, person.id, time_zone="UTC", now=now)
    rows = session.scalars(select(Notice).where(Notice.person_id == person.id).order_by(Notice.id))
    return [str(row.sentence) for row in rows if row.id not in before]


def morning(day):
    return datetime(2026, 11, day, 6, 30, tzinfo=UTC)


def test_it_is_kept_as_it_was_written(session, draft, author):
    step = add(session, author)
    session.expire_all()
    assert (step.held_on, step.held_at, step.time_zone) == (
        date(2026, 11, 24),
        time(14),
        "Europe/Berlin",
    )
    assert (step.minutes, step.place, step.link) == (90, "Aula", "https://meet.example.org/hall")


def test_without_a_date_it_is_a_step_like_any_other(session, draft, author):
    step = add(session, author, date="", time="")
    assert (step.held_on, step.held_at, step.time_zone, step.place) == (None, None, "", "Aula")


def test_an_emptied_date_takes_the_moment_away(session, draft, author):
    step = edit(session, author, add(session, author), date="", time="")
    assert step.held_on is None


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"time": ""}, "time", "Give a time too"),
        ({"date": ""}, "date", "Give a date too"),
        ({"date": "24.11.2026"}, "date", "2026-11-24"),
        ({"date": "0026-11-24"}, "date", "between the years"),
        ({"time": "2 pm"}, "time", "14:00"),
        ({"zone": "Berlin"}, "zone", "Choose a time zone"),
        ({"date": "2027-03-28", "time": "02:30"}, "time", "clocks go forward, to 03:30"),
        ({"link": "javascript:alert(1)"}, "link", "http"),
        ({"link": "https://x.example/" + "a" * 2000}, "link", "too long"),
        ({"place": "x" * 201}, "place", "201"),
        ({"minutes": "0"}, "minutes", "between 1 and"),
    ],
)
def test_what_is_no_good_is_refused_by_its_field(session, draft, author, values, field, said):
    with pytest.raises(Invalid) as raised:
        add(session, author, **values)
    assert list(raised.value.fields) == [field]
    assert said in str(raised.value.fields[field])


def test_an_item_of_that_kind_can_have_a_date(session, make, draft, author):
    event = make.item("Safety training", kind="event", minutes=45)
    step = steps.add_item(session, "start", event.id, due_day=1, author=author).step
    edit(session, author, step, **{name: EVENT_FORM[name] for name in ("date", "time", "zone")})
    assert step.held_on == date(2026, 11, 24)


def test_an_item_of_another_kind_cannot(session, make, draft, author):
    step = steps.add_item(session, "start", make.item().id, due_day=1, author=author).step
    edit(session, author, step, **{name: EVENT_FORM[name] for name in ("date", "time", "zone")})
    assert step.held_on is None


def test_a_copy_keeps_its_date(session, draft, author):
    add(session, author)
    copied = versions.copy(session, draft, "Another", author=author)
    [step] = contents(session, copied, tokens=EVERYONE).steps
    assert (step.held_on, step.place) == (date(2026, 11, 24), "Aula")


def test_what_was_removed_comes_back_with_its_date(session, draft, author):
    step = add(session, author)
    before = contents(session, draft, tokens=EVERYONE).outline()
    name = removals.remove_step(session, "start", step.key, author=author)
    removals.put_back(session, "start", name, author=author)
    session.expire_all()
    assert contents(session, draft, tokens=EVERYONE).outline() == before


def test_another_date_is_a_difference(session, draft, author):
    step = add(session, author)
    other = versions.copy(session, draft, "Another", author=author)
    edit(session, author, step, date="2026-11-25", place="")
    [changed] = versions.what_differs(session, other, draft, tokens=EVERYONE).changed
    moment = Moment(date(2026, 11, 24), time(14), "Europe/Berlin")
    assert {each.name: each.before for each in changed.changes} == {
        "moment": moment,
        "place": "Aula",
    }


def test_it_is_due_on_its_date_whatever_the_start(session, amara, follow):
    follow(TOWN_HALL, starts_on=date(2026, 11, 20))
    [each] = plan_on(session, amara, MONDAY).dated
    assert (each.due_on, each.state) == (date(2026, 11, 24), StepState.NOW)


def test_it_is_not_planned_anew(session, amara, follow):
    _made, [step] = follow(TOWN_HALL)
    plan = plan_on(session, amara, MONDAY)
    with pytest.raises(Invalid, match="its own day") as raised:
        planning.replan(session, plan, step.id, MONDAY, now=NOW)
    assert list(raised.value.fields) == ["day"]
    assert planning.put(session, plan, {step.id: MONDAY}, now=NOW) == {}


def test_a_day_chosen_before_it_had_a_date_counts_no_more(session, amara, follow):
    _made, [step] = follow({"kind": "event"})
    planning.replan(session, plan_on(session, amara, MONDAY), step.id, MONDAY, now=NOW)
    step.held_on, step.held_at, step.time_zone = date(2026, 11, 24), time(14), "UTC"
    session.flush()
    assert plan_on(session, amara, MONDAY).dated[0].due_on == date(2026, 11, 24)


def test_an_item_that_is_no_event_any_more_is_due_as_the_plan_says(session, make, amara, follow):
    item = make.item(kind="event")
    given = {name: TOWN_HALL[name] for name in ("held_on", "held_at", "time_zone")}
    follow({"item": item, "place": "Aula", **given})
    item.kind = "video"
    session.flush()
    [each] = plan_on(session, amara, MONDAY).dated
    assert (each.due_on, each.step.place) == (MONDAY, "")


def test_whoever_starts_after_it_finishes_without_it(session, amara, follow):
    given, [_event, task] = follow(TOWN_HALL, {}, starts_on=date(2026, 11, 25))
    plan = plan_on(session, amara, date(2026, 11, 26))
    assert {each.step.title: each.state for each in plan.dated} == {
        "Town hall": StepState.MISSED,
        "Task 1": StepState.LATE,
    }
    doing.mark_done(session, amara.id, plan, task.id, now=NOW)
    assert given.finished_at is not None


def test_whoever_was_away_for_it_finishes_without_it(session, amara, follow):
    given, [_event, task] = follow(TOWN_HALL, {})
    doing.mark_done(session, amara.id, plan_on(session, amara, MONDAY), task.id, now=NOW)
    assert given.finished_at is None
    after = datetime(2026, 11, 26, 9, tzinfo=UTC)
    day = date(2026, 11, 24)
    planning.add_absence(session, amara.id, day, day, today=after.date(), now=after)
    assert given.finished_at is not None


def test_an_absence_that_is_to_come_finishes_nothing(session, amara, follow):
    given, [_event, task] = follow(TOWN_HALL, {})
    doing.mark_done(session, amara.id, plan_on(session, amara, MONDAY), task.id, now=NOW)
    day = date(2026, 11, 24)
    planning.add_absence(session, amara.id, day, day, today=MONDAY, now=NOW)
    assert given.finished_at is None


def test_whoever_could_be_there_has_not_finished_without_it(session, amara, follow):
    given, [_event, task] = follow(TOWN_HALL, {})
    plan = plan_on(session, amara, date(2026, 11, 26))
    doing.mark_done(session, amara.id, plan, task.id, now=NOW)
    assert given.finished_at is None


def test_whoever_moves_on_finishes_without_what_they_could_not_attend(session, make, follow):
    given, [task, _left] = follow({"key": "badge"}, {}, starts_on=date(2026, 11, 26), state="past")
    session.add(Progress(assignment_id=given.id, step_id=task.id, done_at=NOW, by_hand=True))
    playlist, _rows = playlist_of(make, {"key": "badge"}, TOWN_HALL, number=2)
    session.flush()
    move_on(session, playlist, now=datetime(2026, 11, 27, 9, tzinfo=UTC))
    assert session.get(Assignment, given.id, populate_existing=True).finished_at is not None


def test_sums_count_nobody_as_late_who_could_not_be_there(session, follow, amara):
    _given, [_event, task] = follow(TOWN_HALL, {})
    [other] = travellers(session, "first-days", today=date(2026, 11, 26))
    assert len(other.late) == 2
    day = date(2026, 11, 24)
    session.add(Absence(person_id=amara.id, starts_on=day, ends_on=day))
    session.flush()
    [other] = travellers(session, "first-days", today=date(2026, 11, 26))
    assert other.late == {task.key}
    assert other.next == task.key


def test_it_is_told_of_the_day_before_and_on_its_day_with_its_time(session, amara, follow):
    follow(TOWN_HALL)
    assert told(session, amara, morning(20)) == []
    assert told(session, amara, morning(23)) == [
        "“Town hall” of “Your first days” is tomorrow at 14:00."
    ]
    assert told(session, amara, morning(24)) == [
        "“Town hall” of “Your first days” is today at 14:00."
    ]
    assert told(session, amara, morning(25)) == [
        "“Town hall” of “Your first days” is over. If you were there, one tap says so."
    ]
    assert told(session, amara, morning(26)) == []


def test_on_friday_it_speaks_of_the_weekend_and_of_monday(session, amara, follow):
    follow(TOWN_HALL | {"held_on": date(2026, 11, 22)}, TOWN_HALL | {"held_on": date(2026, 11, 23)})
    assert told(session, amara, morning(20)) == [
        "“Town hall” of “Your first days” is in 2 days at 14:00.",
        "“Town hall” of “Your first days” is in 3 days at 14:00.",
    ]


def test_another_time_is_told_anew(session, amara, follow):
    _made, [step] = follow(TOWN_HALL)
    told(session, amara, morning(24))
    step.held_at = time(16)
    session.flush()
    assert told(session, amara, morning(24) + timedelta(minutes=10)) == [
        "“Town hall” of “Your first days” is today at 16:00."
    ]


def test_nobody_is_told_of_what_they_are_away_for(session, amara, follow):
    follow(TOWN_HALL)
    day = date(2026, 11, 24)
    session.add(Absence(person_id=amara.id, starts_on=day, ends_on=day))
    session.flush()
    assert [told(session, amara, morning(each)) for each in (23, 24, 25)] == [[], [], []]


def test_who_reads_elsewhere_is_told_the_time_there(session, make, follow, amara):
    amara.time_zone = "America/New_York"
    session.flush()
    follow(TOWN_HALL)
    assert told(session, amara, datetime(2026, 11, 24, 12, tzinfo=UTC)) == [
        "“Town hall” of “Your first days” is today at 08:00 (14:00 Berlin)."
    ]
