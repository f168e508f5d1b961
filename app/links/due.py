"""Says which links are to be checked now, and when a new item's link is looked at first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from app.links.states import LIVE_AGAIN, share_of
from app.links.telling import watched_among
from app.models import Breaker, Connection, Item, LinkCheck, Status

MOST_NEW = 2_000
_EACH = timedelta(seconds=20)  # how far apart the first checks of few items are


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLink:
    """A link to be checked: its item, how its tool is reached, and what a GET told last."""

    item_id: int
    external_id: str
    url: str
    etag: str
    connection: Connection | None


def enrol(session: Session, *, now: datetime) -> int:
    """Give live items that are new here a first check; return how many there were.

    What is pinned or in a playlist is due at once. The others are spread over the days in which
    all links are checked once, or over a shorter time where there are few.
    """
    missing = (
        select(Item.id)
        .outerjoin(LinkCheck, LinkCheck.item_id == Item.id)
        .where(Item.status == Status.LIVE.value, LinkCheck.item_id.is_(None))
        .order_by(Item.id)
        .limit(MOST_NEW)
    )
    ids = list(session.scalars(missing))
    if not ids:
        return 0
    live = session.scalar(select(func.count(Item.id)).where(Item.status == Status.LIVE.value)) or 0
    within, watched = min(LIVE_AGAIN, live * _EACH), watched_among(session, ids)
    rows = [_row(item_id, timedelta() if item_id in watched else within, now) for item_id in ids]
    session.execute(insert(LinkCheck), rows)
    return len(ids)


def links(session: Session, *, now: datetime, limit: int) -> Sequence[DueLink]:
    """Return the links to check now, those first that have waited longest.

    Left out are those that a curator called fine, retired items, and the items of tools that are
    being read or rest after failures.
    """
    rows = session.execute(
        select(Item.id, Item.external_id, Item.url, LinkCheck.etag, Connection)
        .join(LinkCheck, LinkCheck.item_id == Item.id)
        .outerjoin(Connection, Connection.tool_id == Item.tool_id)
        .outerjoin(Breaker, Breaker.connection_id == Connection.id)
        .where(
            LinkCheck.next_at <= now,
            Item.status == Status.LIVE.value,
            or_(LinkCheck.fine_until.is_(None), LinkCheck.fine_until <= now.date()),
            or_(Connection.running_until.is_(None), Connection.running_until <= now),
            or_(Breaker.rests_until.is_(None), Breaker.rests_until <= now),
        )
        .order_by(LinkCheck.next_at, Item.id)
        .limit(limit)
    )
    return [
        DueLink(item_id=row[0], external_id=row[1], url=row[2], etag=row[3], connection=row[4])
        for row in rows
    ]


def _row(item_id: int, within: timedelta, now: datetime) -> dict[str, object]:
    return {"item_id": item_id, "next_at": now + within * share_of(item_id), "history": []}
