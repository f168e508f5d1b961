"""One's own plan: every kind of step, by hand where no tool tells, days of one's own, and undo."""

from datetime import date, timedelta

import pytest

from app.activity import service as activity
from app.activity.deeds import Deed
from app.activity.imports import append
from app.models import (
    Absence,
    Assignment,
    ClusterMember,
    Connection,
    Holiday,
    Progress,
    StepDate,
    Verb,
)
from tests.support.plans import playlist_of

TODAY = date(2026, 11, 12)  # a Thursday
SHOW = "/playlists/first-days"


@pytest.fixture
def follow(make, employee, session):
    """Return a function that lets the employee follow a playlist of these steps."""

    def followed(*steps, starts_on=TODAY, assigned=None, **values):
        playlist, rows = playlist_of(make, *steps, **values)
        make.assignment(playlist, employee, starts_on=starts_on, **(assigned or {}))
        session.commit()
        return rows

    return followed


def states(page):
    """Return the state of each step, by the order on the page."""
    return [
        next(name for name in item.get("class").split() if name not in {"step"})
        for item in page.all("li", class_="step")
    ]


def do(client, step, what, **data):
    return client.post(f"{SHOW}/steps/{step.id}/{what}", {"next": SHOW, **data})


def finished(session):
    session.expire_all()
    return session.query(Assignment).one().finished_at


def test_a_task_is_done_by_hand_and_taken_back(as_employee, follow, session):
    [step] = follow({"title": "Fetch your badge", "due_day": 2})
    do(as_employee, step, "done")
    assert states(as_employee.get(SHOW)) == ["done"]
    assert finished(session) is not None
    do(as_employee, step, "undone")
    assert states(as_employee.get(SHOW)) == ["now"]
    assert finished(session) is None


def test_doing_a_step_twice_is_doing_it_once(as_employee, follow, session):
    [step] = follow({})
    for _time in range(2):
        assert do(as_employee, step, "done").status == 303
    assert session.query(Progress).count() == 1


def test_a_step_through_htmx_answers_with_the_plan(as_employee, follow):
    [step] = follow({"title": "Fetch your badge"})
    part = as_employee.post(f"{SHOW}/steps/{step.id}/done", htmx_target="plan")
    assert "<html" not in part.html
    assert states(part) == ["done"]


def test_meeting_somebody_names_them_and_how_to_reach_them(as_employee, make, follow):
    kofi = make.person("Kofi Tawiah", email="kofi@example.org")
    follow({"kind": "meet", "title": "A coffee", "meets": "buddy"}, assigned={"buddy_id": kofi.id})
    page = as_employee.get(SHOW)
    assert "Kofi Tawiah Your buddy" in page.words
    assert "mailto:kofi@example.org" in page.links()


def test_meeting_ones_manager_names_the_manager(sign_in, make, session):
    boss = make.person("Mei Tanaka")
    reader = make.person("Amara Okafor", manager_id=boss.id)
    playlist, _rows = playlist_of(make, {"kind": "meet", "title": "Talk", "meets": "manager"})
    make.assignment(playlist, reader)
    assert "Mei Tanaka Your manager" in sign_in(reader).get(SHOW).words


def test_meeting_somebody_who_is_not_named_yet_says_so(as_employee, follow):
    follow({"kind": "meet", "title": "A coffee", "meets": "buddy"})
    assert "Your buddy is not named yet." in as_employee.get(SHOW).words


def test_a_buddy_who_has_left_is_not_named(as_employee, make, follow):
    gone = make.person("Kofi Tawiah", active=False)
    follow({}, assigned={"buddy_id": gone.id})
    assert "Kofi" not in as_employee.get(SHOW).html


def test_one_of_two_is_enough(as_employee, make, follow, session):
    first, _second = follow({"choice": 1}, {"choice": 1})
    assert "One of these is enough" in as_employee.get(SHOW).words
    do(as_employee, first, "done")
    assert states(as_employee.get(SHOW)) == ["done", "spare"]
    assert finished(session) is not None


