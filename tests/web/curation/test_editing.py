"""Curators at work on a draft: every change as a plain form and through htmx.

Readers see it once it is published.
"""

import pytest

from tests.support.queries import count_queries

EDIT = "/curate/roles/field-engineer"
READ = "/roles/field-engineer"


def saw(client, part):
    """Return the hidden fields of the first form in this part of the edit page, as it has them."""
    form = next(client.get(EDIT).by_id(part).iter("form"))
    hidden = [each for each in form.iter("input") if each.get("type") == "hidden"]
    return {each.get("name"): each.get("value") for each in hidden}


def saw_note(client, pin):
    """Return what the form of a pin's note saw."""
    fields = client.get(f"/curate/pins/{pin.id}/note").all("input", name="seen")
    return {"seen": fields[0].get("value")}


def pin_titles(page):
    """Return the titles of the pinned items as the edit page has them, section after section."""
    return [page_text for page_text in page.texts("h3") if page_text]


@pytest.fixture
def first_pin(draft):
    return f"/curate/pins/{draft.pins[0].id}"


def test_it_shows_the_whole_page(as_curator, draft):
    page = as_curator.get(EDIT)
    assert (page.status, page.text("h1")) == (200, "Field engineer page")
    assert pin_titles(page) == ["Ohm's law", "Pumps", "Waves"]


def test_it_is_not_there_for_a_role_without_a_page(as_curator, make, session):
    make.role("designer")
    session.commit()
    assert as_curator.get("/curate/roles/designer").status == 404


def test_it_begins_the_page_of_a_role_as_a_draft(as_curator, make, session):
    make.role("designer", "Designer")
    session.commit()
    page = as_curator.post("/curate/roles/designer/page")
    assert (page.status, page.location) == (303, "/curate/roles/designer")
    assert "Nobody sees this page before you publish it." in as_curator.follow(page).words
    assert as_curator.get("/roles/designer").status == 404


def test_it_keeps_title_and_introduction(as_curator, as_employee, draft, publish):
    form = saw(as_curator, "details") | {"title": "In the field", "intro": "Two\r\nlines"}
    page = as_curator.post(f"{EDIT}/details", form)
    assert (page.status, page.location) == (303, f"{EDIT}#details")
    assert as_employee.get(READ).text("h1") == "Field engineering"
    publish()
    assert as_employee.get(READ).text("h1") == "In the field"


def test_it_answers_htmx_with_the_details(as_curator, draft):
    form = saw(as_curator, "details") | {"title": "In the field"}
    page = as_curator.post(f"{EDIT}/details", form, htmx_target="details")
    assert page.by_id("field_title").get("value") == "In the field"
    assert page.by_id("sections") is None


@pytest.mark.parametrize(
    ("title", "intro", "said"),
    [
        (" ", "", "Please give it a title."),
        ("x" * 121, "", "at most 120 characters"),
        ("Title", "x" * 1001, "at most 1000 characters"),
    ],
)
@pytest.mark.parametrize("target", [None, "details"])
def test_it_says_which_field_is_wrong(as_curator, draft, title, intro, said, target):
    form = {"title": title, "intro": intro}
    page = as_curator.post(f"{EDIT}/details", form, htmx_target=target)
    assert page.status == 422
    assert any(said in text for text in page.texts("p", class_="error"))


def test_it_counts_a_line_break_as_one_character(as_curator, draft):
    form = saw(as_curator, "details") | {"title": "Title", "intro": "\r\n".join("x" * 501)[:1500]}
    assert as_curator.post(f"{EDIT}/details", form).status == 303


def test_it_marks_the_page_as_reviewed_today(as_curator, as_employee, draft):
    assert as_curator.post(f"{EDIT}/reviewed").location == EDIT
    assert "reviewed 12 November" in as_employee.get(READ).words


def test_it_answers_htmx_with_the_review(as_curator, draft):
    page = as_curator.post(f"{EDIT}/reviewed", htmx_target="review")
    assert "Last reviewed 12 November." in page.words
    assert "Curated by Jonas Weber." in page.words


def test_it_adds_a_section_at_the_end(as_curator, draft):
    page = as_curator.post(f"{EDIT}/sections", {"new-title": "Third", "new-intro": "Why"})
    assert page.location.startswith(f"{EDIT}#section_")
    assert as_curator.follow(page).texts("h2")[:3] == ["First week", "Later", "Third"]


