"""A curator's word on duplicates outlives every reading of the tools that it is about."""

import pytest
from sqlalchemy import select

from app.catalogue import clusters
from app.connectors.base import Delete, Mode, Presence
from app.duplicates import service
from app.models import Item
from tests.support.factories import Factory
from tests.support.tools.scripted import end, upsert

TOKENS = frozenset({"everyone"})
SHARED = "https://provider.example.org/course/5"


@pytest.fixture
def curator_id(harvesting):
    with harvesting.database.transaction() as session:
        return Factory(session).person("Jonas Weber", access="curator").id


@pytest.fixture
def elsewhere(harvesting):
    """Return the id of the course in another tool, which no harvest touches."""
    with harvesting.database.transaction() as session:
        make = Factory(session)
        found = make.item("Working at heights", tool=make.tool("academy"), url=SHARED).id
        clusters.catch_up(session)
    return found


@pytest.fixture
def said(harvesting, curator_id):
    """Return a function that lets the curator decide about what they see now."""

    def decided(verb, *item_ids):
        with harvesting.database.transaction() as session:
            seen = set().union(*(clusters.members(session, one) for one in item_ids))
            verb(session, *item_ids, seen=seen, by=curator_id, tokens=TOKENS, now=harvesting.now)

    return decided


def together(harvesting, item_id):
    with harvesting.database.sessions() as session:
        found = clusters.members(session, item_id)
        return sorted(session.scalars(select(Item.external_id).where(Item.id.in_(found))))


def test_a_split_outlives_the_next_readings(harvesting, script, elsewhere, said):
    script.pulls = [
        [upsert("a", url=SHARED), end()],
        [upsert("a", "Changed", url=SHARED), end()],
        [Delete("a", Presence.GONE), end()],
        [upsert("a", "Back again", url=f"{SHARED}?utm_source=blog"), end()],
    ]
    harvesting.run(Mode.SWEEP)
    assert len(together(harvesting, elsewhere)) == 2
    said(service.split, elsewhere)
    for mode in (Mode.DELTA, Mode.DELTA, Mode.SWEEP):
        harvesting.run(mode)
        assert len(together(harvesting, elsewhere)) == 1
    assert harvesting.items()["a"] == ("Back again", "live")


def test_a_merge_outlives_the_next_readings(harvesting, script, elsewhere, said):
    script.pulls = [
        [upsert("a", url="https://tool.test/a"), end()],
        [upsert("a", "Changed", url="https://tool.test/moved"), end()],
    ]
    harvesting.run(Mode.SWEEP)
    assert len(together(harvesting, elsewhere)) == 1
    said(service.merge, elsewhere, harvesting.item("a").id)
    for mode in (Mode.DELTA, Mode.SWEEP):
        harvesting.run(mode)
        assert len(together(harvesting, elsewhere)) == 2
    assert harvesting.items()["a"] == ("Changed", "live")
