"""What curators say of duplicates: these are different, those are the same. None commits.

Whoever decides says which items they saw together. If these have changed since, the decision is
refused, so that two curators at once cannot undo each other's words without knowing of them.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from app.catalogue import clusters
from app.errors import Conflict, Invalid, NotFound, Wording
from app.models import ClusterDecision, Item, visible_to

_CHANGED = Wording("Somebody has changed this group in the meantime. Please look at it again.")


def split(
    session: Session,
    item_id: int,
    *,
    seen: Collection[int],
    by: int,
    tokens: Collection[str],
    now: datetime,
) -> None:
    """Say that an item is different from everything that it was shown together with.

    Raises NotFound for an item that this curator does not see, Conflict if its group has changed.
    """
    _hold(session, [item_id])
    whole = clusters.members(session, item_id)
    _check(session, whole, item_id, seen=seen, tokens=tokens)
    clusters.split_off(session, item_id, by=by, now=now)


def merge(
    session: Session,
    item_id: int,
    other_id: int,
    *,
    seen: Collection[int],
    by: int,
    tokens: Collection[str],
    now: datetime,
) -> None:
    """Say that two items are the same, with all that either is the same as already.

    What was told apart between them counts no longer. Raises NotFound for an item that this
    curator does not see, Invalid for an item and itself, Conflict if a group has changed.
    """
    if item_id == other_id:
        raise Invalid({"other": Wording("An item is always the same as itself.")})
    _hold(session, [item_id, other_id])
    these, those = clusters.members(session, item_id), clusters.members(session, other_id)
    _check(session, these | those, item_id, other_id, seen=seen, tokens=tokens)
    if other_id in these:
        return
    for low, high in {_pair(item_id, other_id), *_told_apart(session, these, those)}:
        clusters.decide(session, low, high, clusters.SAME, by=by, now=now)


def _hold(session: Session, item_ids: Iterable[int]) -> None:
    """Hold the groups of these items until the transaction ends, in an order that all keep to."""
    smallest = {min(clusters.members(session, item_id)) for item_id in item_ids}
    for item_id in sorted(smallest):
        session.execute(
            update(Item)
            .where(Item.id == item_id)
            .values(status=Item.status)
            .execution_options(synchronize_session=False, changes_nothing=True)
        )


def _check(
    session: Session,
    whole: Collection[int],
    *named: int,
    seen: Collection[int],
    tokens: Collection[str],
) -> None:
    """Raise NotFound if a named item is not there for this curator, Conflict if others are."""
    shown = set(
        session.scalars(
            select(Item.id).where(Item.id.in_(whole), visible_to(Item.audience_id, tokens))
        )
    )
    if not shown >= set(named):
        raise NotFound(Wording("There is no such item for you."))
    if shown != set(seen):
        raise Conflict(_CHANGED)


def _told_apart(
    session: Session, these: Collection[int], those: Collection[int]
) -> list[tuple[int, int]]:
    """Return the pairs, one from here and one from there, that somebody has called different."""
    low, high = ClusterDecision.low_id, ClusterDecision.high_id
    across = or_(
        and_(low.in_(these), high.in_(those)),
        and_(low.in_(those), high.in_(these)),
    )
    rows = select(low, high).where(across, ClusterDecision.verdict == clusters.DIFFERENT)
    return [(row.low_id, row.high_id) for row in session.execute(rows)]


def _pair(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)
