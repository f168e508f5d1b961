"""Administrators start experiments, see what comes of them in sums, and end them."""

from datetime import timedelta

import pytest

from app.foryou import experiments
from app.foryou.experiments import AS_EVER, Side
from app.models import Activity, AuditEntry, Experiment, ShownItem, ShownSlate
from recommender.dataset import Dataset
from recommender.model import fit
from tests.support.factories import NOW

PAGE = "/admin/experiments"
FORM = {"name": "More mixed", "a_model": "serving", "b_model": "serving", "b_diversity": "mixed"}


@pytest.fixture
def store(app):
    """Return the models of the portal."""
    return app.extensions["foyer-recommender"].models


@pytest.fixture
def running(session, make):
    """Return an experiment that has run for two days."""
    row = experiments.start(
        session,
        "More mixed",
        AS_EVER,
        Side("serving", (("diversity", "mixed"),)),
        kept=[],
        by=make.person(access="admin").id,
        now=NOW - timedelta(days=2),
    )
    session.commit()
    return row


@pytest.fixture
def takes(session, make, running):
    """Return a function that lets people look at a slate and take the item of a side."""

    def taken(**people):
        items = [make.item().id for _ in range(2)]
        for place, side in enumerate(["a", "b"]):
            for _ in range(people.get(side, 0)):
                person = make.person()
                row = ShownSlate(
                    person_id=person.id,
                    token=str(person.id),
                    shelf="for_you",
                    shown_at=NOW - timedelta(hours=2),
                    experiment_id=running.id,
                )
                row.items = [
                    ShownItem(position=1 + n, item_id=item, score=1.0, team=team)
                    for n, (item, team) in enumerate(zip(items, "ab", strict=True))
                ]
                did = {"item_id": items[place], "verb": "launched", "person_id": person.id}
                session.add_all([row, Activity(at=NOW - timedelta(hours=1), **did)])
        session.commit()

    return taken


def rows(session):
    session.rollback()
    session.expire_all()
    return session.query(Experiment).order_by(Experiment.id).all()


def test_it_explains_what_a_side_may_change(as_admin):
    page = as_admin.get(PAGE)
    asides = " ".join(page.texts("aside"))
    for aspect, choices in experiments.CHANGES.items():
        labels = [option.text for option in page.by_id(f"field_b_{aspect}")]
        assert len(labels) == len(choices) + 1
        assert all(label in asides for label in labels[1:])
    assert "None yet." in page.words


def test_an_administrator_starts_one(as_admin, session):
    page = as_admin.post(PAGE, FORM)
    assert (page.status, page.location) == (303, PAGE)
    [row] = rows(session)
    assert (row.name, row.started_at, row.ended_at) == ("More mixed", NOW, None)
    assert row.a == {"model": "serving", "changes": {}}
    assert row.b == {"model": "serving", "changes": {"diversity": "mixed"}}
    page = as_admin.follow(page)
    assert (
        "A The model that serves B The model that serves; How mixed it is: Much more" in page.words
    )
    assert "Fewer than 5 people have taken part so far." in page.words
    assert page.by_id("field_name") is None


def test_kept_models_can_be_compared(as_admin, session, store):
    for days in (2, 1):
        trained = (NOW - timedelta(days=days)).timestamp()
        store.publish(fit(Dataset((), {}, (), trained)), force=True)
    old, new = store.names()
    page = as_admin.get(PAGE)
    labels = [option.text for option in page.by_id("field_a_model")]
    assert labels[0] == "The model that serves"
    assert [label.endswith("serves now") for label in labels[1:]] == [True, False]
    as_admin.post(PAGE, {"name": "Old and new", "a_model": old, "b_model": new})
    [row] = rows(session)
    assert (row.a["model"], row.b["model"]) == (old, new)
    links = as_admin.get(PAGE).links()
    assert f"/admin/recommendations/{old}/serve" in links
    assert f"/admin/recommendations/{new}/serve" not in links


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"b_diversity": ""}, "b_model"),
        ({"a_model": "../../etc"}, "a_model"),
        ({"b_live": "odd"}, "b_live"),
    ],
)
def test_what_is_wrong_is_named_and_the_rest_stays(as_admin, session, wrong, field):
    page = as_admin.post(PAGE, {**FORM, **wrong})
    assert page.status == 422
    assert f"#field_{field}" in page.links()
    if field != "name":
        assert page.by_id("field_name").get("value") == "More mixed"
    assert rows(session) == []


