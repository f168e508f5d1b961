"""Reads of what people did and where items stand for them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.models import ClusterMember, Item, ItemState, Status


def done_or_dismissed(session: Session, person_id: int) -> frozenset[int]:
    """Return the items that must not be recommended to this person again."""
    rows = session.scalars(
        select(ItemState.item_id).where(
            ItemState.person_id == person_id,
            ItemState.done_at.is_not(None) | ItemState.dismissed_at.is_not(None),
        )
    )
    return frozenset(rows)


def state_of(session: Session, person_id: int, item_id: int) -> ItemState | None:
    """Return where the item stands for the person, or None if nothing happened yet."""
    return session.get(ItemState, (person_id, item_id))


def saved_ids(session: Session, person_id: int) -> list[int]:
    """Return the live items a person has saved, the latest first."""
    return _ids_by(session, person_id, ItemState.saved_at)


def done_ids(session: Session, person_id: int) -> list[int]:
    """Return the live items a person has finished, the latest first."""
    return _ids_by(session, person_id, ItemState.done_at)


def dismissed_ids(session: Session, person_id: int) -> list[int]:
    """Return the live items a person has dismissed, the latest first."""
    return _ids_by(session, person_id, ItemState.dismissed_at)


def same_elsewhere(session: Session, item_id: int) -> list[int]:
    """Return the items that are the same thing as this one, the preferred one first."""
    cluster = select(ClusterMember.cluster_id).where(ClusterMember.item_id == item_id)
    return list(
        session.scalars(
            select(ClusterMember.item_id)
            .where(
                ClusterMember.cluster_id.in_(cluster.scalar_subquery()),
                ClusterMember.item_id != item_id,
            )
            .order_by(ClusterMember.preferred.desc(), ClusterMember.item_id)
        )
    )


def _ids_by(
    session: Session, person_id: int, moment: InstrumentedAttribute[datetime | None]
) -> list[int]:
    return list(
        session.scalars(
            select(ItemState.item_id)
            .join(Item, Item.id == ItemState.item_id)
            .where(
                ItemState.person_id == person_id,
                moment.is_not(None),
                Item.status == Status.LIVE.value,
            )
            .order_by(moment.desc(), ItemState.item_id)
        )
    )
