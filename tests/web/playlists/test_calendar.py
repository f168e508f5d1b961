"""The plan as a private calendar, read back as calendars read it."""

from datetime import date, datetime, timedelta

import pytest
from icalendar import Calendar

from app.activity import service as activity
from app.models import CalendarFeed, Person
from app.playlists import feeds
from tests.support.plans import playlist_of
from tests.support.queries import count_queries

TODAY = date(2026, 11, 12)


@pytest.fixture
def address(employee, make, session):
    """Return the address of the employee's calendar."""
    token = feeds.make(session, employee.id, now=make.now)
    session.commit()
    return f"/calendar/{token}.ics"


@pytest.fixture
def follow(make, employee, session):
    """Return a function that lets the employee follow a playlist of these steps."""

    def followed(*steps, assigned=None, **values):
        playlist, rows = playlist_of(make, *steps, **values)
        made = make.assignment(playlist, employee, starts_on=TODAY, **(assigned or {}))
        session.commit()
        return made, rows

    return followed


def calendar_at(client, address):
    answer = client.get(address)
    assert answer.status == 200
    return Calendar.from_ical(answer.html)


def events(client, address):
    return calendar_at(client, address).walk("VEVENT")


def only(client, address):
    [event] = events(client, address)
    return event


def test_a_step_stands_on_its_day_for_the_whole_day(visitor, address, follow):
    follow({"title": "Fetch your badge", "due_day": 3, "note": "At the gate; ask, please"})
    event = only(visitor, address)
    assert event["SUMMARY"] == "Fetch your badge"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 11, 14), date(2026, 11, 15))
    assert "At the gate; ask, please" in event["DESCRIPTION"]
    assert event["TRANSP"] == "TRANSPARENT"


def test_it_is_a_calendar_that_is_looked_at_again_in_some_hours(visitor, address):
    answer = visitor.get(address)
    calendar = Calendar.from_ical(answer.html)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert calendar["VERSION"] == "2.0"
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=4)


def test_its_lines_are_as_short_as_the_standard_asks(visitor, address, follow):
    follow({"title": "Grüße, Ängste; \\ und 長い題名 " * 6, "note": "Zeile eins\nZeile zwei"})
    text = visitor.get(address).html
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    event = only(visitor, address)
    assert (
        event["SUMMARY"] == ("Grüße, Ängste; \\ und 長い題名 " * 6).strip()
        or event["SUMMARY"] == "Grüße, Ängste; \\ und 長い題名 " * 6
    )
    assert "Zeile eins\nZeile zwei" in event["DESCRIPTION"]


def test_a_title_makes_no_line_of_its_own(visitor, address, follow):
    follow({"title": "Badge\r\nEND:VEVENT\r\nBEGIN:VALARM"})
    assert len(calendar_at(visitor, address).walk("VALARM")) == 0


def test_it_leads_to_the_step_in_foyer(visitor, address, follow):
    _made, [step] = follow({})
    where = f"/playlists/first-days#step_{step.id}"
    event = only(visitor, address)
    assert event["URL"].endswith(where)
    assert where in event["DESCRIPTION"]


def test_meeting_somebody_names_them_and_invites_nobody(visitor, address, make, follow):
    kofi = make.person("Kofi Tawiah")
    follow({"kind": "meet", "title": "A coffee", "meets": "buddy"}, assigned={"buddy_id": kofi.id})
    event = only(visitor, address)
    assert event["SUMMARY"] == "A coffee (with Kofi Tawiah)"
    assert "ATTENDEE" not in event


def test_what_is_done_leaves_the_calendar(visitor, address, as_employee, follow):
    _made, [step, _left] = follow({}, {"title": "Left"})
    as_employee.post(f"/playlists/first-days/steps/{step.id}/done")
    assert only(visitor, address)["SUMMARY"] == "Left"


def test_an_alternative_that_is_not_needed_any_more_leaves_it_too(
    visitor, address, as_employee, follow
):
    _made, [step, _other] = follow({"choice": 1}, {"choice": 1})
    assert len(events(visitor, address)) == 2
    as_employee.post(f"/playlists/first-days/steps/{step.id}/done")
    assert events(visitor, address) == []


def test_a_moved_step_is_the_same_event_on_another_day(visitor, address, as_employee, follow):
    _made, [step] = follow({})
    before = only(visitor, address)
    as_employee.post(f"/playlists/first-days/steps/{step.id}/move", {"day": "2026-11-20"})
    after = only(visitor, address)
    assert before["UID"] == after["UID"]
    assert after["DTSTART"].dt == date(2026, 11, 20)
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt >= before["LAST-MODIFIED"].dt


