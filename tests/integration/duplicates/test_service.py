"""What curators say of duplicates: kept over an import, and never lost to another curator."""

import threading
from dataclasses import replace

import pytest

from app.catalogue import clusters
from app.catalogue import service as catalogue
from app.catalogue.records import ItemRecord, ToolRecord
from app.duplicates import service
from app.errors import Conflict, Invalid, NotFound
from app.models import ClusterDecision, audience_of
from tests.support.emptying import empty
from tests.support.factories import NOW, Factory

WHERE = "https://provider.example.org/course/"
TOKENS = frozenset({"everyone"})


def record(tool, number):
    return ItemRecord(
        tool=ToolRecord(slug=tool, name=tool),
        external_id="1",
        kind="course",
        title=f"Working at heights {tool}",
        url=f"{WHERE}{number}",
    )


@pytest.fixture
def by(make):
    return {"by": make.person(access="curator").id, "tokens": TOKENS, "now": NOW}


@pytest.fixture
def imported(session):
    """The ids of one course in three tools and of a stranger, all of them from an import."""
    records = [record(tool, 5) for tool in "abc"] + [record("d", 6)]
    changes = catalogue.upsert(session, records, now=NOW)
    stored = catalogue.stored_items(session, (change.record.key for change in changes))
    return [stored[one.key].id for one in records]


def imported_again(session):
    records = [replace(record(tool, 5), summary="Changed") for tool in "abc"]
    catalogue.upsert(session, records, now=NOW)


def test_a_split_outlives_the_next_import(session, imported, by):
    one, two, three, _ = imported
    service.split(session, two, seen={one, two, three}, **by)
    imported_again(session)
    assert clusters.members(session, two) == {two}
    assert clusters.members(session, one) == {one, three}


def test_a_merge_joins_two_whole_groups_and_outlives_the_next_import(session, imported, by):
    service.merge(session, imported[1], imported[3], seen=imported, **by)
    imported_again(session)
    assert clusters.members(session, imported[3]) == set(imported)


def test_a_merge_overrules_every_word_between_the_two_groups(session, imported, by):
    one, two, three, _ = imported
    service.split(session, two, seen={one, two, three}, **by)
    service.merge(session, three, two, seen={one, two, three}, **by)
    assert clusters.members(session, two) == {one, two, three}


def test_what_is_together_already_is_not_decided_again(session, imported, by):
    one, two, three, _ = imported
    service.merge(session, one, two, seen={one, two, three}, **by)
    assert session.query(ClusterDecision).count() == 0


@pytest.mark.parametrize("seen", [(0, 1), (0, 1, 2, 3), ()])
def test_a_group_that_has_changed_is_not_decided_about(session, imported, by, seen):
    with pytest.raises(Conflict):
        service.split(session, imported[0], seen={imported[place] for place in seen}, **by)
    assert session.query(ClusterDecision).count() == 0


def test_an_item_is_not_merged_with_itself(session, imported, by):
    with pytest.raises(Invalid):
        service.merge(session, imported[0], imported[0], seen=imported, **by)


def test_a_curator_decides_only_about_what_they_see(session, make, imported, by):
    hidden = make.item(tool=make.tool(), audience=["group:pilot"])
    with pytest.raises(NotFound):
        service.merge(session, imported[3], hidden.id, seen=[imported[3], hidden.id], **by)
    with pytest.raises(NotFound):
        service.split(session, 10**6, seen=imported, **by)


def test_a_split_holds_against_members_that_the_curator_does_not_see(session, make, imported, by):
    one, two, three, _ = imported
    hidden = make.item(tool=make.tool(), url=f"{WHERE}5")
    hidden.audience_id = audience_of(session, ["group:pilot"]).id
    clusters.catch_up(session)
    service.split(session, two, seen={one, two, three}, **by)
    assert clusters.members(session, hidden.id) == {one, three, hidden.id}


@pytest.fixture
def committed(database):
    """Return a database in which three items stand together, and their ids; emptied afterwards."""
    with database.transaction() as session:
        make = Factory(session)
        ids = [make.item(tool=make.tool(), url=f"{WHERE}5").id for _ in range(3)]
        clusters.catch_up(session)
    yield database, ids
    if database.engine.dialect.name == "postgresql":
        empty(database)


def test_of_two_curators_at_the_same_moment_one_is_told_to_look_again(committed):
    database, ids = committed
    outcomes, both_ready = [], threading.Barrier(2)

    def split(item_id):
        with database.sessions() as session:
            both_ready.wait()
            try:
                service.split(session, item_id, seen=ids, by=None, tokens=TOKENS, now=NOW)
                session.commit()
                outcomes.append(item_id)
            except Conflict:
                outcomes.append(None)

    threads = [threading.Thread(target=split, args=[one]) for one in ids[:2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (kept,) = [one for one in outcomes if one]
    assert len(outcomes) == 2
    with database.sessions() as session:
        assert clusters.members(session, kept) == {kept}
        assert len(clusters.members(session, ids[2])) == 2
        decisions = session.query(ClusterDecision.low_id, ClusterDecision.high_id).all()
        assert all(kept in decision for decision in decisions)
