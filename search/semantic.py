"""Finds texts by what they are about: vectors, whose cosine says how similar two texts are.

Nothing here knows a model: an `Encoder` turns texts into vectors, which are kept on disk by
`search.vectors` and compared here, all at once, in memory. What is similar is only a hint for the
search, which decides what a reader may see.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from threading import Lock
from typing import Protocol

import numpy as np
import numpy.typing as npt

from search.document import Document
from search.query import Or, Phrase, Query, Word

Floats = npt.NDArray[np.float32]
NEAREST = 200  # so many of the most similar documents take part in a search
_ROOM = 1024


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """What tells its vectors from those of any other encoder."""

    @property
    def dimensions(self) -> int:
        """The length of its vectors."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Give one row for each text, of length 1."""


def passage(document: Document) -> str:
    """Give the text that a document is compared by: title, skills, body."""
    parts = (document.title, ", ".join(document.skill_names), document.body)
    return "\n".join(part for part in parts if part)


def digest(encoder: Encoder, text: str) -> bytes:
    """Give what changes whenever the vector of a text would."""
    return hashlib.sha256(f"{encoder.name}\n{text}".encode()).digest()


def question(query: Query) -> str:
    """Give the words of a query that say what is looked for, without fields and exclusions."""
    parts = (part.parts if isinstance(part, Or) else (part,) for part in query.wanted)
    leaves = chain.from_iterable(parts)
    return " ".join(leaf.text for leaf in leaves if isinstance(leaf, Word | Phrase))


class Neighbours:
    """Vectors in memory by document: changed by one thread, asked by any number of them."""

    def __init__(self, dimensions: int) -> None:
        """Begin without any."""
        self._lock = Lock()
        self._rows = np.zeros((_ROOM, dimensions), np.float32)
        self._ids: list[int] = []
        self._places: dict[int, int] = {}

    def __len__(self) -> int:
        """Return how many documents there are."""
        return len(self._ids)

    def put(self, vectors: Mapping[int, Floats]) -> None:
        """Add or replace vectors, which have length 1."""
        with self._lock:
            for found, vector in vectors.items():
                place = self._places.setdefault(found, len(self._ids))
                if place == len(self._ids):
                    self._ids.append(found)
                if place == len(self._rows):
                    self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
                self._rows[place] = vector

    def remove(self, ids: Iterable[int]) -> None:
        """Forget documents; the last one moves to where one was."""
        with self._lock:
            for gone in ids:
                place = self._places.pop(gone, None)
                if place is not None:
                    last = self._ids.pop()
                    if last != gone:
                        self._ids[place], self._places[last] = last, place
                        self._rows[place] = self._rows[len(self._ids)]

    def nearest(self, vector: Floats, number: int = NEAREST) -> dict[int, float]:
        """Give the most similar documents with their cosine, best first."""
        with self._lock:
            scores = self._rows[: len(self._ids)] @ vector
            if number < len(scores):
                places = np.argpartition(-scores, number)[:number]
            else:
                places = np.arange(len(scores))
            found = [(float(scores[place]), self._ids[place]) for place in places]
        return {one: score for score, one in sorted(found, key=lambda pair: (-pair[0], pair[1]))}
