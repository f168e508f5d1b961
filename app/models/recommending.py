"""What recommending leaves behind: slates that were shown, experiments, trainings, removals."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base


class RoleSkill(Base):
    """A skill that a job role asks for; what of it somebody has not shown is a gap."""

    __tablename__ = "role_skill"

    role_id: Mapped[int] = mapped_column(
        ForeignKey("role.id", ondelete="CASCADE"), primary_key=True
    )
    skill_id: Mapped[int] = mapped_column(
        ForeignKey("skill.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Removal(Base):
    """Activity that is gone, so that what processes hold in memory forgets it too.

    No row says whose it was. `digest` is of a statement's own id where a tool told of it: the same
    statement is not taken in again.
    """

    __tablename__ = "removal"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    digest: Mapped[str | None] = mapped_column(String(64), index=True)


class SignalPause(Base):
    """A span in which what a person did counts for no recommendations; open without `until`."""

    __tablename__ = "signal_pause"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class ShownSlate(Base):
    """Recommendations that somebody looked at: when, on which shelf, from which ranker.

    `model` is the name of the trained model. `experiment_id` is set where two rankers stood side by
    side. Kept for 90 days.
    """

    __tablename__ = "shown_slate"
    __table_args__ = (Index("ix_shown_slate_person_id_shown_at", "person_id", "shown_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    token: Mapped[str] = mapped_column(String(40), unique=True)
    shelf: Mapped[str] = mapped_column(String(30))
    model: Mapped[str] = mapped_column(String(60), default="")
    experiment_id: Mapped[int | None] = mapped_column(
        ForeignKey("experiment.id", ondelete="SET NULL"), index=True
    )
    shown_at: Mapped[datetime] = mapped_column(index=True)

    items: Mapped[list["ShownItem"]] = relationship(
        lazy="raise", order_by="ShownItem.position", cascade="all, delete-orphan"
    )


class ShownItem(Base):
    """One item of a slate that was shown: where it stood, why, and who put it there.

    `team` is the ranker of an experiment that chose it, "a" or "b", or empty. `propensity` is the
    chance with which it was drawn, where it was drawn at all. `evidence` is what its sentence says,
    in the form from which the sentence can be made again.
    """

    __tablename__ = "shown_item"

    slate_id: Mapped[int] = mapped_column(
        ForeignKey("shown_slate.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), index=True)
    score: Mapped[float]
    team: Mapped[str] = mapped_column(String(1), default="")
    propensity: Mapped[float | None]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Experiment(Base):
    """Two rankers side by side, item by item on one slate; ended when `ended_at` is set.

    `a` and `b` name what each side is: a kept model, and what of the ranking it changes. `result`
    holds the figures with which it ended, since what people looked at is deleted after 90 days;
    None while it runs, and where too few people took part.
    """

    __tablename__ = "experiment"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    a: Mapped[dict[str, Any]] = mapped_column(JSON)
    b: Mapped[dict[str, Any]] = mapped_column(JSON)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class TrainingState(StrEnum):
    """How a training stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


_STATES = ", ".join(f"'{state}'" for state in TrainingState)


class Training(Base):
    """One training of the recommender: how far it is, and what came of it.

    `share` is from 0 to 1 within `stage`. `outcome` is a sentence in English, `model` the name by
    which the model is kept, empty where it is not. With `stop_asked_at` it ends at its next step.
    """

    __tablename__ = "training"
    __table_args__ = (CheckConstraint(f"state IN ({_STATES})", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    engine: Mapped[str] = mapped_column(String(20), default="implicit")
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    started_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    stop_asked_at: Mapped[datetime | None]
    stage: Mapped[str] = mapped_column(String(30), default="")
    share: Mapped[float] = mapped_column(default=0.0)
    model: Mapped[str] = mapped_column(String(60), default="")
    outcome: Mapped[str] = mapped_column(Text, default="")