def test_a_step_waits_and_says_for_what(as_employee, follow):
    first, second = follow({"title": "Safety first"}, {"title": "Enter the lab", "needs": [0]})
    page = as_employee.get(SHOW)
    assert states(page) == ["now", "waiting"]
    assert "Waits until you have done “Safety first”" in page.words
    assert do(as_employee, second, "done").status == 403
    do(as_employee, first, "done")
    assert states(as_employee.get(SHOW)) == ["done", "now"]


def test_an_optional_step_keeps_nobody_from_finishing(as_employee, follow, session):
    needed, _optional = follow({}, {"required": False})
    do(as_employee, needed, "done")
    page = as_employee.get(SHOW)
    assert finished(session) is not None
    assert "1 optional step is still open, if you like." in page.words


def test_a_channel_is_done_when_it_is_opened(as_employee, make, follow, session):
    channel = make.item("pumps", kind="channel")
    follow({"item": channel})
    assert "Join" in as_employee.get(SHOW).words
    as_employee.get(f"/go/{channel.id}?via=playlist")
    assert states(as_employee.get(SHOW)) == ["done"]


def test_a_course_is_not_done_because_it_was_opened(as_employee, make, follow):
    course = make.item("Valves")
    follow({"item": course})
    as_employee.get(f"/go/{course.id}")
    assert states(as_employee.get(SHOW)) == ["now"]


def test_a_channel_opened_before_counts_when_a_playlist_is_taken(
    as_employee, employee, make, session
):
    channel = make.item("pumps", kind="channel")
    activity.launch(session, employee.id, channel, now=make.now)
    playlist_of(make, {"item": channel})
    session.commit()
    as_employee.post(f"{SHOW}/start")
    assert states(as_employee.get(SHOW)) == ["done"]


def telling(tool, now, **values):
    return Connection(
        tool_id=tool.id,
        kind="moodle",
        enabled=values.pop("enabled", True),
        people_by=values.pop("people_by", "email"),
        last_ok_at=values.pop("last_ok_at", now),
        created_at=now,
        **values,
    )


@pytest.fixture
def told(make, session):
    """Return a course of a tool that tells what people finish there."""
    tool = make.tool("moodle", "Moodle")
    session.add(telling(tool, make.now))
    return make.item("Valves", tool=tool)


def test_what_a_tool_tells_is_not_done_by_hand(as_employee, told, follow):
    [step] = follow({"item": told})
    page = as_employee.get(SHOW)
    assert "Moodle tells us when you are done." in page.words
    assert "Mark done" not in page.words
    assert do(as_employee, step, "done").status == 403


def test_what_a_tool_told_is_not_taken_back_by_hand(
    as_employee, employee, told, make, follow, session
):
    [step] = follow({"item": told})
    deed = Deed(employee.id, told.id, Verb.COMPLETED, make.now, "moodle", "moodle:1", None)
    append(session, [deed])
    session.commit()
    assert states(as_employee.get(SHOW)) == ["done"]
    assert do(as_employee, step, "undone").status == 403


def test_what_was_said_on_the_page_of_an_item_is_taken_back_in_the_plan(
    as_employee, make, follow, session
):
    tool = make.tool("moodle", "Moodle")
    course = make.item("Valves", tool=tool)
    [step] = follow({"item": course})
    as_employee.post(f"/items/{course.id}/done")
    session.add(telling(tool, make.now))
    session.commit()
    assert do(as_employee, step, "undone").status == 303
    assert states(as_employee.get(SHOW)) == ["now"]


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": False},
        {"people_by": ""},
        {"last_ok_at": None},
        {"kind": "wordpress"},
    ],
)
def test_where_a_tool_does_not_tell_it_is_done_by_hand(as_employee, told, follow, session, change):
    session.query(Connection).update(change)
    [step] = follow({"item": told})
    assert do(as_employee, step, "done").status == 303
    assert states(as_employee.get(SHOW)) == ["done"]


