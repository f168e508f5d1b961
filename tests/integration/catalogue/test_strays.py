"""Items that share a key and stand apart are found, whatever left them so."""

import pytest
from sqlalchemy import delete

from app.catalogue import clusters
from app.catalogue.strays import strays
from app.models import ClusterMember
from tests.support.factories import NOW

WHERE = "https://provider.example.org/course/"


@pytest.fixture
def same(session, make):
    """Two items of two tools at one address, in one cluster, and a stranger."""
    items = [make.item(tool=make.tool(), url=f"{WHERE}{name}") for name in "556"]
    clusters.catch_up(session)
    return [item.id for item in items]


def test_nothing_strays_where_all_that_belongs_together_is_together(session, same):
    assert strays(session) == []


@pytest.mark.parametrize("missed", [[0, 1], [0]])
def test_what_nobody_joined_is_found_and_joined(session, same, missed):
    ids = [same[place] for place in missed]
    session.execute(delete(ClusterMember).where(ClusterMember.item_id.in_(ids)))
    assert strays(session) == same[:2]
    clusters.recluster(session, strays(session))
    assert clusters.members(session, same[0]) == set(same[:2])


def test_what_was_told_apart_stays_apart(session, same):
    clusters.split_off(session, same[0], by=None, now=NOW)
    clusters.recluster(session, strays(session))
    assert clusters.members(session, same[0]) == {same[0]}


def test_a_key_that_many_share_makes_no_strays(session, make):
    for _ in range(clusters.TOO_COMMON + 1):
        make.item(tool=make.tool(), url=f"{WHERE}all")
    clusters.catch_up(session)
    assert strays(session) == []
