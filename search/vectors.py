"""Vectors on disk: one file, which says what each vector was made of and what is still to be made.

The file stands beside the word index and is never needed for an answer: whatever is missing in it
is made again. A document's row holds a digest of the text its vector was made of, so that work is
resumed, and not repeated, whenever a process ends.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import numpy as np

from search.semantic import Floats

_PATIENCE_SECONDS = 15.0
_AT_ONCE = 500
_TABLES = """
CREATE TABLE IF NOT EXISTS vectors (id INTEGER PRIMARY KEY, digest BLOB, vector BLOB) STRICT;
CREATE TABLE IF NOT EXISTS waiting (at INTEGER PRIMARY KEY AUTOINCREMENT, id INTEGER) STRICT;
"""


class VectorStore:
    """The file of vectors: marked by whoever changes the index, filled by one process.

    Every method is one transaction, and raises sqlite3.Error when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        """Name the file; it is made when it is first needed."""
        self._path = path
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None

    def mark(self, ids: Iterable[int]) -> None:
        """Note that these documents have changed, come or gone."""
        with self._open() as file:
            file.executemany("INSERT INTO waiting (id) VALUES (?)", ((one,) for one in ids))

    def waiting(self, limit: int) -> dict[int, int]:
        """Give documents that were marked, the latest first, each with the place of its mark."""
        with self._open() as file:
            rows = file.execute(
                "SELECT id, max(at) FROM waiting GROUP BY id ORDER BY max(at) DESC LIMIT ?",
                (limit,),
            )
            return dict(rows.fetchall())

    def count_waiting(self) -> int:
        """Return how many documents are marked."""
        with self._open() as file:
            return int(file.execute("SELECT count(DISTINCT id) FROM waiting").fetchone()[0])

    def done(self, marks: Mapping[int, int]) -> None:
        """Forget these marks, and older ones of the same documents, but no later ones."""
        with self._open() as file:
            file.executemany("DELETE FROM waiting WHERE id = ? AND at <= ?", marks.items())

    def put(self, rows: Iterable[tuple[int, bytes, Floats]]) -> None:
        """Keep vectors, each with the digest of what it was made of."""
        packed = [(one, digest, np.asarray(row, "<f4").tobytes()) for one, digest, row in rows]
        with self._open() as file:
            file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", packed)

    def delete(self, ids: Iterable[int]) -> None:
        """Forget vectors."""
        with self._open() as file:
            file.executemany("DELETE FROM vectors WHERE id = ?", ((one,) for one in ids))

    def ids(self) -> frozenset[int]:
        """List the documents that have a vector."""
        with self._open() as file:
            return frozenset(one for (one,) in file.execute("SELECT id FROM vectors"))

    def digests(self, ids: Collection[int]) -> dict[int, bytes]:
        """Give the digests of those of these documents that have a vector."""
        with self._open() as file:
            rows = file.execute(
                "SELECT id, digest FROM vectors WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            )
            return dict(rows.fetchall())

    def read(self) -> Iterator[dict[int, Floats]]:
        """Give all vectors, some at a time."""
        last = -(2**63)
        while some := self._read_after(last):
            yield some
            last = max(some)

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _read_after(self, last: int) -> dict[int, Floats]:
        with self._open() as file:
            rows = file.execute(
                "SELECT id, vector FROM vectors WHERE id > ? ORDER BY id LIMIT ?", (last, _AT_ONCE)
            )
            return {one: np.frombuffer(data, "<f4") for one, data in rows}

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to one thread at a time, for one transaction."""
        with self._lock:
            if self._connection is None:
                self._connection = self._connect()
            with self._connection:
                yield self._connection

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        made = sqlite3.connect(self._path, timeout=_PATIENCE_SECONDS, check_same_thread=False)
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("PRAGMA synchronous=NORMAL")
        made.executescript(_TABLES)
        return made
