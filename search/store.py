"""The index on disk: generations, of which a small pointer file names the live one.

    index/
      current.json        {"generation": 7, "engine": "tantivy", "layout": 1}
      writer.lock         held by whoever writes; the system lets go when that process dies
      generation-7/       the engine's own files
      generation-6/       the one before, kept for readers that have not moved yet

A batch is one durable commit inside the live generation. A rebuild writes a new generation beside
it and then replaces the pointer, so that a reader sees the old index whole or the new one whole. A
process killed at any moment loses nothing that was acknowledged; what it left half done is cleared
away by the next rebuild.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Self, TypeVar

from search import fuse
from search.document import Document, Hit, Request, Results, Suggestion
from search.engine import search
from search.engines import ENGINES
from search.errors import IndexBusy, IndexMissing
from search.query import parse
from search.reader import Reader
from search.suggest import suggest

POINTER = "current.json"
LOCK = "writer.lock"
_ATTEMPTS = 5
_PAUSE_SECONDS = 0.02
_ENDS = (IndexMissing, KeyboardInterrupt, SystemExit, GeneratorExit)
_ANYTHING = Request(parse(""), frozenset({"everyone"}), limit=1)
Answer = TypeVar("Answer")


def _no_progress(count: int) -> None:
    """Tell nobody."""


class IndexStore:
    """An index in a folder, used by many readers and one writer at a time, in any process.

    Opening never fails; everything that needs an index raises `IndexMissing` when there is none,
    when it is torn, or when another engine or an older layout wrote it.
    """

    def __init__(self, path: Path, engine: str = "tantivy") -> None:
        """Name the folder and the engine; raises KeyError for an engine that nobody knows."""
        self._path = Path(path)
        self._engine = ENGINES[engine]
        self._lock = Lock()
        self._reader: Reader | None = None
        self._serving = 0
        self._pointer: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        """Use the store for a while."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @property
    def generation(self) -> int:
        """The number of the live generation, 0 when there is none."""
        try:
            return self._live()
        except IndexMissing:
            return 0

    def search(self, request: Request) -> Results:
        """Answer a request from the last commit. Raises IndexMissing."""
        return self._ask(lambda reader: search(reader, request))

    def suggest(
        self, prefix: str, audience: frozenset[str], limit: int = 8
    ) -> tuple[Suggestion, ...]:
        """Complete what is being typed: see `search.suggest`. Raises IndexMissing."""
        return self._ask(lambda reader: suggest(reader, prefix, audience, limit))

    def score(self, request: Request, documents: Iterable[Document]) -> list[Hit]:
        """Score documents as if the index held them: see `search.fuse`. Raises IndexMissing."""
        return self._ask(lambda reader: fuse.score(reader, request, documents))

    def check(self) -> None:
        """Make sure, quickly, that questions can be answered. Raises IndexMissing when not."""
        self._ask(_check)

    def count(self) -> int:
        """Count all documents, whoever may see them. Raises IndexMissing."""
        return self._ask(lambda reader: reader.size)

    def ids(self) -> frozenset[int]:
        """List the ids of all documents. Raises IndexMissing."""
        return self._ask(lambda reader: reader.ids())

    def write(
        self, put: Iterable[Document] = (), delete: Iterable[int] = (), wait: float = 30.0
    ) -> None:
        """Replace, add and delete documents in one durable batch.

        Waits up to `wait` seconds for another writer. Raises IndexBusy and IndexMissing; then
        nothing of the batch was written.
        """
        batch, gone = {document.id: document for document in put}, sorted(set(delete))
        with self._writing(wait):
            self._ask(lambda reader: reader.check_files())  # before anything is written to it
            with _damage_told(Exception):  # which has other reasons: a full disk, an odd document
                self._engine.write(self._folder(self._live()), batch.values(), gone)

    def rebuild(
        self,
        documents: Iterable[Document],
        progress: Callable[[int], None] = _no_progress,
        wait: float = 30.0,
    ) -> int:
        """Build a new generation beside the live one, swap it in, and say how many it holds.

        Calls `progress` with the number of documents so far. Whatever is raised on the way, also
        by `documents`, leaves the live generation as it is. Raises IndexBusy.
        """
        with self._writing(wait):
            previous = self.generation
            number = max([previous, *self._generations()]) + 1
            folder = self._folder(number)
            folder.mkdir(parents=True)
            try:
                count = self._engine.create(folder, _counted(documents, progress))
                _sync(folder)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            self._point_at(number)
            self._sweep(keep={number, previous})
        return count

    def close(self) -> None:
        """Let go of the files; the next question opens them again."""
        with self._lock:
            self._drop()

    def _ask(self, question: Callable[[Reader], Answer]) -> Answer:
        """Ask the last commit; a reader that fails at a question is not asked another."""
        reader = self._opened()
        try:
            with _damage_told():
                return question(reader)
        except IndexMissing:
            self.close()
            raise

    def _opened(self) -> Reader:
        """Give the last commit; a swap or commit in the middle of opening is tried again."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._fresh()
            except _ENDS:
                raise
            except BaseException:
                time.sleep(_PAUSE_SECONDS)
        with _damage_told():
            return self._fresh()

    def _fresh(self) -> Reader:
        with self._lock:
            stamp = self._stamp()
            if self._reader is None or stamp != self._pointer:
                self._drop()
                self._serving = self._live()
                self._pointer = stamp
                self._reader = self._engine.open(self._folder(self._serving))
            elif self._reader.is_stale():
                self._reader = self._engine.open(self._folder(self._serving))
            return self._reader

    def _drop(self) -> None:
        """Forget the reader; threads that still use it keep it alive until they are done."""
        self._reader = None
        self._pointer = None

    def _stamp(self) -> tuple[int, int]:
        try:
            state = (self._path / POINTER).stat()
        except FileNotFoundError as error:
            raise IndexMissing("the index has not been built yet") from error
        return state.st_mtime_ns, state.st_ino

    def _live(self) -> int:
        """Read the pointer. Raises IndexMissing when it is not for this engine and layout."""
        try:
            pointer = json.loads((self._path / POINTER).read_text("utf-8"))
            number = int(pointer["generation"])
        except FileNotFoundError as error:
            raise IndexMissing("the index has not been built yet") from error
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise IndexMissing(f"the index has no readable pointer: {error}") from error
        if pointer.get("engine") != self._engine.name:
            raise IndexMissing(f"the index was written by the engine {pointer.get('engine')}")
        if pointer.get("layout") != self._engine.layout:
            raise IndexMissing("the index was written by another version of Foyer")
        if not self._folder(number).is_dir():
            raise IndexMissing("the index's files are gone")
        return number

    def _point_at(self, number: int) -> None:
        pointer = {
            "generation": number,
            "engine": self._engine.name,
            "layout": self._engine.layout,
        }
        beside = self._path / f"{POINTER}.new"
        with beside.open("w", encoding="utf-8") as file:
            json.dump(pointer, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path / POINTER)
        _sync_folder(self._path)

    def _folder(self, number: int) -> Path:
        return self._path / f"generation-{number}"

    def _generations(self) -> list[int]:
        found = (path.name.partition("-")[2] for path in self._path.glob("generation-*"))
        return [int(number) for number in found if number.isdecimal()]

    def _sweep(self, keep: set[int]) -> None:
        for number in set(self._generations()) - keep:
            shutil.rmtree(self._folder(number), ignore_errors=True)

    @contextmanager
    def _writing(self, wait: float) -> Iterator[None]:
        """Hold the writer's lock; the system releases it even if the process is killed."""
        self._path.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + wait
        with (self._path / LOCK).open("a") as file:
            while not _try_lock(file.fileno()):
                if time.monotonic() >= deadline:
                    raise IndexBusy(f"another process has been writing for {wait:g} seconds")
                time.sleep(_PAUSE_SECONDS)
            yield


def _check(reader: Reader) -> None:
    reader.check_files()
    search(reader, _ANYTHING)


@contextmanager
def _damage_told(*others: type[BaseException]) -> Iterator[None]:
    """Raise IndexMissing for whatever goes wrong but `others`.

    An engine that comes upon damage may panic, which is no `Exception` and would end the process.
    """
    passing: tuple[type[BaseException], ...] = (*_ENDS, *others)
    try:
        yield
    except passing:
        raise
    except BaseException as error:
        name = type(error).__name__
        raise IndexMissing(f"the index cannot be read: {error} ({name})") from error


def _counted(documents: Iterable[Document], progress: Callable[[int], None]) -> Iterator[Document]:
    for number, document in enumerate(documents, start=1):
        yield document
        progress(number)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync(folder: Path) -> None:
    """Bring a generation's files to the disk before anybody is pointed at them."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    _sync_folder(folder)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
