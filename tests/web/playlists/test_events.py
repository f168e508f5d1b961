"""Events with a date: as curators write them, on the plan, today, in the calendar, afterwards."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from icalendar import Calendar

from app.models import Absence, Person, Step
from app.playlists import feeds
from tests.support.plans import EVENT_FORM, playlist_of

TODAY = date(2026, 11, 12)  # a Thursday
SHOW = "/playlists/first-days"
DRAFT = "/curate/playlists/first-days/draft"
NEW = f"{DRAFT}/steps/new/event"
LINK = "https://meet.example.org/hall"


def event(day=TODAY, **values):
    given = {"kind": "event", "title": "Town hall", "held_on": day, "held_at": time(14)}
    return given | {"time_zone": "Europe/Berlin"} | values


@pytest.fixture
def follow(make, employee, session):
    """Return a function that lets the employee follow a playlist of these steps for two weeks."""

    def followed(*steps, starts_on=TODAY - timedelta(days=14), **values):
        playlist, rows = playlist_of(make, *steps, **values)
        made = make.assignment(playlist, employee, starts_on=starts_on)
        made.assigned_at = make.now - timedelta(days=14)
        session.get(Person, employee.id).time_zone = "Europe/Berlin"
        session.commit()
        return rows

    return followed


@pytest.fixture
def as_writer(as_curator, make, session):
    """Return a client of a curator who has begun a draft."""
    playlist_of(make, {"title": "Badge"})
    session.commit()
    as_curator.post(DRAFT)
    return as_curator


@pytest.fixture
def address(employee, make, session):
    """Return the address of the employee's calendar."""
    token = feeds.make(session, employee.id, now=make.now)
    session.commit()
    return f"/calendar/{token}.ics"


def only(client, address):
    [found] = Calendar.from_ical(client.get(address).html).walk("VEVENT")
    return found


def state(page):
    [item] = page.all("li", class_="step")
    return next(name for name in item.get("class").split() if name != "step")


def seen(page):
    return page.all("input", name="seen")[-1].get("value")


def test_a_curator_writes_one(as_writer, session):
    assert NEW + "?week=1" in as_writer.get(f"{DRAFT}/items?week=1").links()
    assert as_writer.get(NEW).text("h1") == "An event"
    page = as_writer.follow(as_writer.post(NEW, EVENT_FORM))
    assert "24 November, 14:00 (Europe/Berlin)" in page.words
    assert "Aula" in page.words
    step = session.query(Step).filter_by(kind="event").one()
    assert (step.held_on, step.held_at, step.link) == (date(2026, 11, 24), time(14), LINK)


def test_its_time_zone_is_that_of_its_curator_until_another_is_chosen(as_writer, curator, session):
    session.get(Person, curator.id).time_zone = "Asia/Kolkata"
    session.commit()
    page = as_writer.get(NEW)
    [chosen] = [each for each in page.all("option") if each.get("selected") is not None]
    assert chosen.get("value") == "Asia/Kolkata"


def test_without_a_date_it_says_so(as_writer):
    page = as_writer.follow(as_writer.post(NEW, EVENT_FORM | {"date": "", "time": ""}))
    assert "no date yet" in page.words
    assert "Day 3" in page.words


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"date": "2027-03-28", "time": "02:30"}, "time", "the clocks go forward, to 03:30"),
        ({"time": ""}, "time", "Give a time too"),
        ({"link": "meet.example.org"}, "link", "http"),
    ],
)
def test_what_is_wrong_is_named_at_its_field_and_nothing_is_lost(as_writer, wrong, field, said):
    page = as_writer.post(NEW, EVENT_FORM | wrong)
    assert page.status == 422
    assert said in "".join(page.by_id(f"error_{field}").itertext())
    for name in ("title", "date", "time", "minutes", "place", "link"):
        assert page.by_id(f"field_{name}").get("value") == (EVENT_FORM | wrong)[name]
    [zone] = [each for each in page.all("option") if each.get("selected") is not None]
    assert zone.get("value") == "Europe/Berlin"


