"""By hand only where no tool can tell: the item page, its buttons, and the history."""

from datetime import timedelta

import pytest

from app.activity import service as activity
from app.activity.deeds import Deed
from app.activity.imports import append
from app.models import Connection, ItemState, ReportedTool, Verb

TELLS = "Moodle tells us when you are done."


def connected(session, tool, now, **values):
    given = {"kind": "moodle", "enabled": True, "people_by": "email", "last_ok_at": now}
    row = Connection(tool_id=tool.id, created_at=now, **(given | values))
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def moodle(make):
    return make.tool("moodle", "Moodle")


@pytest.fixture
def course(make, session, moodle):
    """Return a course of a tool that is not connected."""
    item = make.item("Valves", tool=moodle)
    session.commit()
    return item


@pytest.fixture
def told(make, session, moodle, course):
    """Return the course, its tool telling what people finish."""
    connected(session, moodle, make.now)
    session.commit()
    return course


@pytest.fixture
def told_done(session, employee, told, make):
    """Return the course, which its tool has told is done."""
    deed = Deed(employee.id, told.id, Verb.COMPLETED, make.now, "moodle", "moodle:1", None)
    append(session, [deed])
    session.commit()
    return told


def test_it_is_offered_where_no_tool_tells(as_employee, course):
    assert "Mark done" in as_employee.get(f"/items/{course.id}").words


def test_it_is_not_offered_where_a_tool_tells(as_employee, told):
    page = as_employee.get(f"/items/{told.id}")
    assert "Mark done" not in page.words
    assert TELLS in page.words


def test_the_form_is_answered_with_why(as_employee, employee, session, told):
    answer = as_employee.post(f"/items/{told.id}/done")
    assert (answer.status, TELLS in answer.words) == (403, True)
    assert session.get(ItemState, (employee.id, told.id)) is None


def test_another_change_of_the_part_keeps_it_so(as_employee, told):
    part = as_employee.post(f"/items/{told.id}/save", htmx_target=f"actions_{told.id}")
    assert "Mark done" not in part.words
    assert TELLS in part.words


def test_what_a_tool_told_is_shown_and_not_taken_back(as_employee, told_done):
    page = as_employee.get(f"/items/{told_done.id}")
    assert "Done" in page.words
    assert f"/items/{told_done.id}/undone" not in page.html
    answer = as_employee.post(f"/items/{told_done.id}/undone")
    assert (answer.status, "Moodle told us that this is done." in answer.words) == (403, True)


def test_the_history_takes_back_only_what_its_reader_said(
    as_employee, employee, make, session, told_done
):
    own = make.item("Pumps")
    activity.complete(session, employee.id, own.id, now=make.now)
    session.commit()
    forms = as_employee.get("/library/history").html
    assert f"/items/{own.id}/undone" in forms
    assert f"/items/{told_done.id}/undone" not in forms


def test_what_was_said_before_the_tool_was_connected_can_be_taken_back(
    as_employee, employee, session, make, course, moodle
):
    as_employee.post(f"/items/{course.id}/done")
    connected(session, moodle, make.now)
    session.commit()
    assert as_employee.post(f"/items/{course.id}/undone").status == 303
    assert session.get(ItemState, (employee.id, course.id)).done_at is None


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": False},
        {"people_by": ""},
        {"last_ok_at": None},
        {"kind": "wordpress"},
    ],
)
def test_a_connection_that_is_broken_keeps_nobody_waiting(as_employee, told, session, change):
    session.query(Connection).update(change)
    session.commit()
    assert "Mark done" in as_employee.get(f"/items/{told.id}").words
    assert as_employee.post(f"/items/{told.id}/done").status == 303


def test_a_connection_that_is_silent_for_days_keeps_nobody_waiting(
    as_employee, told, session, make
):
    session.query(Connection).update({"last_ok_at": make.now - timedelta(days=5)})
    session.commit()
    assert as_employee.post(f"/items/{told.id}/done").status == 303


def test_no_tool_tells_who_is_in_a_channel(as_employee, told, make, session, moodle):
    channel = make.item(kind="channel", tool=moodle)
    session.commit()
    assert as_employee.post(f"/items/{channel.id}/done").status == 303


@pytest.fixture
def store(make, session):
    """Return the connection of a record store that has told nothing yet."""
    return connected(session, make.tool("store", "Our LRS"), make.now, kind="lrs")


def test_a_record_store_that_told_of_a_tool_tells_of_all_its_items(
    as_employee, make, session, course, store
):
    session.add(ReportedTool(connection_id=store.id, tool_id=course.tool_id))
    session.commit()
    assert TELLS in as_employee.get(f"/items/{course.id}").words
    assert as_employee.post(f"/items/{course.id}/done").status == 403


def test_a_record_store_that_told_of_another_tool_tells_nothing_of_this_one(
    as_employee, make, session, course, store
):
    session.add(ReportedTool(connection_id=store.id, tool_id=make.tool().id))
    session.commit()
    assert as_employee.post(f"/items/{course.id}/done").status == 303


def test_a_record_store_that_is_switched_off_tells_nothing(as_employee, session, course, store):
    session.add(ReportedTool(connection_id=store.id, tool_id=course.tool_id))
    store.enabled = False
    session.commit()
    assert as_employee.post(f"/items/{course.id}/done").status == 303
