"""Skills that a role asks for: curators say them, readers see which they have shown."""

import pytest

from app.activity import service as activity
from app.models import RoleSkill

EDIT = "/curate/roles/field-engineer"
READ = "/roles/field-engineer"
SKILLS = f"{EDIT}/skills"


@pytest.fixture
def skills(make, session):
    found = [make.skill("hydraulics", "Hydraulics"), make.skill("r-d", "R&D")]
    session.commit()
    return found


@pytest.fixture
def asked(world, skills, session):
    """Let the role ask for both skills."""
    session.add_all(RoleSkill(role_id=world.role.id, skill_id=each.id) for each in skills)
    session.commit()


def kept(page):
    boxes = page.all("input", type="checkbox", name="skill")
    return [box.get("value") for box in boxes if box.get("checked") is not None]


@pytest.mark.parametrize("name", ["Hydraulics", " hydraulics ", "HYDRAULICS"])
def test_a_curator_adds_a_skill_by_its_name(as_curator, world, skills, name):
    page = as_curator.post(SKILLS, {"added": name})
    assert (page.status, page.location) == (303, f"{EDIT}#skills")
    assert kept(as_curator.get(EDIT)) == ["hydraulics"]


def test_what_is_not_kept_is_taken_away(as_curator, world, asked):
    as_curator.post(SKILLS, {"skill": ["r-d"]})
    assert kept(as_curator.get(EDIT)) == ["r-d"]


def test_none_at_all_is_an_answer_too(as_curator, world, asked):
    as_curator.post(SKILLS)
    assert kept(as_curator.get(EDIT)) == []


def test_adding_keeps_what_is_asked_for_already(as_curator, world, skills):
    as_curator.post(SKILLS, {"added": "Hydraulics"})
    as_curator.post(SKILLS, {"skill": ["hydraulics"], "added": "R&D"})
    assert kept(as_curator.get(EDIT)) == ["hydraulics", "r-d"]


def test_the_names_of_other_skills_are_offered(as_curator, world, skills):
    as_curator.post(SKILLS, {"added": "Hydraulics"})
    offered = as_curator.get(EDIT).all("option")
    assert [each.get("value") for each in offered if each.get("value")] == ["R&D"]


def test_htmx_gets_the_skills_alone(as_curator, world, skills):
    page = as_curator.post(SKILLS, {"added": "R&D"}, htmx_target="skills")
    assert kept(page) == ["r-d"]
    assert page.by_id("sections") is None


@pytest.mark.parametrize("target", [None, "skills"])
def test_a_name_that_no_skill_has_is_refused_where_it_was_typed(as_curator, world, asked, target):
    page = as_curator.post(SKILLS, {"added": "Alchemy"}, htmx_target=target)
    assert page.status == 422
    assert "No skill is called “Alchemy”." in page.words
    assert page.by_id("field_added").get("value") == "Alchemy"
    assert kept(as_curator.get(EDIT)) == ["hydraulics", "r-d"]


def test_a_role_asks_for_forty_skills_at_most(as_curator, world, make, session):
    slugs = [make.skill().slug for _ in range(41)]
    session.commit()
    page = as_curator.post(SKILLS, {"skill": slugs})
    assert page.status == 422
    assert "A role asks for 40 skills at most." in page.words


def test_slugs_that_no_skill_has_are_passed_over(as_curator, world, skills):
    as_curator.post(SKILLS, {"skill": ["hydraulics", "nothing", "x" * 5000]})
    assert kept(as_curator.get(EDIT)) == ["hydraulics"]


def test_readers_see_what_they_have_shown_and_what_is_open(
    as_employee, employee, asked, skills, make, session
):
    for _ in range(2):
        activity.complete(session, employee.id, make.item(skills=[skills[0]]).id, now=make.now)
    activity.launch(session, employee.id, make.item(skills=[skills[1]]), now=make.now)
    session.commit()
    page = as_employee.get(READ)
    rows = page.texts("small")
    assert "You finished 2 items on it" in rows
    assert "Still open for you" in rows
    assert "/discover?skill=r-d" in page.links()


def test_what_others_finished_is_not_the_readers(
    as_employee, curator, asked, skills, make, session
):
    activity.complete(session, curator.id, make.item(skills=[skills[0]]).id, now=make.now)
    session.commit()
    assert as_employee.get(READ).texts("small").count("Still open for you") == 2


def test_a_role_that_asks_for_nothing_says_nothing(as_employee, world, skills):
    assert as_employee.get(READ).by_id("asked_skills") is None
