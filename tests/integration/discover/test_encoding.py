"""Vectors that follow the catalogue, and the process that makes and compares them."""

import threading
import time

import pytest
from sqlalchemy import update

from app.catalogue.service import queue_for_index
from app.discover import encoding
from app.discover.encoding import Following, answers, run
from app.discover.indexing import SearchIndex
from app.discover.meaning import Meaning, socket_at, vectors_at
from app.errors import Conflict
from app.models import Item
from search.document import Request
from search.query import parse
from search.semantic import Neighbours
from search.vectors import VectorStore
from tests.support.encoder import WordEncoder
from tests.support.factories import NOW, Factory

EVERYONE = frozenset({"everyone"})
NEVER = threading.Event()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "semantic"


@pytest.fixture
def session(sqlite):
    with sqlite.sessions() as session:
        yield session


@pytest.fixture
def make(session):
    return Factory(session)


@pytest.fixture
def index(tmp_path, folder, session):
    """Return an index that finds by meaning too, built while the catalogue was empty."""
    index = SearchIndex(tmp_path / "index", "tantivy", folder)
    index.rebuild(session, lambda _done: None)
    session.commit()
    yield index
    index.close()


@pytest.fixture
def encoder():
    return WordEncoder()


@pytest.fixture
def near():
    return Neighbours(WordEncoder.dimensions)


@pytest.fixture
def vectors(folder):
    kept = VectorStore(vectors_at(folder))
    yield kept
    kept.close()


@pytest.fixture
def following(sqlite, vectors, encoder, near):
    return Following(sqlite, vectors, encoder, near)


def follow(index, session, *items):
    queue_for_index(session, [item.id for item in items], now=NOW)
    index.follow(session)
    session.commit()


def change(session, item, **values):
    """Change an item that the session has let go of, as following an index does."""
    session.execute(update(Item).where(Item.id == item.id).values(**values))


def similar(near, encoder, text):
    return list(answers(encoder, near)(text))


def test_what_the_index_has_followed_gets_a_vector(index, session, make, following, near, encoder):
    seal = make.item("Changing a seal")
    follow(index, session, seal)
    assert following.step(NEVER) == 1
    assert similar(near, encoder, "gasket") == [seal.id]
    assert following.step(NEVER) == 0


def test_a_text_is_turned_into_a_vector_once(index, session, make, following, encoder):
    item = make.item("Pump", summary="How it works")
    follow(index, session, item)
    following.step(NEVER)
    change(session, item, minutes=7)
    follow(index, session, item)
    following.step(NEVER)
    index.rebuild(session, lambda _done: None)
    assert following.step(NEVER) == 1
    assert encoder.encoded == ["Pump\nHow it works"]


def test_a_changed_text_is_forgotten_and_made_again(index, session, make, following, near, encoder):
    item = make.item("seal")
    follow(index, session, item)
    following.step(NEVER)
    change(session, item, title="budget")
    follow(index, session, item)
    ended = threading.Event()
    ended.set()
    following.step(ended)
    assert len(near) == 0
    following.step(NEVER)
    assert answers(encoder, near)("budget")[item.id] == pytest.approx(1, abs=0.01)
    assert answers(encoder, near)("gasket")[item.id] < 0.2


def test_an_item_that_has_gone_takes_its_vector_along(
    index, session, make, following, near, vectors
):
    item = make.item("seal")
    follow(index, session, item)
    following.step(NEVER)
    change(session, item, status="retired")
    follow(index, session, item)
    following.step(NEVER)
    assert (len(near), vectors.ids()) == (0, frozenset())


def test_an_interrupted_step_is_gone_on_with(index, session, make, following, encoder, monkeypatch):
    monkeypatch.setattr(encoding, "MADE_AT_ONCE", 1)
    follow(index, session, *[make.item(f"Pump {number}") for number in range(3)])
    ending = threading.Event()
    encode = encoder.encode
    encoder.encode = lambda texts: ending.set() or encode(texts)
    following.step(ending)
    assert len(encoder.encoded) == 1
    encoder.encode = encode
    following.step(NEVER)
    assert sorted(encoder.encoded) == ["Pump 0", "Pump 1", "Pump 2"]


def test_a_new_process_reads_what_was_made_and_finds_what_was_missed(
    index, session, make, following, vectors, sqlite
):
    kept, gone = make.item("seal"), make.item("valve")
    follow(index, session, kept, gone)
    following.step(NEVER)
    change(session, gone, status="retired")
    missed = make.item("budget")
    session.commit()  # nobody marked this
    newer, near = WordEncoder(), Neighbours(WordEncoder.dimensions)
    again = Following(sqlite, vectors, newer, near)
    again.load()
    again.look_at_everything()
    again.step(NEVER)
    assert newer.encoded == ["budget"]
    assert set(near.nearest(newer.encode(["budget"])[0])) == {kept.id, missed.id}


def test_another_encoder_makes_all_vectors_anew(index, session, make, following, vectors, sqlite):
    follow(index, session, make.item("seal"))
    following.step(NEVER)
    newer = WordEncoder()
    newer.name = "newer words"
    again = Following(sqlite, vectors, newer, Neighbours(newer.dimensions))
    again.look_at_everything()
    again.step(NEVER)
    assert newer.encoded == ["seal"]


def test_an_index_that_does_not_find_by_meaning_marks_nothing(tmp_path, session, make, folder):
    index = SearchIndex(tmp_path / "plain", "tantivy")
    index.rebuild(session, lambda _done: None)
    follow(index, session, make.item("seal"))
    assert index.similar(parse("gasket")) == {}
    assert not folder.exists()


def test_a_damaged_file_of_vectors_keeps_no_change_from_being_found(
    index, session, make, folder, caplog
):
    index.close()
    for path in folder.glob("vectors.db*"):
        path.write_bytes(b"no database" * 500)
    item = make.item("seal")
    follow(index, session, item)
    assert [hit.id for hit in index.search(Request(parse("seal"), EVERYONE)).hits] == [item.id]
    assert "outdated" in caplog.text


def test_without_the_process_words_alone_are_searched(index, session, make):
    follow(index, session, make.item("seal"))
    assert index.similar(parse("gasket")) == {}


@pytest.fixture
def process(folder, sqlite, encoder, index):
    """Run what `foyer semantic` runs, with a small encoder, in a thread."""
    ending = threading.Event()
    thread = threading.Thread(target=run, args=(folder, sqlite, encoder, ending))
    thread.start()
    assert wait_for(socket_at(folder).exists)
    yield thread
    ending.set()
    thread.join(10)
    assert not thread.is_alive()


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.fixture
def _standing_where_they_are(monkeypatch):
    """Leave the priority of the tests' own process as it is."""
    monkeypatch.setattr(encoding.os, "nice", lambda _by: 0)


@pytest.mark.usefixtures("_standing_where_they_are")
def test_the_process_makes_a_change_findable_by_meaning(process, folder, index, session, make):
    item = make.item("Changing a seal")
    follow(index, session, item)
    assert wait_for(lambda: item.id in Meaning(folder).similar(parse("gasket")))


@pytest.mark.usefixtures("_standing_where_they_are")
def test_two_processes_do_not_work_in_one_folder(process, folder, sqlite, encoder):
    with pytest.raises(Conflict):
        run(folder, sqlite, encoder, NEVER)
    assert socket_at(folder).exists()