def test_it_answers_htmx_with_the_sections(as_curator, draft):
    page = as_curator.post(f"{EDIT}/sections", {"new-title": "Third"}, htmx_target="sections")
    assert "Third" in page.texts("h2")
    assert page.by_id("sections").get("data-announce") == "Section “Third” is added."
    assert page.by_id("field_new-title").get("value") == ""


@pytest.mark.parametrize("target", [None, "sections"])
def test_it_wants_a_title_for_a_section(as_curator, draft, target):
    page = as_curator.post(f"{EDIT}/sections", {"new-title": ""}, htmx_target=target)
    assert (page.status, page.by_id("field_new-title").get("aria-invalid")) == (422, "true")


@pytest.mark.parametrize("target", [None, "sections"])
def test_it_renames_a_section(as_curator, as_employee, draft, target, publish):
    name = f"section_{draft.first.id}"
    form = {f"{name}-title": "Week one", f"{name}-intro": "Take it slowly."}
    form |= saw(as_curator, f"rename_{draft.first.id}")
    page = as_curator.post(f"/curate/sections/{draft.first.id}", form, htmx_target=target)
    assert page.status == (200 if target else 303)
    publish()
    assert "Take it slowly." in as_employee.get(READ).words


@pytest.mark.parametrize("target", [None, "sections"])
def test_it_keeps_the_form_of_a_section_open_while_it_is_wrong(as_curator, draft, target):
    address = f"/curate/sections/{draft.later.id}"
    page = as_curator.post(address, {f"section_{draft.later.id}-title": ""}, htmx_target=target)
    assert page.status == 422
    assert page.by_id(f"rename_{draft.later.id}").get("open") is not None
    assert page.by_id(f"rename_{draft.first.id}").get("open") is None


@pytest.mark.parametrize("target", [None, "sections"])
def test_it_moves_a_section(as_curator, as_employee, draft, target, publish):
    address = f"/curate/sections/{draft.later.id}/move"
    as_curator.post(address, {"direction": "up"}, htmx_target=target)
    publish()
    assert as_employee.get(READ).texts("h2")[:2] == ["Later", "First week"]


@pytest.mark.parametrize("target", [None, "sections"])
def test_it_removes_a_section_with_its_pins(as_curator, as_employee, draft, target, publish):
    as_curator.post(f"/curate/sections/{draft.first.id}/remove", htmx_target=target)
    publish()
    page = as_employee.get(READ)
    assert page.texts("h3", class_="card-title") == ["Waves"]


def test_it_asks_before_it_removes_a_section(as_curator, draft):
    page = as_curator.get(EDIT)
    asked = page.by_id(f"remove_{draft.first.id}")
    assert asked.tag == "details"
    assert "the 2 items pinned in it" in "".join(asked.itertext())


@pytest.mark.parametrize("target", [None, "sections"])
def test_it_keeps_a_note(as_curator, as_employee, draft, first_pin, target, publish):
    form = {"note": "<b>Begin</b> here.\r\nThen rest."} | saw_note(as_curator, draft.pins[0])
    as_curator.post(f"{first_pin}/note", form, htmx_target=target)
    assert draft.notes()[draft.pins[0].id] == "<b>Begin</b> here.\nThen rest."
    publish()
    assert "<b>Begin</b> here. Then rest." in as_employee.get(READ).words


@pytest.mark.parametrize("target", [None, "sections"])
def test_it_says_that_a_note_is_too_long(as_curator, draft, first_pin, target):
    page = as_curator.post(f"{first_pin}/note", {"note": "x" * 501}, htmx_target=target)
    note = page.by_id(f"text_{draft.pins[0].id}")
    assert (page.status, note.text) == (422, "x" * 501)
    assert page.by_id(note.get("aria-describedby")) is not None


def test_it_shows_a_note_to_be_changed_on_a_page_of_its_own(as_curator, draft, first_pin):
    link = next(each for each in as_curator.get(EDIT).links() if each.endswith("/note"))
    page = as_curator.get(link)
    assert (page.text("h1"), page.all("form", class_="pin-note")[0].get("action")) == ("Note", link)
    assert page.by_id(f"text_{draft.pins[0].id}").text == "Read this\nslowly."


