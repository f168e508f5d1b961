"""The first page and the page that explains it, as their reader sees them."""

from datetime import date, datetime, timedelta

import pytest

from app.activity import service as activity
from app.models import Section
from tests.support.queries import count_queries

TODAY = date(2026, 11, 12)


@pytest.fixture
def pinned(make, engineers, catalogue, curator, session):
    """Pin two of the items to the page of the employee's role."""
    page = make.role_page(engineers, curator_id=curator.id, reviewed_on=date(2026, 11, 10))
    section = session.query(Section).filter_by(page_id=page.id).one()
    for item in catalogue[:2]:
        make.pin(section, item)
    session.commit()
    return catalogue[:2]


@pytest.fixture
def onboarding(make, employee, session):
    """Give the employee a playlist of which one step is late."""
    items = [make.item("Pump simulator", kind="simulation", minutes=25), make.item("Later")]
    playlist = make.playlist(items, title="Your first days", slug="first", due_days=(3, 12))
    make.assignment(playlist, employee, starts_on=TODAY - timedelta(days=8))
    session.commit()
    return items


def card_titles(page):
    return page.texts("h3", class_="card-title")


@pytest.mark.parametrize(
    ("hour", "greeting"),
    [(4, "evening"), (5, "morning"), (11, "morning"), (12, "afternoon"), (18, "evening")],
)
def test_it_greets_by_the_hour(as_employee, monkeypatch, hour, greeting):
    at = datetime.fromisoformat(f"2026-11-12T{hour:02}:30:00+00:00")
    monkeypatch.setattr("app.clock.now", lambda: at)
    assert as_employee.get("/").text("h1") == f"Good {greeting}, Amara"


def test_it_greets_by_the_readers_own_clock(sign_in, make):
    reader = make.person("Kofi Tawiah", time_zone="Asia/Tokyo")
    assert sign_in(reader).get("/").text("h1") == "Good evening, Kofi"


def test_it_leads_on_in_the_onboarding(as_employee, onboarding):
    page = as_employee.get("/")
    assert "Day 9 of 30, 1 step is late" in page.words
    assert "Next: Pump simulator · 25 min" in page.words
    assert f"/go/{onboarding[0].id}?via=playlist" in page.links()


def test_it_lists_what_is_due_soon(as_employee, onboarding):
    assert "Late, was due 6 days ago, 6 November" in as_employee.get("/").words


def test_it_recommends_four_cards_with_a_reason_each(as_employee, catalogue):
    page = as_employee.get("/")
    assert len(card_titles(page)) == len(page.texts("p", class_="why")) == 4


def test_it_shows_pins_with_curator_and_day_of_review(as_employee, pinned):
    page = as_employee.get("/")
    assert "Curated by Jonas Weber · reviewed 10 November" in page.words


def test_it_shows_first_the_pins_that_are_not_done(as_employee, employee, pinned, session, make):
    activity.complete(session, employee.id, pinned[0].id, now=make.now)
    session.commit()
    assert card_titles(as_employee.get("/"))[-2:] == ["Offered 1", "Offered 0"]


def test_it_shows_no_item_on_two_shelves(as_employee, pinned):
    titles = card_titles(as_employee.get("/"))
    assert len(titles) == len(set(titles)) == 6


def test_it_answers_htmx_with_the_shelf_alone(as_employee, catalogue):
    part = as_employee.htmx("/", "shelves")
    assert "<html" not in part.html
    assert len(card_titles(part)) == 4


def test_it_replaces_a_dismissed_card_by_the_way_back(as_employee, catalogue):
    item = catalogue[0]
    part = as_employee.post(f"/items/{item.id}/dismiss", htmx_target=f"card_{item.id}")
    assert f"/items/{item.id}/undismiss" in part.html


def test_it_never_recommends_again_what_was_dismissed(as_employee, catalogue):
    before = card_titles(as_employee.get("/"))
    item = next(each for each in catalogue if each.title == before[0])
    as_employee.post(f"/items/{item.id}/dismiss")
    assert before[0] not in card_titles(as_employee.get("/"))


def test_it_leads_back_to_what_was_begun(as_employee, employee, make, session):
    activity.launch(session, employee.id, make.item("Half read"), now=make.now - timedelta(days=2))
    session.commit()
    assert "Opened 2 days ago" in as_employee.get("/").words


def test_it_offers_channels_of_the_readers_role(as_employee, make, engineers, session):
    make.item("pumps", kind="channel", roles=[engineers])
    session.commit()
    page = as_employee.get("/")
    assert "Talk about it" in page.texts("h2")
    assert "pumps" in page.words


def test_it_helps_a_newcomer_without_a_role(sign_in, make):
    page = sign_in(make.person()).get("/")
    assert "No job role is known for you yet" in page.words
    assert {"/roles", "/playlists", "/discover"} <= set(page.links())


def test_it_shows_nothing_meant_for_others(as_employee, make, session):
    make.item("Secret", audience=("role:pilot",))
    make.item("Secret channel", kind="channel", audience=("role:pilot",))
    session.commit()
    assert "Secret" not in as_employee.get("/").html


def test_it_explains_each_card_with_its_reason(as_employee, catalogue):
    shown = card_titles(as_employee.get("/"))
    page = as_employee.get("/why")
    assert all(title in page.words for title in shown)


def test_it_says_how_much_is_known_of_the_reader(as_employee, employee, make, session):
    activity.launch(session, employee.id, make.item(), now=make.now)
    session.commit()
    assert "1 item" in as_employee.get("/why").texts("dd")


@pytest.mark.parametrize(("address", "budget"), [("/", 12), ("/why", 10)])
def test_it_sends_few_statements_whatever_the_catalogue(
    app, as_employee, employee, pinned, onboarding, make, session, address, budget
):
    def statements():
        session.commit()
        as_employee.get(address)
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            assert as_employee.get(address).status == 200
        return len(sent)

    before = statements()
    for number in range(20):
        item = make.item(kind="channel" if number % 2 else "course")
        activity.launch(session, employee.id, item, now=make.now)
    make.assignment(make.playlist([make.item() for _ in range(9)]), employee)
    assert statements() <= before <= budget
