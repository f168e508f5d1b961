"""The page of the audit log."""

from datetime import timedelta

import pytest

from app.audit.contexts import GROUPS
from app.audit.service import Event, append
from app.jobs import LastRun, note_key
from app.web.guard import ROUTES
from tests.support.factories import NOW
from tests.support.queries import count_queries


@pytest.fixture
def as_admin(make, sign_in):
    return sign_in(make.person("Ada Admin", access="admin", time_zone="Europe/Berlin"))


@pytest.fixture
def log(session):
    """Return a function that appends an entry."""

    def add(action="test.one", *, at=NOW, **values):
        append(session, [Event(action=action, **{"actor": "Jonas Weber"} | values)], now=at)
        session.commit()

    return add


def actions(page):
    """Return the actions that the page lists, in its order."""
    return page.texts("code")


def test_it_lists_the_newest_first_in_the_readers_own_time(as_admin, log):
    log("test.one")
    log("test.two", subject="page field-engineer", outcome="refused")
    page = as_admin.get("/admin/audit")
    assert actions(page) == ["test.two", "test.one"]
    assert page.texts("time")[0] == "12 November, 10:00"
    assert "Jonas Weber: test.two, page field-engineer refused" in page.words


def test_it_shows_what_was_changed_field_by_field(as_admin, log):
    fields = {"note": {"before": "", "after": "Start here"}}
    log(details={"rows": [{"row": "pin 3", "did": "changed", "fields": fields}]})
    page = as_admin.get("/admin/audit")
    assert page.texts("dd")[:2] == ["changed", "note: – → Start here"]
    assert "2 entries" not in page.words


def test_it_shows_what_a_provider_changed(as_admin, log):
    log(details={"changes": [{"field": "email", "before": "", "after": "ada@example.org"}]})
    assert as_admin.get("/admin/audit").texts("dd")[0] == "email: – → ada@example.org"


@pytest.mark.parametrize(
    "details", [{}, {"a": {"b": [1, None, True, {}]}}, {"rows": ["x", {"row": 1}]}, {"e": []}]
)
def test_it_shows_any_details(as_admin, log, details):
    log(details=details)
    assert as_admin.get("/admin/audit").status == 200


def test_it_keeps_every_text_to_itself(as_admin, log):
    log(actor="<script>alert(1)</script>", subject="\u05d0\u05d1 “x”", details={"<b>": "</dl>"})
    page = as_admin.get("/admin/audit")
    assert "<script>alert(1)</script>" in page.texts("bdi")
    assert not page.all("b", class_="x")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("person=weber", ["auth.sign_in"]),
        ("person=FIELD", ["curation.pin"]),
        ("person=%25", []),
        ("group=sign-in", ["auth.sign_in"]),
        ("group=content&outcome=done", ["curation.pin"]),
        ("outcome=refused", ["access.refused"]),
        ("since=2026-11-13", ["access.refused"]),
        ("until=2026-11-12", ["curation.pin", "auth.sign_in"]),
        ("since=2026-11-12&until=2026-11-12", ["curation.pin", "auth.sign_in"]),
        ("group=nonsense&since=soon&until=9999-12-31&before=x&outcome=no", [
            "access.refused", "curation.pin", "auth.sign_in",
        ]),
    ],
)  # fmt: skip
def test_it_lists_what_was_asked_for(as_admin, log, asked, expected):
    log("auth.sign_in")
    log("curation.pin", actor="Mira", subject="Field engineer")
    midnight_in_berlin = NOW.replace(hour=23, minute=0)
    log("access.refused", actor="Otto", outcome="refused", at=midnight_in_berlin)
    assert actions(as_admin.get(f"/admin/audit?{asked}")) == expected


def test_it_goes_on_from_page_to_page_with_its_filters(as_admin, session):
    events = [Event(action=f"test.{number}", actor="Ada") for number in range(120)]
    append(session, events, now=NOW)
    session.commit()
    page = as_admin.get("/admin/audit?person=ada")
    seen = actions(page)
    while older := [link for link in page.links() if "before=" in link]:
        page = as_admin.get(older[0])
        seen += actions(page)
    assert seen == [f"test.{number}" for number in reversed(range(120))]
    assert "/admin/audit?person=ada" in page.links()


def test_it_answers_htmx_with_the_results_alone(as_admin, log):
    log()
    page = as_admin.htmx("/admin/audit", "results")
    assert (actions(page), page.all("h1")) == (["test.one"], [])


def test_it_says_when_nothing_fits(as_admin):
    assert "No entry fits" in as_admin.get("/admin/audit?person=nobody").words


def test_it_says_how_many_there_are_and_when_the_chain_was_checked(as_admin, log, app):
    log()
    assert "1 entry; the chain has not been checked yet." in as_admin.get("/admin/audit").words
    ran(app, error="")
    assert (
        "whole when it was last checked, 12 November, 10:00" in as_admin.get("/admin/audit").words
    )
    ran(app, error="RuntimeError: entry 3 is broken")
    assert "found a fault: RuntimeError: entry 3 is broken" in as_admin.get("/admin/audit").words


def ran(app, *, error):
    """Leave the note that the worker leaves."""
    queue = app.extensions["foyer-jobs"]._huey
    run = LastRun("verify_audit_log", NOW, timedelta(seconds=1), error)
    queue.put(note_key(run.job), run)


def test_it_keeps_its_number_of_statements_whatever_the_rows(as_admin, app, log):
    engine = app.extensions["foyer"].database.engine
    counts = []
    for _ in range(2):
        for _ in range(10):
            log()
        with count_queries(engine) as sent:
            as_admin.get("/admin/audit")
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 5


def test_it_offers_every_group_and_has_one_for_every_room(as_admin):
    page = as_admin.get("/admin/audit")
    offered = {option.get("value") for option in page.by_id("field_group").iter("option")}
    assert offered == {"", *GROUPS}
    rooms = {name.partition(".")[0] for name, right in ROUTES.items() if right.value in RIGHTS}
    assert rooms <= {room for group in GROUPS.values() for room in group}


RIGHTS = {"curate", "administer", "provision"}


def test_it_is_not_there_for_others(as_curator):
    assert as_curator.get("/admin/audit").status == 404
