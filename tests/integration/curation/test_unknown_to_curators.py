"""What a curator may not know of tells nothing of itself, neither by its like nor by its skills."""

import pytest
from sqlalchemy import select

from app.catalogue.queries import skill_visible_to
from app.curation.asked_skills import skills_to_choose
from app.curation.replacements import holes
from app.editing.names import known_names
from app.models import EVERYONE, RoleSkill, Section, Skill


@pytest.fixture
def page(make):
    return make.role_page(make.role("engineer"))


@pytest.fixture
def hidden(make, session, page):
    """Return a pinned item for others, with a skill of its own beside one that others have."""
    common, secret = make.skill("common", "Common"), make.skill("merger", "Merger")
    item = make.item("Secret", audience=["group:board"], kind="video", skills=[common, secret])
    section = session.scalars(select(Section).where(Section.page_id == page.id)).one()
    make.pin(section, item)
    for kind in ("video", "course"):
        make.item(f"A {kind}", kind=kind, skills=[common])
    return item


def test_nothing_is_offered_in_place_of_what_a_curator_may_not_know_of(session, page, hidden):
    [hole] = holes(session, page, tokens=EVERYONE)
    assert (hole.title, hole.candidates) == ("", ())
    [known] = holes(session, page, tokens=EVERYONE | {"group:board"})
    assert [each.title for each in known.candidates] == ["A video", "A course"]


def test_a_skill_of_hidden_items_alone_is_not_offered(session, page, hidden):
    assert known_names(session, Skill, tokens=EVERYONE) == ["Common"]
    assert known_names(session, Skill, tokens={"group:board"}) == ["Common", "Merger"]
    assert skills_to_choose(session, page.role_id) == ([], ["Common"])


def test_a_skill_that_a_role_asks_for_or_that_nothing_teaches_is_known(make, session, page, hidden):
    make.skill("free", "Free")
    merger = session.scalars(select(Skill).where(Skill.slug == "merger")).one()
    session.add(RoleSkill(role_id=page.role_id, skill_id=merger.id))
    session.flush()
    named = select(Skill.name).where(skill_visible_to(EVERYONE)).order_by(Skill.name)
    assert session.scalars(named).all() == ["Common", "Free", "Merger"]
