"""Items that leave by themselves on their day, and what owners are told before.

An owner hears of it 30 and 7 days before, each once for a day; of many items in one sentence.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.care.retiring import retire
from app.db import Database
from app.errors import Wording
from app.models import Item, ItemCare, NoticeKind, Person, Status
from app.notices.service import tell

AHEAD = (30, 7)
FEW = 3  # so many items are named one by one
BATCH = 50
_QUEUE = "/curate/review?whose=mine"


@dataclass(frozen=True, slots=True)
class Leaving:
    """An item with the day on which it leaves, and who owns it."""

    item_id: int
    title: str
    owner_id: int
    on: date


def retire_due(database: Database, *, now: datetime) -> int:
    """Retire every item whose day has come, 50 in a transaction; return how many that were."""
    total = 0
    while True:
        with database.transaction() as session:
            ids = due(session, now.date(), limit=BATCH)
            for item_id in ids:
                _retire(session, item_id, now=now)
        if not ids:
            return total
        total += len(ids)


def due(session: Session, today: date, *, limit: int) -> list[int]:
    """Return the live items whose day has come."""
    return list(
        session.scalars(
            select(Item.id)
            .join(ItemCare, ItemCare.item_id == Item.id)
            .where(ItemCare.sunset_on <= today, Item.status == Status.LIVE.value)
            .order_by(Item.id)
            .limit(limit)
        )
    )


def remind(session: Session, *, now: datetime) -> int:
    """Tell owners what leaves within 30 and within 7 days; return how many heard something new."""
    today, heard = now.date(), 0
    for days in AHEAD:
        by_day: dict[tuple[int, date], list[Leaving]] = defaultdict(list)
        for one in _leaving(session, today, today + timedelta(days=days)):
            by_day[one.owner_id, one.on].append(one)
        for (owner_id, on), together in by_day.items():
            if len(together) <= FEW:
                heard += sum(_tell_one(session, one, days, now=now) for one in together)
            else:
                heard += _tell_many(session, owner_id, on, len(together), days, now=now)
    return heard


def remind_of_reviews(session: Session, *, now: datetime) -> int:
    """Tell each owner, once a week, how many of their items are due for a look."""
    today = now.date()
    rows: Any = session.execute(
        select(ItemCare.owner_id, func.count())
        .join(Item, Item.id == ItemCare.item_id)
        .join(Person, Person.id == ItemCare.owner_id)
        .where(
            ItemCare.review_on <= today,
            func.coalesce(ItemCare.later_on <= today, True),
            Item.status == Status.LIVE.value,
            Person.active,
        )
        .group_by(ItemCare.owner_id)
    ).all()
    year, week, _ = today.isocalendar()
    return sum(
        tell(
            session,
            [owner_id],
            NoticeKind.REVIEW,
            key=f"reviews:{year}-{week}",
            sentence=_reviews(number),
            now=now,
            path=_QUEUE,
        )
        for owner_id, number in rows
    )


def _retire(session: Session, item_id: int, *, now: datetime) -> None:
    retire(session, item_id, successor_id=None, by=None, tokens=None, now=now)
    item = session.get_one(Item, item_id)
    owner_id = session.scalar(select(ItemCare.owner_id).where(ItemCare.item_id == item_id))
    if owner_id is not None:
        tell(
            session,
            [owner_id],
            NoticeKind.REVIEW,
            key=f"left:{item_id}:{now.date()}",
            sentence=Wording("“%(title)s” has left, as its day had come.", title=item.title),
            now=now,
            path=f"/curate/items/{item_id}/retire",
            item_id=item_id,
        )


def _leaving(session: Session, after: date, until: date) -> Sequence[Leaving]:
    rows: Any = session.execute(
        select(Item.id, Item.title, ItemCare.owner_id, ItemCare.sunset_on)
        .join(ItemCare, ItemCare.item_id == Item.id)
        .join(Person, Person.id == ItemCare.owner_id)
        .where(
            ItemCare.sunset_on > after,
            ItemCare.sunset_on <= until,
            Item.status == Status.LIVE.value,
            Person.active,
        )
        .order_by(ItemCare.sunset_on, Item.id)
    )
    return [Leaving(*row) for row in rows]


def _tell_one(session: Session, one: Leaving, days: int, *, now: datetime) -> int:
    return tell(
        session,
        [one.owner_id],
        NoticeKind.REVIEW,
        key=f"sunset:{one.item_id}:{one.on}:{days}",
        sentence=Wording(
            "“%(title)s” leaves on %(day)s, unless you keep it.",
            title=one.title,
            day=one.on.isoformat(),
        ),
        now=now,
        path=f"/curate/items/{one.item_id}/care",
        item_id=one.item_id,
    )


def _tell_many(
    session: Session, owner_id: int, on: date, number: int, days: int, *, now: datetime
) -> int:
    return tell(
        session,
        [owner_id],
        NoticeKind.REVIEW,
        key=f"sunsets:{on}:{days}",
        sentence=Wording(
            "%(number)d items that you look after leave on %(day)s, unless you keep them.",
            number=number,
            day=on.isoformat(),
        ),
        now=now,
        path=f"{_QUEUE}&reason=sunset",
    )


def _reviews(number: int) -> str:
    if number == 1:
        return Wording("One item that you look after is due for a look.")
    return Wording("%(number)d items that you look after are due for a look.", number=number)
