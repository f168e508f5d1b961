"""What readers tell curators about an item that is not as it should be."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.models.catalogue import Item
from app.models.people import Person


class Problem(StrEnum):
    """What can be wrong with an item."""

    BROKEN_LINK = "broken-link"
    OUTDATED = "outdated"
    WRONG_DETAILS = "wrong-details"
    OTHER = "other"


_PROBLEMS = ", ".join(f"'{problem}'" for problem in Problem)


class ProblemReport(Base):
    """A reader's report of a problem; open until a curator resolves it."""

    __tablename__ = "problem_report"
    __table_args__ = (CheckConstraint(f"problem IN ({_PROBLEMS})", name="problem"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), index=True)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    problem: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    reported_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    item: Mapped[Item] = relationship(lazy="raise")
    reporter: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[reporter_id])
