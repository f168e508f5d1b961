"""The review queue: read, cleared with buttons alone, and through htmx; what is hidden stays so."""

import pytest

from app.models import ItemCare
from tests.support.queries import count_queries

QUEUE = "/curate/review"


def rows(page):
    """Return the titles of the queue in their order."""
    return [
        link.text for row in page.all("li", class_="review-row") for link in row.iterfind(".//h2/a")
    ]


def batch(page):
    """Return the name of the last decision, which its undo button carries."""
    return page.all("input", name="batch")[0].get("value")


def test_the_most_urgent_comes_first_with_its_reasons(as_curator, due):
    page = as_curator.get(QUEUE)
    assert rows(page) == ["Valves", "Seals", "Pumps"]
    assert "A reader says that it is out of date." in page.words
    assert "Due for a look since" in page.words


def test_an_employee_knows_of_no_queue(as_employee, due):
    assert as_employee.get(QUEUE).status == 404


def test_keeping_works_without_script_and_is_taken_back(as_curator, due):
    page = as_curator.follow(as_curator.post(f"{QUEUE}/keep", {"item": due[0].id}))
    assert rows(page) == ["Valves", "Seals"]
    assert "Kept: “Pumps”." in page.words
    page = as_curator.follow(as_curator.post(f"{QUEUE}/undo", {"batch": batch(page)}))
    assert rows(page) == ["Valves", "Seals", "Pumps"]
    assert "Taken back." in page.words


def test_later_works_without_script_and_is_taken_back(as_curator, due):
    page = as_curator.follow(as_curator.post(f"{QUEUE}/later", {"item": due[1].id}))
    assert rows(page) == ["Seals", "Pumps"]
    assert "comes back in two weeks" in page.words
    page = as_curator.follow(as_curator.post(f"{QUEUE}/undo", {"batch": batch(page)}))
    assert "Valves" in rows(page)


def test_all_that_is_only_due_is_kept_at_once(as_curator, due):
    page = as_curator.get(QUEUE)
    form = next(f for f in page.all("form") if f.find('.//input[@value="due"]') is not None)
    named = [int(field.get("value")) for field in form.iterfind('.//input[@name="item"]')]
    assert sorted(named) == [due[0].id, due[2].id]
    data = {"item": [*named, due[1].id], "only": "due"}
    page = as_curator.follow(as_curator.post(f"{QUEUE}/keep", data))
    assert (rows(page), "Kept: 2 items." in page.words) == (["Valves"], True)


def test_through_htmx_the_list_comes_back_alone(as_curator, due):
    page = as_curator.post(f"{QUEUE}/keep", {"item": due[0].id}, htmx_target="results")
    assert page.status == 200
    assert "<html" not in page.html
    assert rows(page) == ["Valves", "Seals"]
    page = as_curator.htmx(f"{QUEUE}?reason=outdated", "results")
    assert rows(page) == ["Valves"]


def test_a_decision_leads_back_to_the_same_filters(as_curator, due):
    answer = as_curator.post(f"{QUEUE}/keep?reason=due&page=1", {"item": due[0].id})
    assert answer.location.startswith(f"{QUEUE}?reason=due&page=1&did=")


def test_what_is_gone_is_said_and_loses_nothing(as_curator, due, make, session):
    page = as_curator.follow(as_curator.post(f"{QUEUE}/keep", {"item": 999}))
    assert page.status == 200
    assert "There is nothing of this here for you any more." in page.words
    page = as_curator.follow(as_curator.post(f"{QUEUE}/undo", {"batch": "nothing"}))
    assert "has been taken back" in page.words


def test_what_a_curator_may_not_see_is_in_no_part_of_it(as_curator, make, session, due, tend):
    hidden = make.item("Secret", audience=["role:pilot"], published_on=due[0].published_on)
    tend(hidden)
    page = as_curator.get(f"{QUEUE}?whose=all")
    assert "Secret" not in page.html
    assert "3 items want a look" in page.words
    as_curator.post(f"{QUEUE}/keep", {"item": hidden.id})
    session.expire_all()
    assert session.get(ItemCare, hidden.id).reviewed_on is None
    paths = ("care", "retire")
    assert [as_curator.get(f"/curate/items/{hidden.id}/{one}").status for one in paths] == [404] * 2


def test_ones_own_come_first_and_everybodys_are_a_link_away(
    as_curator, curator, due, session, tend
):
    care = session.get(ItemCare, due[2].id)
    care.owner_id, care.by_hand = curator.id, ["owner_id"]
    tend(due[2])
    assert rows(as_curator.get(QUEUE)) == ["Seals"]
    assert len(rows(as_curator.get(f"{QUEUE}?whose=all"))) == 3


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "All is in order"),
        ("?reason=link", "Nothing of this waits"),
        ("?whose=nonsense&page=99&reason=nonsense", "All is in order"),
    ],
)
def test_an_empty_queue_says_so_kindly(as_curator, path, words):
    assert words in as_curator.get(QUEUE + path).words


def test_every_key_is_a_button_or_a_link(as_curator, due):
    page = as_curator.get(QUEUE)
    row = page.all("li", class_="review-row")[0]
    keys = {
        control.get("data-key"): control.tag for control in row.iter() if control.get("data-key")
    }
    assert keys == {"a": "button", "l": "button", "e": "a", "r": "a", "o": "a"}


def test_the_page_takes_the_same_statements_however_long_the_queue(
    app, as_curator, due, make, session, tend
):
    as_curator.get(QUEUE)
    counts = []
    for _ in range(2):
        with count_queries(app.extensions["foyer"].database.engine) as sent:
            as_curator.get(QUEUE)
        counts.append(len(sent))
        tend(*(make.item(published_on=due[0].published_on) for _ in range(20)))
    assert counts[0] == counts[1] <= 7
