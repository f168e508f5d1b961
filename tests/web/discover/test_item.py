"""The item page."""

import pytest

from app.models import ItemState, Section


@pytest.fixture
def tool(make):
    return make.tool("simlab", "SimLab")


@pytest.fixture
def item(make, session, tool):
    channel = make.item("#circuits", kind="channel", tool=tool)
    item = make.item(
        "Ohm's law",
        tool=tool,
        kind="simulation",
        minutes=90,
        level="beginner",
        summary="Turn the dial and watch the current.",
        skills=[make.skill("electronics", "Electronics")],
        channel_id=channel.id,
    )
    session.commit()
    return item


def test_it_says_what_it_is_and_where_it_lives(as_employee, item):
    page = as_employee.get(f"/items/{item.id}")
    assert page.text("h1") == "Ohm's law"
    assert {"SimLab", "1 h 30", "Beginner"} <= set(page.texts("dd"))


def test_it_opens_the_item_through_go(as_employee, item):
    assert f"/go/{item.id}" in as_employee.get(f"/items/{item.id}").links()


def test_it_names_the_channel_to_talk_about_it(as_employee, item):
    assert "#circuits" in as_employee.get(f"/items/{item.id}").words


def test_it_hides_a_channel_that_is_for_others(as_employee, item, make, session):
    secret = make.item("#secret", kind="channel", audience=["group:pilot"])
    item.channel_id = secret.id
    session.commit()
    assert "#secret" not in as_employee.get(f"/items/{item.id}").html


def test_it_shows_what_is_like_it(as_employee, item, make, session):
    make.item("Series circuits", skills=item.skills)
    session.commit()
    assert "Series circuits" in as_employee.get(f"/items/{item.id}").texts("h3")


def test_it_says_where_curators_pinned_it(as_employee, item, make, session, employee):
    page = make.role_page(make.role("planner", "Planner"))
    section = session.query(Section).filter_by(page_id=page.id).one()
    make.pin(section, item, note="Do this before your first visit.")
    session.commit()
    assert "Do this before your first visit." in as_employee.get(f"/items/{item.id}").words


def test_it_keeps_a_retired_item_from_being_opened(as_employee, item, session):
    item.status = "retired"
    session.commit()
    page = as_employee.get(f"/items/{item.id}")
    assert page.status == 200
    assert f"/go/{item.id}" not in page.links()


def test_it_knows_nothing_of_items_for_others(as_employee, make, session):
    hidden = make.item(audience=["role:designer"])
    session.commit()
    assert as_employee.get(f"/items/{hidden.id}").status == 404


def test_it_links_to_mail_and_to_reporting_a_problem(as_employee, item):
    links = as_employee.get(f"/items/{item.id}").links()
    assert any(link.startswith("mailto:?subject=Ohm%27s%20law") for link in links)
    assert f"/items/{item.id}/report" in links


@pytest.fixture
def begun(session, item, employee):
    """Return the item after its tool said that the reader is at 40 percent."""
    session.add(ItemState(person_id=employee.id, item_id=item.id, progress=0.4))
    session.commit()
    return item


def test_it_says_how_far_the_reader_is(as_employee, begun):
    assert "40 % done in SimLab" in as_employee.get(f"/items/{begun.id}").words


def test_it_says_no_longer_how_far_once_it_is_done(as_employee, begun):
    as_employee.post(f"/items/{begun.id}/done")
    assert "done in SimLab" not in as_employee.get(f"/items/{begun.id}").words


def test_a_card_says_how_far_the_reader_is(as_employee, begun, make, session):
    other = make.item("Series circuits", skills=begun.skills)
    session.commit()
    assert "40 % done in SimLab" in as_employee.get(f"/items/{other.id}").words
