"""The page about somebody who shares what they know."""

import pytest

from app.models import ItemState


@pytest.fixture
def expert(make):
    roles = [make.role("fitter", "Fitter")]
    return make.person("Helen Marsh", roles=roles, email="helen@example.org", shares_expertise=True)


@pytest.fixture
def knows(make, session, expert, now):
    """Return a function that lets the expert finish items of a skill."""

    def finish(skill, count=3, **item):
        for _ in range(count):
            row = make.item(skills=[skill], **item)
            session.add(ItemState(person_id=expert.id, item_id=row.id, done_at=now))
        session.commit()

    return finish


def test_it_shows_what_they_know_and_how_to_reach_them(as_employee, make, expert, knows):
    knows(make.skill("pumps", "Pump care"))
    page = as_employee.get(f"/people/{expert.id}")
    assert page.text("h1") == "Helen Marsh"
    assert "Fitter" in page.words
    assert {"/discover?skill=pumps", "mailto:helen@example.org"} <= set(page.links())


def test_it_shows_only_skills_of_items_that_the_reader_may_see(as_employee, make, expert, knows):
    knows(make.skill("pumps", "Pump care"), 2)
    knows(make.skill("secret", "Secret craft"), audience=["dept:secret"])
    page = as_employee.get(f"/people/{expert.id}")
    assert "Pump care" not in page.words
    assert "Secret craft" not in page.html


@pytest.mark.parametrize("hidden", [{"shares_expertise": False}, {"active": False}])
def test_there_is_no_page_about_others(as_employee, session, expert, hidden):
    for name, value in hidden.items():
        setattr(expert, name, value)
    session.commit()
    assert as_employee.get(f"/people/{expert.id}").status == 404


def test_somebody_chooses_it_in_their_settings(as_employee, employee):
    address = f"/people/{employee.id}"
    assert as_employee.get(address).status == 404
    as_employee.post("/settings/sharing", {"shares_expertise": "1", "keeps_searches": "1"})
    boxes = as_employee.get("/settings").all("input", type="checkbox")
    assert [box.get("name") for box in boxes if "checked" in box.attrib] == [
        "shares_expertise",
        "keeps_searches",
    ]
    assert "This is what colleagues see of you." in as_employee.get(address).words
    as_employee.post("/settings/sharing", {"keeps_searches": "1"})
    assert as_employee.get(address).status == 404
