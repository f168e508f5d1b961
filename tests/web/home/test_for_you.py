"""The page of shelves: what stands on it, for whom, for how much time, and what comes next."""

from datetime import timedelta

import pytest

from app.activity import service as activity
from app.discover import expertise
from app.models import ClusterMember, RoleSkill, SavedSearch, Section
from tests.support.pages import text_of
from tests.support.queries import count_queries

DAY = timedelta(days=1)


def shelf(page, kind):
    """Return the titles on one shelf, none if it is not there."""
    found = page.by_id(f"shelf_{kind}")
    if found is None:
        return []
    return [text_of(each) for each in found.iter("h3")]


def all_titles(page):
    return page.texts("h3", class_="card-title")


@pytest.fixture
def short(make, engineers, session):
    """Make three items of a few minutes among longer ones."""
    items = [make.item(f"Short {minutes}", minutes=minutes) for minutes in (5, 10, 20)]
    session.commit()
    return items


def test_for_you_holds_eight_cards_with_a_reason_each(as_employee, catalogue):
    page = as_employee.get("/for-you")
    assert len(shelf(page, "for_you")) == 8
    assert all(page.texts("p", class_="why"))


def test_no_card_stands_on_two_shelves(as_employee, catalogue, short, make, session):
    for number in range(6):
        make.item(f"New {number}", published_on=make.now.date() - DAY, minutes=5)
    session.commit()
    titles = all_titles(as_employee.get("/for-you"))
    assert len(titles) == len(set(titles)) > 8


def test_a_duplicate_stands_on_no_shelf_beside_its_twin(as_employee, make, session):
    twins = [make.item("Same thing", minutes=5), make.item("Same thing again", minutes=5)]
    make.item("Another", minutes=5)
    for each in twins:
        session.add(ClusterMember(item_id=each.id, cluster_id=twins[0].id))
    session.commit()
    assert sorted(all_titles(as_employee.get("/for-you"))) == ["Another", "Same thing"]


def test_short_ones_are_those_of_ten_minutes_at_most(as_employee, catalogue, short):
    titles = all_titles(as_employee.get("/for-you"))
    found = shelf(as_employee.get("/for-you"), "short")
    assert {*found} <= {"Short 5", "Short 10"}
    assert {"Short 5", "Short 10"} <= {*titles}


def test_what_fits_the_time_at_hand_comes_first(as_employee, catalogue, short):
    page = as_employee.get("/for-you?minutes=20")
    assert page.texts("h2")[0] == "Fits your 20 minutes"
    assert {*shelf(page, "short")} == {"Short 5", "Short 10", "Short 20"}


def test_the_chosen_time_is_marked_and_the_form_works_without_script(as_employee, catalogue, short):
    page = as_employee.get("/for-you?minutes=20")
    (form,) = [each for each in page.all("form") if each.get("action") == "/for-you"]
    assert form.get("method") == "get"
    pressed = [
        each.get("value") for each in form.iter("button") if each.get("aria-pressed") == "true"
    ]
    assert pressed == ["20"]


@pytest.mark.parametrize("minutes", ["0", "-3", "ten", "9999", "%00"])
def test_no_time_that_makes_sense_is_any_time(as_employee, catalogue, minutes):
    page = as_employee.get(f"/for-you?minutes={minutes}")
    assert page.texts("button", aria_pressed="true") == ["Any"]


def test_htmx_gets_the_shelves_alone(as_employee, catalogue):
    part = as_employee.htmx("/for-you?minutes=45", "shelves")
    assert "<html" not in part.html
    assert shelf(part, "short") or shelf(part, "for_you")


def test_a_shelf_follows_from_what_was_finished_last(
    as_employee, employee, catalogue, make, session
):
    pumps = make.skill("pumps")
    done = make.item("Pump basics", skills=[pumps])
    for number in range(12):
        make.item(f"Pumps {number}", skills=[pumps])
    activity.complete(session, employee.id, done.id, now=make.now - DAY)
    session.commit()
    page = as_employee.get("/for-you")
    assert "Because you finished Pump basics" in page.texts("h2")
    assert all(title.startswith("Pumps") for title in shelf(page, "because"))


