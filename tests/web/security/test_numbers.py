"""Numbers in forms that no database and no `int` takes are refused, never a failure."""

import pytest

from app.models import CareRule, Pin, Section, Step, StepKind

HUGE = "9" * 25
LONGER = "9" * 5000
HIDDEN = "0" * 11 + HUGE


@pytest.fixture
def draft(make, session, as_curator, curator):
    """Return the address of the draft of a playlist in which a curator is to be met by name."""
    playlist = make.playlist([make.item("Pumps")], slug="start", title="Start")
    step = session.query(Step).one()
    step.kind, step.item_id, step.title = StepKind.MEET.value, None, "Meet Jonas"
    step.meets, step.meets_id, step.key = "", curator.id, "first"
    session.commit()
    as_curator.post("/curate/playlists/start/draft")
    return f"/curate/playlists/{playlist.slug}/draft"


def seen(page):
    return page.all("input", name="seen")[-1].get("value")


@pytest.mark.parametrize("number", [HUGE, LONGER, HIDDEN, "-1"])
def test_the_revision_of_a_draft(as_curator, draft, number):
    assert as_curator.post(f"{draft}/publish", {"revision": number}).status == 409


@pytest.mark.parametrize("number", [HUGE, LONGER, HIDDEN])
def test_the_person_to_meet(as_curator, draft, number):
    address = f"{draft}/steps/first"
    form = {"person": number, "seen": seen(as_curator.get(address)), "required": "yes"}
    assert as_curator.post(address, form).status == 422


def test_whom_a_playlist_is_for_is_somebody_there_is(as_curator, draft):
    form = {"title": "Start", "days": "30", "counting": "all", "for": "some"}
    form["seen"] = seen(as_curator.get(draft))
    for token in ("group:nobody", "person:1", "x" * 5000, "a\0b"):
        assert as_curator.post(f"{draft}/details", form | {"token": token}).status == 422


@pytest.mark.parametrize("number", [HUGE, LONGER, HIDDEN])
def test_pins(as_curator, make, session, number):
    make.role_page(make.role("red"))
    section = session.query(Section).one()
    make.pin(section, make.item())
    pin = session.query(Pin).one().id
    session.commit()
    order = as_curator.post(f"/curate/sections/{section.id}/order", {"order": number})
    assert order.status == 303
    form = {"item_id": number, "role": "red"}
    assert as_curator.post(f"/curate/pins/{pin}/unpin", form).status == 303


@pytest.mark.parametrize("number", [HUGE, LONGER, HIDDEN, f"-{HUGE}"])
@pytest.mark.parametrize("kind", ["report", "rating", "suggestion", "wanted"])
def test_what_a_reader_takes_back(as_employee, kind, number):
    form = {"kind": kind, "key": number}
    assert as_employee.post("/suggestions/withdraw", form).status == 404


@pytest.mark.parametrize("months", ["00000199999999999999", HUGE, "²"])
def test_the_months_of_a_rule(as_curator, session, months):
    assert as_curator.post("/curate/care/rules", {"review": months}).status == 422
    assert session.query(CareRule).count() == 0
