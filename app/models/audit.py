"""The audit log: who did what, when and from where; rows that only grow and hang together.

Each row carries the SHA-256 of its own content and of the row before it; the head remembers the
newest, so that neither a changed row nor a cut tail goes unseen. Triggers, which the migrations
set, refuse changes.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

NO_ENTRY = "0" * 64
ONLY_GROWS = {"info": {"only_grows": True}}  # whoever empties the tables leaves these alone


class AuditEntry(Base):
    """One thing that somebody did or was refused. `number` counts without a gap from 1.

    `actor` is the person's name at that time, or what acted in place of one; `subject` names what
    it was done to; `details` hold no secrets.
    """

    __tablename__ = "audit_entry"
    __table_args__ = ONLY_GROWS

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(80), index=True)
    outcome: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(300))
    address: Mapped[str] = mapped_column(String(45))
    request_id: Mapped[str] = mapped_column(String(20))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The newest entry's number and hash: one row, which whoever writes locks first."""

    __tablename__ = "audit_head"
    __table_args__ = ONLY_GROWS

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
