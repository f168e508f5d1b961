"""What the search page knows of its reader: each time from the database, so at once."""

import pytest
from sqlalchemy import delete, update

from app.models import IndexOutbox, Item, Step

PUMPS = "/discover?q=pump"


def act(client, item, verb):
    """Press a button that stands beside the item."""
    return client.post(f"/items/{item.id}/{verb}", {"next": PUMPS})


def follow(app):
    """Let the index follow the outbox, as the job does after each commit."""
    with app.extensions["foyer"].database.transaction() as own:
        app.extensions["foyer-index"].follow(own)


@pytest.mark.parametrize(("verb", "badge"), [("save", "Saved"), ("done", "Done")])
def test_it_knows_at_once_what_was_done_with_an_item(as_employee, pumps, badges, verb, badge):
    page = as_employee.follow(act(as_employee, pumps.tree, verb))
    assert badges(page, pumps.tree) == [badge]
    assert badges(page, pumps.overhaul) == []


def test_it_still_finds_what_was_dismissed_and_offers_to_undo(as_employee, pumps, badges):
    page = as_employee.follow(act(as_employee, pumps.tree, "dismiss"))
    assert badges(page, pumps.tree) == ["Not for you"]
    assert "Undo" in page.texts("button")
    page = as_employee.follow(act(as_employee, pumps.tree, "undismiss"))
    assert badges(page, pumps.tree) == []


def test_it_shows_nobody_elses_state(as_employee, as_curator, pumps, badges):
    act(as_curator, pumps.tree, "save")
    assert badges(as_employee.get(PUMPS), pumps.tree) == []


def test_it_leads_back_to_the_search_after_a_button(as_employee, pumps):
    page = as_employee.get(f"{PUMPS}&tool=wiki")
    form = page.by_id(f"save_{pumps.tree.id}")
    fields = {each.get("name"): each.get("value") for each in form.iter("input")}
    assert as_employee.post(form.get("action"), fields).location == f"{PUMPS}&tool=wiki"


def test_it_marks_what_is_pinned_for_the_readers_role(sign_in, make, session, pumps, badges):
    role = make.role("field-service")
    page = make.role_page(role)
    session.refresh(page, ["sections"])
    make.pin(page.sections[0], pumps.overhaul)
    reader = sign_in(make.person(roles=[role]))
    assert badges(reader.get(PUMPS), pumps.overhaul) == ["Pinned for your role"]


def test_it_lifts_what_is_pinned_for_the_readers_role(sign_in, make, session, index_now, titles):
    role = make.role("field-service")
    page = make.role_page(role)
    session.refresh(page, ["sections"])
    first, second = make.item("Valve one"), make.item("Valve two")
    make.pin(page.sections[0], second)
    index_now()
    assert titles(sign_in(make.person()).get("/discover?q=valve"))[0] == first.title
    assert titles(sign_in(make.person(roles=[role])).get("/discover?q=valve"))[0] == second.title


def test_it_marks_what_is_still_to_do_in_a_playlist(as_employee, employee, make, pumps, badges):
    playlist = make.playlist([pumps.tree], title="First weeks")
    make.assignment(playlist, employee)
    make.session.commit()
    assert badges(as_employee.get(PUMPS), pumps.tree) == ["In your playlist “First weeks”"]
    make.session.execute(delete(Step))
    make.session.commit()
    assert badges(as_employee.get(PUMPS), pumps.tree) == []


def test_it_finds_an_item_as_soon_as_the_index_has_followed(
    app, as_employee, make, pumps, titles, now
):
    compressor = make.item("Compressor")
    make.session.add(IndexOutbox(item_id=compressor.id, queued_at=now))
    make.session.commit()
    assert titles(as_employee.get("/discover?q=compressor")) == []
    follow(app)
    assert titles(as_employee.get("/discover?q=compressor")) == ["Compressor"]


def test_it_never_shows_what_was_retired_even_before_the_index_follows(
    as_employee, session, pumps, titles
):
    session.execute(update(Item).where(Item.id == pumps.tree.id).values(status="retired"))
    session.commit()
    assert "Pump fault tree" not in titles(as_employee.get(PUMPS))
