"""What curators make: a page for each role, its sections, and the items pinned there."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.models.catalogue import Item
from app.models.people import Person, Role


class RolePage(Base):
    """A curator's page for one job role."""

    __tablename__ = "role_page"

    id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    intro: Mapped[str] = mapped_column(Text, default="")
    curator_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    reviewed_on: Mapped[date | None]
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"), index=True)

    role: Mapped[Role] = relationship(lazy="raise")
    curator: Mapped[Person | None] = relationship(lazy="raise")
    sections: Mapped[list["Section"]] = relationship(
        lazy="raise", order_by="Section.position", cascade="all, delete-orphan"
    )


class Section(Base):
    """A part of a role page."""

    __tablename__ = "section"

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("role_page.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    intro: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)

    page: Mapped[RolePage] = relationship(lazy="raise", back_populates="sections")
    pins: Mapped[list["Pin"]] = relationship(
        lazy="raise", order_by="Pin.position", cascade="all, delete-orphan"
    )


class Pin(Base):
    """An item pinned to a section, with the curator's note, its place, and perhaps dates."""

    __tablename__ = "pin"
    __table_args__ = (UniqueConstraint("section_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)
    pinned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    pinned_at: Mapped[datetime]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]

    item: Mapped[Item] = relationship(lazy="raise")
    section: Mapped[Section] = relationship(lazy="raise", back_populates="pins")
