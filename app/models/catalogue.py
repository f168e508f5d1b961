"""The catalogue: tools, the items in them, skills, and the outbox that the search index follows."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.models.audience import Audience
from app.models.people import Role


class Kind(StrEnum):
    """What an item is, in the reader's words."""

    COURSE = "course"
    VIDEO = "video"
    ARTICLE = "article"
    SIMULATION = "simulation"
    CHANNEL = "channel"
    EVENT = "event"
    PODCAST = "podcast"
    BOOK = "book"
    JOB_AID = "job-aid"
    ASSESSMENT = "assessment"


class Level(StrEnum):
    """How much an item expects its reader to know already."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Status(StrEnum):
    """Whether an item is offered: a retired one keeps its history and leaves every list."""

    LIVE = "live"
    RETIRED = "retired"


_KINDS = ", ".join(f"'{kind}'" for kind in Kind)


class Tool(Base):
    """A connected system: our Moodle, our wiki, our chat. `kind` is its family, for the reader.

    `position` is the administrator's order: of duplicates, the first tool's item opens. `quadrants`
    are the tool's places on the ecosystem map, empty where its connector or family says enough.
    """

    __tablename__ = "tool"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(40), default="library")
    home_url: Mapped[str | None] = mapped_column(String(2000))
    description: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=100, server_default="100")
    quadrants: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")


class Skill(Base):
    """Something that an item helps a person to learn."""

    __tablename__ = "skill"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(160))


class Item(Base):
    """One thing that a person can open. `(tool_id, external_id)` is its identity.

    `minutes` is None where the source says nothing. `content_hash` covers the harvested values and
    makes an import idempotent; `locked` names the fields that a curator has changed. `channel_id`
    is the channel in which to talk about it. `app_url` starts the tool's app, beside `url`.
    `told` holds what the tool says now of the locked fields. A retired item may name the one that
    takes its place, `successor_id`. `picture` is the digest of a picture that a curator gave it.
    """

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("tool_id", "external_id"),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint("status IN ('live', 'retired')", name="status"),
        CheckConstraint("minutes IS NULL OR minutes >= 0", name="minutes"),
        Index("ix_item_status_kind", "status", "kind"),
        Index("ix_item_counted_by_tool", "tool_id", "status", "kind", "updated_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"))
    external_id: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(20))
    source_kind: Mapped[str | None] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(500))
    summary: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(String(2000))
    app_url: Mapped[str | None] = mapped_column(String(2000))
    minutes: Mapped[int | None]
    level: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(12), default="en")
    published_on: Mapped[date | None]
    licence: Mapped[str | None] = mapped_column(String(200))
    attribution: Mapped[str | None] = mapped_column(String(500))
    quality: Mapped[float] = mapped_column(default=0.5)
    status: Mapped[str] = mapped_column(String(20), default=Status.LIVE.value)
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"), index=True)
    channel_id: Mapped[int | None] = mapped_column(
        ForeignKey("item.id", ondelete="SET NULL"), index=True
    )
    curator_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    locked: Mapped[list[str]] = mapped_column(JSON, default=list)
    told: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    successor_id: Mapped[int | None] = mapped_column(
        ForeignKey("item.id", ondelete="SET NULL"), index=True
    )
    picture: Mapped[str | None] = mapped_column(
        ForeignKey("picture.digest", ondelete="SET NULL"), index=True
    )
    picture_alt: Mapped[str] = mapped_column(String(300), default="", server_default="")
    content_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime] = mapped_column(index=True)

    tool: Mapped[Tool] = relationship(lazy="raise")
    audience: Mapped[Audience] = relationship(lazy="raise")
    channel: Mapped["Item | None"] = relationship(
        lazy="raise", remote_side="Item.id", foreign_keys=[channel_id]
    )
    successor: Mapped["Item | None"] = relationship(
        lazy="raise", remote_side="Item.id", foreign_keys=[successor_id]
    )
    skills: Mapped[list[Skill]] = relationship(
        lazy="raise", secondary="item_skill", order_by="ItemSkill.position"
    )
    roles: Mapped[list[Role]] = relationship(lazy="raise", secondary="item_role")


class Picture(Base):
    """A picture that a curator gave an item, made small and served by Foyer itself.

    `digest` is the SHA-256 of its bytes, in hexadecimal digits; width and height are in pixels.
    """

    __tablename__ = "picture"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_at: Mapped[datetime]


class ItemSkill(Base):
    """An item teaches a skill; position keeps the source's order."""

    __tablename__ = "item_skill"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True
    )
    skill_id: Mapped[int] = mapped_column(
        ForeignKey("skill.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(default=0)


class ItemRole(Base):
    """An item is meant for a job role. It says whom it suits, not who may see it."""

    __tablename__ = "item_role"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True
    )
    role_id: Mapped[int] = mapped_column(
        ForeignKey("role.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class IndexOutbox(Base):
    """An item that the search index has still to follow; written with the change itself."""

    __tablename__ = "index_outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(index=True)
    queued_at: Mapped[datetime]
