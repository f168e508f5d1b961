"""Reads of what one reader has saved, done and dismissed, newest first, with its moment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.activity.cards import Card, card_of
from app.activity.telling import is_kept_back
from app.models import Item, ItemState, Status, Tool, visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An item and when the reader saved, finished or dismissed it.

    Of what is done, `kept_back` says that a tool told so: its reader cannot take it back.
    """

    card: Card
    at: datetime
    retired: bool
    kept_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPage:
    """One page of such a list; `total` counts what the reader may see of all of it."""

    total: int
    rows: list[Kept]


def saved(
    session: Session, person_id: int, *, tokens: Collection[str], offset: int, limit: int
) -> KeptPage:
    """Return the live items that the reader has saved."""
    return _page(session, person_id, ItemState.saved_at, tokens, offset, limit, _LIVE)


def done(
    session: Session,
    person_id: int,
    *,
    tokens: Collection[str],
    today: date,
    offset: int,
    limit: int,
) -> KeptPage:
    """Return the items that the reader has finished; retired ones stay in their history."""
    told = is_kept_back(person_id, today)
    return _page(session, person_id, ItemState.done_at, tokens, offset, limit, kept_back=told)


def dismissed(
    session: Session, person_id: int, *, tokens: Collection[str], offset: int, limit: int
) -> KeptPage:
    """Return the live items that the reader does not want to be shown."""
    return _page(session, person_id, ItemState.dismissed_at, tokens, offset, limit, _LIVE)


_NEVER = false()
_LIVE = Item.status == Status.LIVE.value


def _page(
    session: Session,
    person_id: int,
    moment: InstrumentedAttribute[datetime | None],
    tokens: Collection[str],
    offset: int,
    limit: int,
    *conditions: ColumnElement[bool],
    kept_back: ColumnElement[bool] = _NEVER,
) -> KeptPage:
    wanted = (
        select(Item, Tool.name, ItemState, moment.label("moment"), kept_back.label("kept_back"))
        .join(ItemState, ItemState.item_id == Item.id)
        .join(Tool, Tool.id == Item.tool_id)
        .where(
            ItemState.person_id == person_id,
            moment.is_not(None),
            visible_to(Item.audience_id, tokens),
            *conditions,
        )
    )
    total = session.scalar(select(func.count()).select_from(wanted.subquery()))
    rows = session.execute(wanted.order_by(moment.desc(), Item.id).offset(offset).limit(limit))
    return KeptPage(
        total=total or 0,
        rows=[
            Kept(
                card=card_of(item, tool_name, state),
                at=at,
                retired=item.status == Status.RETIRED.value,
                kept_back=bool(told),
            )
            for item, tool_name, state, at, told in rows
            if at is not None
        ],
    )
