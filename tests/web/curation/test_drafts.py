"""Drafts, publishing, history and previews through the pages."""

import pytest

from app.curation.seen import seen_of
from app.models import Notice, RolePage
from tests.support.queries import count_queries

EDIT = "/curate/roles/field-engineer"
READ = "/roles/field-engineer"


@pytest.fixture
def other(make):
    """Return another curator."""
    return make.person("Eleni Pappas", access="curator")


@pytest.fixture
def as_other(sign_in, other):
    return sign_in(other)


def actions(page):
    return [form.get("action") for form in page.all("form")]


def test_it_shows_the_published_page_with_one_way_to_change_it(as_curator, world):
    page = as_curator.get(EDIT)
    assert page.texts("h3")[:3] == ["Ohm's law", "Pumps", "Waves"]
    assert f"{EDIT}/draft" in actions(page)
    assert not [one for one in actions(page) if "/pins/" in one or "/sections" in one]


def test_it_begins_a_draft_and_comes_back_to_it(as_curator, world):
    page = as_curator.post(f"{EDIT}/draft")
    assert page.location == EDIT
    assert "Readers see your changes once you publish them." in as_curator.follow(page).words


def test_it_changes_the_draft_from_a_page_that_was_open_before(as_curator, as_employee, world):
    as_curator.post(f"/curate/pins/{world.pins[0].id}/move", {"direction": "down"})
    assert as_employee.get(READ).texts("h3", class_="card-title")[0] == "Ohm's law"
    assert as_curator.get(EDIT).texts("h3")[:2] == ["Pumps", "Ohm's law"]


def test_it_says_what_changes_before_it_publishes(as_curator, draft):
    as_curator.post(f"/curate/pins/{draft.pins[1].id}/unpin")
    form = {"note": "New words", "seen": seen_of("Read this\nslowly.")}
    as_curator.post(f"/curate/pins/{draft.pins[0].id}/note", form)
    words = as_curator.get(f"{EDIT}/publish").words
    assert "“Pumps” removed from “First week”" in words
    assert "Note of “Ohm's law”" in words
    assert "New words" in words


def test_it_leads_back_where_there_is_no_draft_to_publish(as_curator, world):
    assert as_curator.get(f"{EDIT}/publish").location == EDIT


def test_it_refuses_to_publish_what_somebody_changed_meanwhile(as_curator, as_other, draft):
    fields = as_curator.get(f"{EDIT}/publish").all("input", name="revision")
    seen = fields[0].get("value")
    as_other.post(f"/curate/pins/{draft.pins[1].id}/unpin")
    page = as_curator.post(f"{EDIT}/publish", {"revision": seen, "note": "My reason"})
    assert page.status == 409
    assert "Eleni Pappas unpinned “Pumps”." in page.words
    assert page.by_id("field_note").text == "My reason"
    again = page.all("input", name="revision")[0].get("value")
    assert as_curator.post(f"{EDIT}/publish", {"revision": again}).location == EDIT


def test_it_throws_a_draft_away(as_curator, draft, session):
    as_curator.post(f"/curate/pins/{draft.pins[1].id}/unpin")
    as_curator.post(f"{EDIT}/discard")
    assert session.query(RolePage).count() == 1
    assert as_curator.get(EDIT).texts("h3")[:3] == ["Ohm's law", "Pumps", "Waves"]


def test_it_keeps_who_published_what_and_goes_back(as_curator, as_employee, draft, publish):
    as_curator.post(f"/curate/pins/{draft.pins[1].id}/unpin")
    publish("Pumps have gone")
    history = as_curator.get(f"{EDIT}/history")
    assert "Published by Jonas Weber" in history.words
    assert "Pumps have gone" in history.words
    assert "“Pumps” removed" in as_curator.get(f"{EDIT}/history/2").words
    as_curator.post(f"{EDIT}/history/1/back", {"latest": "2"})
    assert "Pumps" in as_employee.get(READ).texts("h3", class_="card-title")
    assert "Back to version 1, by Jonas Weber" in as_curator.get(f"{EDIT}/history").words


def test_it_shows_both_notes_where_two_wrote_at_once(as_curator, as_other, draft):
    pin = draft.pins[1]
    address = f"/curate/pins/{pin.id}/note"
    as_other.post(address, {"note": "Theirs", "seen": seen_of("")})
    page = as_curator.post(address, {"note": "Mine", "seen": seen_of("")})
    assert page.status == 409
    assert page.by_id(f"text_{pin.id}").text == "Mine"
    assert "Theirs" in page.texts("blockquote")
    form = next(page.by_id(f"note_{pin.id}").iter("form"))
    again = next(each.get("value") for each in form.iter("input") if each.get("name") == "seen")
    as_curator.post(address, {"note": "Both", "seen": again})
    assert draft.notes()[pin.id] == "Both"


