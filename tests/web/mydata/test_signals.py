"""What recommendations draw on: seen, paused, deleted and taken along, by their owner alone."""

import csv
import io
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.activity import service, signals
from app.foryou import liking
from app.models import (
    Absence,
    Activity,
    CalendarFeed,
    ItemState,
    Progress,
    Removal,
    ShownItem,
    ShownSlate,
    StepDate,
    Verb,
)
from tests.support.factories import NOW
from tests.support.plans import playlist_of
from tests.support.queries import count_queries

DAY = timedelta(days=1)


@pytest.fixture
def pumps(make):
    return make.item("Pumps")


@pytest.fixture
def did(session, employee, pumps):
    """Return what writes activity of the employee with the item about pumps."""

    def done(verb, *, item=None, at=NOW, person=None, **values):
        who, what = person or employee, item or pumps
        row = service.record(session, who.id, what.id, Verb(verb), now=at, **values)
        session.commit()
        return row.id

    return done


@pytest.fixture
def slate(session, employee, pumps):
    row = ShownSlate(
        person_id=employee.id, token="t", shelf="for_you", model="m", shown_at=NOW, items=[]
    )
    row.items.append(ShownItem(position=1, item_id=pumps.id, score=0.5, evidence={}))
    session.add(row)
    session.commit()
    return row


def left(session):
    session.expire_all()
    return {row.id for row in session.query(Activity)}


def test_it_lists_what_was_done_and_how_much_it_counts(as_employee, did):
    did("completed")
    did("rated", value=4)
    did("spent", value=1500)
    did("launched", via="search")
    page = as_employee.get("/my-data/signals")
    assert "Finished Counts most, half as much after a year" in page.words
    assert "Rated 4 stars · 12 November" in page.words
    assert "Spent 25 min" in page.words
    assert "Opened from a search" in page.texts("a")


def test_it_says_who_the_reader_is_to_recommendations(as_employee, employee, session, make):
    employee.department, employee.location = "Service", "Hamburg"
    make.group("pilot", [employee])
    session.commit()
    page = as_employee.get("/my-data/signals")
    assert {"Field engineer", "Service", "Hamburg", "pilot", "5 January"} <= set(page.texts("dd"))


def test_it_shows_one_kind_where_one_is_asked_for(as_employee, did, make):
    did("completed")
    did("saved", item=make.item("Valves"))
    page = as_employee.get("/my-data/signals?kind=saved")
    assert "1 signal" in page.texts("p")
    assert "Valves" in page.texts("a")
    assert "Pumps" not in page.texts("a")


def test_it_names_the_tool_that_told(as_employee, did, make):
    make.tool("simlab", "SimLab")
    did("completed", source="simlab")
    assert "told by SimLab" in as_employee.get("/my-data/signals").words


def test_it_names_no_item_that_the_reader_may_not_see_any_more(as_employee, did, make):
    secret = make.item("Merger plans", audience=["group:board"])
    did("launched", item=secret)
    page = as_employee.get("/my-data/signals")
    assert "An item you can no longer see" in page.words
    assert "Merger" not in page.html
    assert f"/items/{secret.id}" not in page.html


def test_it_cuts_the_list_into_pages_in_ten_statements(app, as_employee, did, make):
    for number in range(31):
        did("launched", at=NOW - number * DAY)
    as_employee.get("/my-data/signals")
    with count_queries(app.extensions["foyer"].database.engine) as sent:
        page = as_employee.get("/my-data/signals")
    assert "/my-data/signals?page=2#list" in page.links()
    assert len(sent) <= 10
    assert len(as_employee.get("/my-data/signals?page=2").all("form", class_="row-action")) == 1


def test_it_deletes_one(as_employee, did, session):
    gone, stays = did("launched"), did("completed")
    page = as_employee.post(f"/my-data/signals/{gone}/delete")
    assert (page.status, left(session)) == (303, {stays})
    assert session.query(Removal).count() == 1


def test_through_htmx_it_answers_with_the_list_as_it_stands_then(as_employee, did, session):
    gone = did("launched")
    did("launched", at=NOW - DAY)
    did("completed")
    address = f"/my-data/signals/{gone}/delete?kind=launched"
    page = as_employee.post(address, htmx_target="results")
    assert page.texts("b") == ["1", "1"]
    assert page.texts("p", role="status") == ["1 signal"]
    assert page.all("p")[0].get("data-announce") == "The signal is deleted."
    assert page.by_id("results") is None


