"""From a page of an experiment to its result: what is shown, looked at, taken and counted."""

from datetime import timedelta

import pytest

from app.foryou import experiments
from app.foryou.experiments import AS_EVER, Side
from app.models import Activity, ShownItem, ShownSlate
from recommender.data import Event, ItemFacts
from recommender.dataset import Dataset
from recommender.model import fit
from tests.support.factories import NOW


@pytest.fixture
def trained(app, make, session):
    """Let a model serve that knows 24 items of three skills and what 30 people did."""
    items = [make.item(f"Lesson {number}", minutes=30 + number).id for number in range(24)]
    facts = [ItemFacts(item, skills=(f"skill-{item % 3}",)) for item in items]
    events = [
        Event(10_000 + person, items[(person * 5 + step * 3) % 24], "completed", at)
        for person in range(30)
        for step, at in enumerate(NOW.timestamp() - day * 86_400 for day in range(12, 4, -1))
    ]
    session.commit()
    model = fit(Dataset(events, {}, facts, NOW.timestamp()))
    app.extensions["foyer-recommender"].models.publish(model, force=True)


@pytest.fixture
def running(session, make):
    """Return the number of an experiment: what serves, and the same with much more of a mix."""
    by = make.person(access="admin").id
    mixed = Side("serving", (("diversity", "mixed"), ("weights", "untaught")))
    row = experiments.start(session, "Mixed", AS_EVER, mixed, kept=[], by=by, now=NOW)
    session.commit()
    return row.id


def tokens(page):
    forms = [form for form in page.all("form") if form.get("data-seen") is not None]
    return [field.get("value") for form in forms for field in form if field.get("name") == "slate"]


def titles(page):
    shelf = page.by_id("shelf_for_you")
    return [a.text for a in shelf.iter("a") if (a.text or "").startswith("Lesson")]


def test_what_is_shown_of_an_experiment_is_kept_with_its_sides(
    as_employee, trained, running, session
):
    page = as_employee.get("/")
    for token in tokens(page):
        assert as_employee.post("/shown", {"slate": token}, htmx_target="none").status == 204
    session.rollback()
    slates = session.query(ShownSlate).all()
    assert {row.shelf: row.experiment_id for row in slates}["for_you"] == running
    assert {row.experiment_id for row in slates if row.shelf != "for_you"} <= {None}
    mine = next(row.id for row in slates if row.shelf == "for_you")
    rows = session.query(ShownItem).filter_by(slate_id=mine).order_by("position").all()
    assert len(rows) == len(titles(page)) > 0
    assert {row.team for row in rows} <= {"a", "b", ""}
    assert all(row.evidence for row in rows)


def test_the_page_stays_the_same_when_it_is_loaded_again(as_employee, trained, running):
    assert titles(as_employee.get("/")) == titles(as_employee.get("/"))


def test_a_page_without_an_experiment_names_the_model_that_serves(
    app, as_employee, trained, session
):
    for token in tokens(as_employee.get("/")):
        as_employee.post("/shown", {"slate": token})
    session.rollback()
    serving = app.extensions["foyer-recommender"].models.serving_name()
    assert {(row.model, row.experiment_id) for row in session.query(ShownSlate)} == {
        (serving, None)
    }
    assert {row.team for row in session.query(ShownItem)} == {""}


def test_what_people_take_of_it_is_counted_on_its_page(
    as_employee, sign_in, make, trained, running, session
):
    readers = [make.person() for _ in range(5)]
    for person in readers:
        client = sign_in(person)
        client.post("/shown", {"slate": tokens(client.get("/"))[0]})
        session.rollback()
        of_b = session.query(ShownItem).join(ShownSlate, ShownSlate.id == ShownItem.slate_id)
        taken = of_b.filter(ShownSlate.person_id == person.id, ShownItem.team == "b").first()
        if taken is not None:
            did = {"person_id": person.id, "item_id": taken.item_id, "verb": "launched"}
            session.add(Activity(at=NOW + timedelta(minutes=5), **did))
            session.commit()
    words = sign_in(make.person(access="admin")).get("/admin/experiments").words
    takes = session.query(Activity).count()
    assert takes > 0
    assert f"5 people looked at 5 lists. 0 took more from A, {takes} more from B" in words


def test_once_it_has_ended_the_next_page_is_of_what_serves(
    as_employee, sign_in, make, trained, running, session
):
    assert as_employee.get("/").status == 200
    admin = sign_in(make.person(access="admin"))
    assert admin.post(f"/admin/experiments/{running}/end").status == 303
    as_employee.post("/shown", {"slate": tokens(as_employee.get("/"))[0]})
    session.rollback()
    assert session.query(ShownSlate).one().experiment_id is None
