"""The item page."""

import datetime as dt

import pytest

from app.activity import service as activity
from app.catalogue import clusters
from app.discover import expertise
from app.models import ItemState, Section, Tool, audience_of
from tests.support.queries import count_queries


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
    assert f"/go/{item.id}?via=item" in as_employee.get(f"/items/{item.id}").links()


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
    assert not any(link.startswith("/go/") for link in page.links())


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


@pytest.fixture
def twin(make, session, item):
    """The same thing in the wiki, of a later year, and therefore preferred."""
    item.url, item.published_on = "https://provider.example.org/ohm", dt.date(2017, 3, 1)
    wiki = make.tool("wiki", "Wiki")
    twin = make.item("Ohm's law", tool=wiki, url=item.url, published_on=dt.date(2026, 3, 1))
    clusters.catch_up(session)
    session.commit()
    return twin


def test_it_says_where_else_it_is_and_opens_it_there(as_employee, item, twin):
    page = as_employee.get(f"/items/{item.id}")
    assert f"/go/{twin.id}?via=item" in page.links()
    assert "Also in" in page.texts("h2")


def test_it_says_that_a_newer_edition_is_elsewhere(as_employee, item, twin):
    assert "A newer edition is in Wiki." in as_employee.get(f"/items/{item.id}").words
    assert "edition is in" not in as_employee.get(f"/items/{twin.id}").words


def test_it_does_not_call_a_preferred_edition_newer_that_is_not(as_employee, session, item, twin):
    twin.published_on, session.get_one(Tool, twin.tool_id).position = None, 1
    session.flush()
    clusters.prefer_again(session, twin.tool_id)
    session.commit()
    assert "The preferred edition is in Wiki." in as_employee.get(f"/items/{item.id}").words


@pytest.mark.parametrize("change", [{"status": "retired"}, {"for": "group:pilot"}])
def test_it_names_no_edition_that_is_gone_or_for_others(as_employee, session, item, twin, change):
    twin.status = change.get("status", twin.status)
    if "for" in change:
        twin.audience_id = audience_of(session, [change["for"]]).id
    session.commit()
    page = as_employee.get(f"/items/{item.id}")
    assert f"/items/{twin.id}" not in page.links()
    assert "Wiki" not in page.words


def test_an_edition_elsewhere_costs_one_statement_however_many_there_are(
    as_employee, app, make, session, item, twin
):
    def sent():
        with count_queries(app.extensions["foyer"].database.engine) as statements:
            as_employee.get(f"/items/{item.id}")
        return len(statements)

    before = sent()
    for _ in range(3):
        make.item(tool=make.tool(), url=item.url)
    clusters.catch_up(session)
    session.commit()
    assert sent() == before


def test_curators_can_say_that_it_is_the_same_as_another(as_curator, as_employee, item):
    address = f"/curate/duplicates/items/{item.id}/merge"
    assert address in as_curator.get(f"/items/{item.id}").links()
    assert address not in as_employee.get(f"/items/{item.id}").links()


def test_it_names_the_channel_once_even_where_that_is_alike(as_employee, item, make, session):
    channel = make.item("#electronics", kind="channel", skills=item.skills)
    item.channel_id = channel.id
    session.commit()
    page = as_employee.get(f"/items/{item.id}")
    assert page.links().count(f"/items/{channel.id}") == 1


@pytest.mark.parametrize("shares", [True, False])
def test_it_names_who_knows_about_its_skills_and_shares_it(
    as_employee, item, make, session, shares
):
    (skill,) = item.skills
    kofi = make.person("Kofi Tawiah", shares_expertise=shares)
    for _ in range(3):
        activity.complete(session, kofi.id, make.item(skills=[skill]).id, now=make.now)
    expertise.count_experts(session, skill.id)
    session.commit()
    page = as_employee.get(f"/items/{item.id}")
    assert ("People who know about this" in page.texts("h2")) is shares
    assert (f"/people/{kofi.id}" in page.links()) is shares
