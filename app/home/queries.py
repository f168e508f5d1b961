"""Reads that only the first page needs: channels to talk in, what was begun, what is new."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from app.activity.cards import Card, card_of
from app.catalogue.queries import live_items
from app.models import (
    Activity,
    Item,
    ItemRole,
    ItemState,
    Kind,
    Role,
    SavedSearch,
    Status,
    Tool,
    Verb,
    visible_to,
)

BEGUN_WITHIN = timedelta(days=14)
_TAKEN = aliased(Item)  # made once: an alias is slow to make and quick to use
_TAKEN_UP = (Verb.LAUNCHED.value, Verb.COMPLETED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An item that the reader opened and has not marked done, and when they last did."""

    card: Card
    opened_at: datetime


def new_in_searches(
    session: Session, person_id: int, *, tokens: Collection[str], limit: int
) -> list[tuple[str, int]]:
    """Return name and number of the kept searches in which the last digest found something new.

    What a holder of `tokens` may not see any more does not count.
    """
    rows = session.execute(
        select(SavedSearch.name, SavedSearch.fresh_total, SavedSearch.fresh)
        .where(SavedSearch.person_id == person_id, SavedSearch.fresh_total > 0)
        .order_by(SavedSearch.fresh_total.desc(), SavedSearch.id)
        .limit(limit)
    ).all()
    named = {item_id for _, _, fresh in rows for item_id in fresh}
    there = select(Item.id).where(
        Item.id.in_(named),
        Item.status == Status.LIVE.value,
        visible_to(Item.audience_id, tokens),
    )
    seen = set(session.scalars(there)) if named else set()
    return [(name, total - len({*fresh} - seen)) for name, total, fresh in rows if seen & {*fresh}]


def channels_for(
    session: Session,
    person_id: int,
    *,
    roles: Collection[str],
    tokens: Collection[str],
    limit: int,
) -> list[Card]:
    """Return channels to talk in: about what the reader took up, then their role's, then anybody's.

    Those meant for other roles, and those the reader has dismissed, stay out.
    """
    taken_up, own_role, anybodys = _about_taken_up(person_id), _for_role(roles), _for_nobody()
    rows = session.execute(
        live_items(tokens)
        .join(Tool, Tool.id == Item.tool_id)
        .outerjoin(ItemState, _state_of(person_id))
        .add_columns(Tool.name, ItemState)
        .where(
            Item.kind == Kind.CHANNEL.value,
            ItemState.dismissed_at.is_(None),
            taken_up | own_role | anybodys,
        )
        .order_by(case((taken_up, 0), (own_role, 1), else_=2), Item.title, Item.id)
        .limit(limit)
    )
    return [card_of(item, tool_name, state) for item, tool_name, state in rows]


def begun(
    session: Session, person_id: int, *, tokens: Collection[str], now: datetime, limit: int
) -> list[Begun]:
    """Return what the reader opened in the last two weeks and has not finished, latest first."""
    opened = (
        select(Activity.item_id, func.max(Activity.at).label("at"))
        .where(
            Activity.person_id == person_id,
            Activity.verb == Verb.LAUNCHED.value,
            Activity.at > now - BEGUN_WITHIN,
        )
        .group_by(Activity.item_id)
        .subquery()
    )
    rows = session.execute(
        live_items(tokens)
        .join(opened, opened.c.item_id == Item.id)
        .join(Tool, Tool.id == Item.tool_id)
        .outerjoin(ItemState, _state_of(person_id))
        .add_columns(Tool.name, ItemState, opened.c.at)
        .where(
            Item.kind != Kind.CHANNEL.value,
            ItemState.done_at.is_(None),
            ItemState.dismissed_at.is_(None),
        )
        .order_by(opened.c.at.desc(), Item.id)
        .limit(limit)
    )
    return [
        Begun(card=card_of(item, tool_name, state), opened_at=at)
        for item, tool_name, state, at in rows
    ]


def counts_by_verb(session: Session, person_id: int, *, since: datetime) -> dict[str, int]:
    """Return with how many different items a person did each thing since then."""
    rows = session.execute(
        select(Activity.verb, func.count(Activity.item_id.distinct()))
        .where(Activity.person_id == person_id, Activity.at >= since)
        .group_by(Activity.verb)
    )
    return dict(rows.all())


def _state_of(person_id: int) -> ColumnElement[bool]:
    return and_(ItemState.item_id == Item.id, ItemState.person_id == person_id)


def _about_taken_up(person_id: int) -> ColumnElement[bool]:
    """Return the condition that somebody's opened or finished items are discussed in a channel."""
    return Item.id.in_(
        select(_TAKEN.channel_id)
        .join(Activity, Activity.item_id == _TAKEN.id)
        .where(
            Activity.person_id == person_id,
            Activity.verb.in_(_TAKEN_UP),
            _TAKEN.channel_id.is_not(None),
        )
    )


def _for_role(roles: Collection[str]) -> ColumnElement[bool]:
    meant = select(ItemRole.item_id).join(Role, Role.id == ItemRole.role_id)
    return Item.id.in_(meant.where(Role.slug.in_(list(roles))))


def _for_nobody() -> ColumnElement[bool]:
    return Item.id.not_in(select(ItemRole.item_id))
