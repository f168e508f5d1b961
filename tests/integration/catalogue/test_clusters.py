"""Duplicates across tools: gathered by evidence, split and merged by curators' words."""

import datetime as dt
from itertools import permutations

import pytest
from sqlalchemy import select

from app.catalogue import clusters
from app.errors import Invalid, NotFound
from app.models import ClusterMember, ItemKey, Tool
from tests.support.factories import NOW

WHERE = "https://provider.example.org/course/"


def cluster_of(session, item):
    return clusters.members(session, item.id)


def grouped(session):
    found = {}
    for row in session.execute(select(ClusterMember.cluster_id, ClusterMember.item_id)):
        found.setdefault(row.cluster_id, set()).add(row.item_id)
    return found


@pytest.fixture
def same(session, make):
    """Three items of three tools at one address, and a stranger."""
    items = [make.item(tool=make.tool(), url=f"{WHERE}5?utm_source={n}") for n in range(3)]
    items.append(make.item(tool=make.tool(), url=f"{WHERE}6"))
    clusters.catch_up(session)
    return items


def test_items_at_one_address_are_one_thing(session, same):
    one, two, three, stranger = same
    assert cluster_of(session, one) == {one.id, two.id, three.id}
    assert cluster_of(session, stranger) == {stranger.id}


def test_exactly_one_member_is_preferred(session, same):
    preferred = session.scalars(select(ClusterMember.item_id).where(ClusterMember.preferred)).all()
    assert preferred == [same[0].id]


def test_the_administrators_order_chooses_the_preferred_one(session, same, make):
    session.get_one(Tool, same[2].tool_id).position = 1
    session.flush()
    clusters.prefer_again(session, same[2].tool_id)
    preferred = session.scalars(select(ClusterMember.item_id).where(ClusterMember.preferred)).all()
    assert preferred == [same[2].id]


def test_the_newest_run_is_preferred_where_tools_are_equal(session, make):
    days = (dt.date(2017, 3, 1), dt.date(2026, 3, 1))
    old, new = (make.item(tool=make.tool(), url=f"{WHERE}9", published_on=day) for day in days)
    clusters.catch_up(session)
    assert session.get_one(ClusterMember, new.id).preferred
    assert not session.get_one(ClusterMember, old.id).preferred


def test_a_day_that_a_tool_claims_does_not_overtake_the_administrators_order(session, make):
    first, hostile = make.tool(), make.tool()
    first.position, hostile.position = 1, 2
    session.flush()
    honest = make.item(tool=first, url=f"{WHERE}9", published_on=dt.date(2017, 3, 1))
    claiming = make.item(tool=hostile, url=f"{WHERE}9", published_on=dt.date(2026, 3, 1))
    clusters.catch_up(session)
    assert session.get_one(ClusterMember, honest.id).preferred
    assert not session.get_one(ClusterMember, claiming.id).preferred


def test_a_retired_member_is_never_preferred(session, make):
    gone = make.item(tool=make.tool(), url=f"{WHERE}9", status="retired")
    live = make.item(tool=make.tool(), url=f"{WHERE}9")
    clusters.catch_up(session)
    assert session.get_one(ClusterMember, live.id).preferred
    assert not session.get_one(ClusterMember, gone.id).preferred


def test_a_split_outlives_the_next_harvest(session, same):
    one, two, three, _ = same
    clusters.split_off(session, two.id, by=None, now=NOW)
    assert cluster_of(session, two) == {two.id}
    assert cluster_of(session, one) == {one.id, three.id}
    clusters.recluster(session, {item.id for item in same})
    assert cluster_of(session, two) == {two.id}


def test_a_merge_outlives_the_next_harvest(session, same):
    one, *_, stranger = same
    clusters.decide(session, one.id, stranger.id, clusters.SAME, by=None, now=NOW)
    clusters.recluster(session, {stranger.id})
    assert cluster_of(session, stranger) == {item.id for item in same}


def test_a_changed_mind_counts(session, same):
    one, two, *_ = same
    clusters.split_off(session, two.id, by=None, now=NOW)
    for other in (one, same[2]):
        clusters.decide(session, two.id, other.id, clusters.SAME, by=None, now=NOW)
    assert two.id in cluster_of(session, one)


def test_an_item_that_moves_leaves_its_cluster(session, same):
    one = same[0]
    key = session.scalars(select(ItemKey).where(ItemKey.item_id == one.id)).one()
    session.delete(key)
    session.flush()
    one.url = f"{WHERE}elsewhere"
    session.flush()
    clusters.catch_up(session)
    clusters.recluster(session, {one.id})
    assert cluster_of(session, one) == {one.id}


def test_a_key_that_many_share_says_nothing(session, make):
    shared = f"{WHERE}all"
    items = [make.item(tool=make.tool(), url=shared) for _ in range(clusters.TOO_COMMON + 1)]
    clusters.catch_up(session)
    assert cluster_of(session, items[0]) == {items[0].id}


def test_titles_join_across_tools(session, make):
    said = {"title": "Working at Heights", "minutes": 40, "attribution": "Safe Co"}
    one, other = (
        make.item(tool=make.tool(), url=f"https://{host}.example.org/1", **said) for host in "ab"
    )
    clusters.catch_up(session)
    assert cluster_of(session, one) == {one.id, other.id}


def test_several_items_of_one_tool_at_one_address_stay_several(session, make):
    tool = make.tool()
    parts = [make.item(tool=tool, url=f"{WHERE}notes#{day}") for day in ("monday", "friday")]
    whole = make.item(tool=make.tool(), url=f"{WHERE}notes")
    clusters.catch_up(session)
    assert all(cluster_of(session, item) == {item.id} for item in (*parts, whole))


def test_nothing_new_writes_nothing(session, same):
    before = grouped(session)
    assert clusters.catch_up(session) == 0
    clusters.recluster(session, {item.id for item in same})
    assert grouped(session) == before


def test_an_item_is_not_merged_with_itself_or_with_nothing(session, same):
    with pytest.raises(Invalid):
        clusters.decide(session, same[0].id, same[0].id, clusters.SAME, by=None, now=NOW)
    with pytest.raises(NotFound):
        clusters.decide(session, same[0].id, 10**6, clusters.SAME, by=None, now=NOW)


def test_every_order_of_following_gives_the_same_clusters(session, make):
    items = [make.item(tool=make.tool(), url=f"{WHERE}{n // 2}") for n in range(4)]
    clusters.catch_up(session)
    expected = grouped(session)
    for order in permutations(items):
        for item in order:
            clusters.recluster(session, {item.id})
        assert grouped(session) == expected
