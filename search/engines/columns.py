"""The columns of a Whoosh segment as arrays, read once and shared by all later states.

Whoosh groups facets one document at a time, which takes a second where numpy takes milliseconds.
Segments never change once written (only the set of deleted documents does), so their arrays are
kept as long as any reader uses them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt
from whoosh.reading import IndexReader, TermNotFound

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Postings = tuple[Numbers, Floats]

_POSTINGS_KEPT = 512
NOTHING: Postings = (np.empty(0, np.int64), np.empty(0, np.float64))
_known: WeakValueDictionary[tuple[str, str], "Segment"] = WeakValueDictionary()
READING = RLock()  # Whoosh's readers share a file position


class Segment:
    """One segment's postings and columns; documents are numbered from 0."""

    def __init__(self, reader: IndexReader) -> None:
        """Keep the reader; arrays are read when they are first asked for."""
        self._reader = reader
        self.size = int(reader.doc_count_all())
        self._postings: dict[tuple[str, str], Postings] = {}
        self._columns: dict[str, npt.NDArray[Any]] = {}
        self._values: dict[str, Mapping[str, Numbers]] = {}

    def postings(self, field: str, term: str) -> Postings:
        """Give the documents that hold a term, and how often; the last terms are kept."""
        found = self._postings.get((field, term))
        if found is None:
            if len(self._postings) >= _POSTINGS_KEPT:
                self._postings.clear()
            found = self._postings[field, term] = self._read_postings(field, term)
        return found

    def column(self, field: str) -> npt.NDArray[Any]:
        """Give a column of numbers."""
        if field not in self._columns:
            self._columns[field] = self._read_column(field)
        return self._columns[field]

    def values(self, field: str) -> Mapping[str, Numbers]:
        """Give the documents that have each value of a facet."""
        if field not in self._values:
            self._values[field] = self._read_values(field)
        return self._values[field]

    def keys(self, field: str) -> list[str]:
        """List a text column's values in the order of the documents."""
        with READING:
            column = self._reader.column_reader(field)
            return [bytes(column[row]).decode("utf-8") for row in range(self.size)]

    def key(self, field: str, row: int) -> str:
        """Give one document's value of a text column."""
        with READING:
            return bytes(self._reader.column_reader(field)[row]).decode("utf-8")

    def _read_postings(self, field: str, term: str) -> Postings:
        with READING:
            try:
                matcher = self._reader.postings(field, term)
            except TermNotFound:
                return NOTHING
            found: list[tuple[int, float]] = []
            while matcher.is_active():
                found.append((matcher.id(), matcher.weight()))
                matcher.next()
        rows, weights = zip(*found, strict=True) if found else ((), ())
        return np.array(rows, np.int64), np.array(weights, np.float64)

    def _read_column(self, field: str) -> npt.NDArray[Any]:
        with READING:
            column = self._reader.column_reader(field)
            return np.array([column[row] for row in range(self.size)])

    def _read_values(self, field: str) -> Mapping[str, Numbers]:
        with READING:
            names = [name.decode("utf-8") for name in self._reader.lexicon(field)]
            return {
                name: np.fromiter(self._reader.postings(field, name).all_ids(), np.int64)
                for name in names
            }


def segment(folder: str, reader: IndexReader) -> Segment:
    """Give the arrays of a reader's segment, those already read if somebody still holds them."""
    if reader.segment() is None:  # an index without documents has a reader without a segment
        return Segment(reader)
    key = (folder, str(reader.segment().segment_id()))
    found = _known.get(key)
    if found is None:
        found = Segment(reader)
        _known[key] = found
    return found


@dataclass(frozen=True)
class Values:
    """A facet over all segments: which documents have which of its values."""

    rows: Mapping[str, Numbers]

    @cached_property
    def flat(self) -> tuple[list[str], Numbers, Numbers]:
        """The values, and a (document, value) pair of numbers for each time one occurs."""
        names = list(self.rows)
        rows = [self.rows[name] for name in names]
        codes = np.repeat(np.arange(len(names)), [len(found) for found in rows])
        return names, np.concatenate(rows) if rows else NOTHING[0], codes

    def having(self, names: Iterable[str], size: int) -> Mask:
        """Mark the documents that have one of these values."""
        mask = np.zeros(size, np.bool_)
        for name in names:
            if name in self.rows:
                mask[self.rows[name]] = True
        return mask

    def count(self, mask: Mask) -> dict[str, int]:
        """Count the marked documents of each value; values without any are left out."""
        names, rows, codes = self.flat
        counts = np.bincount(codes[mask[rows]], minlength=len(names))
        return {names[code]: int(counts[code]) for code in np.flatnonzero(counts)}
