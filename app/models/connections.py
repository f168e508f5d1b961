"""Connected tools: how each is reached, what its harvests did, and what is known of its items."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.models.catalogue import Item, Tool
from app.models.people import Person
from app.models.sentence import Sentence


class RunState(StrEnum):
    """How far a run has come. A halted one goes on from its last checkpoint."""

    RUNNING = "running"
    DONE = "done"
    HALTED = "halted"
    STOPPED = "stopped"
    FAILED = "failed"
    QUARANTINED = "quarantined"


class Stream(StrEnum):
    """What is read with a cursor of its own."""

    ITEMS = "items"
    SWEEP = "sweep"
    ACTIVITY = "activity"


class Connection(Base):
    """How a tool is reached: its kind of connector, its settings, its schedule.

    `settings` are the connector's, without the secrets; those stand sealed in `secrets`. `mapping`
    is None where the connector's own rules hold. `people_by` says by what the tool names people,
    `people_domain` what makes an e-mail address of a username. `private` lets requests reach this
    one host on the company's network. `probes` and `sample` are what the last check found: what
    works, and a few raw records to try a mapping on. `running_until` is the lease of the one run
    that may be under way, renewed as it goes; `stop_wanted` asks that run to end. `people_read_at`
    is when what people did was last read from its beginning, None where that is to come;
    `items_missed` tells that it was of items unknown here.
    """

    __tablename__ = "connection"

    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    settings: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    secrets: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    mapping: Mapped[list[object] | None] = mapped_column(JSON(none_as_null=True))
    private: Mapped[bool] = mapped_column(default=False)
    people_by: Mapped[str] = mapped_column(String(20), default="")
    people_domain: Mapped[str] = mapped_column(String(200), default="")
    minutes_between: Mapped[int] = mapped_column(default=60)
    days_between_sweeps: Mapped[int] = mapped_column(default=7)
    enabled: Mapped[bool] = mapped_column(default=False)
    checked_at: Mapped[datetime | None]
    probes: Mapped[list[object]] = mapped_column(JSON, default=list)
    sample: Mapped[list[object]] = mapped_column(JSON, default=list)
    next_run_at: Mapped[datetime | None] = mapped_column(index=True)
    swept_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Sentence, default="")
    last_error_kind: Mapped[str] = mapped_column(String(20), default="")
    running_until: Mapped[datetime | None]
    running_token: Mapped[str] = mapped_column(String(40), default="")
    stop_wanted: Mapped[bool] = mapped_column(default=False)
    unknown_words: Mapped[list[object]] = mapped_column(JSON, default=list)
    people_read_at: Mapped[datetime | None]
    items_missed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    tool: Mapped[Tool] = relationship(lazy="raise")


class Cursor(Base):
    """Where the reading of one stream goes on; written only with the rows that it covers."""

    __tablename__ = "connection_cursor"
    __table_args__ = (CheckConstraint("stream IN ('items', 'sweep', 'activity')", name="stream"),)

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    stream: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime]


class Breaker(Base):
    """Whether a tool is asked at all, shared by every process (`search.breaker`)."""

    __tablename__ = "connection_breaker"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    failures: Mapped[int] = mapped_column(default=0)
    rests_until: Mapped[datetime | None]
    trying_until: Mapped[datetime | None]


class HarvestRun(Base):
    """One run: what it read, what became of it, and how it ended.

    `counts` holds new, changed, unchanged, removed, failed, activities, requests, retries, bytes;
    `samples` what a dry run would do, by fate, up to 20 each.
    """

    __tablename__ = "harvest_run"
    __table_args__ = (
        CheckConstraint("mode IN ('delta', 'sweep', 'activity')", name="mode"),
        Index("ix_harvest_run_connection_id_started_at", "connection_id", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    mode: Mapped[str] = mapped_column(String(20))
    dry: Mapped[bool] = mapped_column(default=False)
    asked_by: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(20), default=RunState.RUNNING.value)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    samples: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(Sentence, default="")
    error_kind: Mapped[str] = mapped_column(String(20), default="")


class HarvestProblem(Base):
    """One item, or one range, that a run could not take, and why; the rest of the run went on."""

    __tablename__ = "harvest_problem"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(
        ForeignKey("harvest_run.id", ondelete="CASCADE"), index=True
    )
    what: Mapped[str] = mapped_column(String(300))
    field: Mapped[str] = mapped_column(String(60), default="")
    reason: Mapped[str] = mapped_column(Sentence)
    kind: Mapped[str] = mapped_column(String(20), default="")


class SweepPage(Base):
    """External ids that the sweep under way has seen, one row a checkpoint; gone at its end."""

    __tablename__ = "sweep_page"

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), index=True
    )
    external_ids: Mapped[list[str]] = mapped_column(JSON)


class ItemPresence(Base):
    """What is known of an item that is not simply there in its tool.

    An item that is live and was seen by the last sweep has no row. `absences` counts the complete
    sweeps in a row that did not see it. `held` marks one that a quarantined sweep would remove.
    """

    __tablename__ = "item_presence"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True
    )
    presence: Mapped[str] = mapped_column(String(20))
    absences: Mapped[int] = mapped_column(default=0)
    held: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime]

    item: Mapped[Item] = relationship(lazy="raise")


class ReportedTool(Base):
    """A tool of whose items a connection to another one, a record store, has told completions."""

    __tablename__ = "reported_tool"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    tool_id: Mapped[int] = mapped_column(
        ForeignKey("tool.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ToolAccount(Base):
    """A person as a tool names them, whom a rule or an administrator has found, or nobody yet.

    `statements` counts what the tool told of an account that nobody is known for.
    """

    __tablename__ = "tool_account"
    __table_args__ = (
        UniqueConstraint("connection_id", "name"),
        UniqueConstraint("connection_id", "subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    name: Mapped[str | None] = mapped_column(String(320))
    subject: Mapped[str | None] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    by_hand: Mapped[bool] = mapped_column(default=False)
    statements: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[datetime]

    person: Mapped[Person | None] = relationship(lazy="raise")
