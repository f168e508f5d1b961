"""What takes the place of a retired item: its successor, or that one's, to the end of the line."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload

from app.models import Item, Status, visible_to


def line_of(session: Session, item_id: int) -> list[int]:
    """Return the ids of an item's successors in their order, each once, even if they go round."""
    first = select(Item.id, Item.successor_id).where(Item.id == item_id)
    line = first.cte("line", recursive=True)
    next_one = aliased(Item)
    further = select(next_one.id, next_one.successor_id).join(
        line, line.c.successor_id == next_one.id
    )
    line = line.union(further)
    following = dict(session.execute(select(line.c.id, line.c.successor_id)).all())
    found: list[int] = []
    place = following.get(item_id)
    while place is not None and place in following and place not in {item_id, *found}:
        found.append(place)
        place = following[place]
    return found


def successor_of(session: Session, item: Item, *, tokens: Collection[str]) -> Item | None:
    """Return what takes a retired item's place now, its tool loaded.

    That is the first live one of its successors; None if there is none, or if a holder of `tokens`
    may not see it.
    """
    if item.status == Status.LIVE.value or item.successor_id is None:
        return None
    line = line_of(session, item.id)
    rows = session.scalars(
        select(Item)
        .where(
            Item.id.in_(line),
            Item.status == Status.LIVE.value,
            visible_to(Item.audience_id, tokens),
        )
        .options(joinedload(Item.tool))
    )
    return min(rows, key=lambda one: line.index(one.id), default=None)


def replaced_by(
    session: Session, old_id: int, item_id: int, *, tokens: Collection[str]
) -> Item | None:
    """Return the retired item whose place `item_id` takes; None if it does not, or is not seen."""
    old = session.scalar(
        select(Item).where(
            Item.id == old_id,
            Item.status == Status.RETIRED.value,
            visible_to(Item.audience_id, tokens),
        )
    )
    return old if old is not None and item_id in line_of(session, old_id) else None
