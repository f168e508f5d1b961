"""Entries as lines for other systems: JSON as it was hashed, CSV that no spreadsheet obeys."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from app.models import AuditEntry

COLUMNS = tuple(column.name for column in AuditEntry.__table__.columns)
_OBEYED = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_json(entry: AuditEntry) -> str:
    """Return the entry as one line of ASCII, whatever stands in it."""
    return json.dumps(_values(entry))


def as_csv(entry: AuditEntry) -> str:
    """Return the entry as a line of CSV; a cell that would be a formula begins with an apostrophe.

    See OWASP, CSV injection.
    """
    values = _values(entry)
    values["details"] = json.dumps(values["details"])
    return csv_line(values.values())


def csv_head() -> str:
    """Return the line that names the columns."""
    return csv_line(COLUMNS)


def csv_line(cells: Iterable[object]) -> str:
    """Return the cells as a line of CSV, each in quotes, and none that a spreadsheet would obey."""
    written = io.StringIO()
    made = [_harmless(cell) for cell in cells]
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="").writerow(made)
    return written.getvalue()


def _values(entry: AuditEntry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in COLUMNS}
    values["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return values


def _harmless(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = "".join(letter if letter.isprintable() else " " for letter in value)
    return f"'{text}" if value.startswith(_OBEYED) else text