def test_it_is_changed_on_its_page(as_writer, session):
    as_writer.post(NEW, EVENT_FORM)
    key = session.query(Step).filter_by(kind="event").one().key
    address = f"{DRAFT}/steps/{key}"
    page = as_writer.get(address)
    assert page.by_id("field_date").get("value") == "2026-11-24"
    form = EVENT_FORM | {"seen": seen(page), "date": "2026-11-25", "place": ""}
    page = as_writer.follow(as_writer.post(address, form))
    assert "25 November, 14:00 (Europe/Berlin)" in page.words


def test_two_curators_who_change_it_both_see_both(as_writer, session):
    as_writer.post(NEW, EVENT_FORM)
    address = f"{DRAFT}/steps/{session.query(Step).filter_by(kind='event').one().key}"
    was = seen(as_writer.get(address))
    as_writer.post(address, EVENT_FORM | {"seen": was, "date": "2026-11-25"})
    page = as_writer.post(address, EVENT_FORM | {"seen": was, "date": "2026-11-26"})
    assert page.status == 409
    assert "2026-11-25" in page.words
    assert page.by_id("field_date").get("value") == "2026-11-26"


def test_a_copy_keeps_its_date_and_says_that_it_is_past(as_curator, make, session):
    playlist_of(make, event(TODAY - timedelta(days=2)))
    session.commit()
    form = {"title": "Copy", "source": "first-days"}
    page = as_curator.follow(as_curator.post("/curate/playlists", form))
    assert "10 November, 14:00 (Europe/Berlin)" in page.words
    assert "This date is past" in page.words
    key = session.query(Step).first().key
    page = as_curator.get(f"/curate/playlists/copy/draft/steps/{key}")
    assert "Whoever starts from now on is not asked for it." in page.words


def test_a_date_that_is_to_come_is_not_called_past(as_writer):
    assert "past" not in as_writer.follow(as_writer.post(NEW, EVENT_FORM)).words


def test_publishing_shows_what_becomes_of_it(as_writer, session):
    as_writer.post(NEW, EVENT_FORM)
    page = as_writer.get(f"{DRAFT}/publish")
    assert "Town hall, 24 November, 14:00 (Europe/Berlin)" in page.words


def test_it_stands_in_today_with_its_time_place_and_link(as_employee, follow):
    follow(event(place="Aula", link=LINK))
    page = as_employee.get("/")
    assert page.texts("p", class_="today-title") == ["Due today"]
    assert "Takes place today at 14:00, 12 November" in page.words
    assert "Aula" in page.words
    assert LINK in page.links()


def test_it_is_read_on_the_clock_of_its_reader(as_employee, employee, follow, session):
    follow(event())
    session.get(Person, employee.id).time_zone = "America/New_York"
    session.commit()
    assert "Takes place today at 08:00 (14:00 Berlin)" in as_employee.get(SHOW).words


def test_who_does_not_follow_it_reads_its_date(as_employee, make, session):
    playlist_of(make, event())
    session.commit()
    assert "On 12 November at 14:00 (Berlin)" in as_employee.get(SHOW).words


def test_it_cannot_be_moved(as_employee, follow):
    [step] = follow(event(TODAY + timedelta(days=3)))
    assert f"{SHOW}/steps/{step.id}/move" not in as_employee.get(SHOW).html
    answer = as_employee.post(f"{SHOW}/steps/{step.id}/move", {"day": "2026-11-20"})
    assert answer.status == 422
    assert "This takes place on its own day" in answer.words


def test_it_is_done_from_its_day_on(as_employee, follow):
    [soon, now] = follow(event(TODAY + timedelta(days=1)), event(title="Safety training"))
    page = as_employee.get(SHOW)
    assert f"{SHOW}/steps/{now.id}/done" in page.html
    assert f"{SHOW}/steps/{soon.id}/done" not in page.html
    answer = as_employee.post(f"{SHOW}/steps/{soon.id}/done")
    assert (answer.status, "has not taken place yet" in answer.words) == (403, True)
    assert as_employee.post(f"{SHOW}/steps/{now.id}/done", {"next": SHOW}).status == 303


