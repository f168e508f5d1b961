"""What requests leave in the audit log: by themselves, by what views add, and what must not be."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.auth import service as auth
from app.curation.seen import seen_of
from app.models import AuditEntry, AuditHead, LoginSession, Pin, Section
from app.scim import service as scim
from app.web import limits


@pytest.fixture
def entries(session):
    """Return a function that gives the entries there are, or those of one action."""

    def found(action=None):
        session.expire_all()
        wanted = select(AuditEntry).order_by(AuditEntry.number)
        rows = session.scalars(wanted).all()
        return [row for row in rows if action in (None, row.action)]

    return found


@pytest.fixture
def admin(make):
    return make.person("Ada Admin", access="admin")


@pytest.fixture
def as_admin(sign_in, admin):
    return sign_in(admin)


@pytest.fixture
def page(make, session):
    """Return the draft of the page of field engineers, with a section and a pinned item."""
    page = make.role_page(make.role("field-engineer", "Field engineer"), published=False)
    make.pin(session.query(Section).one(), make.item("Valve basics"), note="Start here")
    session.commit()
    return page


def changes(entry):
    """Return {row: (what was done, {field: (before, after)})}."""
    return {
        one["row"]: (
            one["did"],
            {name: (pair["before"], pair["after"]) for name, pair in one["fields"].items()},
        )
        for one in entry.details["rows"]
    }


def test_it_writes_what_a_curator_changed_field_by_field(as_curator, page, entries):
    seen = seen_of(page.title, page.intro, "everyone")
    form = {"title": "For engineers", "intro": "", "seen": seen}
    as_curator.post("/curate/roles/field-engineer/details", form)
    (entry,) = entries()
    assert (entry.action, entry.actor, entry.subject, entry.outcome) == (
        "curation.edit_details",
        "Jonas Weber",
        "field-engineer",
        "done",
    )
    assert changes(entry) == {
        f"role page {page.id} “For engineers”": (
            "changed",
            {"title": ("For Field engineers", "For engineers")},
        )
    }


def test_it_writes_what_a_statement_changed(as_curator, page, entries, session):
    pin = session.query(Pin).one()
    as_curator.post(
        f"/curate/pins/{pin.id}/note", {"note": "Read this first", "seen": seen_of(pin.note)}
    )
    (entry,) = entries()
    assert entry.subject == f"pin {pin.id}"
    told = {f"pin {pin.id}": ("changed", {"note": ("Start here", "Read this first")})}
    assert changes(entry) == told


def test_it_writes_what_was_taken_away(as_curator, page, entries, session):
    pin_id = session.query(Pin).one().id
    as_curator.post(f"/curate/pins/{pin_id}/unpin")
    did, fields = changes(entries("curation.unpin")[0])[f"pin {pin_id}"]
    assert (did, fields["note"]) == ("removed", ("Start here", ""))


def test_it_writes_what_was_added(as_curator, page, entries, session, make):
    section, item = session.query(Section).one(), make.item("Pump basics")
    session.commit()
    as_curator.post(f"/curate/sections/{section.id}/pins", {"item_id": item.id, "note": "Then"})
    (entry,) = entries("curation.pin")
    assert entry.subject == f"section {section.id} “First things”"
    added = [fields for did, fields in changes(entry).values() if did == "added"]
    assert [fields["item_id"] for fields in added] == [("", str(item.id))]


def test_it_writes_nothing_of_a_change_that_was_refused(as_curator, page, entries):
    answer = as_curator.post("/curate/roles/field-engineer/details", {"title": "", "intro": ""})
    assert (answer.status, entries()) == (422, [])


def test_it_writes_that_an_administrator_acted_though_no_row_changed(as_admin, entries):
    as_admin.post("/admin/train")
    assert [entry.action for entry in entries()] == ["admin.train"]


def test_it_writes_nothing_for_whoever_was_sent_away_to_sign_in(visitor, entries):
    assert (visitor.post("/admin/train").status, entries()) == (303, [])


def test_it_writes_nothing_of_what_employees_search_open_save_and_finish(
    as_employee, make, session, entries
):
    item = make.item("Valve basics")
    session.commit()
    for address in (f"/go/{item.id}", "/discover?q=burnout", f"/items/{item.id}"):
        as_employee.get(address)
    for action in ("save", "done", "dismiss"):
        assert as_employee.post(f"/items/{item.id}/{action}").status < 400
    assert entries() == []


def test_it_writes_nothing_for_whoever_must_first_prove_who_they_are(
    as_admin, session, entries, now
):
    session.query(LoginSession).one().proved_at = now - timedelta(hours=2)
    session.commit()
    assert (as_admin.post("/admin/train").status, entries()) == (303, [])


def test_it_makes_one_entry_of_what_the_view_and_the_session_say(as_admin, session, entries, now):
    client = scim.add_client(session, "Entra", now=now)
    session.commit()
    as_admin.post(f"/admin/scim/{client.slug}/switch", {"enabled": ""})
    (entry,) = entries()
    assert (entry.action, entry.details["enabled"]) == ("identity.switch_client", False)
    (changed,) = changes(entry).values()
    assert changed == ("changed", {"enabled": ("True", "False")})


def test_it_makes_one_entry_of_a_sign_in(make, session, visitor, entries, now):
    ada = make.person("Ada Byron")
    link = auth.make_link(session, ada, now=now)
    session.commit()
    visitor.post(f"/sign-in/link/{link}")
    (entry,) = entries()
    assert (entry.action, entry.actor, entry.details) == (
        "auth.sign_in",
        "Ada Byron",
        {"method": "one-time link"},
    )


def test_it_keeps_a_refusal_though_the_request_is_taken_back(visitor, entries):
    assert visitor.post("/sign-in/link/unknown").status == 404
    assert [(entry.action, entry.outcome) for entry in entries()] == [("auth.sign_in", "refused")]


def test_it_takes_the_change_back_when_the_log_cannot_be_written(as_curator, page, session):
    session.query(AuditHead).delete()
    session.commit()
    answer = as_curator.post(
        "/curate/roles/field-engineer/details",
        {"title": "For engineers", "intro": "", "seen": seen_of(page.title, "", "everyone")},
    )
    session.refresh(page)
    assert (answer.status, page.title) == (500, "For Field engineers")


def test_it_lists_twenty_rows_at_most_and_says_how_many_more(
    as_curator, page, make, session, entries
):
    section = session.query(Section).one()
    pins = [make.pin(section, make.item()) for _ in range(30)]
    session.commit()
    order = [str(pin.id) for pin in reversed(pins)]
    as_curator.post(f"/curate/sections/{section.id}/order", {"order": order})
    rows = entries("curation.reorder")[0].details["rows"]
    assert (len(rows), rows[-1]["row"]) == (21, "10 more")


def test_it_writes_that_somebody_asks_too_often(as_employee, app, entries, monkeypatch):
    few = {name: limits.Limit(one.group, 1, one.by) for name, one in limits.LIMITS.items()}
    monkeypatch.setattr(limits, "LIMITS", few)
    for _ in range(3):
        as_employee.get("/discover?q=pump")
    (entry,) = entries()
    assert (entry.action, entry.subject, entry.details["group"]) == (
        "access.too_many",
        "/discover",
        "search",
    )


def test_it_writes_from_where_and_in_which_request(as_admin, entries):
    answer = as_admin.post("/admin/train")
    (entry,) = entries()
    assert (entry.address, entry.request_id) == ("127.0.0.1", answer.headers["X-Request-Id"])


def test_it_writes_a_refused_page_without_its_query(as_employee, entries, employee):
    as_employee.get("/admin/people?q=somebody")
    (entry,) = entries("access.refused")
    assert (entry.outcome, entry.actor_id, entry.subject) == (
        "refused",
        employee.id,
        "/admin/people",
    )
    assert "somebody" not in str(entry.details)


def test_it_stops_writing_the_refusals_of_one_reader_and_says_how_many(
    as_employee, as_curator, entries, monkeypatch, now
):
    for _ in range(12):
        as_employee.get("/admin")
    as_curator.get("/admin")
    assert len(entries("access.refused")) == 5 + 1
    later = now.replace(minute=now.minute + 2)
    monkeypatch.setattr("app.clock.now", lambda: later)
    as_employee.get("/admin")
    assert entries("access.refused")[-1].details["left_out_before"] == 7
