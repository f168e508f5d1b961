"""Playlists: ordered items across tools, given to people, followed from a start day."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.models.catalogue import Item
from app.models.people import Person, Role


class Playlist(Base):
    """An ordered set of items. `days` is how long it lasts from the start day."""

    __tablename__ = "playlist"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    days: Mapped[int]
    role_id: Mapped[int | None] = mapped_column(ForeignKey("role.id", ondelete="SET NULL"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"), index=True)

    role: Mapped[Role | None] = relationship(lazy="raise")
    owner: Mapped[Person | None] = relationship(lazy="raise")
    weeks: Mapped[list["PlaylistWeek"]] = relationship(
        lazy="raise", order_by="PlaylistWeek.number", cascade="all, delete-orphan"
    )
    steps: Mapped[list["Step"]] = relationship(
        lazy="raise", order_by="Step.position", cascade="all, delete-orphan"
    )


class PlaylistWeek(Base):
    """The title of a playlist's week, counted from 1."""

    __tablename__ = "playlist_week"

    playlist_id: Mapped[int] = mapped_column(
        ForeignKey("playlist.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))


class Step(Base):
    """An item in a playlist, due on the `due_day`-th day (1 is the start day itself)."""

    __tablename__ = "step"
    __table_args__ = (UniqueConstraint("playlist_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlist.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    due_day: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")

    item: Mapped[Item] = relationship(lazy="raise")


class Assignment(Base):
    """A playlist given to a person, counted from `starts_on`."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("playlist_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlist.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    starts_on: Mapped[date]
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    buddy_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    assigned_at: Mapped[datetime]

    playlist: Mapped[Playlist] = relationship(lazy="raise")
    buddy: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[buddy_id])
    progress: Mapped[list["Progress"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class Progress(Base):
    """A step that the person of an assignment has done."""

    __tablename__ = "progress"

    assignment_id: Mapped[int] = mapped_column(
        ForeignKey("assignment.id", ondelete="CASCADE"), primary_key=True
    )
    step_id: Mapped[int] = mapped_column(
        ForeignKey("step.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    done_at: Mapped[datetime]