def test_it_answers_htmx_with_both_notes(as_curator, as_other, draft):
    address = f"/curate/pins/{draft.pins[1].id}/note"
    as_other.post(address, {"note": "Theirs", "seen": seen_of("")})
    form = {"note": "Mine", "seen": seen_of("")}
    page = as_curator.post(address, form, htmx_target="sections")
    assert (page.status, "Theirs" in page.texts("blockquote")) == (422, True)
    kept = page.by_id(f"note_{draft.pins[1].id}")
    assert kept.get("hx-preserve") is None
    assert page.by_id(f"note_{draft.pins[0].id}").get("hx-preserve") == "true"


def test_it_shows_what_was_written_for_an_item_that_is_gone(as_curator, as_other, draft):
    pin = draft.pins[1]
    as_other.post(f"/curate/pins/{pin.id}/unpin")
    form = {"note": "Typed", "role": "field-engineer", "item_id": str(draft.pumps.id)}
    page = as_curator.post(f"/curate/pins/{pin.id}/note", form)
    assert (page.status, "Typed" in page.texts("blockquote")) == (409, True)


def test_it_shows_both_titles_where_two_wrote_at_once(as_curator, as_other, draft):
    seen = {"seen": seen_of("Field engineering", "Start here.", "everyone")}
    as_other.post(f"{EDIT}/details", {"title": "Theirs", "intro": "Start here.", **seen})
    mine = {"title": "Mine", "intro": "Mine too", **seen}
    page = as_curator.post(f"{EDIT}/details", mine)
    assert page.status == 409
    assert page.by_id("field_title").get("value") == "Mine"
    assert page.texts("blockquote") == ["Theirs"]


def test_it_merges_what_each_changed_alone(as_curator, as_other, draft, session):
    seen = {"seen": seen_of("Field engineering", "Start here.", "everyone")}
    as_other.post(f"{EDIT}/details", {"title": "Theirs", "intro": "Start here.", **seen})
    as_curator.post(f"{EDIT}/details", {"title": "Field engineering", "intro": "Mine", **seen})
    page = session.get(RolePage, draft.draft_id, populate_existing=True)
    assert (page.title, page.intro) == ("Theirs", "Mine")


def test_it_says_what_others_have_just_done(as_curator, as_other, draft):
    as_other.post(f"/curate/pins/{draft.pins[1].id}/unpin")
    assert "Eleni Pappas unpinned “Pumps”." in as_curator.get(EDIT).words
    assert "Just changed by others" in as_curator.get(EDIT).words
    assert "Eleni Pappas unpinned" not in as_other.get(EDIT).words


def test_a_page_that_somebody_answers_for_is_read_only_for_other_curators(
    as_other, world, curator, session
):
    world.page.curator_id = curator.id
    session.commit()
    page = as_other.get(EDIT)
    assert "Jonas Weber looks after this page." in page.words
    assert f"{EDIT}/draft" not in actions(page)
    refused = as_other.post(f"/curate/pins/{world.pins[0].id}/unpin")
    assert (refused.status, "Jonas Weber" in refused.words) == (403, True)


def test_other_curators_suggest_a_change_to_who_answers(as_other, world, curator, session):
    world.page.curator_id = curator.id
    session.commit()
    as_other.post(f"{EDIT}/ask", {"text": "Add the pump drill"})
    (notice,) = session.query(Notice).all()
    assert notice.person_id == curator.id
    assert "Add the pump drill" in str(notice.sentence)


def test_who_answers_gives_the_page_until_a_day_and_takes_it_back(
    as_curator, as_other, other, world, curator, session
):
    world.page.curator_id = curator.id
    session.commit()
    as_curator.post(f"{EDIT}/curators", {"person": str(other.id), "until": "2026-11-12"})
    assert f"{EDIT}/draft" in actions(as_other.get(EDIT))
    as_curator.post(f"{EDIT}/curators/{other.id}/withdraw")
    assert f"{EDIT}/draft" not in actions(as_other.get(EDIT))


@pytest.mark.parametrize("person", ["", "0", "999999"])
def test_it_gives_a_page_to_curators_alone(as_curator, world, curator, session, person):
    world.page.curator_id = curator.id
    session.commit()
    assert as_curator.post(f"{EDIT}/curators", {"person": person}).status == 422


def test_a_curator_without_right_gives_nothing(as_other, other, world, curator, session):
    world.page.curator_id = curator.id
    session.commit()
    assert as_other.post(f"{EDIT}/curators", {"person": str(other.id)}).status == 403
    assert as_other.post(f"{EDIT}/take").status == 403


