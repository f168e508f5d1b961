"""The index that follows the catalogue, on both kinds of database and both engines."""

import pytest
from sqlalchemy import delete, func, select, update

from app.catalogue.queries import items_for_index
from app.discover import indexing
from app.discover.indexing import SearchIndex, document_of
from app.models import IndexOutbox, Item, audience_of
from search.document import Document, Request
from search.errors import IndexMissing
from search.query import parse

EVERYONE = frozenset({"everyone"})


def silent(count):
    """Tell nobody how far a rebuild is."""


@pytest.fixture(params=["tantivy", "whoosh"])
def index(request, tmp_path):
    """Return an index of each engine in turn, not built yet."""
    index = SearchIndex(tmp_path / "index" / request.param, request.param)
    yield index
    index.close()


@pytest.fixture
def built(index, session):
    """Return an index that holds what the catalogue held at the start: nothing."""
    index.rebuild(session, silent)
    return index


@pytest.fixture
def queue(session, now):
    """Return a function that puts items into the outbox, as a change of theirs would."""

    def queued(*items):
        session.add_all(IndexOutbox(item_id=item.id, queued_at=now) for item in items)
        session.flush()

    return queued


def found(index, text="", audience=EVERYONE):
    return {hit.id for hit in index.search(Request(parse(text), audience)).hits}


def waiting(session):
    return session.scalar(select(func.count()).select_from(IndexOutbox))


def test_it_says_that_there_is_no_index_yet(index):
    assert not index.ready()
    with pytest.raises(IndexMissing):
        index.search(Request(parse("pump"), EVERYONE))


def test_it_holds_every_live_item_after_a_rebuild(index, session, make):
    pump, _retired = make.item("Pump"), make.item("Old pump", status="retired")
    assert index.rebuild(session, silent) == 1
    assert index.ready()
    assert found(index) == {pump.id}


def test_it_tells_how_far_a_rebuild_is(index, session, make, monkeypatch):
    monkeypatch.setattr(indexing, "BATCH", 2)
    ids = [make.item().id for _ in range(5)]
    heard = []
    index.rebuild(session, heard.append)
    assert heard[-1] == len(ids)


def test_it_describes_an_item_to_the_index(session, make):
    item = make.item(
        "Pump drill",
        summary="Six scenarios",
        kind="simulation",
        tool=make.tool("simlab", "SimLab"),
        roles=[make.role("planner")],
        skills=[make.skill("plc", "PLC")],
        audience=("role:planner", "dept:service"),
        minutes=25,
        quality=1.5,
    )
    session.expunge_all()
    assert document_of(*items_for_index(session, [item.id])) == Document(
        id=item.id,
        title="Pump drill",
        body="Six scenarios",
        kind="simulation",
        tool="simlab",
        roles=("planner",),
        skills=("plc",),
        skill_names=("PLC",),
        tool_name="SimLab",
        level=None,
        language="en",
        minutes=25,
        published=None,
        quality=1.0,
        audience=frozenset({"role:planner", "dept:service"}),
    )


def test_it_follows_a_new_item(built, session, make, queue):
    pump = make.item("Pump")
    queue(pump)
    assert built.follow(session) == 1
    assert found(built, "pump") == {pump.id}
    assert waiting(session) == 0


def test_it_follows_what_changed_in_an_item(built, session, make, queue):
    item = make.item("Pump")
    queue(item)
    built.follow(session)
    session.execute(update(Item).values(title="Compressor"))
    queue(item)
    built.follow(session)
    assert (found(built, "pump"), found(built, "compressor")) == (set(), {item.id})


def test_it_follows_a_change_of_audience(built, session, make, queue):
    item = make.item("Pump")
    queue(item)
    built.follow(session)
    pilots = audience_of(session, {"group:pilot"})
    session.execute(update(Item).values(audience_id=pilots.id))
    queue(item)
    built.follow(session)
    assert found(built) == set()
    assert found(built, audience=frozenset({"group:pilot"})) == {item.id}


@pytest.mark.parametrize("leave", [update(Item).values(status="retired"), delete(Item)])
def test_it_lets_go_of_an_item_that_left(built, session, make, queue, leave):
    item = make.item("Pump")
    queue(item)
    built.follow(session)
    session.execute(leave)
    queue(item)
    assert built.follow(session) == 1
    assert found(built) == set()


def test_it_follows_an_item_queued_many_times_once(built, session, make, queue):
    item = make.item("Pump")
    queue(item, item, item)
    assert built.follow(session) == 3
    assert built.count() == 1


def test_it_does_nothing_when_nothing_waits(built, session):
    assert built.follow(session) == 0


def test_it_loses_nothing_when_it_dies_before_the_rows_are_forgotten(built, session, make, queue):
    pump = make.item("Pump")
    queue(pump)
    with session.begin_nested() as interrupted:
        built.follow(session)
        interrupted.rollback()
    assert waiting(session) == 1
    assert built.follow(session) == 1
    assert found(built, "pump") == {pump.id}


def test_it_keeps_rows_that_arrive_while_it_writes(built, session, make, queue, monkeypatch):
    pump = make.item("Pump")
    queue(pump)
    write = built._store.write

    def write_slowly(put, delete):
        write(put, delete)
        queue(pump)

    monkeypatch.setattr(built._store, "write", write_slowly)
    built.follow(session)
    assert waiting(session) == 1


def test_it_leaves_the_rows_to_the_first_rebuild(index, session, make, queue):
    queue(make.item("Pump"))
    assert index.follow(session) == 0
    index.rebuild(session, silent)
    assert (index.count(), waiting(session)) == (1, 0)


def test_it_follows_what_changed_during_a_rebuild(index, session, make, queue):
    first, second = make.item("Pump"), make.item("Valve")

    def interfere(count):
        if count == 2:
            session.execute(update(Item).where(Item.id == first.id).values(title="Compressor"))
            queue(first)

    index.rebuild(session, interfere)
    assert found(index, "compressor") == {first.id}
    assert found(index) == {first.id, second.id}
    assert waiting(session) == 0


def test_it_keeps_the_live_index_when_a_rebuild_is_interrupted(built, session, make, queue):
    pump = make.item("Pump")
    queue(pump)
    built.follow(session)

    def stop(count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        built.rebuild(session, stop)
    assert found(built) == {pump.id}


def test_it_waits_no_longer_than_it_was_told_for_another_follower(built, session, make, queue):
    queue(make.item("Pump"))
    with built._alone(patience=None):
        assert built.follow(session, patience=0.1) == 0
    assert built.follow(session) == 1
