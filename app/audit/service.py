"""Writes the audit log: each entry carries the hash of the one before it.

The hash is SHA-256 over the entry as JSON with sorted keys (RFC 8785 in spirit: one text for one
content), which holds the previous entry's hash. Whoever appends locks the head row first, so that
writers stand in line; append at the end of a transaction, since the line moves when it commits.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.models import AuditEntry, AuditHead

Outcome = Literal["done", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened: `actor` is a person's name or what acted instead; details hold no secrets."""

    action: str
    actor: str
    actor_id: int | None = None
    outcome: Outcome = "done"
    subject: str = ""
    address: str = ""
    request_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def append(session: Session, events: Sequence[Event], *, now: datetime) -> None:
    """Write the events to the end of the log, in their order."""
    if not events:
        return
    head = session.scalars(
        update(AuditHead)
        .where(AuditHead.id == 1)
        .values(number=AuditHead.number + len(events))
        .returning(AuditHead)
        .execution_options(populate_existing=True)
    ).one()
    number, previous = head.number - len(events), head.hash
    for event in events:
        number += 1
        entry = _entry(event, number, previous, now)
        session.add(entry)
        previous = entry.hash
    head.hash = previous
    session.flush()


def content_hash(entry: AuditEntry) -> str:
    """Return the hash that an entry with this content must carry."""
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


def _entry(event: Event, number: int, previous: str, now: datetime) -> AuditEntry:
    entry = AuditEntry(
        number=number,
        at=now,
        action=event.action,
        outcome=event.outcome,
        actor_id=event.actor_id,
        actor=_line(event.actor, 300),
        subject=_line(event.subject, 300),
        address=event.address[:45],
        request_id=event.request_id[:20],
        details=json.loads(json.dumps(dict(event.details), default=str)),
        previous_hash=previous,
    )
    entry.hash = content_hash(entry)
    return entry


def _line(text: str, longest: int) -> str:
    """Return the text on one line, without control characters, so that no entry fakes another."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:longest]
