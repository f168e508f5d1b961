"""What keeps items good: readers' reports and suggestions, care with its dates, checked links."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.models.catalogue import Item, Tool
from app.models.people import Person
from app.models.sentence import Sentence


class Problem(StrEnum):
    """What can be wrong with an item."""

    BROKEN_LINK = "broken-link"
    OUTDATED = "outdated"
    WRONG_DETAILS = "wrong-details"
    OTHER = "other"


_PROBLEMS = ", ".join(f"'{problem}'" for problem in Problem)


class ProblemReport(Base):
    """A reader's report of a problem; open until a curator resolves it, perhaps with an answer."""

    __tablename__ = "problem_report"
    __table_args__ = (CheckConstraint(f"problem IN ({_PROBLEMS})", name="problem"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), index=True)
    reporter_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    problem: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    reported_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    accepted: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")

    item: Mapped[Item] = relationship(lazy="raise")
    reporter: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[reporter_id])


class Suggestion(Base):
    """A resource that a reader would like to see here, by its address; open until it is answered.

    `accepted` is None while nobody has decided; `item_id` is what became of it.
    """

    __tablename__ = "suggestion"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(2000))
    title: Mapped[str] = mapped_column(String(500), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    role_id: Mapped[int | None] = mapped_column(ForeignKey("role.id", ondelete="SET NULL"))
    by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    made_at: Mapped[datetime]
    accepted: Mapped[bool | None] = mapped_column(index=True)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="SET NULL"))

    by: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[by_id])
    item: Mapped[Item | None] = relationship(lazy="raise")


class CareRule(Base):
    """Who owns items and how often they are looked at, by tool and kind; the closest rule counts.

    A rule for a tool and a kind is closer than one for a tool, that closer than one for a kind,
    that closer than the one for everything. Months count from publishing or the last review. Where
    a rule says nothing (None) of owner, review or sunset, the next one counts; 0 months is never.
    A rule that was removed stays until it is known everywhere, so that it can be brought back.
    """

    __tablename__ = "care_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int | None] = mapped_column(ForeignKey("tool.id", ondelete="CASCADE"))
    kind: Mapped[str | None] = mapped_column(String(20))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    review_months: Mapped[int | None]
    sunset_months: Mapped[int | None]
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    tool: Mapped[Tool | None] = relationship(lazy="raise")
    owner: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[owner_id])


class ItemCare(Base):
    """Who looks after an item, when it is due for a look, and when it leaves.

    `by_hand` names the fields that a curator has set and rules leave alone. An item that was put
    off is not in the queue before `later_on`. What follows is counted by a job (`tended_at`): the
    `reasons` for a look as bits (`app.care.reasons`), how urgent it is (0: not at all), launches in
    the last 90 days and in the 90 before, completions in the last 90, the day of the last launch.
    """

    __tablename__ = "item_care"
    __table_args__ = (Index("ix_item_care_owner_id_urgency", "owner_id", "urgency"),)

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True
    )
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    review_on: Mapped[date | None] = mapped_column(index=True)
    sunset_on: Mapped[date | None] = mapped_column(index=True)
    reviewed_on: Mapped[date | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    later_on: Mapped[date | None]
    by_hand: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    reasons: Mapped[int] = mapped_column(default=0, server_default="0")
    urgency: Mapped[int] = mapped_column(default=0, server_default="0", index=True)
    launches: Mapped[int] = mapped_column(default=0, server_default="0")
    launches_before: Mapped[int] = mapped_column(default=0, server_default="0")
    completions: Mapped[int] = mapped_column(default=0, server_default="0")
    opened_on: Mapped[date | None]
    tended_at: Mapped[datetime | None] = mapped_column(index=True)

    owner: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[owner_id])


class CareDeed(Base):
    """The last decision about an item, with all that was before it, so that it can be taken back.

    `deed` is keep, later or retire; decisions that were made at once have a `batch` in common.
    """

    __tablename__ = "care_deed"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True
    )
    batch: Mapped[str] = mapped_column(String(32), index=True)
    deed: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    before: Mapped[dict[str, Any]] = mapped_column(JSON)


class ToolUse(Base):
    """How many people opened or finished something of a tool in the last 90 days."""

    __tablename__ = "tool_use"

    tool_id: Mapped[int] = mapped_column(
        ForeignKey("tool.id", ondelete="CASCADE"), primary_key=True
    )
    people: Mapped[int]
    counted_at: Mapped[datetime]


class LinkState(StrEnum):
    """What is known of a link."""

    LIVE = "live"
    MOVED = "moved"
    HIDDEN = "hidden"
    FLAKY = "flaky"
    GONE = "gone"
    UNKNOWN = "unknown"


_LINK_STATES = ", ".join(f"'{state}'" for state in LinkState)


class LinkCheck(Base):
    """What the last checks of an item's link found, and when the next one is due.

    `strikes` counts the checks in a row that did not find it, `struck_at` is the first of them;
    `troubles` counts those in a row that got no answer. `asked` is how it was checked last: the
    tool's own interface or the address. `since` is when the state began. `history` holds the last
    checks as JSON, the newest first. `etag` is what a GET of the address told last. A curator may
    say that a link is fine: until `fine_until` nothing is checked and nothing is held against it.
    """

    __tablename__ = "link_check"
    __table_args__ = (
        CheckConstraint(f"state IN ({_LINK_STATES})", name="state"),
        Index("ix_link_check_state_next_at", "state", "next_at"),
    )

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[str] = mapped_column(String(10), default=LinkState.UNKNOWN.value)
    strikes: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    next_at: Mapped[datetime] = mapped_column(index=True)
    asked: Mapped[str] = mapped_column(String(10), default="")
    status_code: Mapped[int | None]
    moved_to: Mapped[str] = mapped_column(String(2000), default="")
    detail: Mapped[str] = mapped_column(Sentence, default="")
    struck_at: Mapped[datetime | None]
    troubles: Mapped[int] = mapped_column(default=0, server_default="0")
    history: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    etag: Mapped[str] = mapped_column(String(300), default="", server_default="")
    fine_until: Mapped[date | None]
    fine_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    item: Mapped[Item] = relationship(lazy="raise")
    fine_by: Mapped[Person | None] = relationship(lazy="raise")


class LinkHost(Base):
    """When a host may be asked again: a pace that all processes share, and rests after trouble.

    `troubles` counts the requests in a row that got no good answer.
    """

    __tablename__ = "link_host"

    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    free_at: Mapped[datetime]
    troubles: Mapped[int] = mapped_column(default=0, server_default="0")


def links_gone() -> Select[int]:
    """Return the statement for the items whose link is known to be gone."""
    return select(LinkCheck.item_id).where(LinkCheck.state == LinkState.GONE.value)
