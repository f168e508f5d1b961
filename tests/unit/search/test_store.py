"""The index on disk: swaps, crashes, other processes, and what is missing or torn."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from search.document import Request
from search.engines import tantivy_files
from search.errors import IndexBusy, IndexMissing
from search.query import parse
from search.store import LOCK, POINTER, IndexStore
from tests.unit.search.samples import EVERYONE, document

ROOT = Path(__file__).parents[3]
WRITER = """
import sys
from pathlib import Path
from search.store import IndexStore
from tests.unit.search.samples import document

store = IndexStore(Path(sys.argv[1]), sys.argv[2])
for number in range(100, 100 + int(sys.argv[3])):
    store.write([document(number, f"audit {number}")], delete=[number - 100])
    print(number, flush=True)
"""
REBUILDER = """
import sys
from pathlib import Path
from search.store import IndexStore
from tests.unit.search.samples import document

def forever():
    for number in range(10**9):
        if number == 200:
            print("half way", flush=True)
        yield document(number, f"audit {number}")

IndexStore(Path(sys.argv[1]), sys.argv[2]).rebuild(forever())
"""
ALL = Request(parse(""), EVERYONE)


def documents(count, first=1):
    """Make some documents."""
    return [document(number, f"audit {number}") for number in range(first, first + count)]


def start(script, *arguments):
    """Run a script in another process of its own."""
    command = [sys.executable, "-W", "ignore", "-c", script, *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}
    )


def kill(process):
    """End a process without giving it time to tidy up."""
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate()
    return rest


def damage(folder, kind):
    """Overwrite the greater part of an index's file in place; its length stays."""
    path = next(folder.glob(f"generation-*/*.{kind}"))
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 8)
        file.write(b"\xff" * (size // 2))
    os.utime(path, ns=(1, 1))


class TestDamage:
    @pytest.fixture
    def store(self, tmp_path):
        """Return an index of the engine whose files carry checksums."""
        with IndexStore(tmp_path / "index", "tantivy") as opened:
            opened.rebuild(documents(200))
            yield opened

    @pytest.mark.parametrize("kind", ["fast", "term", "idx", "pos", "store", "fieldnorm"])
    def test_it_says_that_a_damaged_index_is_missing(self, store, tmp_path, kind):
        damage(tmp_path / "index", kind)
        for ask in (store.count, store.check, lambda: store.suggest("au", EVERYONE)):
            with pytest.raises(IndexMissing, match="is damaged"):
                ask()

    @pytest.mark.parametrize("kind", ["fast", "term", "idx", "pos", "store", "fieldnorm"])
    def test_it_finds_damage_under_an_open_index_when_it_checks(self, store, tmp_path, kind):
        store.check()
        damage(tmp_path / "index", kind)
        with pytest.raises(IndexMissing, match="is damaged"):
            store.check()

    def test_it_writes_nothing_to_a_damaged_index(self, store, tmp_path):
        store.check()
        before = sorted((tmp_path / "index" / "generation-1").iterdir())
        damage(tmp_path / "index", "term")
        with pytest.raises(IndexMissing):
            store.write(documents(1))
        assert sorted((tmp_path / "index" / "generation-1").iterdir()) == before

    def test_it_survives_a_panic_of_the_engine(self, store, tmp_path):
        store.check()
        damage(tmp_path / "index", "idx")
        with pytest.raises(IndexMissing, match="PanicException"):
            store.search(Request(parse("audit"), EVERYONE))
        assert store.rebuild(documents(3)) == 3
        assert store.search(ALL).total == 3

    def test_it_reads_no_file_twice_that_has_not_changed(self, store):
        store.check()
        before = tantivy_files._is_whole.cache_info().misses
        store.check()
        assert tantivy_files._is_whole.cache_info().misses == before

    def test_it_lets_an_interruption_pass(self, store):
        def interrupted(reader):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            store._ask(interrupted)


class TestMissing:
    def test_it_says_that_there_is_no_index_yet(self, store):
        with pytest.raises(IndexMissing, match="has not been built"):
            store.search(ALL)
        assert store.generation == 0

    @pytest.mark.parametrize("question", ["count", "ids"])
    def test_it_says_so_to_every_question(self, store, question):
        with pytest.raises(IndexMissing):
            getattr(store, question)()

    def test_it_writes_no_changes_to_an_index_that_is_not_there(self, store):
        with pytest.raises(IndexMissing):
            store.write([document(1)])

    @pytest.mark.parametrize(
        "torn", ["", "{", "[]", '{"generation": "x"}', '{"generation": 99}', '"text"', "\0"]
    )
    def test_it_survives_a_torn_pointer(self, store, tmp_path, torn):
        store.rebuild(documents(1))
        (tmp_path / "index" / POINTER).write_text(torn)
        with pytest.raises(IndexMissing):
            store.search(ALL)

    def test_it_refuses_an_index_of_an_older_layout(self, store, tmp_path):
        store.rebuild(documents(1))
        pointer = tmp_path / "index" / POINTER
        pointer.write_text(json.dumps({**json.loads(pointer.read_text()), "layout": -1}))
        with pytest.raises(IndexMissing, match="another version"):
            store.search(ALL)

    def test_it_refuses_an_index_of_another_engine(self, tmp_path):
        IndexStore(tmp_path, "tantivy").rebuild(documents(1))
        with pytest.raises(IndexMissing, match="engine"):
            IndexStore(tmp_path, "whoosh").search(ALL)

    # Whoosh leaves the torn file open
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    def test_it_survives_torn_files(self, store, tmp_path):
        store.rebuild(documents(3))
        store.close()
        for path in (tmp_path / "index" / "generation-1").iterdir():
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
        with pytest.raises(IndexMissing):
            store.search(ALL)
        with pytest.raises(IndexMissing):
            store.write(documents(1))

    def test_it_is_mended_by_a_rebuild(self, store, tmp_path):
        store.rebuild(documents(3))
        (tmp_path / "index" / POINTER).write_text("torn")
        assert store.rebuild(documents(2)) == 2
        assert store.search(ALL).total == 2

    def test_it_knows_no_other_engine(self, tmp_path):
        with pytest.raises(KeyError):
            IndexStore(tmp_path, "grep")


class TestRebuild:
    def test_it_replaces_everything(self, store):
        store.rebuild(documents(3))
        store.rebuild(documents(2, first=10))
        assert (store.ids(), store.generation) == ({10, 11}, 2)

    def test_it_may_be_empty(self, store):
        assert store.rebuild([]) == 0
        assert store.search(ALL).total == 0

    def test_it_takes_changes_after_being_built_empty(self, store):
        store.rebuild([])
        store.write(documents(2))
        assert store.ids() == {1, 2}

    def test_it_tells_how_far_it_is(self, store):
        told = []
        store.rebuild(documents(3), told.append)
        assert told == [1, 2, 3]

    def test_it_keeps_the_old_index_when_it_fails(self, store):
        store.rebuild(documents(3))
        with pytest.raises(ZeroDivisionError):
            store.rebuild(document(1 // number) for number in (1, 0))
        assert (store.generation, store.search(ALL).total) == (1, 3)

    def test_it_keeps_no_more_than_the_last_two_generations(self, store, tmp_path):
        for _ in range(4):
            store.rebuild(documents(1))
        found = sorted(path.name for path in (tmp_path / "index").glob("generation-*"))
        assert found == ["generation-3", "generation-4"]

    def test_it_answers_wholly_all_the_while(self, store, tmp_path, engine):
        store.rebuild(documents(20))
        totals, failures, done = set(), [], threading.Event()

        def read():
            with IndexStore(tmp_path / "index", engine) as reader:
                while not done.is_set():
                    try:
                        totals.add(reader.search(ALL).total)
                    except Exception as error:
                        failures.append(error)

        thread = threading.Thread(target=read)
        thread.start()
        for count in (50, 20, 50):
            store.rebuild(documents(count))
        done.set()
        thread.join()
        assert not failures
        assert totals <= {20, 50}

    def test_it_loses_nothing_when_killed_half_way(self, store, tmp_path, engine):
        store.rebuild(documents(3))
        process = start(REBUILDER, tmp_path / "index", engine)
        assert process.stdout.readline() == "half way\n"
        kill(process)
        assert store.search(ALL).total == 3
        store.write(documents(1, first=50))
        assert store.rebuild(documents(2)) == 2
        assert store.ids() == {1, 2}


class TestOtherProcesses:
    def test_it_sees_what_another_process_commits(self, store, tmp_path, engine):
        store.rebuild(documents(3))
        assert store.count() == 3
        process = start(WRITER, tmp_path / "index", engine, 2)
        process.communicate()
        assert process.returncode == 0
        assert store.ids() == {2, 3, 100, 101}

    def test_it_sees_what_another_store_swaps_in(self, store, tmp_path, engine):
        store.rebuild(documents(3))
        assert store.count() == 3
        IndexStore(tmp_path / "index", engine).rebuild(documents(5))
        assert store.count() == 5

    def test_it_writes_where_a_killed_writer_has_begun_the_very_same(self, tmp_path):
        with IndexStore(tmp_path / "one") as one, IndexStore(tmp_path / "two") as two:
            one.rebuild(documents(30))
            shutil.copytree(tmp_path / "one", tmp_path / "two")
            one.write(delete=[3, 4])
            [begun] = (tmp_path / "one" / "generation-1").glob("*.del")
            shutil.copy(begun, tmp_path / "two" / "generation-1")
            two.write(delete=[5, 6])
            assert two.ids() == set(range(1, 31)) - {5, 6}

    @pytest.mark.parametrize("seconds", [0.0, 0.05, 0.2])
    def test_it_loses_no_acknowledged_batch_when_the_writer_is_killed(
        self, store, tmp_path, engine, seconds
    ):
        store.rebuild(documents(3, first=1000))
        process = start(WRITER, tmp_path / "index", engine, 10_000)
        acknowledged = [int(process.stdout.readline())]
        time.sleep(seconds)
        acknowledged += [int(line) for line in kill(process).split()]
        assert set(acknowledged) <= store.ids()
        store.write([document(7)])
        assert {7, *acknowledged} <= store.ids()

    def test_it_lets_one_write_at_a_time(self, store, tmp_path, engine):
        store.rebuild(documents(1))
        processes = [start(WRITER, tmp_path / "index", engine, 3) for _ in range(2)]
        for process in processes:
            process.communicate()
        assert [process.returncode for process in processes] == [0, 0]
        assert {100, 101, 102} <= store.ids()

    def test_it_gives_up_when_another_writes_for_too_long(self, store):
        def slow():
            with pytest.raises(IndexBusy):
                store.write([document(1)], wait=0.05)
            yield document(2)

        store.rebuild(documents(1))
        store.rebuild(slow())
        assert store.ids() == {2}

    def test_it_serves_many_threads_from_one_store(self, store):
        store.rebuild(documents(30))
        found = []

        def read():
            found.extend(store.search(Request(parse("audit 7"), EVERYONE)).total for _ in range(20))

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [found[0]] * 80

    def test_it_leaves_the_lock_file_to_the_next_writer(self, store, tmp_path):
        store.rebuild(documents(1))
        assert (tmp_path / "index" / LOCK).exists()
        store.write(documents(2))
        assert store.count() == 2