def test_htmx_gets_the_form_of_a_note_alone(as_curator, draft, first_pin):
    page = as_curator.htmx(f"{first_pin}/note", f"note_{draft.pins[0].id}")
    form = page.all("form", class_="pin-note")[0]
    assert (form.get("hx-target"), page.all("h1")) == ("#sections", [])


def test_it_shows_no_note_on_what_its_curator_may_not_see(as_curator, draft, make, session):
    pin = make.pin(draft.later, make.item("Secret", audience=("group:pilot",)), "A note on it")
    session.commit()
    assert as_curator.get(f"/curate/pins/{pin.id}/note").status == 404


def test_a_page_of_many_pins_repeats_no_forms(as_curator, draft, make, session):
    forms = len(as_curator.get(EDIT).all("form"))
    for _ in range(20):
        make.pin(draft.first, make.item())
    session.commit()
    assert len(as_curator.get(EDIT).all("form")) == forms


@pytest.mark.parametrize("target", [None, "sections"])
def test_it_moves_a_pin(as_curator, as_employee, draft, first_pin, target, publish):
    as_curator.post(f"{first_pin}/move", {"direction": "down"}, htmx_target=target)
    publish()
    shown = as_employee.get(READ).texts("h3", class_="card-title")
    assert shown == ["Pumps", "Ohm's law", "Waves"]


def test_it_moves_a_pin_over_the_edge_of_its_section(as_curator, draft):
    as_curator.post(f"/curate/pins/{draft.pins[1].id}/move", {"direction": "down"})
    assert (draft.order(draft.first), draft.order(draft.later)) == (["ohm"], ["pumps", "waves"])


def test_it_has_the_pressed_button_again_and_says_the_new_place(as_curator, draft, first_pin):
    page = as_curator.post(f"{first_pin}/move", {"direction": "down"}, htmx_target="sections")
    assert page.by_id(f"down_{draft.pins[0].id}") is not None
    said = page.by_id("sections").get("data-announce")
    assert said == "Ohm's law is now place 2 of 2 in “First week”."


def test_it_comes_back_to_the_moved_row(as_curator, draft, first_pin):
    page = as_curator.post(f"{first_pin}/move", {"direction": "down"})
    assert page.location == f"{EDIT}#pin_{draft.pins[0].id}"


def test_it_refuses_another_direction(as_curator, draft, first_pin):
    assert as_curator.post(f"{first_pin}/move", {"direction": "sideways"}).status == 422


@pytest.mark.parametrize("target", [None, "sections"])
def test_it_takes_over_an_order(as_curator, as_employee, draft, target, publish):
    wanted = {"order": [str(draft.pins[1].id), "junk", "9" * 30, str(draft.pins[0].id)]}
    address = f"/curate/sections/{draft.first.id}/order"
    page = as_curator.post(address, wanted, htmx_target=target)
    assert page.status == (200 if target else 303)
    publish()
    assert as_employee.get(READ).texts("h3", class_="card-title")[:2] == ["Pumps", "Ohm's law"]


def test_it_pins_an_item_that_readers_see_once_published(as_curator, as_employee, draft, publish):
    address = f"/curate/sections/{draft.later.id}/pins"
    page = as_curator.post(address, {"item_id": draft.free.id, "note": "New and good"})
    assert (page.status, page.location) == (303, EDIT)
    assert "New and good" not in as_employee.get(READ).words
    publish()
    assert "New and good" in as_employee.get(READ).words


def test_it_answers_the_search_page_with_a_small_part(as_curator, draft):
    page = as_curator.post(
        f"/curate/sections/{draft.later.id}/pins",
        {"item_id": draft.free.id},
        htmx_target=f"pin_{draft.free.id}",
    )
    assert page.texts("span", class_="badge") == ["Pinned"]
    assert not page.all("h1")


def test_it_goes_back_to_the_search(as_curator, draft):
    page = as_curator.post(
        f"/curate/sections/{draft.later.id}/pins",
        {"item_id": draft.free.id, "next": "/discover?q=free&pin_to=2"},
    )
    assert page.location == "/discover?q=free&pin_to=2"


