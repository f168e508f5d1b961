"""Who is named as knowing about something: counted at night, told by what the asker may see."""

import pytest

from app.discover.expertise import count_experts, skill_ids
from app.discover.experts import experts
from app.models import Expertise, ItemState


@pytest.fixture
def skill(make):
    return make.skill("pumps", "Pump care")


@pytest.fixture
def finish(make, session, now):
    """Return a function that lets a person finish new items."""

    def finished(person, count=3, **item):
        rows = [make.item(**item) for _ in range(count)]
        session.add_all(ItemState(person_id=person.id, item_id=row.id, done_at=now) for row in rows)
        session.flush()
        return rows

    return finished


@pytest.fixture
def named(session):
    """Return a function that counts everything and says who is named, and for how many items."""

    def read(*, skills=("pumps",), roles=(), but=0, tokens=("everyone",), limit=5):
        for skill_id in skill_ids(session):
            count_experts(session, skill_id)
        found = experts(session, skills=skills, roles=roles, but=but, tokens=tokens, limit=limit)
        return [(each.name, each.topic, each.finished) for each in found]

    return read


def sharing(make, name, **values):
    return make.person(name, shares_expertise=True, **values)


def test_the_most_experienced_come_first(make, skill, finish, named):
    for name, count in (("Ada", 3), ("Grace", 5), ("Mary", 4)):
        finish(sharing(make, name), count, skills=[skill])
    assert named(limit=2) == [("Grace", "Pump care", 5), ("Mary", "Pump care", 4)]


def test_only_what_the_asker_may_see_counts(make, skill, finish, named):
    ada = sharing(make, "Ada")
    finish(ada, 3, skills=[skill])
    finish(ada, 4, skills=[skill], audience=["dept:secret"])
    assert named() == [("Ada", "Pump care", 3)]
    assert named(tokens=("everyone", "dept:secret")) == [("Ada", "Pump care", 7)]
    assert named(tokens=("dept:other",)) == []


@pytest.mark.parametrize("values", [{"active": False}, {"shares_expertise": False}])
def test_nobody_else_is_named(make, skill, finish, named, values):
    finish(make.person(**{"shares_expertise": True} | values), skills=[skill])
    assert named() == []


def test_the_asker_is_not_named(make, skill, finish, named):
    ada = sharing(make, "Ada")
    finish(ada, skills=[skill])
    assert named(but=ada.id) == []


def test_who_stops_sharing_is_not_named_at_once(make, session, skill, finish, named):
    ada = sharing(make, "Ada")
    finish(ada, skills=[skill])
    assert named() != []
    ada.shares_expertise = False
    session.flush()
    found = experts(session, skills=["pumps"], roles=[], but=0, tokens=["everyone"], limit=5)
    assert found == []


def test_a_role_is_known_by_who_holds_it_and_has_finished_what_is_meant_for_it(make, finish, named):
    role, other = make.role("fitter", "Fitter"), make.role()
    finish(sharing(make, "Ada", roles=[role]), roles=[role])
    finish(sharing(make, "Grace", roles=[other]), roles=[role])
    finish(sharing(make, "Mary", roles=[role]), roles=[other])
    assert named(skills=(), roles=("fitter",)) == [("Ada", "Fitter", 3)]


def test_one_person_is_named_once(make, skill, finish, named):
    role = make.role("fitter", "Fitter")
    ada = sharing(make, "Ada", roles=[role])
    finish(ada, 4, skills=[skill], roles=[role])
    finish(ada, 1, roles=[role])
    assert named(roles=("fitter",)) == [("Ada", "Fitter", 5)]


def test_counting_follows_what_changes_and_writes_nothing_else(make, session, skill, finish):
    ada = make.person()
    finish(ada, skills=[skill])
    assert count_experts(session, skill.id) == 1
    assert count_experts(session, skill.id) == 0
    finish(ada, 1, skills=[skill])
    assert count_experts(session, skill.id) == 1
    assert session.query(Expertise.finished).scalar() == 4
    for row in session.query(ItemState):
        row.done_at = None
    session.flush()
    assert count_experts(session, skill.id) == 1
    assert session.query(Expertise).count() == 0
