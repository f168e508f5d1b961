"""Playlists: ordered items across tools, given to people, followed from a start day."""

import secrets
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.models.catalogue import Item
from app.models.people import Group, Person, Role


class PlaylistState(StrEnum):
    """Where a version of a playlist stands: being written, given to people, or replaced."""

    DRAFT = "draft"
    LIVE = "live"
    PAST = "past"


class StepKind(StrEnum):
    """What a step asks for: an item of any tool, to meet somebody, an event or a task in words."""

    ITEM = "item"
    MEET = "meet"
    TASK = "task"
    EVENT = "event"


class Meet(StrEnum):
    """Whom a step asks to meet, where it is not a person by name."""

    BUDDY = "buddy"
    MANAGER = "manager"
    CONTACT = "contact"


def _among(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


class Playlist(Base):
    """One version of an ordered set of steps. `days` is how long it lasts from the start day.

    `slug` names the playlist in all its versions, of which one at most is live and one a draft.
    A template is never given to people; others are copied from it. With `working_days`, days at
    the weekend, holidays and absences are not counted. `contact_id` is whom to ask about it. `why`
    says why this version was published; `removed` is what was taken out of a draft last, to be put
    back.
    """

    __tablename__ = "playlist"
    __table_args__ = (
        UniqueConstraint("slug", "number"),
        CheckConstraint(_among("state", PlaylistState), name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), index=True)
    number: Mapped[int] = mapped_column(default=1, server_default="1")
    state: Mapped[str] = mapped_column(
        String(10), default=PlaylistState.LIVE.value, server_default=PlaylistState.LIVE.value
    )
    is_template: Mapped[bool] = mapped_column(default=False, server_default=false())
    working_days: Mapped[bool] = mapped_column(default=False, server_default=false())
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL")
    )
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="SET NULL"))
    changed_at: Mapped[datetime | None]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    why: Mapped[str] = mapped_column(Text, default="", server_default="")
    removed: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    days: Mapped[int]
    role_id: Mapped[int | None] = mapped_column(ForeignKey("role.id", ondelete="SET NULL"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"), index=True)

    role: Mapped[Role | None] = relationship(lazy="raise")
    owner: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[owner_id])
    contact: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[contact_id])
    changed_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[changed_by_id])
    published_by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[published_by_id])
    channel: Mapped[Item | None] = relationship(lazy="raise")
    weeks: Mapped[list["PlaylistWeek"]] = relationship(
        lazy="raise", order_by="PlaylistWeek.number", cascade="all, delete-orphan"
    )
    steps: Mapped[list["Step"]] = relationship(
        lazy="raise", order_by="Step.position", cascade="all, delete-orphan"
    )


def new_key() -> str:
    """Return a name for a step that no other one has."""
    return secrets.token_hex(8)


