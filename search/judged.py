"""Judged queries: what people would type, and how well each item answers it, as a person judged it.

A file has one JSON object a line, so that two people who add queries seldom meet in one place:

    {"query": "ohms law", "items": {"phet/phet-ohms-law": 3}, "kind": "known item", "note": "…"}

`items` gives grades by key: 3 is exactly what was wanted, 2 good, 1 helps. What is not named is
not relevant. `note` says why. Optional: `kind` (what the query tests, one of `KINDS`), `role` (the
slug of the role that asks), `language` (the code of one that the asker reads beside English) and
`audience` (tokens that the asker holds beside everyone's).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

GRADES = (1, 2, 3)
KINDS = (
    "known item",
    "topic",
    "acronym",
    "typo",
    "prefix",
    "symbol",
    "split word",
    "synonym",
    "language",
    "role",
    "level",
    "time",
    "phrase",
    "question",
)
FIELDS = ("query", "items", "note", "kind", "role", "language", "audience")
LONGEST_QUERY = 300
MOST_BYTES = 5_000_000


class Fault(StrEnum):
    """What can be wrong with a field of a line; the value says it in English."""

    NO_OBJECT = "is not a JSON object"
    UNKNOWN = "is not a field of a judged query"
    TWICE = "stands there twice"
    NO_TEXT = "needs a text"
    TOO_LONG = "is too long"
    NO_ITEMS = "needs at least one item with its grade"
    GRADE = "has a grade other than 1, 2 or 3"
    KIND = "is not one of the kinds"
    AUDIENCE = "needs a list of tokens"
    AGAIN = "was judged in an earlier line"


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query and the grades of the items that answer it, by key."""

    query: str
    items: Mapping[str, int]
    note: str
    kind: str = ""
    role: str = ""
    language: str = ""
    audience: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is left out: its number from 1, the field at fault and what is wrong with it."""

    number: int
    field: str
    fault: Fault

    def __str__(self) -> str:
        named = f"line {self.number}, {self.field}" if self.field else f"line {self.number}"
        return f"{named}: {self.fault.value}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: the queries that can be used, and every line that cannot."""

    queries: tuple[JudgedQuery, ...]
    bad: tuple[BadLine, ...]


def read(text: str) -> Reading:
    """Read the text of a file; any text will do, empty lines are skipped.

    A line with a fault is left out and each of its faults is reported. A query is judged once for
    each role: the first line counts.
    """
    queries: dict[tuple[str, str], JudgedQuery] = {}
    bad: list[BadLine] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        row = _parsed(line)
        faults = [BadLine(number, field, fault) for field, fault in _faults(row)]
        if not faults:
            judged = _judged(row)
            key = (" ".join(judged.query.casefold().split()), judged.role)
            if key in queries:
                faults = [BadLine(number, "query", Fault.AGAIN)]
            queries.setdefault(key, judged)
        bad += faults
    return Reading(tuple(queries.values()), tuple(bad))


def _parsed(line: str) -> Any:
    """Return what the line holds, None when it is no JSON; a key given twice is kept as such."""
    try:
        return json.loads(line, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None


class _Twice(dict[str, Any]):
    """An object one of whose keys stands there twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Twice(found)


def _faults(row: Any) -> Iterator[tuple[str, Fault]]:
    if not isinstance(row, dict):
        yield "", Fault.NO_OBJECT
        return
    if isinstance(row, _Twice):
        yield "", Fault.TWICE
    yield from ((str(name)[:40], Fault.UNKNOWN) for name in row if name not in FIELDS)
    for name in ("query", "note"):
        yield from _text_faults(name, row.get(name), needed=True)
    for name in ("role", "language"):
        yield from _text_faults(name, row.get(name, ""), needed=False)
    yield from _item_faults(row.get("items"))
    if row.get("kind", "") not in ("", *KINDS):
        yield "kind", Fault.KIND
    tokens = row.get("audience", [])
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        yield "audience", Fault.AUDIENCE


def _text_faults(name: str, value: Any, *, needed: bool) -> Iterator[tuple[str, Fault]]:
    if not isinstance(value, str) or (needed and not value.strip()):
        yield name, Fault.NO_TEXT
    elif len(value) > LONGEST_QUERY:
        yield name, Fault.TOO_LONG


def _item_faults(items: Any) -> Iterator[tuple[str, Fault]]:
    if not isinstance(items, dict) or not items:
        yield "items", Fault.NO_ITEMS
        return
    if isinstance(items, _Twice):
        yield "items", Fault.TWICE
    for key, grade in items.items():
        if isinstance(grade, bool) or grade not in GRADES or not isinstance(grade, int):
            yield f"items: {key[:80]}", Fault.GRADE


def _judged(row: Mapping[str, Any]) -> JudgedQuery:
    return JudgedQuery(
        query=row["query"].strip(),
        items=dict(row["items"]),
        note=row["note"].strip(),
        kind=row.get("kind", ""),
        role=row.get("role", "").strip(),
        language=row.get("language", "").strip(),
        audience=frozenset(row.get("audience", ())),
    )
