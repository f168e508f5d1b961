"""LTI 1.3 with Foyer as the platform: its keys, the launches under way, what curators picked."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class LtiKeyState(StrEnum):
    """What a platform key is for: published only, signing, or published until tools forget it."""

    NEXT = "next"
    CURRENT = "current"
    OLD = "old"


class LtiKey(Base):
    """An RSA key with which Foyer signs launches; the private half is sealed."""

    __tablename__ = "lti_key"
    __table_args__ = (CheckConstraint("state IN ('next', 'current', 'old')", name="state"),)

    kid: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    private_key: Mapped[str] = mapped_column(Text)
    public_jwk: Mapped[dict[str, str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class LtiLaunch(Base):
    """A launch under way: its hint names it once, for the person who began it.

    `item_id` is None where a curator picks items in the tool (Deep Linking). Then `data_hash` is
    of what the tool has to send back with them, and `picked` what it sent, to be looked through.
    """

    __tablename__ = "lti_launch"

    hint_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    data_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    picked: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class LtiLink(Base):
    """A resource link that a curator picked in the tool, with what the tool wants to be told."""

    __tablename__ = "lti_link"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True
    )
    custom: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


class LtiNonce(Base):
    """A message of a tool that has been used, until it would have run out anyway."""

    __tablename__ = "lti_nonce"

    nonce_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