def test_new_for_the_role_is_what_was_published_of_late(
    as_employee, catalogue, make, engineers, session
):
    for number in range(20):
        make.item(f"Old {number}", roles=[engineers], published_on=make.now.date() - 90 * DAY)
    for number in range(12):
        make.item(f"New {number}", roles=[engineers], published_on=make.now.date() - 2 * DAY)
    session.commit()
    found = shelf(as_employee.get("/for-you"), "new")
    assert found
    assert all(title.startswith("New") for title in found)


@pytest.mark.parametrize(("days", "there"), [(1, True), (15, False)])
def test_one_can_go_on_with_what_was_opened_of_late(
    as_employee, employee, make, session, days, there
):
    item = make.item("Half read")
    activity.launch(session, employee.id, item, now=make.now - days * DAY)
    session.commit()
    page = as_employee.get("/for-you")
    assert ("Continue" in page.texts("h2")) is there
    assert (f"/go/{item.id}?via=home" in page.links()) is there


@pytest.mark.parametrize("settle", [activity.complete, activity.dismiss])
def test_one_does_not_go_on_with_what_is_settled(as_employee, employee, make, session, settle):
    item = make.item("Settled")
    activity.launch(session, employee.id, item, now=make.now - DAY)
    settle(session, employee.id, item.id, now=make.now)
    session.commit()
    assert "Continue" not in as_employee.get("/for-you").texts("h2")


@pytest.mark.parametrize("values", [{"kind": "channel"}, {"audience": ("role:pilot",)}])
def test_one_does_not_go_on_with_a_channel_nor_with_what_was_closed(
    as_employee, employee, make, session, values
):
    item = make.item("Elsewhere", **values)
    activity.launch(session, employee.id, item, now=make.now - DAY)
    session.commit()
    assert "Continue" not in as_employee.get("/for-you").texts("h2")


def test_the_latest_stands_first_of_what_was_begun(as_employee, employee, make, session):
    for days, title in ((3, "Earlier"), (1, "Later"), (4, "Later")):
        item = session.query(type(make.item())).filter_by(title=title).first() or make.item(title)
        activity.launch(session, employee.id, item, now=make.now - days * DAY)
    session.commit()
    rows = as_employee.get("/for-you").by_id("begun")
    assert [text_of(each) for each in rows.iter("a")] == ["Later", "Earlier"]


def test_somebody_without_a_role_gets_a_full_slate_and_a_hint(sign_in, catalogue, make):
    page = sign_in(make.person()).get("/for-you")
    assert len(shelf(page, "for_you")) == 8
    assert "No job role is known for you yet" in page.words


def test_an_empty_catalogue_says_so(as_employee):
    page = as_employee.get("/for-you")
    assert "There is nothing to recommend yet" in page.texts("h2")


def test_who_has_put_everything_aside_is_told_so(as_employee, employee, make, session):
    activity.dismiss(session, employee.id, make.item().id, now=make.now)
    session.commit()
    assert "You have been through everything" in as_employee.get("/for-you").texts("h2")


def test_a_dismissed_card_asks_for_the_one_that_takes_its_place(as_employee, catalogue):
    item = catalogue[0]
    part = as_employee.post(
        f"/items/{item.id}/dismiss",
        {"shelf": "for_you", "shown": item.id, "minutes": "20"},
        htmx_target=f"card_{item.id}",
    )
    assert part.by_id(f"next_{item.id}").get("hx-get") == "/for-you/next?shelf=for_you&minutes=20"


def test_the_card_that_takes_its_place_stands_nowhere_on_the_page(as_employee, catalogue):
    ids = ",".join(str(item.id) for item in catalogue[:5])
    address = f"/for-you/next?shelf=for_you&shown={ids}&shown={catalogue[5].id}"
    part = as_employee.htmx(address, "next_1")
    (title,) = all_titles(part)
    assert title in {item.title for item in catalogue[6:]}


def test_nothing_takes_its_place_when_nothing_is_left(as_employee, catalogue):
    ids = ",".join(str(item.id) for item in catalogue)
    part = as_employee.htmx(f"/for-you/next?shelf=for_you&shown={ids}", "next_1")
    assert part.html.strip() == ""


