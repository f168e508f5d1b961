"""Who has finished how much of which skill: counted every night, so that nobody waits for it."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Expertise(Base):
    """How many items that teach a skill a person has finished, whoever may see these items.

    It only says whom to look at: what is shown to a reader is counted anew from what they may see.
    """

    __tablename__ = "expertise"
    __table_args__ = (Index("ix_expertise_skill_id_finished", "skill_id", "finished"),)

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    skill_id: Mapped[int] = mapped_column(
        ForeignKey("skill.id", ondelete="CASCADE"), primary_key=True
    )
    finished: Mapped[int]
