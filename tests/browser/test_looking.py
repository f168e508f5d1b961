"""A shelf counts as looked at once it was in view for a second, in a real browser."""

from datetime import timedelta

import pytest

from app import clock
from app.models import Activity, Experiment, Person, ShownItem, ShownSlate
from tests.browser.conftest import PEOPLE
from tests.browser.test_accessibility import found_by_axe

HOUR = timedelta(hours=1)


def shelves_of(database, who):
    """Return the shelves that somebody has looked at."""
    with database.sessions() as session:
        rows = session.query(ShownSlate).join(Person, Person.id == ShownSlate.person_id)
        return [row.shelf for row in rows.filter(Person.name == PEOPLE[who])]


def is_told(response):
    return response.url.endswith("/shown")


@pytest.fixture
def nothing_looked_at(database):
    """Forget what earlier tests looked at."""
    with database.sessions() as session:
        for row in session.query(ShownSlate).all():
            session.delete(row)
        session.commit()


def test_a_shelf_in_view_is_told_and_one_further_down_when_it_comes_into_view(
    open_browser, sign_in, database, nothing_looked_at
):
    page = sign_in(open_browser(height=300), "engineer")
    assert shelves_of(database, "engineer") == []
    told = []
    for shelf in (page.locator("form[data-seen]").first, page.locator("form[data-seen]").last):
        with page.expect_response(is_told) as answer:
            shelf.evaluate("form => form.parentElement.scrollIntoView({ block: 'center' })")
        assert answer.value.status == 204
        told.append(shelves_of(database, "engineer"))
    assert told[0] == ["for_you"]
    assert len(told[1]) == 2


def test_without_script_nothing_is_kept(open_browser, sign_in, database, nothing_looked_at):
    page = sign_in(open_browser(javascript=False), "engineer")
    assert page.locator("form[data-seen]").count() > 0
    page.goto("/")
    assert shelves_of(database, "engineer") == []


@pytest.fixture
def experiments(database):
    """Let an experiment run that 40 people took part in, after one with a clear result."""
    now = clock.now()
    mixed = {"model": "serving", "changes": {"diversity": "mixed"}}
    usual = {"model": "serving", "changes": {}}
    figures = {
        "wins_a": 12,
        "wins_b": 58,
        "ties": 9,
        "preference": 58 / 70,
        "low": 0.64,
        "high": 1.0,
        "p": 0.001,
    }
    result = {"people": 79, "slates": 212, "takes_a": 33, "takes_b": 120, "outcome": figures}
    with database.sessions() as session:
        past = Experiment(
            name="Is more mixed better?",
            a=usual,
            b=mixed,
            started_at=now - 400 * HOUR,
            ended_at=now - 99 * HOUR,
            result=result,
        )
        running = Experiment(name="As trained", a=usual, b=mixed, started_at=now - 90 * HOUR)
        session.add_all([past, running])
        session.flush()
        rows = [past, running, *_looked_at(session, running.id, now)]
        session.commit()
        yield running.id
        for row in reversed(rows):
            session.delete(row)
        session.commit()


def _looked_at(session, experiment_id, now):
    people = session.query(Person).order_by(Person.id).limit(40).all()
    items = [row.item_id for row in session.query(Activity.item_id).distinct().limit(4)]
    rows = []
    for number, person in enumerate(people):
        slate = ShownSlate(
            person_id=person.id,
            token=f"looked {number}",
            shelf="for_you",
            shown_at=now - 3 * HOUR,
            experiment_id=experiment_id,
        )
        slate.items = [
            ShownItem(
                position=place,
                item_id=item,
                score=1.0,
                team="ab"[place % 2],
                propensity=0.02 if place == 4 else None,
            )
            for place, item in enumerate(items, start=1)
        ]
        took = {"item_id": items[(number % 3) % 2], "person_id": person.id, "verb": "saved"}
        rows += [slate, Activity(at=now - 2 * HOUR, source="browser", **took)]
    session.add_all(rows)
    session.flush()
    return rows


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_experiments_has_nothing_for_axe_to_find(
    open_browser, sign_in, experiments, scheme
):
    page = sign_in(open_browser(scheme=scheme), "admin")
    page.goto("/admin/experiments")
    page.get_by_text("Too early to tell").wait_for()
    found = found_by_axe(page)
    page.set_viewport_size({"width": 1360, "height": 900})
    page.get_by_role("button", name="End it").click()
    page.get_by_role("heading", name="Start one").wait_for()
    page.get_by_label("Name").fill("Both the same")
    page.get_by_role("button", name="Start it").click()
    page.get_by_role("link", name="Both sides are the same").wait_for()
    assert found + found_by_axe(page) == []