def test_what_is_done_in_another_tool_counts_here(as_employee, employee, make, follow, session):
    here, there = make.item("Valves"), make.item("Valves (video)")
    activity.complete(session, employee.id, there.id, now=make.now)
    session.add_all(
        ClusterMember(item_id=item.id, cluster_id=here.id, preferred=item is here)
        for item in (here, there)
    )
    follow({"item": here})
    assert states(as_employee.get(SHOW)) == ["done"]


def test_working_days_leave_the_weekend_out(as_employee, follow):
    follow({"due_day": 3}, working_days=True)
    assert "Due in 4 days, 16 November" in as_employee.get(SHOW).words


def test_a_holiday_of_the_readers_own_location_is_left_out(sign_in, make, session):
    reader = make.person(location="Berlin")
    session.add_all(
        [
            Holiday(day=date(2026, 11, 13), location="berlin"),
            Holiday(day=date(2026, 11, 16), location=""),
            Holiday(day=date(2026, 11, 17), location="Tokyo"),
        ]
    )
    playlist, _rows = playlist_of(make, {"due_day": 2}, working_days=True)
    make.assignment(playlist, reader, starts_on=TODAY)
    assert "17 November" in sign_in(reader).get(SHOW).words


def test_an_absence_shifts_what_is_due(as_employee, follow):
    follow({"due_day": 2}, working_days=True)
    as_employee.post("/away", {"first": "2026-11-13", "last": "2026-11-16"})
    assert "Due in 5 days, 17 November" in as_employee.get(SHOW).words


def test_an_absence_of_somebody_else_shifts_nothing(as_employee, make, follow, session):
    session.add(Absence(person_id=make.person().id, starts_on=TODAY, ends_on=TODAY))
    follow({"due_day": 1}, working_days=True)
    assert "Due today, 12 November" in as_employee.get(SHOW).words


def test_a_late_step_is_moved_with_one_tap_and_back(as_employee, follow, session):
    [step] = follow({"due_day": 1}, starts_on=TODAY - timedelta(days=3))
    assert "Late" in as_employee.get(SHOW).words
    moved = as_employee.follow(do(as_employee, step, "move", day="2026-11-13"))
    assert "1 step has a new day." in moved.words
    assert "Due tomorrow, 13 November" in moved.words
    [undo] = moved.all("form", action=f"{SHOW}/put-back")
    was = [field.get("value") for field in undo.iter("input") if field.get("name") == "was"]
    as_employee.post(f"{SHOW}/put-back", {"was": was})
    assert session.query(StepDate).count() == 0
    assert "Late" in as_employee.get(SHOW).words


def test_a_moved_step_goes_back_to_the_day_of_the_plan(as_employee, follow, session):
    [step] = follow({"due_day": 5})
    do(as_employee, step, "move", day="2026-11-20")
    assert "Moved by you, the plan says 16 November" in as_employee.get(SHOW).words
    do(as_employee, step, "move", day="plan")
    assert session.query(StepDate).count() == 0


def test_alternatives_move_together(as_employee, follow, session):
    first, _second = follow({"choice": 1}, {"choice": 1})
    do(as_employee, first, "move", day="2026-11-20")
    assert session.query(StepDate).count() == 2
    do(as_employee, first, "move", day="plan")
    assert session.query(StepDate).count() == 0


@pytest.mark.parametrize("day", ["2026-11-11", "2029-01-01", "soon", ""])
def test_a_step_is_not_moved_to_a_day_that_makes_no_sense(as_employee, follow, session, day):
    [step] = follow({})
    assert do(as_employee, step, "move", day=day).status == 422
    assert session.query(StepDate).count() == 0


def test_late_steps_are_spread_with_one_tap_and_back(as_employee, follow, session):
    follow({}, {}, {}, starts_on=TODAY - timedelta(days=3))
    assert "Take a breath" in as_employee.get(SHOW).words
    page = as_employee.follow(as_employee.post(f"{SHOW}/catch-up", {"next": SHOW}))
    assert "3 steps have new days." in page.words
    assert states(page) == ["now", "open", "open"]
    [undo] = page.all("form", action=f"{SHOW}/put-back")
    was = [field.get("value") for field in undo.iter("input") if field.get("name") == "was"]
    as_employee.post(f"{SHOW}/put-back", {"was": was})
    assert states(as_employee.get(SHOW)) == ["late", "late", "late"]