def test_the_list_comes_alone_where_htmx_asks_for_it(as_employee, did):
    for number in range(31):
        did("launched", at=NOW - number * DAY)
    page = as_employee.htmx("/my-data/signals?page=2", "results")
    assert len(page.all("form", class_="row-action")) == 1
    assert page.all("h1") == []


def test_it_deletes_nothing_of_somebody_else(as_employee, did, make, session):
    theirs = did("launched", person=make.person())
    assert as_employee.post(f"/my-data/signals/{theirs}/delete").status == 404
    as_employee.post("/my-data/signals/delete")
    assert left(session) == {theirs}


def test_it_asks_before_it_deletes_many(as_employee, did, session):
    row = did("completed")
    page = as_employee.get("/my-data/signals/delete?kind=completed")
    assert "1 signal would be deleted." in page.words
    assert left(session) == {row}


def test_it_deletes_one_kind(as_employee, did, session):
    did("launched", via="search")
    stays = did("launched", via="home")
    as_employee.post("/my-data/signals/delete", {"kind": "found"})
    assert left(session) == {stays}


def test_it_deletes_what_is_from_before_a_day(as_employee, did, session):
    did("launched", at=NOW - 2 * DAY)
    stays = did("launched", at=NOW - DAY)
    as_employee.post("/my-data/signals/delete", {"before": "2026-11-11"})
    assert left(session) == {stays}


def test_it_deletes_everything_with_what_was_shown(as_employee, did, session, slate):
    did("launched")
    as_employee.post("/my-data/signals/delete")
    assert (left(session), session.query(ShownSlate).count()) == (set(), 0)


@pytest.mark.parametrize("query", ["kind=nothing", "before=yesterday", "before=0001-01-01"])
def test_it_takes_nothing_for_everything_that_it_does_not_know(as_employee, did, session, query):
    row = did("launched")
    name, value = query.split("=")
    assert as_employee.get(f"/my-data/signals/delete?{query}").status == 404
    assert as_employee.post("/my-data/signals/delete", {name: value}).status == 404
    assert left(session) == {row}


def test_a_deleted_completion_stays_done(as_employee, session, employee, pumps):
    service.complete(session, employee.id, pumps.id, now=NOW)
    session.commit()
    as_employee.post("/my-data/signals/delete", {"kind": "completed"})
    assert left(session) == set()
    assert session.get(ItemState, (employee.id, pumps.id)).done_at is not None


def test_it_pauses_and_goes_on(as_employee, pumps, session):
    session.commit()
    as_employee.post("/my-data/signals/pause")
    assert "Paused since 12 November" in as_employee.get("/my-data").words
    as_employee.get(f"/go/{pumps.id}")
    as_employee.post("/my-data/signals/resume")
    as_employee.get(f"/go/{pumps.id}")
    assert [row.counts for row in session.query(Activity).order_by(Activity.id)] == [False, True]
    page = as_employee.get("/my-data/signals")
    assert "What you do counts" in page.words
    assert page.words.count("Does not count") == 1


def test_it_says_in_the_settings_whether_signals_count(as_employee):
    assert "/my-data/signals" in as_employee.get("/settings").links()
    as_employee.post("/my-data/signals/pause")
    assert "paused" in as_employee.get("/settings").words


def test_it_shows_and_deletes_what_was_shown(as_employee, slate, session):
    page = as_employee.get("/my-data/shown")
    assert "For you" in page.words
    assert "Pumps" in page.texts("a")
    as_employee.post("/my-data/shown/delete")
    assert session.query(ShownSlate).count() == 0


def test_what_was_shown_names_nothing_that_is_hidden_now(as_employee, slate, session, make):
    item = make.item("Merger plans", audience=["group:board"])
    session.add(ShownItem(slate_id=slate.id, position=2, item_id=item.id, score=0, evidence={}))
    session.commit()
    page = as_employee.get("/my-data/shown")
    assert "1 item you can no longer see" in page.words
    assert "Merger" not in page.html


def test_my_data_says_how_many_absences_and_whether_a_calendar_is_read(
    as_employee, session, employee
):
    before = as_employee.get("/my-data").words
    assert "No absence is kept." in before
    assert "Not set up." in before
    session.add(Absence(person_id=employee.id, starts_on=NOW.date(), ends_on=NOW.date()))
    session.commit()
    as_employee.post("/calendar")
    after = as_employee.get("/my-data").words
    assert "1 absence is kept. Only you see it." in after
    assert "Its private address was made on 12 November. Nobody has read it yet." in after


