"""The process that knows the model: it makes vectors of what has changed, and compares them.

It reads the catalogue and writes only its own file. Questions are answered by other threads than
the one that makes vectors, which stands back behind everything else on the machine.
"""

import fcntl
import logging
import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Event

from sqlalchemy.exc import SQLAlchemyError

from app.catalogue.queries import all_item_ids, items_for_index
from app.db import Database
from app.discover.indexing import document_of
from app.discover.meaning import socket_at, vectors_at
from app.errors import Conflict
from app.models import Status
from search.document import Document
from search.semantic import Encoder, Floats, Neighbours, digest, passage
from search.semantic_server import serving
from search.vectors import VectorStore

READ_AT_ONCE = 200
MADE_AT_ONCE = 5
PAUSE_SECONDS = 0.5
PAUSE_AFTER_TROUBLE_SECONDS = 5.0
_STANDING_BACK = 10
log = logging.getLogger(__name__)


class Following:
    """Brings the vectors on disk and in memory up to date with the catalogue."""

    def __init__(
        self, database: Database, vectors: VectorStore, encoder: Encoder, near: Neighbours
    ) -> None:
        """Take what is read, what is written, and who turns texts into vectors."""
        self._database = database
        self._vectors = vectors
        self._encoder = encoder
        self._near = near

    def load(self) -> None:
        """Read the vectors that were made before."""
        for some in self._vectors.read():
            self._near.put(some)

    def look_at_everything(self) -> None:
        """Mark all items, and all that were items: what is up to date costs no more than reading.

        Vectors that were made by another encoder, or while nobody marked changes, are found so.
        """
        with self._database.sessions() as session:
            ids = all_item_ids(session)
        self._vectors.mark(sorted({*ids, *self._vectors.ids()}))

    def step(self, ending: Event) -> int:
        """Bring some of what is marked up to date, the latest first; return how many those were.

        A vector of a text that has changed is forgotten before the new one is made, so that nothing
        is found by what it no longer says. At its end the process stops between two vectors; what
        is missing stays marked.
        """
        marks = self._vectors.waiting(READ_AT_ONCE)
        wanted = {one.id: passage(one) for one in self._documents(list(marks))}
        outdated = self._forget_outdated(marks, wanted)
        missing = [one for one in marks if one in outdated]
        self._vectors.done({one: at for one, at in marks.items() if one not in outdated})
        for at in range(0, len(missing), MADE_AT_ONCE):
            if ending.is_set():
                break
            some = missing[at : at + MADE_AT_ONCE]
            self._make({one: wanted[one] for one in some})
            self._vectors.done({one: marks[one] for one in some})
        if missing:
            log.info("vectors were made; %s items wait", self._vectors.count_waiting())
        return len(marks)

    def _forget_outdated(self, marked: Collection[int], wanted: Mapping[int, str]) -> set[int]:
        """Forget vectors whose text has changed or gone; return whose have to be made."""
        known = self._vectors.digests(marked)
        fresh = {
            one for one, text in wanted.items() if known.get(one) == digest(self._encoder, text)
        }
        gone = known.keys() - fresh
        if gone:
            self._vectors.delete(gone)
            self._near.remove(gone)
        return wanted.keys() - fresh

    def _documents(self, ids: Sequence[int]) -> list[Document]:
        with self._database.sessions() as session:
            items = items_for_index(session, ids)
            return [document_of(item) for item in items if item.status == Status.LIVE.value]

    def _make(self, texts: Mapping[int, str]) -> None:
        rows = self._encoder.encode(list(texts.values()))
        made = dict(zip(texts, rows, strict=True))
        self._vectors.put((one, digest(self._encoder, texts[one]), made[one]) for one in made)
        self._near.put(made)


def run(folder: Path, database: Database, encoder: Encoder, ending: Event) -> None:
    """Answer questions and follow the catalogue until `ending`.

    Raises Conflict when another process does so in this folder, and OSError when the socket cannot
    be made.
    """
    near = Neighbours(encoder.dimensions)
    with _alone(folder):
        vectors = VectorStore(vectors_at(folder))
        following = Following(database, vectors, encoder, near)
        following.load()
        with serving(socket_at(folder), answers(encoder, near)):
            os.nice(_STANDING_BACK)  # on Linux this thread alone, and not those that answer
            _follow(following, ending)
        vectors.close()


def answers(encoder: Encoder, near: Neighbours) -> Callable[[str], Mapping[int, float]]:
    """Return what answers a text with the most similar items; vectors of texts are kept a while."""

    @lru_cache(maxsize=1000)
    def vector(text: str) -> Floats:
        return encoder.encode([text])[0]

    return lambda text: near.nearest(vector(text)) if len(near) else {}


def _follow(following: Following, ending: Event) -> None:
    """Look at everything once and at changes ever after; trouble with a database is waited out."""
    looked = False
    while not ending.is_set():
        try:
            if not looked:
                following.look_at_everything()
                looked = True
            if not following.step(ending):
                ending.wait(PAUSE_SECONDS)
        except (SQLAlchemyError, sqlite3.Error):
            log.exception("vectors could not be brought up to date")
            ending.wait(PAUSE_AFTER_TROUBLE_SECONDS)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("Another process finds by meaning here already.") from None
        yield
