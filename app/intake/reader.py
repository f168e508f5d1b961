"""Turns a file into numbered lines of values.

A line that cannot be read says why, and the next one follows. Two forms are read: JSONL (one JSON
object per line) and CSV (a line of names first; comma, semicolon or tab, whichever that line uses
most).
"""

import codecs
import csv
import json
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from app.errors import FoyerError
from app.intake.fields import Complaint

FORMS = {"jsonl": (".jsonl", ".ndjson"), "csv": (".csv", ".tsv")}
LONGEST_LINE = 1_000_000


class UnreadableError(FoyerError):
    """The file as a whole cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record: the number of its first and last line in the file, its values or its problem."""

    number: int
    last: int
    values: Mapping[str, object] = field(default_factory=dict)
    problem: Complaint | None = None


def form_of(path: Path, wanted: str | None = None) -> str:
    """Return the form to read the file in; raise UnreadableError when its ending does not tell."""
    if wanted:
        return wanted
    ending = path.suffix.lower()
    for form, endings in FORMS.items():
        if ending in endings:
            return form
    raise UnreadableError(f"the ending of {path.name} tells no form: say --format jsonl or csv")


def count_lines(path: Path) -> int | None:
    """Return how many lines the file has, None for a pipe, which can be read only once.

    Raises UnreadableError when it cannot be opened.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode):
            return None
        with path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error


def read(path: Path, form: str) -> Iterator[Line]:
    """Yield the file's lines; raise UnreadableError when the file as a whole is no such file."""
    readers: dict[str, Callable[[BinaryIO], Iterator[Line]]] = {"jsonl": _jsonl, "csv": _csv}
    try:
        with path.open("rb") as file:
            yield from readers[form](file)
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error


def _raw_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield numbered lines without a byte order mark; one that is too long comes cut."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        end = raw
        while len(raw) > LONGEST_LINE and end and not end.endswith(b"\n"):
            end = file.readline(LONGEST_LINE)
        yield number, raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw


def _jsonl(file: BinaryIO) -> Iterator[Line]:
    for number, raw in _raw_lines(file):
        if raw.strip():
            yield _json_line(number, raw)


def _json_line(number: int, raw: bytes) -> Line:
    if len(raw) > LONGEST_LINE:
        return _bad(number, number, f"is longer than {LONGEST_LINE:,} bytes")
    try:
        values = json.loads(raw.decode())
    except UnicodeDecodeError:
        return _bad(number, number, "is not UTF-8")
    except (ValueError, RecursionError):
        return _bad(number, number, "is not JSON")
    if not isinstance(values, dict):
        return _bad(number, number, "is not a JSON object")
    return Line(number, number, values)


def _csv(file: BinaryIO) -> Iterator[Line]:
    lines = (raw.decode("utf-8", "surrogateescape") for _, raw in _raw_lines(file))
    first = next(lines, "")
    rows = csv.reader(lines, delimiter=_delimiter(first), strict=True)
    names = _column_names(first)
    while True:
        before = rows.line_num + 2
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield _bad(before, rows.line_num + 1, _why(before, rows.line_num + 1, error))
            continue
        if any(cells):
            yield _csv_line(before, rows.line_num + 1, names, cells)


def _why(first: int, last: int, error: csv.Error) -> str:
    """Say what is wrong with the record, and how much of the file it took with it."""
    if last > first:
        return (
            "a quotation mark that is opened here is not closed: "
            f"lines {first} to {last} are not read"
        )
    return f"is not CSV: {error}"


def _delimiter(first: str) -> str:
    return max(",;\t", key=first.count)


def _column_names(first: str) -> list[str]:
    try:
        names = [
            name.strip().lower() for name in next(csv.reader([first], delimiter=_delimiter(first)))
        ]
    except (csv.Error, StopIteration) as error:
        raise UnreadableError("the first line must name the columns") from error
    if (
        not names
        or not all(names)
        or len(set(names)) < len(names)
        or not "".join(names).isprintable()
    ):
        raise UnreadableError("the first line must name every column, each differently")
    return names


def _csv_line(number: int, last: int, names: list[str], cells: list[str]) -> Line:
    if any("\udc80" <= letter <= "\udcff" for cell in cells for letter in cell):
        return _bad(number, last, "is not UTF-8")
    if len(cells) != len(names):
        return _bad(number, last, f"has {len(cells)} values for {len(names)} columns")
    return Line(number, last, dict(zip(names, cells, strict=True)))


def _bad(number: int, last: int, reason: str) -> Line:
    return Line(number, last, problem=Complaint("line", reason))
