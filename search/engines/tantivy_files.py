"""Tells whether Tantivy's files still hold what was written, and clears what was left half done.

Tantivy puts a checksum at the end of every file and never compares it. A file that a disk or a
hand has changed would so give wrong answers or end in a panic, depending on where it is changed.
A file never changes once it is committed, so that each needs to be read only once.
"""

import json
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

META = "meta.json"
_ENDING = struct.Struct("<II")  # the length of the footer before it, and a number that marks it
_MARK = 1337
_CHUNK_BYTES = 1 << 20


def check(folder: Path) -> None:
    """Compare the files of the last commit; raises OSError or ValueError when one is damaged."""
    for path in _committed(folder):
        state = path.stat()
        if not _is_whole(path, state.st_size, state.st_mtime_ns, state.st_ino):
            raise OSError(f"the file {path.name} is damaged")


def clear_leftovers(folder: Path) -> None:
    """Remove what a writer that was killed had begun to say of deleted documents.

    Tantivy numbers these files by the operations since the last commit, so that the next writer may
    come to the same name, and then refuses to write. Only for whoever holds the writer's lock.
    """
    kept = set(_committed(folder))
    for path in folder.glob("*.del"):
        if path not in kept:
            path.unlink(missing_ok=True)


def _committed(folder: Path) -> Iterator[Path]:
    """List the files of committed segments; a writer at work may have begun others."""
    segments = json.loads((folder / META).read_text("utf-8"))["segments"]
    for segment in segments:
        name = segment["segment_id"].replace("-", "")
        deletes = segment["deletes"] or {}
        current = f"{name}.{deletes.get('opstamp')}.del"
        for path in folder.glob(f"{name}.*"):
            if path.suffix != ".del" or path.name == current:
                yield path


@lru_cache(maxsize=4096)
def _is_whole(path: Path, size: int, _changed_ns: int, _inode: int) -> bool:
    """Compare one file's checksum with its content; the numbers tell states of a file apart."""
    if size < _ENDING.size:
        return False
    with path.open("rb") as file:
        file.seek(size - _ENDING.size)
        length, mark = _ENDING.unpack(file.read(_ENDING.size))
        left = size - _ENDING.size - length
        if mark != _MARK or left < 0:
            return False
        file.seek(left)
        footer = json.loads(file.read(length))
        file.seek(0)
        found = 0
        while chunk := file.read(min(_CHUNK_BYTES, left)):
            found = zlib.crc32(chunk, found)
            left -= len(chunk)
    return bool(found == footer["crc"])