def test_a_curator_takes_a_page_for_which_nobody_answers(as_curator, as_other, world):
    as_curator.post(f"{EDIT}/take")
    assert "Jonas Weber looks after this page." in as_other.get(EDIT).words


def test_a_page_is_open_again_once_its_curator_has_left(as_other, world, make, session):
    world.page.curator_id = make.person("Gone", access="curator", active=False).id
    session.commit()
    assert f"{EDIT}/draft" in actions(as_other.get(EDIT))


def test_a_preview_says_so_and_shows_the_draft(as_curator, draft):
    as_curator.post(f"/curate/pins/{draft.pins[1].id}/unpin")
    page = as_curator.get(f"{EDIT}/preview")
    assert "This is a preview." in page.words
    assert page.texts("h3", class_="card-title") == ["Ohm's law", "Waves"]


def test_a_preview_shows_what_that_person_would_see(as_curator, draft, make, session):
    make.pin(draft.later, draft.free, audience_id=_audience(session, "group:pilot"))
    pilot, other = make.person("Pia Pilot"), make.person("Otto Other")
    make.group("pilot", [pilot])
    session.commit()
    assert "Free item" in as_curator.get(f"{EDIT}/preview?as=person:{pilot.id}").words
    assert "Free item" not in as_curator.get(f"{EDIT}/preview?as=person:{other.id}").words


def test_a_preview_names_nothing_that_its_curator_may_not_know_of(as_curator, draft, make, session):
    make.pin(draft.later, make.item("Secret", audience=("group:pilot",)))
    pilot = make.person("Pia Pilot")
    make.group("pilot", [pilot])
    session.commit()
    page = as_curator.get(f"{EDIT}/preview?as=person:{pilot.id}")
    assert "Secret" not in page.html
    assert "And 1 item that you may not see yourself." in page.words


def test_a_preview_finds_people_by_name(as_curator, draft, make, session):
    person = make.person("Pia Pilot")
    session.commit()
    links = as_curator.get(f"{EDIT}/preview?who=pia").links()
    assert any(f"as=person:{person.id}" in link for link in links)


@pytest.mark.parametrize("key", ["role:nobody", "person:999999", "person:x", "junk"])
def test_a_preview_knows_no_such_reader(as_curator, draft, key):
    assert as_curator.get(f"{EDIT}/preview?as={key}").status == 404


def test_a_pin_for_some_is_seen_by_them_alone(as_curator, as_employee, draft, publish):
    address = f"/curate/pins/{draft.pins[1].id}/settings"
    seen = as_curator.get(address).all("input", name="seen")[0].get("value")
    form = {"only_for": "Role: Field engineer", "audience_shown": "1", "seen": seen}
    assert as_curator.post(address, form).status == 303
    assert "only for Role: Field engineer" in as_curator.get(EDIT).words
    publish()
    assert "Pumps" in as_employee.get(READ).texts("h3", class_="card-title")
    assert "Pumps" not in as_curator.get(READ).texts("h3", class_="card-title")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"only_for": "Nonsense"}, "Nothing here is called “Nonsense”."),
        ({"starts_on": "2026-11-10", "ends_on": "2026-11-01"}, "before the first day"),
        ({"starts_on": "soon"}, "Not a valid date"),
    ],
)
def test_it_says_what_is_wrong_with_dates_and_readers(as_curator, draft, form, said):
    page = as_curator.post(f"/curate/pins/{draft.pins[1].id}/settings", form)
    assert (page.status, said in page.words) == (422, True)


def test_a_page_is_made_for_some(as_curator, as_employee, draft, publish):
    form = {"title": "Field engineering", "intro": "Start here.", "audience_shown": "1"}
    form["seen"] = seen_of("Field engineering", "Start here.", "everyone")
    as_curator.post(f"{EDIT}/details", form | {"only_for": "Field engineer"})
    publish()
    assert as_employee.get(READ).status == 200
    assert as_curator.get(READ).status == 404


def _audience(session, *tokens):
    from app.models import audience_of

    return audience_of(session, tokens).id


@pytest.mark.parametrize("more", [0, 25])
def test_its_pages_send_as_many_statements_however_many_pins(
    app, as_curator, draft, make, session, more
):
    for _ in range(more):
        make.pin(draft.first, make.item())
        make.pin(draft.later, make.item(status="retired"))
    session.commit()
    most = {"": 10, "/publish": 12, "/preview": 10, "/suggestions": 12, "/history": 7}
    for part, budget in most.items():
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            as_curator.get(EDIT + part)
        assert len(sent) <= budget, part
