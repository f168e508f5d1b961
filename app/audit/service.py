"""Writes the audit log: each entry carries the hash of the one before it.

Whoever appends locks the head row first, so that writers stand in line and no number is left out;
append at the end of a transaction, since the line moves on when it commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.audit.content import content_hash, line, plain
from app.models import AuditEntry, AuditHead

Outcome = Literal["done", "refused"]
COMMAND_LINE = "the command line"


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


def _entry(event: Event, number: int, previous: str, now: datetime) -> AuditEntry:
    entry = AuditEntry(
        number=number,
        at=now,
        action=line(event.action, 80),
        outcome=event.outcome,
        actor_id=event.actor_id,
        actor=line(event.actor, 300),
        subject=line(event.subject, 300),
        address=line(event.address, 45),
        request_id=line(event.request_id, 20),
        details=plain(dict(event.details)),
        previous_hash=previous,
    )
    entry.hash = content_hash(entry)
    return entry
