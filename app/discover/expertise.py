"""Counts who has finished how much of each skill: every night, one skill after the other."""

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from app.catalogue.stored import in_parts
from app.discover.experts import ENOUGH
from app.models import Expertise, ItemSkill, ItemState, Skill


def skill_ids(session: Session) -> list[int]:
    """Return every skill, to be counted one at a time."""
    return list(session.scalars(select(Skill.id).order_by(Skill.id)))


def count_experts(session: Session, skill_id: int) -> int:
    """Write down who has finished enough of this skill, and return how many rows changed."""
    found = _finished(session, skill_id)
    known = _written(session, skill_id)
    gone = [person for person, finished in known.items() if found.get(person) != finished]
    news = [
        {"person_id": person, "skill_id": skill_id, "finished": finished}
        for person, finished in found.items()
        if known.get(person) != finished
    ]
    for some in in_parts(gone):
        session.execute(
            delete(Expertise).where(Expertise.skill_id == skill_id, Expertise.person_id.in_(some))
        )
    for rows in in_parts(news):
        session.execute(insert(Expertise), rows)
    return len({*gone, *(row["person_id"] for row in news)})


def _finished(session: Session, skill_id: int) -> dict[int, int]:
    rows = session.execute(
        select(ItemState.person_id, func.count())
        .join(ItemSkill, ItemSkill.item_id == ItemState.item_id)
        .where(ItemSkill.skill_id == skill_id, ItemState.done_at.is_not(None))
        .group_by(ItemState.person_id)
        .having(func.count() >= ENOUGH)
    )
    return dict(rows.all())


def _written(session: Session, skill_id: int) -> dict[int, int]:
    rows = session.execute(
        select(Expertise.person_id, Expertise.finished).where(Expertise.skill_id == skill_id)
    )
    return dict(rows.all())
