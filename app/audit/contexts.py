"""What the page of the audit log shows: words for groups of actions, and details as lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.audit import words
from app.models import AuditEntry

# which beginnings of actions belong together; the page has a word for each
GROUPS: Mapping[str, tuple[str, ...]] = {
    "sign-in": ("auth", "saml", "oidc", "sample"),
    "access": ("access",),
    "people": ("admin", "people", "scim"),
    "connections": ("identity", "tools", "lti", "mydata", "audit"),
    "content": (
        "curation",
        "drafts",
        "playlists",
        "desk",
        "editing",
        "governance",
        "care",
        "duplicates",
        "links",
        "cohort",
        "tending",
        "catalogue",
        "demo",
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of an entry's details: `label` is empty for what follows from the line before."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as the page shows it."""

    number: int
    at: datetime
    action: str
    said: str
    refused: bool
    actor: str
    subject: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """The worker's last check of the chain; `fault` is empty when it was whole."""

    at: datetime
    fault: str


def shown(entry: AuditEntry) -> Shown:
    """Return what the page shows of an entry."""
    where = (
        ("address", entry.address),
        ("request", entry.request_id),
        ("hash", entry.hash),
    )
    facts = (Line(label, text) for label, text in where if text)
    return Shown(
        number=entry.number,
        at=entry.at,
        action=entry.action,
        said=words.said(entry.action),
        refused=entry.outcome == "refused",
        actor=entry.actor,
        subject=entry.subject,
        lines=(*_lines(entry.details), *facts),
    )


def last_check(runs: Sequence[Any]) -> Check | None:
    """Return how the job that checks the chain ended last; None when it has not run."""
    found = next((run for run in runs if run.job == "verify_audit_log"), None)
    return Check(found.ended_at, found.error) if found else None


def _lines(details: Any) -> Iterator[Line]:
    """Write details as labelled lines; what was changed gets a line for each field."""
    if not isinstance(details, Mapping):
        yield Line("details", _text(details))
        return
    for label, value in details.items():
        if label == "rows" and isinstance(value, list):
            yield from _rows(value)
        else:
            yield Line(label.replace("_", " "), _text(value))


def _rows(rows: Sequence[Any]) -> Iterator[Line]:
    for row in rows:
        if not isinstance(row, Mapping):
            yield Line("", _text(row))
            continue
        yield Line(_text(row.get("row", "")), _text(row.get("did", "")))
        fields = row.get("fields", {})
        for name, pair in fields.items() if isinstance(fields, Mapping) else ():
            yield Line("", f"{name.replace('_', ' ')}: {_text(pair)}")


def _text(value: Any) -> str:
    """Write a value for a reader: a change as an arrow, a list with commas."""
    if isinstance(value, Mapping):
        if value.keys() == {"before", "after"}:
            return f"{_text(value['before']) or '–'} → {_text(value['after']) or '–'}"
        if value.keys() == {"field", "before", "after"}:
            pair = {"before": value["before"], "after": value["after"]}
            return f"{value['field']}: {_text(pair)}"
        return "; ".join(f"{name}: {_text(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return {True: "yes", False: "no", None: "–"}[value] if _is_word(value) else str(value)


def _is_word(value: Any) -> bool:
    return value is None or isinstance(value, bool)
