"""What the search index knows of meaning: which vectors are outdated, and what is similar.

The vectors themselves are made and compared in a process of their own (`app.discover.encoding`);
nothing here waits for it, and nothing here can make searching or indexing fail.
"""

import logging
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from search.query import Query
from search.semantic import question
from search.semantic_client import SemanticClient
from search.vectors import VectorStore

log = logging.getLogger(__name__)


def vectors_at(folder: Path) -> Path:
    """Return the file of the vectors."""
    return folder / "vectors.db"


def socket_at(folder: Path) -> Path:
    """Return the socket of the process that compares them."""
    return folder / "socket"


class Meaning:
    """The side of whoever searches and indexes."""

    def __init__(self, folder: Path) -> None:
        """Use the vectors in this folder; nothing is opened yet."""
        self._vectors = VectorStore(vectors_at(folder))
        self._client = SemanticClient(socket_at(folder))

    def similar(self, query: Query) -> Mapping[int, float]:
        """Return what is most about the words of a query; nothing if that is not known in time."""
        return self._client.similar(question(query))

    def outdated(self, ids: Iterable[int]) -> None:
        """Note that these items have changed, come or gone.

        Whatever is missed here is found when the process starts.
        """
        try:
            self._vectors.mark(ids)
        except sqlite3.Error:
            log.exception("it could not be noted which vectors are outdated")

    def close(self) -> None:
        """Let the file go."""
        self._vectors.close()
