"""Interactions as files that another machine can factorise: row numbers and confidences, no more.

A folder of gzipped CSV in parts, since one machine reads a part, and a manifest. Nobody and nothing
is named: people and items are the rows and columns of one matrix, and only the process that
exported it knows whose they are.

::

    manifest.json        format, columns, people, items, interactions, name and SHA-256 of each part
    part-00000.csv.gz    person,item,confidence
"""

import gzip
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from recommender.disk import sync, sync_folder
from recommender.factors import digest

FORMAT = 1
MANIFEST = "manifest.json"
COLUMNS = ("person", "item", "confidence")
PART_ROWS = 500_000


@dataclass(frozen=True, slots=True)
class Export:
    """An export on disk; `digest` is the SHA-256 of its manifest, and so of everything in it."""

    folder: Path
    interactions: int
    digest: str


def export(
    confidence: sparse.csr_matrix,
    folder: Path,
    progress: Callable[[float], None] | None = None,
    part_rows: int = PART_ROWS,
) -> Export:
    """Write people x items into a new folder, whole or not at all.

    The memory taken is that of one part. The same matrix gives the same bytes. `progress` is told
    the share done, 0 to 1. Raises FileExistsError if there is such a folder, and ValueError for a
    confidence that is not a number above 0.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} exists")
    if not (np.isfinite(confidence.data).all() and (confidence.data > 0).all()):
        raise ValueError("confidences must be numbers above 0")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
    try:
        _fill(confidence, fresh, progress, part_rows)
        sync_folder(fresh)
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh)
        raise
    sync(folder.parent)
    return Export(folder, int(confidence.nnz), digest(folder / MANIFEST))


def _fill(
    confidence: sparse.csr_matrix,
    folder: Path,
    progress: Callable[[float], None] | None,
    part_rows: int,
) -> None:
    parts = []
    for number, (start, end) in enumerate(_ranges(int(confidence.nnz), part_rows)):
        path = folder / f"part-{number:05}.csv.gz"
        _write_part(confidence, start, end, path)
        parts.append({"name": path.name, "rows": end - start, "sha256": digest(path)})
        if progress:
            progress(end / confidence.nnz)
    people, items = confidence.shape
    manifest = {
        "format": FORMAT,
        "columns": COLUMNS,
        "people": people,
        "items": items,
        "interactions": int(confidence.nnz),
        "parts": parts,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1))


def _ranges(total: int, step: int) -> Iterator[tuple[int, int]]:
    for start in range(0, total, step):
        yield start, min(start + step, total)


def _write_part(confidence: sparse.csr_matrix, start: int, end: int, path: Path) -> None:
    """Write the interactions `start` to `end`; no date in the file, so that bytes repeat."""
    person = np.searchsorted(confidence.indptr, np.arange(start, end), side="right") - 1
    item = confidence.indices[start:end]
    value = confidence.data[start:end]
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, "ascii", newline="") as text,
    ):
        text.write(",".join(COLUMNS) + "\n")
        rows = zip(person.tolist(), item.tolist(), value.tolist(), strict=True)
        text.writelines(f"{whose},{which},{much:.7g}\n" for whose, which, much in rows)