class TestDownload:
    @pytest.fixture
    def kept(self, did, slate, session, employee, pumps, make):
        """Keep something of every sort, also with an item that is hidden meanwhile."""
        service.complete(session, employee.id, pumps.id, now=NOW)
        did("rated", value=5)
        did("launched", item=make.item("Merger plans", audience=["group:board"]))
        did("launched", person=make.person("Somebody Else"))

    @pytest.fixture
    def records(self, kept, as_employee):
        page = as_employee.get("/my-data/download/jsonl")
        assert page.headers["Content-Disposition"].startswith("attachment")
        return [json.loads(line) for line in page.html.splitlines()]

    def test_it_holds_everything_that_is_kept(self, records):
        assert [one["what"] for one in records].count("signal") == 3
        assert {one["what"] for one in records} == {"profile", "signal", "state", "shown"}
        assert records[0]["roles"] == [{"role": "Field engineer", "since": None}]

    def test_it_says_what_the_page_says(self, records, session, employee):
        tokens = frozenset({"everyone"})
        listed = signals.signals_of(session, employee.id, tokens=tokens)
        taken = [one for one in records if one["what"] == "signal"]
        assert [(one.kind, one.title, one.value) for one in reversed(listed)] == [
            (one["kind"], one["title"], one["value"]) for one in taken
        ]

    def test_it_holds_playlists_days_away_and_the_calendar(
        self, make, session, employee, as_employee
    ):
        hidden = make.item("Merger plans", audience=["group:board"])
        playlist, steps = playlist_of(make, {"title": "Fetch a badge"}, {"item": hidden}, {})
        given = make.assignment(playlist, employee)
        key = {"assignment_id": given.id}
        session.add(Progress(**key, step_id=steps[0].id, done_at=NOW, by_hand=True))
        session.add(StepDate(**key, step_id=steps[1].id, due_on=NOW.date()))
        session.add(Absence(person_id=employee.id, starts_on=NOW.date(), ends_on=NOW.date()))
        session.commit()
        as_employee.post("/calendar")
        page = as_employee.get("/my-data/download/jsonl")
        lines = [json.loads(line) for line in page.html.splitlines()]
        found = {
            what: [one for one in lines if one["what"] == what]
            for what in ("playlist", "step", "absence", "calendar address")
        }
        assert [one["title"] for one in found["playlist"]] == ["Your first days"]
        assert [(one["title"], one["by_hand"], one["planned_on"]) for one in found["step"]] == [
            ("Fetch a badge", True, None),
            ("", None, "2026-11-12"),
        ]
        assert [one["first_day"] for one in found["absence"]] == ["2026-11-12"]
        assert [one["read_at"] for one in found["calendar address"]] == [None]
        digest = session.scalars(select(CalendarFeed.digest)).one()
        assert digest not in page.html

    def test_it_names_nobody_else_and_nothing_hidden(self, records):
        assert "Somebody" not in json.dumps(records)
        assert "Merger" not in json.dumps(records)

    def test_the_table_holds_the_same_lines(self, records, as_employee):
        page = as_employee.get("/my-data/download/csv")
        rows = list(csv.DictReader(io.StringIO(page.html)))
        assert [row["what"] for row in rows] == [one["what"] for one in records]
        names = ("what", "at", "item", "title")
        for row, record in zip(rows, records, strict=True):
            details = json.loads(row["details"])
            assert details == {n: value for n, value in record.items() if n not in names}

    def test_no_spreadsheet_obeys_a_title(self, did, make, as_employee):
        did("launched", item=make.item("=HYPERLINK(1)"))
        page = as_employee.get("/my-data/download/csv")
        assert '"\'=HYPERLINK(1)"' in page.html


def test_search_forgets_at_once_how_well_items_suit_whoever_deletes(
    app, as_employee, employee, did, monkeypatch
):
    worked_out = []
    monkeypatch.setattr(liking, "_from_slate", lambda *_: worked_out.append(1) or {})
    reader = SimpleNamespace(id=employee.id, roles=("field-engineer",))

    def ask():
        with app.app_context():
            liking.liking(None, reader)
        return len(worked_out)

    first, second = did("completed"), did("liked")
    assert [ask(), ask()] == [1, 1]
    as_employee.post(f"/my-data/signals/{first}/delete")
    assert [ask(), ask()] == [2, 2]
    as_employee.post("/my-data/signals/delete")
    assert second
    assert ask() == 3