def test_there_is_one_at_a_time(as_admin, session, running):
    page = as_admin.post(PAGE, FORM)
    assert page.status == 409
    assert "Another experiment is running. End it first." in page.words
    assert len(rows(session)) == 1


def test_nothing_is_told_of_few_people(as_admin, takes):
    takes(a=1, b=3)
    page = as_admin.get(PAGE)
    assert "Fewer than 5 people have taken part so far." in page.words
    assert "took more" not in page.words.split("How it is counted")[0]


def test_it_says_which_side_people_choose(as_admin, takes):
    takes(a=4, b=36)
    page = as_admin.get(PAGE)
    assert "B is chosen more often: 90 % (" in page.words
    assert "40 people looked at 40 lists. 4 took more from A, 36 more from B" in page.words
    [picture] = page.all("{http://www.w3.org/2000/svg}svg", role="img")
    assert picture.get("aria-label").startswith("Share of those with a preference who prefer B: 90")


def test_it_says_when_it_is_too_early(as_admin, takes):
    takes(a=3, b=4)
    assert "Too early to tell: B has 57 % (" in as_admin.get(PAGE).words


def test_ending_it_keeps_its_figures(as_admin, session, takes, running):
    takes(a=36, b=4)
    page = as_admin.post(f"{PAGE}/{running.id}/end")
    assert (page.status, page.location) == (303, PAGE)
    [row] = rows(session)
    assert (row.ended_at, row.result["people"]) == (NOW, 40)
    session.query(ShownSlate).delete()
    session.commit()
    page = as_admin.follow(page)
    assert "A is chosen more often: 90 % (" in page.words
    assert page.by_id("field_name") is not None


def test_an_experiment_of_few_people_keeps_no_figures(as_admin, session, takes, running):
    takes(b=4)
    as_admin.post(f"{PAGE}/{running.id}/end")
    assert rows(session)[0].result is None
    assert "Too few people took part for anything to be told." in as_admin.get(PAGE).words


def test_what_is_not_running_cannot_be_ended(as_admin, running):
    as_admin.post(f"{PAGE}/{running.id}/end")
    assert as_admin.post(f"{PAGE}/{running.id}/end").status == 404
    assert as_admin.post(f"{PAGE}/999/end").status == 404


def test_only_administrators_see_it(as_employee, as_curator, running, session):
    for client in (as_employee, as_curator):
        assert client.get(PAGE).status == 404
        assert client.post(PAGE, FORM).status == 404
        assert client.post(f"{PAGE}/{running.id}/end").status == 404
    assert rows(session)[0].ended_at is None


def test_the_audit_log_tells_of_it(as_admin, session):
    as_admin.post(PAGE, FORM)
    [row] = rows(session)
    as_admin.post(f"{PAGE}/{row.id}/end")
    entries = session.query(AuditEntry).filter(AuditEntry.action.like("tending.%experiment"))
    assert sorted(each.action for each in entries) == [
        "tending.end_experiment",
        "tending.start_experiment",
    ]
    assert all(each.details["name"] == "More mixed" for each in entries)


def test_it_says_how_places_drawn_by_chance_do(as_admin, session, make):
    item, other = make.item().id, make.item().id
    for number in range(10):
        person = make.person()
        drawn = number < 5
        row = ShownSlate(
            person_id=person.id,
            token=str(number),
            shelf="for_you",
            shown_at=NOW - timedelta(days=1),
        )
        row.items = [
            ShownItem(
                position=1,
                item_id=item if drawn else other,
                score=1.0,
                propensity=0.1 if drawn else None,
            )
        ]
        session.add(row)
    session.commit()
    words = as_admin.get(PAGE).words
    assert "5 items were looked at in places drawn by chance. 0.0 % of them were taken" in words
    assert "Of other items in the same places it was 0.0 %." in words