@pytest.mark.parametrize("query", ["", "shelf=nothing", "shelf=because&cause=x", "shelf=continue"])
def test_a_shelf_that_is_none_has_nothing_to_give(as_employee, catalogue, query):
    part = as_employee.htmx(f"/for-you/next?{query}", "next_1")
    assert (part.status, part.html.strip()) == (200, "")


def test_without_script_the_next_card_is_on_the_page_itself(as_employee, catalogue):
    page = as_employee.get("/for-you/next?shelf=for_you")
    assert (page.status, page.location) == (303, "/for-you")


def test_without_script_a_dismissed_card_makes_room_for_the_next(as_employee, catalogue):
    before = shelf(as_employee.get("/for-you"), "for_you")
    gone = next(item for item in catalogue if item.title == before[0])
    as_employee.post(f"/items/{gone.id}/dismiss", {"shelf": "for_you"})
    after = shelf(as_employee.get("/for-you"), "for_you")
    assert len(after) == 8
    assert before[0] not in after


def test_it_shows_nothing_meant_for_others(as_employee, catalogue, make, session):
    for minutes in (5, 50):
        make.item(f"Secret {minutes}", minutes=minutes, audience=("role:pilot",))
    session.commit()
    assert "Secret" not in as_employee.get("/for-you?minutes=10").html


@pytest.fixture
def asked_for(make, engineers, session):
    """Let the employee's role ask for a skill that they have not shown."""
    skill = make.skill("hydraulics")
    session.add(RoleSkill(role_id=engineers.id, skill_id=skill.id))
    session.commit()
    return skill


def knows(make, session, name, skill, *, shares, audience=("everyone",)):
    person = make.person(name, shares_expertise=shares)
    for _ in range(3):
        item = make.item(skills=[skill], audience=audience)
        activity.complete(session, person.id, item.id, now=make.now)
    expertise.count_experts(session, skill.id)
    session.commit()
    return person


@pytest.mark.parametrize("address", ["/", "/for-you"])
def test_it_names_who_knows_about_an_open_skill(as_employee, asked_for, make, session, address):
    kofi = knows(make, session, "Kofi Tawiah", asked_for, shares=True)
    page = as_employee.get(address)
    assert "People who know about Hydraulics" in page.texts("h2")
    assert f"/people/{kofi.id}" in page.links()


def test_it_names_nobody_who_does_not_share_it(as_employee, asked_for, make, session):
    knows(make, session, "Kofi Tawiah", asked_for, shares=False)
    assert "Kofi" not in as_employee.get("/for-you").html


def test_it_counts_nothing_that_the_asker_may_not_see(as_employee, asked_for, make, session):
    knows(make, session, "Kofi Tawiah", asked_for, shares=True, audience=("role:pilot",))
    assert "Kofi" not in as_employee.get("/for-you").html


@pytest.mark.parametrize(("address", "budget"), [("/", 12), ("/for-you", 10), ("/role", 10)])
def test_it_sends_few_statements_when_everything_is_there(
    app, as_employee, employee, engineers, asked_for, catalogue, make, session, address, budget
):
    def statements():
        session.commit()
        as_employee.get(address)
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            assert as_employee.get(address).status == 200
        return len(sent)

    page = make.role_page(engineers)
    make.pin(session.query(Section).filter_by(page_id=page.id).one(), catalogue[0])
    knows(make, session, "Kofi Tawiah", asked_for, shares=True)
    make.assignment(make.playlist([make.item(), make.item()]), employee)
    activity.launch(session, employee.id, catalogue[1], now=make.now - DAY)
    kept = {"saved_at": make.now, "looked_at": make.now, "fresh_total": 1}
    session.add(
        SavedSearch(
            person_id=employee.id, name="New", arguments={}, fresh=[catalogue[2].id], **kept
        )
    )
    before = statements()
    for number in range(20):
        item = make.item(kind="channel" if number % 2 else "course", skills=[asked_for])
        activity.launch(session, employee.id, item, now=make.now)
        activity.complete(session, employee.id, make.item(skills=[asked_for]).id, now=make.now)
    make.assignment(make.playlist([make.item() for _ in range(9)]), employee)
    assert statements() <= before <= budget
