"""What Foyer has to tell a person: in the portal, and gathered in one digest mail."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.models.sentence import Sentence


class NoticeKind(StrEnum):
    """What a notice is about; a person may mute each."""

    STEP = "step"
    PLAYLIST = "playlist"
    REVIEW = "review"
    ANSWER = "answer"
    PAGE = "page"
    CONTENT = "content"
    MESSAGE = "message"


class Frequency(StrEnum):
    """How often the digest mail comes."""

    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


_KINDS = ", ".join(f"'{kind}'" for kind in NoticeKind)
_FREQUENCIES = ", ".join(f"'{each}'" for each in Frequency)


class Notice(Base):
    """One thing that a person is told. `path` is where it leads in Foyer.

    `key` says what it is about: a person is told the same thing once. With an item, it is shown
    and sent only while the person may see that item.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        Index("ix_notice_person_id_at", "person_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(200))
    sentence: Mapped[str] = mapped_column(Sentence)
    path: Mapped[str] = mapped_column(String(500), default="")
    item_id: Mapped[int | None] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None] = mapped_column(index=True)


class NoticeChoice(Base):
    """How somebody wants to be told; without a row: one mail a day, nothing muted.

    `stopped_at` is when they unsubscribed with one click. It stays until they choose a mail
    themselves, whatever else happens to their row.
    """

    __tablename__ = "notice_choice"
    __table_args__ = (CheckConstraint(f"frequency IN ({_FREQUENCIES})", name="frequency"),)

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    frequency: Mapped[str] = mapped_column(String(10), default=Frequency.DAILY.value)
    muted: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    stopped_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
