"""Why an item is not recommended: one honest answer for each rule, and none for what is hidden."""

import datetime as dt

import pytest

from app.activity import service as activity
from app.catalogue import clusters
from app.foryou.ahead import AHEAD, ahead_in
from app.models import Role, Verb
from recommender.features import PARTS
from tests.support.queries import count_queries
from tests.web.conftest import NOW


@pytest.fixture
def item(make, session):
    item = make.item("Ohm's law")
    session.commit()
    return item


@pytest.fixture
def answer(as_employee, session, item):
    """Return a function that reads what is answered about the item."""

    def told(about=item):
        session.commit()
        return as_employee.get(f"/items/{about.id}/why").by_id("why_not")

    return told


@pytest.fixture
def engineer(session, employee):
    return session.query(Role).filter_by(slug="field-engineer").one()


def words(element):
    return " ".join("".join(element.itertext()).split())


def test_what_is_finished_is_said_to_be(answer, session, employee, item, now):
    activity.complete(session, employee.id, item.id, now=now - dt.timedelta(days=3))
    assert "You finished it 3 days ago." in words(answer())


def test_what_is_not_for_me_can_be_taken_back(as_employee, answer, session, employee, item, now):
    activity.dismiss(session, employee.id, item.id, now=now)
    told = answer()
    assert "You said today that it is not for you." in words(told)
    (form,) = told.iter("form")
    as_employee.post(form.get("action"))
    assert "not for you" not in words(answer())


def test_what_is_retired_is_said_to_be_and_its_twin_is_named(answer, make, session, item):
    make.item(item.title, tool=make.tool("academy", "Academy"), url=item.url)
    clusters.catch_up(session)
    item.status = "retired"
    told = answer()
    assert "It has been retired." in words(told)
    assert "Ohm's law (Academy)" in words(told)


def test_of_two_editions_the_preferred_one_is_named(answer, make, session, item):
    twin = make.item(item.title, tool=make.tool("academy", "Academy", position=1), url=item.url)
    clusters.catch_up(session)
    told = answer(item), answer(twin)
    preferred = [each for each in told if "Its edition in" in words(each)]
    assert len(preferred) == 1
    assert [a.get("href") for a in preferred[0].iter("a")]


def test_a_newer_edition_is_called_newer(answer, make, session, item):
    item.published_on = dt.date(2017, 1, 1)
    newer = dt.date(2026, 1, 1)
    tool = make.tool("academy", "Academy")
    make.item(item.title, tool=tool, url=item.url, published_on=newer)
    clusters.catch_up(session)
    assert "A newer edition is in Academy." in words(answer())


def test_a_twin_for_others_is_not_named(answer, make, session, item):
    make.item(item.title, tool=make.tool("lab", "Secret lab"), url=item.url, audience=["dept:x"])
    clusters.catch_up(session)
    item.status = "retired"
    assert "Secret lab" not in words(answer())


def test_what_was_finished_elsewhere_is_said_to_be(answer, make, session, employee, item, now):
    activity.dismiss(session, employee.id, item.id, now=now)
    twin = make.item(item.title, tool=make.tool("academy", "Academy", position=1), url=item.url)
    clusters.catch_up(session)
    assert "in another tool" in words(answer(twin))


def test_what_is_assigned_names_the_playlist(answer, make, employee, item):
    make.assignment(make.playlist([item], title="Your first days", slug="first"), employee)
    told = answer()
    assert "in your playlist Your first days already" in words(told)
    assert [a.get("href") for a in told.iter("a")] == ["/playlists/first"]


def test_what_was_met_says_what_was_done_last(answer, session, employee, item, now):
    deeds = {"viewed": "looked", "launched": "opened", "saved": "saved", "liked": "liked"}
    for number, (verb, said) in enumerate(deeds.items()):
        at = now - dt.timedelta(days=1, hours=9 - number)
        activity.record(session, employee.id, item.id, Verb(verb), now=at)
        assert f"You {said}" in words(answer())
    assert "yesterday" in words(answer())


def test_another_language_is_said_to_be(answer, session, item):
    item.language = "pl"
    assert "in another language than yours" in words(answer())


def test_what_is_recommended_says_where_and_why(answer, make, engineer, item):
    skill = make.skill("electronics", "Electronics")
    item.roles = [engineer]
    item.skills = [skill]
    assert "It is recommended to you: number 1 on your list." in words(answer())
    assert "What speaks for it: Meant for the role Field engineer." in words(answer())


def test_what_comes_after_others_says_in_what_they_are_ahead(answer, make, engineer, item):
    item.published_on = NOW.date() - dt.timedelta(days=2000)
    for n in range(24):
        make.item(f"Circuit {n}", roles=[engineer], published_on=NOW.date())
    told = words(answer())
    assert "It is number 25 of 25 for you." in told
    assert "The 20 best of your recommendations are, on average:" in told
    assert "closer to your role and your skills" in told


