"""Importing what people did."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import events
from app.activity import signals
from app.activity.imports import ActivityImporter
from app.models import Activity, ItemState
from tests.support.factories import NOW
from tests.support.importing import Importing

AT = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
DONE = {
    "email": "ada@example.org",
    "tool": "moodle",
    "external_id": "c-1",
    "verb": "completed",
    "at": "2026-11-02T09:30:00+01:00",
    "id": "statement-1",
}


@pytest.fixture
def imports(session):
    """Return a function that imports rows of values."""
    return Importing(session, lambda: ActivityImporter(NOW))


@pytest.fixture
def ada(make):
    return make.person("Ada Byron", email="ada@example.org")


@pytest.fixture
def course(make):
    return make.item("Flow", tool=make.tool("moodle"), external_id="c-1")


@pytest.fixture
def heard():
    """Return a list that grows by every completion that is told."""
    told = []

    def hear(_session, **facts):
        told.append(facts)

    with events.item_completed.connected_to(hear):
        yield told


def state(session, person, item):
    return session.get(ItemState, (person.id, item.id), populate_existing=True)


def test_it_keeps_who_did_what_and_when(session, imports, ada, course):
    assert imports(DONE) == {"new": 1}
    row = session.scalars(select(Activity)).one()
    assert (row.person_id, row.item_id, row.verb, row.at) == (ada.id, course.id, "completed", AT)
    assert row.source == "moodle"


def test_it_marks_the_item_done(session, imports, ada, course):
    imports(DONE)
    assert state(session, ada, course).done_at == AT


def test_it_tells_of_a_completion_once(imports, ada, course, heard):
    imports(DONE)
    imports(DONE, DONE | {"id": "statement-2"})
    assert heard == [{"person_id": ada.id, "item_id": course.id, "at": AT}]


@pytest.mark.parametrize("row", [DONE, DONE | {"id": ""}])
def test_it_adds_nothing_the_second_time(session, imports, ada, course, row):
    imports(row)
    assert imports(row) == {"unchanged": 1}
    assert len(session.scalars(select(Activity)).all()) == 1


@pytest.mark.parametrize(
    "at", ["1969-12-31T23:59:59Z", (NOW + timedelta(days=1, seconds=1)).isoformat()]
)
def test_it_refuses_moments_that_no_tool_has_seen(imports, ada, course, at):
    assert imports(DONE | {"at": at}) == {"failed": 1}
    assert imports.problems == [(1, "at")]


def test_it_tells_statements_without_an_id_apart(imports, ada, course):
    row = DONE | {"id": "", "verb": "launched"}
    assert imports(row, row | {"at": "2026-11-03T08:00:00Z"}) == {"new": 2}


def test_it_does_not_mark_again_what_a_reader_took_back(session, imports, ada, course):
    imports(DONE)
    state(session, ada, course).done_at = None
    session.flush()
    imports(DONE)
    assert state(session, ada, course).done_at is None


@pytest.mark.parametrize(("verb", "mark"), [("saved", "saved_at"), ("dismissed", "dismissed_at")])
def test_it_marks_what_lasts(session, imports, ada, course, verb, mark):
    imports(DONE | {"verb": verb})
    assert getattr(state(session, ada, course), mark) == AT


def test_it_names_people_and_items_that_are_not_there(imports, ada, course):
    imports(DONE | {"email": "nobody@example.org"}, DONE | {"id": "2", "external_id": "c-9"})
    assert imports.problems == [(1, "email"), (2, "external_id")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("verb", "danced"),
        ("verb", ""),
        ("at", "yesterday"),
        ("at", ""),
        ("at", "2027-01-01T00:00:00Z"),
        ("email", ""),
        ("tool", ""),
    ],
)
def test_it_names_a_bad_field(imports, ada, course, field, value):
    assert imports(DONE | {field: value}) == {"failed": 1}
    assert imports.problems == [(1, field)]


def test_it_changes_nothing_in_a_dry_run(session, imports, ada, course):
    assert imports(DONE, write=False) == {"new": 1}
    assert session.scalars(select(Activity)).all() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    row=st.dictionaries(
        st.sampled_from(list(DONE)),
        st.none()
        | st.integers()
        | st.text(alphabet=st.characters(codec=None), max_size=30)
        | st.datetimes().map(str),
    )
)
def test_it_survives_any_line(imports, ada, course, row):
    assert sum(imports(DONE | row).values()) == 1


@pytest.mark.parametrize(("verb", "value"), [("rated", 4), ("spent", 1800)])
def test_it_keeps_stars_and_seconds(session, imports, ada, course, verb, value):
    assert imports(DONE | {"verb": verb, "value": str(value)}) == {"new": 1}
    assert session.scalars(select(Activity.value)).one() == value


@pytest.mark.parametrize(
    ("verb", "value"),
    [("rated", ""), ("rated", "6"), ("rated", "0"), ("spent", "-1"), ("spent", "an hour")],
)
def test_it_refuses_a_value_that_is_none(imports, ada, course, verb, value):
    assert imports(DONE | {"verb": verb, "value": value}) == {"failed": 1}
    assert imports.problems == [(1, "value")]


def test_it_takes_nothing_in_again_that_was_deleted(session, imports, ada, course):
    imports(DONE)
    signals.forget(session, ada.id, now=NOW)
    assert imports(DONE) == {"unchanged": 1}
    assert session.scalars(select(Activity)).all() == []
