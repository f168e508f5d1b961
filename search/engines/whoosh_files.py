"""Whoosh's files: the schema, how a document is spelt in it, and commits that last.

Whoosh itself leaves three things to chance that are settled here: files reach the disk, a failed
commit lets go of the lock, and no two segments get the same name.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from whoosh import columns as kinds
from whoosh import fields, index
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.codec.base import Segment
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import Storage
from whoosh.writing import IndexWriter

from search import entry as entries
from search.completion import COMPLETES
from search.document import FACETS, Document
from search.entry import AUDIENCE, NUMBERS, RANGED, SKILL_KEY, TITLE
from search.plan import STARTS
from search.spelling import VOCABULARY

_MEMORY_MB = 128
_COLUMNS = ("id", *NUMBERS, *RANGED, "text_length", "starts_length")
UNKNOWN = -1  # what a column holds where a number is not known


class _Codec(W3Codec):  # type: ignore[misc]  # Whoosh says nothing about its types
    """Names segments so that no two are ever called the same, however `random` was seeded."""

    def new_segment(self, storage: Storage, indexname: str) -> Segment:
        """Begin a segment."""
        segment = super().new_segment(storage, indexname)
        segment.segid = token_hex(8)
        return segment


@contextmanager
def writing(opened: index.Index) -> Iterator[IndexWriter]:
    """Commit at the end; whatever goes wrong, also in the commit, lets go of Whoosh's lock."""
    writer = opened.writer(limitmb=_MEMORY_MB, codec=_Codec())
    try:
        yield writer
        writer.commit()
    except BaseException:
        if not writer.is_closed:
            writer.cancel()
        raise


def schema() -> fields.Schema:
    """Describe the fields: terms that are indexed, columns that are only read, nothing stored."""
    terms = fields.TEXT(SpaceSeparatedTokenizer(), phrase=True, stored=False)
    marks = fields.KEYWORD(stored=False, scorable=False)
    several = dict.fromkeys(
        (*FACETS, AUDIENCE, SKILL_KEY, TITLE, STARTS, COMPLETES, VOCABULARY), marks
    )
    numbers = {name: fields.COLUMN(kinds.NumericColumn("q")) for name in _COLUMNS}
    return fields.Schema(
        key=fields.ID(stored=False),
        text=terms,
        title_key=fields.COLUMN(kinds.VarBytesColumn()),
        shown=fields.COLUMN(kinds.VarBytesColumn()),
        **several,
        **numbers,
    )


def spell(document: Document) -> dict[str, object]:
    """Spell a document the way the schema has it; lists are terms already."""
    entry = entries.entry(document)
    marks = {
        **entry.values,
        AUDIENCE: entry.audience,
        SKILL_KEY: entry.skill_keys,
        TITLE: entry.title,
        STARTS: entry.starts,
        COMPLETES: entry.completes,
        VOCABULARY: entry.vocabulary,
    }
    return {
        "key": str(entry.id),
        "id": entry.id,
        "text": list(entry.text),
        "text_length": len(entry.text),
        "starts_length": len(entry.starts),
        "title_key": entry.title_key.encode("utf-8"),
        "shown": entry.shown.encode("utf-8"),
        **{name: getattr(entry, name) for name in NUMBERS},
        **{name: _known(getattr(entry, name)) for name in RANGED},
        **{name: sorted(values) for name, values in marks.items()},
    }


def sync(folder: Path) -> None:
    """Bring a commit to the disk, which Whoosh leaves to chance."""
    for path in [*folder.iterdir(), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _known(number: int | None) -> int:
    return UNKNOWN if number is None else number
