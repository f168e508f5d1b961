"""The job that keeps care in step: dates by rules, counts of use, reasons for a look.

What it does to an item follows from the rows alone, and each batch is a transaction with its own
note of when it was done. So the job may end at any point and goes on with what is left.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.care import reasons, rules
from app.care.rules import by_hand
from app.db import Database
from app.models import (
    CareRule,
    ClusterDecision,
    Item,
    ItemCare,
    LinkCheck,
    ProblemReport,
    Status,
)

BATCH = 1000
_COLUMNS = [column.key for column in ItemCare.__table__.columns if not column.primary_key]
log = logging.getLogger(__name__)


def tend_all(database: Database, *, now: datetime, go_on: Callable[[], bool] = lambda: True) -> int:
    """Tend every item that needs it, 1,000 in a transaction; return how many that were.

    It ends before the next batch when `go_on` says so.
    """
    last, tended = 0, 0
    with database.sessions() as session:
        since = since_when(session, now=now)
    while go_on():
        with database.transaction() as session:
            ids = needing(session, since=since, after=last, limit=BATCH)
            tend(session, ids, now=now)
        if not ids:
            break
        last, tended = ids[-1], tended + len(ids)
        log.info("tended %s items so far", tended)
    return tended


def since_when(session: Session, *, now: datetime) -> datetime:
    """Return the moment before which tending is out of date: midnight, or the last change of rules.

    Days are those of UTC.
    """
    midnight = datetime.combine(now.date(), time(), now.tzinfo)
    changed = session.execute(select(func.max(CareRule.made_at), func.max(CareRule.removed_at)))
    return max([midnight, *(moment for moment in changed.one() if moment)])


def needing(session: Session, *, since: datetime, after: int, limit: int) -> list[int]:
    """Return the live items that were not tended since, or changed afterwards, in their order."""
    wanted = (
        select(Item.id)
        .outerjoin(ItemCare, ItemCare.item_id == Item.id)
        .where(Item.status == Status.LIVE.value, Item.id > after, _is_left(since))
        .order_by(Item.id)
        .limit(limit)
    )
    return list(session.scalars(wanted))


def left(session: Session, *, since: datetime) -> tuple[int, int]:
    """Return how many live items are still to be tended, and how many live items there are."""
    row = session.execute(
        select(func.sum(case((_is_behind(since), 1), else_=0)), func.count(Item.id))
        .select_from(Item)
        .outerjoin(ItemCare, ItemCare.item_id == Item.id)
        .where(Item.status == Status.LIVE.value)
    ).one()
    return row[0] or 0, row[1] or 0


def tend(session: Session, item_ids: Sequence[int], *, now: datetime) -> None:
    """Bring these items' care up to date: seven statements, however many they are (at most 1,000).

    What was set by hand stays.
    """
    if not item_ids:
        return
    session.flush()
    today = now.date()
    these = ItemCare.item_id.in_(item_ids)
    _add_missing(session, item_ids)
    _write(session, {**_use(now), "tended_at": now}, these)
    beside = and_(these, Item.id == ItemCare.item_id)
    wanted = _by_rules(today)
    changes = or_(*(getattr(ItemCare, name).is_distinct_from(to) for name, to in wanted.items()))
    _write(session, wanted, and_(beside, changes))
    _write(session, {"reasons": _if_live(reasons.reasons_on(today))}, beside)
    _write(session, {"urgency": reasons.urgency()}, these)
    _name_curators(session, item_ids)
    for known in session.identity_map.values():
        if isinstance(known, ItemCare):
            session.expire(known, _COLUMNS)


def on_items_stirred(session: Session, *, item_ids: Sequence[int], at: datetime) -> None:
    """Look at once whether something that has happened to items is a reason for a look."""
    tend(session, item_ids, now=at)


def _is_behind(since: datetime) -> ColumnElement[bool]:
    return or_(
        ItemCare.item_id.is_(None),
        ItemCare.tended_at.is_(None),
        ItemCare.tended_at < since,
        ItemCare.tended_at < Item.updated_at,
    )


def _is_left(since: datetime) -> ColumnElement[bool]:
    """Tell whether an item is behind, or something has happened to it since it was tended."""
    return or_(
        _is_behind(since),
        _moved_on(LinkCheck.item_id, LinkCheck.since),
        _moved_on(ProblemReport.item_id, ProblemReport.reported_at),
        _moved_on(ProblemReport.item_id, ProblemReport.resolved_at),
        _moved_on(ClusterDecision.low_id, ClusterDecision.decided_at),
        _moved_on(ClusterDecision.high_id, ClusterDecision.decided_at),
    )


def _moved_on(item_id: Any, moment: Any) -> ColumnElement[bool]:
    moved: Select[int] = select(literal(1)).where(item_id == Item.id, moment > ItemCare.tended_at)
    return moved.correlate(Item, ItemCare).exists()


def _add_missing(session: Session, item_ids: Sequence[int]) -> None:
    missing = select(Item.id).where(
        Item.id.in_(item_ids), ~exists().where(ItemCare.item_id == Item.id)
    )
    session.execute(insert(ItemCare).from_select(["item_id"], missing))


def _use(now: datetime) -> dict[str, Any]:
    began = now - reasons.USE
    return {
        "launches": reasons.launches(began, now),
        "launches_before": reasons.launches(began - reasons.USE, began),
        "completions": reasons.completions(began, now),
        "opened_on": reasons.last_opened(),
    }


def _by_rules(today: date) -> dict[str, Any]:
    """Return owner and dates as the closest rules say, but for those that were set by hand."""
    wanted = {
        "owner_id": rules.said(CareRule.owner_id),
        "review_on": rules.review_on(rules.said(CareRule.review_months)),
        "sunset_on": rules.sunset_on(rules.said(CareRule.sunset_months), today=today),
    }
    return {
        name: case((by_hand(name), getattr(ItemCare, name)), else_=value)
        for name, value in wanted.items()
    }


def _if_live(value: ColumnElement[int]) -> ColumnElement[int]:
    return case((Item.status == Status.LIVE.value, value), else_=0)


def _write(session: Session, values: dict[str, Any], condition: ColumnElement[bool]) -> None:
    session.execute(
        update(ItemCare)
        .where(condition)
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _name_curators(session: Session, item_ids: Sequence[int]) -> None:
    """Let whoever owns an item be its curator too, who is told of reports."""
    owner = (
        select(ItemCare.owner_id)
        .where(ItemCare.item_id == Item.id, ItemCare.owner_id.is_not(None))
        .correlate(Item)
        .scalar_subquery()
    )
    session.execute(
        update(Item)
        .where(Item.id.in_(item_ids), owner.is_not(None), Item.curator_id.is_distinct_from(owner))
        .values(curator_id=owner)
        .execution_options(synchronize_session=False)
    )
