"""Finds items that share a key and yet stand apart, as two harvests at one moment leave them.

Each of two transactions that run side by side sees only its own new items, so that neither joins
them. A look at all keys, now and then, makes up for it.
"""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from app.catalogue.clusters import TOO_COMMON
from app.models import ClusterMember, ItemKey


def strays(session: Session) -> list[int]:
    """Return the items that share a key with one of another cluster, or of none, in order.

    Those that curators have told apart are among them, for it is no harm to look at them again.
    """
    shared = (
        select(ItemKey.key)
        .group_by(ItemKey.key)
        .having(func.count().between(2, TOO_COMMON))
        .subquery()
    )
    one, other = aliased(ItemKey), aliased(ItemKey)
    mine, theirs = aliased(ClusterMember), aliased(ClusterMember)
    rows = session.scalars(
        select(one.item_id)
        .join(shared, shared.c.key == one.key)
        .join(other, other.key == one.key)
        .outerjoin(mine, mine.item_id == one.item_id)
        .outerjoin(theirs, theirs.item_id == other.item_id)
        .where(
            one.item_id != other.item_id,
            or_(
                mine.cluster_id.is_(None),
                theirs.cluster_id.is_(None),
                mine.cluster_id != theirs.cluster_id,
            ),
        )
        .distinct()
        .order_by(one.item_id)
    )
    return list(rows)
