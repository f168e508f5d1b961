"""What people did, as a list shaped like xAPI statements, and where each item stands."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Verb(StrEnum):
    """What a person can do with an item."""

    VIEWED = "viewed"
    LAUNCHED = "launched"
    COMPLETED = "completed"
    SAVED = "saved"
    LIKED = "liked"
    RATED = "rated"
    SPENT = "spent"
    DISMISSED = "dismissed"


_VERBS = ", ".join(f"'{verb}'" for verb in Verb)


class Activity(Base):
    """One thing that a person did. `external_id` makes the import of a statement idempotent.

    `value` is the stars (1 to 5) of what was rated and the seconds of what was spent, else None;
    `via` is the kind of page from which something was opened, where that is known. What does not
    `count` happened while the person had recommendations from it paused.
    """

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
    value: Mapped[float | None]
    via: Mapped[str] = mapped_column(String(20), default="", server_default="")
    counts: Mapped[bool] = mapped_column(default=True, server_default=true())


_UNANSWERED = "why_stars <> '' AND why_answered_at IS NULL"


class ItemState(Base):
    """Where one item stands for one person: saved, done, dismissed, liked, a moment or None each.

    `stars` are from 1 to 5, None where the person has not rated it; `why_stars` is their reason.
    With `names_stars` curators read their name beside the reason; what a curator answers, and when,
    is `why_answer` and `why_answered_at`. `progress` is how far the tool says they are, from 0
    to 1; None where it says nothing.
    """

    __tablename__ = "item_state"
    __table_args__ = (
        Index(
            "ix_item_state_why_unanswered",
            "rated_at",
            sqlite_where=text(_UNANSWERED),
            postgresql_where=text(_UNANSWERED),
        ),
    )

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
    liked_at: Mapped[datetime | None]
    stars: Mapped[int | None] = mapped_column(SmallInteger)
    why_stars: Mapped[str] = mapped_column(String(500), default="", server_default="")
    rated_at: Mapped[datetime | None]
    names_stars: Mapped[bool] = mapped_column(default=False, server_default=false())
    why_answer: Mapped[str] = mapped_column(Text, default="", server_default="")
    why_answered_at: Mapped[datetime | None]
    why_answered_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL")
    )
