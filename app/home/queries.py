"""Reads that only the first page needs: channels to talk in, what is new in kept searches."""

from collections.abc import Collection, Container
from dataclasses import dataclass
from datetime import datetime

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
    Tool,
    Verb,
)

_TAKEN = aliased(Item)  # made once: an alias is slow to make and quick to use
_TAKEN_UP = (Verb.LAUNCHED.value, Verb.COMPLETED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A kept search in which the last digest found something new, `total` items, some by id."""

    name: str
    total: int
    items: list[int]

    def seen_in(self, there: Container[int]) -> int:
        """Return how many are new, without those of which `there` holds no trace any more."""
        gone = [item for item in self.items if item not in there]
        return 0 if len(gone) == len(self.items) else self.total - len(gone)


def news_in_searches(session: Session, person_id: int, *, limit: int) -> list[News]:
    """Return the kept searches with something new, most first; the ids of what is new unchecked."""
    rows = session.execute(
        select(SavedSearch.name, SavedSearch.fresh_total, SavedSearch.fresh)
        .where(SavedSearch.person_id == person_id, SavedSearch.fresh_total > 0)
        .order_by(SavedSearch.fresh_total.desc(), SavedSearch.id)
        .limit(limit)
    )
    return [News(name=name, total=total, items=fresh) for name, total, fresh in rows]


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


def counts_by_verb(session: Session, person_id: int, *, since: datetime) -> dict[str, int]:
    """Return with how many different items a person did each thing since then that counts."""
    rows = session.execute(
        select(Activity.verb, func.count(Activity.item_id.distinct()))
        .where(Activity.person_id == person_id, Activity.at >= since, Activity.counts)
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
            Activity.counts,
            Activity.verb.in_(_TAKEN_UP),
            _TAKEN.channel_id.is_not(None),
        )
    )


def _for_role(roles: Collection[str]) -> ColumnElement[bool]:
    meant = select(ItemRole.item_id).join(Role, Role.id == ItemRole.role_id)
    return Item.id.in_(meant.where(Role.slug.in_(list(roles))))


def _for_nobody() -> ColumnElement[bool]:
    return Item.id.not_in(select(ItemRole.item_id))