def test_it_answers_the_part_that_htmx_asks_for(as_employee, item):
    page = as_employee.htmx(f"/items/{item.id}/why", "why_not")
    assert "number 1 on your list" in page.words
    assert not page.all("h1")


def test_the_item_page_leads_there_with_and_without_script(as_employee, item):
    page = as_employee.get(f"/items/{item.id}")
    assert f"/items/{item.id}/why" in page.links()
    assert page.by_id("why_not").get("hx-get") == f"/items/{item.id}/why"


def test_a_hidden_item_answers_like_one_that_does_not_exist(as_employee, make, session, item):
    hidden = make.item("Secret of the board", audience=["role:board"])
    session.commit()
    pages = [as_employee.get(f"/items/{number}/why") for number in (hidden.id, 99_999)]
    assert [page.status for page in pages] == [404, 404]
    assert [page.text("h1") for page in pages] == [pages[0].text("h1")] * 2
    assert "Secret" not in pages[0].html


def test_asking_changes_nothing(as_employee, answer, session, employee, item, now):
    activity.record(session, employee.id, item.id, Verb.VIEWED, now=now)
    assert words(answer()) == words(answer())


def test_it_takes_few_statements(app, as_employee, item):
    as_employee.get(f"/items/{item.id}/why")
    with count_queries(app.extensions["foyer"].database.engine) as counted:
        as_employee.get(f"/items/{item.id}/why")
    assert len(counted) <= 16


def test_every_part_of_a_score_has_words_for_being_ahead(app):
    assert set(AHEAD) == set(PARTS)
    with app.test_request_context():
        assert all(ahead_in(PARTS))


class TestForTheReadersOfAPage:
    """A curator can ask whether the readers of a page may see an item that they see themselves."""

    @pytest.fixture
    def planners(self, make, session):
        page = make.role_page(make.role("planner", "Planner"))
        session.commit()
        return page

    @pytest.mark.parametrize(
        ("audience", "said"),
        [
            (["everyone"], "Everybody with the role Planner may see it."),
            (["role:planner", "dept:board"], "Everybody with the role Planner may see it."),
            (["dept:board"], "Not everybody with the role Planner may see it"),
        ],
    )
    def test_it_tells_a_curator(self, sign_in, make, session, planners, audience, said):
        role = session.query(Role).filter_by(slug="planner").one()
        curator = make.person(access="curator", department="board", roles=[role])
        item = make.item("Plans", audience=audience)
        session.commit()
        assert said in sign_in(curator).get(f"/items/{item.id}/why?page=planner").words

    def test_an_employee_is_told_nothing(self, as_employee, planners, item):
        page = as_employee.get(f"/items/{item.id}/why?page=planner")
        assert "Planner" not in page.html

    def test_what_a_curator_may_not_see_stays_unknown(self, as_curator, make, session, planners):
        hidden = make.item("Secret of the board", audience=["dept:board"])
        session.commit()
        assert as_curator.get(f"/items/{hidden.id}/why?page=planner").status == 404

    def test_a_page_that_is_not_there_is_not_found(self, as_curator, item):
        assert as_curator.get(f"/items/{item.id}/why?page=nobody").status == 404


class TestLookingUp:
    """The form on the page that explains recommendations."""

    def test_a_title_is_found_and_answered(self, as_employee, item):
        page = as_employee.get("/why?item=ohm+law")
        assert "number 1 on your list" in page.words
        assert page.text("h3") == "Ohm's law"

    def test_a_number_or_an_address_is_found(self, as_employee, make, session, item):
        make.item("Ohm's law again")
        session.commit()
        for form in ("{id}", "#{id}", "https://foyer.example/items/{id}?x=1"):
            page = as_employee.get("/why", query_string={"item": form.format(id=item.id)})
            assert page.text("h3") == "Ohm's law"

    def test_the_address_in_its_tool_is_found(self, as_employee, make, session, item):
        item.url = "https://tool.example/items/77"
        session.commit()
        page = as_employee.get("/why", query_string={"item": item.url})
        assert page.text("h3") == "Ohm's law"

    def test_several_are_offered_to_choose_from(self, as_employee, make, session, item):
        other = make.item("Ohm's law at home")
        session.commit()
        links = as_employee.get("/why?item=ohm").links()
        assert {f"/why?item={one.id}" for one in (item, other)} <= set(links)

    def test_what_others_see_is_not_found(self, as_employee, make, session, item):
        hidden = make.item("Secret of the board", audience=["role:board"])
        session.commit()
        asked = ("Secret of the board", str(hidden.id), "99999", hidden.url)
        pages = [as_employee.get("/why", query_string={"item": text}) for text in asked]
        assert all("Nothing found that you can see" in page.words for page in pages)
        assert all(not page.all("h3", class_="card-title") for page in pages)

    def test_anything_typed_gets_a_page(self, as_employee, item):
        for text in ("", " ", "%", "_", "'\"", "x" * 400, "\x00", "999999999999"):
            assert as_employee.get("/why", query_string={"item": text}).status == 200