def test_afterwards_it_asks_whether_they_were_there(as_employee, follow):
    follow(event(TODAY - timedelta(days=2), link=LINK))
    page = as_employee.get(SHOW)
    assert state(page) == "late"
    assert "Took place 2 days ago, 10 November" in page.words
    assert "I was there" in page.words
    assert LINK not in page.links()
    assert "new day" not in page.words


def test_who_started_after_it_is_told_kindly_and_is_not_late(as_employee, follow):
    follow(event(TODAY - timedelta(days=2)), starts_on=TODAY - timedelta(days=1))
    page = as_employee.get(SHOW)
    assert state(page) == "missed"
    assert "It was before your time. Nothing is missing." in page.words


def test_who_was_away_is_told_kindly_and_may_have_been_there(
    as_employee, employee, follow, session
):
    day = TODAY - timedelta(days=2)
    session.add(Absence(person_id=employee.id, starts_on=day, ends_on=day))
    [step] = follow(event(day))
    page = as_employee.get(SHOW)
    assert state(page) == "missed"
    assert "You were away for it. Nothing is missing." in page.words
    as_employee.post(f"{SHOW}/steps/{step.id}/done")
    assert state(as_employee.get(SHOW)) == "done"


def test_certificates_do_not_wait_for_who_could_not_be_there(
    as_employee, employee, follow, session
):
    day = TODAY - timedelta(days=2)
    [_event, task] = follow(event(day), {"title": "Badge"})
    as_employee.post(f"{SHOW}/steps/{task.id}/done", {"next": SHOW})
    assert as_employee.get(f"{SHOW}/certificate").status == 404
    as_employee.post("/away", {"first": day.isoformat(), "last": day.isoformat()})
    assert as_employee.get(f"{SHOW}/certificate").status == 200


def test_a_calendar_reads_its_hours_place_and_link(visitor, address, follow):
    [step] = follow(event(minutes=90, place="Aula; 2nd floor, left", link=LINK))
    found = only(visitor, address)
    assert found["DTSTART"].dt == datetime(2026, 11, 12, 13, tzinfo=UTC)
    assert found["DTEND"].dt == datetime(2026, 11, 12, 14, 30, tzinfo=UTC)
    assert (found["LOCATION"], found["URL"]) == ("Aula; 2nd floor, left", LINK)
    assert found["TRANSP"] == "OPAQUE"
    assert f"{SHOW}#step_{step.id}" in found["DESCRIPTION"]


def test_a_calendar_gives_what_has_no_length_an_hour(visitor, address, follow):
    follow(event())
    found = only(visitor, address)
    assert found["DTEND"].dt - found["DTSTART"].dt == timedelta(hours=1)


def test_a_calendar_has_a_whole_day_while_there_is_no_date(visitor, address, follow):
    follow(event(held_on=None, held_at=None, due_day=15))
    found = only(visitor, address)
    assert found["DTSTART"].dt == TODAY
    assert found["TRANSP"] == "TRANSPARENT"


def test_a_calendar_follows_when_its_date_is_another_one(visitor, address, make, employee, session):
    past, _rows = playlist_of(make, event(key="hall"), state="past")
    made = make.assignment(past, employee, starts_on=TODAY)
    session.commit()
    before = only(visitor, address)
    live, _rows = playlist_of(
        make,
        event(key="hall", held_at=time(16)),
        number=2,
        published_at=make.now + timedelta(minutes=1),
    )
    made.playlist_id = live.id
    session.commit()
    after = only(visitor, address)
    assert before["UID"] == after["UID"]
    assert after["DTSTART"].dt - before["DTSTART"].dt == timedelta(hours=2)
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt


def test_an_absence_does_not_move_it_in_the_calendar(visitor, as_employee, address, follow):
    follow(event(TODAY + timedelta(days=1)), working_days=True)
    before = only(visitor, address)
    as_employee.post("/away", {"first": "2026-11-13", "last": "2026-11-20"})
    assert only(visitor, address)["DTSTART"].dt == before["DTSTART"].dt


def test_what_somebody_missed_is_not_in_their_calendar(visitor, address, follow):
    follow(event(TODAY - timedelta(days=2)), starts_on=TODAY)
    assert Calendar.from_ical(visitor.get(address).html).walk("VEVENT") == []
