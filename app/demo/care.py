"""Care in the sample company: rules, what is due, and what readers say, all of it made up."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.care import counting, tending
from app.models import (
    CareRule,
    Item,
    ItemCare,
    ItemState,
    Kind,
    Pin,
    Problem,
    ProblemReport,
    Step,
    Tool,
)

_OLD_TOOL = "open-library"
_BADLY = (1, 2, 2, 3, 2, 1)
_NOTES = (
    "The screenshots show a version that we no longer have.",
    "Half of the links in it lead nowhere.",
)


def add_care(
    session: Session, *, curators: Sequence[int], readers: Sequence[int], now: datetime
) -> None:
    """Let curators look after the items: four rules, two reports, bad stars, one that leaves."""
    tools = dict(session.execute(select(Tool.slug, Tool.id)).all())
    session.add_all(
        [
            CareRule(owner_id=curators[0], review_months=24, made_at=now),
            CareRule(kind=Kind.VIDEO.value, owner_id=curators[1], review_months=36, made_at=now),
            CareRule(tool_id=tools["microsoft-learn"], owner_id=curators[2], made_at=now),
            CareRule(kind=Kind.BOOK.value, review_months=0, made_at=now),
        ]
    )
    long_ago = now - timedelta(days=210)
    session.execute(
        update(Item)
        .where(Item.tool_id == tools[_OLD_TOOL])
        .values(created_at=long_ago, updated_at=long_ago)
        .execution_options(synchronize_session=False)
    )
    plain = _nowhere_used(session)
    for item_id, note, reader in zip(plain, _NOTES, readers, strict=False):
        session.add(
            ProblemReport(
                item_id=item_id,
                problem=Problem.OUTDATED.value,
                note=note,
                reporter_id=reader,
                reported_at=now - timedelta(days=2),
            )
        )
    _rate_badly(session, plain[2], readers, now=now)
    leaving = now.date() + timedelta(days=20)
    session.add(ItemCare(item_id=plain[3], sunset_on=leaving, by_hand=["sunset_on"]))
    session.flush()
    tending.tend(session, list(session.scalars(select(Item.id))), now=now)
    counting.count_people(session, now=now)


def _nowhere_used(session: Session) -> list[int]:
    """Return some courses that are on no page and in no playlist."""
    used = select(Pin.item_id).union(select(Step.item_id).where(Step.item_id.is_not(None)))
    return list(
        session.scalars(
            select(Item.id)
            .where(Item.id.not_in(used), Item.kind == Kind.COURSE.value)
            .order_by(Item.external_id)
            .limit(4)
        )
    )


def _rate_badly(session: Session, item_id: int, readers: Sequence[int], *, now: datetime) -> None:
    known = set(session.scalars(select(ItemState.person_id).where(ItemState.item_id == item_id)))
    others = [person_id for person_id in readers if person_id not in known]
    for person_id, stars in zip(others, _BADLY, strict=False):
        session.add(ItemState(person_id=person_id, item_id=item_id, stars=stars, rated_at=now))
