"""Duplicates: items of several tools that are one thing, and what curators decided about them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class ItemKey(Base):
    """Something by which an item is recognised in another tool.

    `address:…` is a normalised provider address, `id:…` a provider's id (URN, YouTube id, ISBN,
    DOI), `title:…` the title with its provider and duration.
    """

    __tablename__ = "item_key"
    __table_args__ = (Index("ix_item_key_key", "key"),)

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(300), primary_key=True)


class ClusterMember(Base):
    """An item belongs to a cluster, which is named after its smallest item."""

    __tablename__ = "cluster_member"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True
    )
    cluster_id: Mapped[int] = mapped_column(index=True)
    preferred: Mapped[bool] = mapped_column(default=False)


class ClusterDecision(Base):
    """A curator's word on two items, which no harvest overrules: one thing, or two."""

    __tablename__ = "cluster_decision"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="order"),
        CheckConstraint("verdict IN ('same', 'different')", name="verdict"),
    )

    low_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    high_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    verdict: Mapped[str] = mapped_column(String(10))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime]
