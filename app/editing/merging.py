"""What becomes of an item that two people change at once: nobody's change is lost unseen.

A form carries a digest of every value that its reader saw. What they left as it was takes over what
somebody else wrote meanwhile; what both changed is theirs to decide.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]
_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Merge:
    """What to write, and for each field that both changed, what it says now."""

    changes: dict[str, Any]
    conflicts: dict[str, Any]


def digest(value: object) -> str:
    """Return 16 hexadecimal digits that stand for a value."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def seen_of(values: Values) -> dict[str, str]:
    """Return the digest of each value, for a form to carry."""
    return {name: digest(value) for name, value in values.items()}


def merged(now: Values, mine: Values, seen: Mapping[str, str]) -> Merge:
    """Return what a form that was `seen` so, and says `mine` now, changes of the values of `now`.

    A field whose digest is missing counts as changed by both.
    """
    changes, conflicts = {}, {}
    for name, value in mine.items():
        if value == now[name] or digest(value) == seen.get(name):
            continue
        if digest(now[name]) == seen.get(name):
            changes[name] = value
        else:
            conflicts[name] = now[name]
    return Merge(changes, conflicts)