def test_an_absence_is_a_change_that_calendars_see(visitor, address, as_employee, follow):
    follow({"due_day": 2}, working_days=True)
    before = only(visitor, address)
    as_employee.post("/away", {"first": "2026-11-13", "last": "2026-11-13"})
    after = only(visitor, address)
    assert after["DTSTART"].dt > before["DTSTART"].dt
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_a_step_is_the_same_event_in_the_next_version(visitor, address, make, follow, session):
    made, _rows = follow({"key": "badge", "title": "Fetch it"}, state="past")
    before = only(visitor, address)
    playlist, _rows = playlist_of(make, {"key": "badge", "title": "Fetch it at the gate"}, number=2)
    made.playlist_id = playlist.id
    session.commit()
    after = only(visitor, address)
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_uids_are_all_different(visitor, address, make, employee, follow, session):
    follow({}, {}, {})
    other, _rows = playlist_of(make, {}, {}, slug="other")
    make.assignment(other, employee)
    session.commit()
    assert len({event["UID"] for event in events(visitor, address)}) == 5


def test_it_speaks_the_language_of_its_owner(visitor, address, employee, follow, session):
    follow({"required": False})
    session.get(Person, employee.id).locale = "de"
    session.commit()
    answer = visitor.get(address, headers={"Accept-Language": "en"})
    assert answer.status == 200


def test_other_peoples_plans_never_appear(visitor, address, make, session):
    playlist, _rows = playlist_of(make, {"title": "Secret"})
    make.assignment(playlist, make.person())
    session.commit()
    assert "Secret" not in visitor.get(address).html


def test_what_its_owner_may_not_see_never_appears(visitor, address, make, follow):
    secret = make.item("Secret", audience=("role:pilot",))
    follow({"item": secret}, {"title": "Open"})
    text = visitor.get(address).html
    assert "Secret" not in text
    assert "Open" in text


def test_a_playlist_that_is_hidden_from_its_owner_never_appears(visitor, address, follow):
    follow({"title": "Secret"}, audience=("role:pilot",))
    assert "Secret" not in visitor.get(address).html


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "ü", "../x"])
def test_an_unknown_address_is_not_there(visitor, token):
    assert visitor.get(f"/calendar/{token}.ics").status == 404


def test_the_address_is_not_that_of_a_digest(visitor, address, session):
    digest = session.query(CalendarFeed).one().digest
    assert visitor.get(f"/calendar/{digest}.ics").status == 404


def test_an_address_ends_when_a_new_one_is_made(visitor, address, as_employee):
    page = as_employee.post("/calendar")
    assert visitor.get(address).status == 404
    new = page.text("code")
    assert visitor.get(new[new.index("/calendar/") :]).status == 200


def test_an_address_ends_when_it_is_switched_off(visitor, address, as_employee):
    as_employee.post("/calendar/off")
    assert visitor.get(address).status == 404


def test_an_address_ends_with_its_owners_account(visitor, address, employee, session):
    session.get(Person, employee.id).active = False
    session.commit()
    assert visitor.get(address).status == 404


def test_an_address_is_shown_once_and_never_kept(as_employee, session):
    page = as_employee.post("/calendar")
    token = page.text("code").rpartition("/")[2].removesuffix(".ics")
    assert token not in as_employee.get("/calendar").html
    assert token not in str(session.query(CalendarFeed).one().__dict__)
    assert page.headers["Cache-Control"] == "no-store"
    assert any(link.startswith("webcal://") for link in page.links())


def test_no_cache_that_is_shared_keeps_it(visitor, address):
    headers = visitor.get(address).headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_calendar_that_is_unchanged_is_not_sent_again(visitor, address, follow):
    follow({})
    etag = visitor.get(address).headers["ETag"]
    assert visitor.get(address, headers={"If-None-Match": etag}).status == 304


def test_its_owner_sees_when_it_was_read(visitor, address, as_employee):
    assert "No calendar has read it yet." in as_employee.get("/calendar").words
    visitor.get(address)
    assert "A calendar last read it on 12 November, 09:00." in as_employee.get("/calendar").words


def test_reading_it_is_noted_once_an_hour(visitor, address, session, monkeypatch, make):
    visitor.get(address)
    later = make.now + timedelta(minutes=59)
    monkeypatch.setattr("app.clock.now", lambda: later)
    visitor.get(address)
    assert session.query(CalendarFeed).one().read_at == make.now


def test_moments_are_in_universal_time(visitor, address, follow):
    follow({})
    stamp = only(visitor, address)["DTSTAMP"].dt
    assert isinstance(stamp, datetime)
    assert stamp.utcoffset() == timedelta(0)


def test_it_sends_few_statements_however_many_steps(
    app, visitor, address, make, employee, follow, session
):
    def statements():
        session.commit()
        visitor.get(address)
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            assert visitor.get(address).status == 200
        return len(sent)

    follow({}, {})
    before = statements()
    many, _rows = playlist_of(make, *({} for _ in range(20)), slug="many")
    make.assignment(many, employee)
    activity.complete(session, employee.id, make.item().id, now=make.now)
    assert statements() == before <= 5