class PlaylistWeek(Base):
    """The title of a playlist's week, counted from 1."""

    __tablename__ = "playlist_week"

    playlist_id: Mapped[int] = mapped_column(
        ForeignKey("playlist.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))


class Step(Base):
    """Something to do in a playlist, due on the `due_day`-th day (1 is the start day itself).

    `key` is the same in all versions, so that what is done stays done when people move on. Only
    a step of kind item has an item; the others carry their title, and minutes where it is known.
    Steps with the same `choice` number are alternatives: one of them is enough.

    An event, in words or as an item of that kind, may have a date: `held_on` and `held_at` are day
    and time of day in `time_zone`, and decide in place of `due_day`. `place` is where it is,
    `link` where to join it from elsewhere.
    """

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("playlist_id", "item_id"),
        UniqueConstraint("playlist_id", "key"),
        CheckConstraint(_among("kind", StepKind), name="kind"),
        CheckConstraint("(kind = 'item') = (item_id IS NOT NULL)", name="item"),
        CheckConstraint("(held_on IS NULL) = (held_at IS NULL)", name="held"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlist.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(32), default=new_key)
    kind: Mapped[str] = mapped_column(
        String(10), default=StepKind.ITEM.value, server_default=StepKind.ITEM.value
    )
    item_id: Mapped[int | None] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str] = mapped_column(String(200), default="", server_default="")
    minutes: Mapped[int | None]
    meets: Mapped[str] = mapped_column(String(10), default="", server_default="")
    meets_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    required: Mapped[bool] = mapped_column(default=True, server_default=true())
    choice: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    due_day: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    held_on: Mapped[date | None]
    held_at: Mapped[time | None]
    time_zone: Mapped[str] = mapped_column(String(60), default="", server_default="")
    place: Mapped[str] = mapped_column(String(200), default="", server_default="")
    link: Mapped[str] = mapped_column(String(2000), default="", server_default="")

    item: Mapped[Item | None] = relationship(lazy="raise")
    meets_person: Mapped[Person | None] = relationship(lazy="raise")


class StepNeed(Base):
    """A step that waits until another one of the same playlist is done."""

    __tablename__ = "step_need"

    step_id: Mapped[int] = mapped_column(
        ForeignKey("step.id", ondelete="CASCADE"), primary_key=True
    )
    needs_id: Mapped[int] = mapped_column(
        ForeignKey("step.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Assignment(Base):
    """A version of a playlist given to a person, counted from `starts_on`.

    `rule_id` is the rule that gave it, None where a person did. `finished_at` is the moment at
    which nothing required was left; the certificate says it. `revision` counts the changes of its
    dates, `changed_at` is when the last of them was made: calendars that follow it want both.
    """

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("playlist_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlist.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    starts_on: Mapped[date]
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    buddy_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    assigned_at: Mapped[datetime]
    rule_id: Mapped[int | None] = mapped_column(
        ForeignKey("assignment_rule.id", ondelete="SET NULL"), index=True
    )
    finished_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime | None]

    playlist: Mapped[Playlist] = relationship(lazy="raise")
    buddy: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[buddy_id])
    progress: Mapped[list["Progress"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class Progress(Base):
    """A step that the person of an assignment has done; `by_hand` where they said so themselves."""

    __tablename__ = "progress"

    assignment_id: Mapped[int] = mapped_column(
        ForeignKey("assignment.id", ondelete="CASCADE"), primary_key=True
    )
    step_id: Mapped[int] = mapped_column(
        ForeignKey("step.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    done_at: Mapped[datetime]
    by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())


class StepDate(Base):
    """The day on which a person means to do a step, where they have planned it anew."""

    __tablename__ = "step_date"

    assignment_id: Mapped[int] = mapped_column(
        ForeignKey("assignment.id", ondelete="CASCADE"), primary_key=True
    )
    step_id: Mapped[int] = mapped_column(
        ForeignKey("step.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    due_on: Mapped[date]


class AssignmentRule(Base):
    """Who gets a playlist by themselves: the holders of a role, the members of a group, or both.

    The rule goes for all versions of the playlist `slug`. With `started_from`, only who started
    in the company on that day or later gets it. It starts on the person's own first day, or on
    `starts_on`; never before the day on which the rule finds them.
    """

    __tablename__ = "assignment_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), index=True)
    role_id: Mapped[int | None] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"))
    started_from: Mapped[date | None]
    starts_on: Mapped[date | None]
    enabled: Mapped[bool] = mapped_column(default=True, server_default=true())
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]

    role: Mapped[Role | None] = relationship(lazy="raise")
    group: Mapped[Group | None] = relationship(lazy="raise")


class PlaylistWithdrawal(Base):
    """A playlist, in all its versions, that a person was relieved of: no rule gives it again."""

    __tablename__ = "playlist_withdrawal"

    slug: Mapped[str] = mapped_column(String(80), primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    at: Mapped[datetime]


class Absence(Base):
    """Days on which a person is away, the last one included; plans leave them out."""

    __tablename__ = "absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class Holiday(Base):
    """A day on which nobody works, at one location or, with an empty one, at all of them."""

    __tablename__ = "holiday"
    __table_args__ = (UniqueConstraint("day", "location"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    location: Mapped[str] = mapped_column(String(100), default="", server_default="")
    name: Mapped[str] = mapped_column(String(120), default="", server_default="")


class CalendarFeed(Base):
    """The private address of a person's plan as a calendar; of its token only the digest is kept.

    The digest is the SHA-256 of the token, in hexadecimal digits.
    """

    __tablename__ = "calendar_feed"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