def test_it_says_where_an_item_is_pinned_already(as_curator, draft):
    page = as_curator.post(
        f"/curate/sections/{draft.later.id}/pins",
        {"item_id": draft.ohm.id},
        htmx_target=f"pin_{draft.ohm.id}",
    )
    assert "On this page already, in “First week”" in page.words
    assert (draft.order(draft.first), draft.order(draft.later)) == (["ohm", "pumps"], ["waves"])


@pytest.mark.parametrize("item_id", ["", "junk", "0", "99999999999999999999"])
def test_it_refuses_what_is_no_item(as_curator, draft, item_id):
    address = f"/curate/sections/{draft.later.id}/pins"
    assert as_curator.post(address, {"item_id": item_id}).status == 422


def test_it_pins_nothing_that_its_curator_may_not_see(as_curator, draft, make, session):
    secret = make.item("Secret", audience=("group:pilot",))
    session.commit()
    page = as_curator.post(f"/curate/sections/{draft.later.id}/pins", {"item_id": secret.id})
    assert page.status == 404


def test_it_unpins_and_offers_to_put_back(as_curator, as_employee, draft, first_pin, publish):
    page = as_curator.post(f"{first_pin}/unpin", htmx_target="sections")
    assert "“Ohm's law” is unpinned." in page.words
    undo = next(f for f in page.all("form") if (f.get("action") or "").endswith("/pins"))
    fields = {each.get("name"): each.get("value") for each in undo.iter("input")}
    as_curator.post(undo.get("action"), fields, htmx_target="sections")
    assert draft.order(draft.first) == ["ohm", "pumps"]
    assert (
        "Read this slowly." in draft.notes().values()
        or "Read this\nslowly." in draft.notes().values()
    )


def test_it_offers_to_put_back_without_script_and_once(as_curator, draft, first_pin):
    page = as_curator.follow(as_curator.post(f"{first_pin}/unpin"))
    assert "“Ohm's law” is unpinned." in page.words
    assert "is unpinned" not in as_curator.get(EDIT).words


@pytest.mark.parametrize("target", [None, "sections"])
@pytest.mark.parametrize("address", ["pins/999/unpin", "pins/999/note", "sections/999/remove"])
def test_it_says_that_somebody_was_quicker(as_curator, draft, address, target):
    assert as_curator.post(f"/curate/{address}", htmx_target=target).status == 409


def test_it_names_no_item_that_its_curator_may_not_see(as_curator, draft, make, session):
    secret = make.item("Secret", audience=("group:pilot",))
    make.pin(draft.later, secret, "A note on it")
    session.commit()
    for address in (EDIT, "/curate"):
        page = as_curator.get(address)
        assert "An item for other readers" in page.words
        assert "Secret" not in page.html
        assert f"/items/{secret.id}" not in page.links()


def test_it_unpins_what_its_curator_may_not_see_without_naming_it(as_curator, draft, make, session):
    pin = make.pin(draft.later, make.item("Secret", audience=("group:pilot",)))
    session.commit()
    page = as_curator.post(f"/curate/pins/{pin.id}/unpin", htmx_target="sections")
    assert "The item is unpinned." in page.words
    assert "Secret" not in page.html


def test_it_lets_a_curator_pin_what_only_the_role_may_see(as_curator, draft, make, session):
    item = make.item("For engineers", audience=("role:field-engineer",))
    session.commit()
    as_curator.post(f"/curate/sections/{draft.later.id}/pins", {"item_id": item.id})
    assert "For engineers" in as_curator.get(EDIT).html


@pytest.mark.parametrize("more", [0, 20])
def test_it_sends_at_most_ten_statements_and_two_dozen_for_a_change_and_its_audit_log(
    app, as_curator, draft, first_pin, make, session, more
):
    for _ in range(more):
        make.pin(draft.first, make.item())
    session.commit()
    counts = {}
    for address in (None, f"{first_pin}/move", f"{first_pin}/note", f"{first_pin}/unpin"):
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            if address is None:
                as_curator.get(EDIT)
            else:
                as_curator.post(address, {"direction": "down"}, htmx_target="sections")
        counts[address] = len(sent)
    assert counts[None] <= 10
    assert max(counts.values()) <= 24, counts