def test_whoever_comes_back_is_welcomed_and_catches_up(as_employee, employee, follow, session):
    session.add(
        Absence(
            person_id=employee.id,
            starts_on=TODAY - timedelta(days=9),
            ends_on=TODAY - timedelta(days=1),
        )
    )
    follow({}, starts_on=TODAY - timedelta(days=9))
    page = as_employee.get(SHOW)
    assert "Welcome back" in page.words
    assert "1 step was due before today. One tap gives it a new day." in page.words


def test_nobody_is_pressed_while_they_are_away(as_employee, employee, follow, session):
    session.add(Absence(person_id=employee.id, starts_on=TODAY, ends_on=TODAY))
    follow({}, {}, starts_on=TODAY - timedelta(days=9))
    page = as_employee.get(SHOW)
    assert "You are away. Your plan waits for you" in page.words
    assert not page.all("form", action=f"{SHOW}/catch-up")


def test_nothing_happens_to_the_steps_of_others(as_employee, make, session):
    playlist, [step] = playlist_of(make, {})
    make.assignment(playlist, make.person())
    session.commit()
    for what in ("done", "undone", "move"):
        assert do(as_employee, step, what, day="2026-11-20").status == 404
    assert session.query(Progress).count() == session.query(StepDate).count() == 0


def test_a_step_of_another_playlist_is_not_found(as_employee, follow, make, session):
    _other, [foreign] = playlist_of(make, {}, slug="other")
    follow({})
    assert do(as_employee, foreign, "done").status == 404
    as_employee.post(f"{SHOW}/put-back", {"was": [f"{foreign.id}:2026-11-20"]})
    assert session.query(StepDate).count() == 0


def test_everybody_follows_the_version_they_were_given(as_employee, make, follow, session):
    follow({"title": "As it was"}, state="past")
    playlist_of(make, {"title": "As it is"}, number=2)
    playlist_of(make, {"title": "As it may be"}, number=3, state="draft")
    session.commit()
    words = as_employee.get(SHOW).words
    assert "As it was" in words
    assert "As it is" not in words
    assert len(as_employee.get("/playlists").all("a", href=SHOW)) == 1


def test_others_meet_the_live_version_alone(as_employee, make, session):
    playlist_of(make, {"title": "As it was"}, state="past")
    playlist_of(make, {"title": "As it is"}, number=2)
    playlist_of(make, {"title": "Draft"}, number=3, state="draft")
    playlist_of(make, {"title": "Copy me"}, slug="pattern", title="Pattern", is_template=True)
    session.commit()
    words = as_employee.get(SHOW).words
    assert "As it is" in words
    assert "Version 2" in words
    assert "Pattern" not in as_employee.get("/playlists").words
    assert as_employee.get("/playlists/pattern").status == 404


def test_whoever_has_a_version_is_not_given_another(as_employee, make, follow, session):
    follow({}, state="past")
    playlist_of(make, {}, number=2)
    session.commit()
    as_employee.post(f"{SHOW}/start")
    assert session.query(Assignment).count() == 1


def test_a_title_with_markup_stays_text(as_employee, follow):
    follow({"title": "<b>Bold</b>"}, {"title": "<i>", "needs": [0]})
    page = as_employee.get(SHOW)
    assert "<b>Bold" not in page.html
    assert "“<b>Bold</b>”" in page.words


def test_the_last_step_leads_from_home_to_what_was_reached(as_employee, follow):
    first, last = follow({"title": "Fetch your badge"}, {"title": "Say hello"})
    home = {"next": "/"}
    assert do(as_employee, first, "done", **home).location == f"/#step_{first.id}"
    page = as_employee.follow(do(as_employee, last, "done", **home))
    assert "You have finished this playlist" in page.words
