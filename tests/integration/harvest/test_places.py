"""An administrator's order of tools reaches the duplicates that it decides about."""

import pytest

from app.catalogue import clusters
from app.harvest import service
from app.models import ClusterMember, Tool


@pytest.fixture
def twins(session, make):
    """Two items of two tools at one address; the older row is preferred."""
    where = "https://provider.example.org/course/5"
    items = [make.item(tool=make.tool(), url=where) for _ in range(2)]
    clusters.catch_up(session)
    return items


def preferred(session):
    session.expire_all()
    return session.query(ClusterMember.item_id).filter_by(preferred=True).scalar()


def test_a_tool_that_moves_to_the_front_has_its_items_preferred(session, twins):
    before = preferred(session)
    tool = session.get_one(Tool, twins[1].tool_id)
    service.place(session, tool, {"position": 1})
    assert (before, preferred(session)) == (twins[0].id, twins[1].id)


def test_a_tool_that_only_gets_a_name_keeps_its_place(session, twins):
    service.place(session, session.get_one(Tool, twins[1].tool_id), {"name": "Academy"})
    assert preferred(session) == twins[0].id
