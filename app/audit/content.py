"""What an entry of the audit log may hold, and the hash over it.

Every text is one line of printable characters, so that no text can pass for another entry and
none can turn round what stands beside it; details are plain JSON that reads back as it was
written, in any database.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import UTC
from typing import Any

from app.models import AuditEntry

_LONGEST_TEXT = 500
_LONGEST_KEY = 80
_MOST_ENTRIES = 50
_DEEPEST = 6
_LARGEST_NUMBER = 2**53  # what every reader of JSON takes for the same number (RFC 8259, 6)


def line(text: str, longest: int) -> str:
    """Return the text on one line, cut if it is too long, without anything that does not print.

    Line ends, control characters and those that change the direction of writing become spaces.
    """
    text = text[: longest * 4]
    kept = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return kept if len(kept) <= longest else f"{kept[: longest - 1]}…"


def plain(value: Any, depth: int = 0) -> Any:
    """Return the value as JSON that any database gives back alike; what is too much is left out."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) <= _LARGEST_NUMBER else line(hex(value), _LONGEST_TEXT)
    if isinstance(value, float):
        return float(value) if abs(value) < float("inf") else str(float(value))
    if isinstance(value, str):
        return line(value, _LONGEST_TEXT)
    if isinstance(value, Mapping | Collection) and not isinstance(value, bytes | bytearray):
        return _plain_collection(value, depth + 1)
    return line(str(value), _LONGEST_TEXT)


def content_hash(entry: AuditEntry | Any) -> str:
    """Return the SHA-256 that an entry, or a row of its columns, must carry.

    It is taken over JSON with sorted keys and without white space: one text for one content
    (RFC 8785 in spirit), which holds the hash of the entry before.
    """
    content = {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "action": entry.action,
        "outcome": entry.outcome,
        "actor_id": entry.actor_id,
        "actor": entry.actor,
        "subject": entry.subject,
        "address": entry.address,
        "request_id": entry.request_id,
        "details": entry.details,
        "previous_hash": entry.previous_hash,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain_collection(value: Mapping[Any, Any] | Collection[Any], depth: int) -> Any:
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        pairs = list(value.items())[:_MOST_ENTRIES]
        return {line(str(name), _LONGEST_KEY): plain(one, depth) for name, one in pairs}
    ordered = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
    kept = [plain(one, depth) for one in ordered[:_MOST_ENTRIES]]
    left_out = len(ordered) - len(kept)
    return [*kept, f"… and {left_out} more"] if left_out else kept
