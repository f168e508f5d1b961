"""What people did, as a list shaped like xAPI statements, and where each item stands."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Verb(StrEnum):
    """What a person can do with an item."""

    VIEWED = "viewed"
    LAUNCHED = "launched"
    COMPLETED = "completed"
    SAVED = "saved"
    LIKED = "liked"
    DISMISSED = "dismissed"


_VERBS = ", ".join(f"'{verb}'" for verb in Verb)


class Activity(Base):
    """One thing that a person did. `external_id` makes the import of a statement idempotent."""

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint(f"verb IN ({_VERBS})", name="verb"),
        Index("ix_activity_person_id_at", "person_id", "at"),
        Index("ix_activity_item_id_at", "item_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    verb: Mapped[str] = mapped_column(String(20))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(40), default="foyer")
    external_id: Mapped[str | None] = mapped_column(String(300), unique=True)


class ItemState(Base):
    """Where one item stands for one person: saved, done, dismissed, each a moment or None.

    `progress` is how far the tool says they are, from 0 to 1; None where it says nothing.
    """

    __tablename__ = "item_state"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    saved_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    dismissed_at: Mapped[datetime | None]
    progress: Mapped[float | None]
