"""What a harvest has left in the catalogue, to be compared with that of another one."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.models import Item, ItemKey

OWN = {"id", "tool_id", "audience_id", "channel_id", "created_at", "updated_at"}


def rows(database):
    """Return the live items, all that they hold but numbers and times of ours."""
    with database.sessions() as session:
        items = session.scalars(
            select(Item)
            .where(Item.status == "live")
            .options(selectinload(Item.skills), selectinload(Item.roles))
        ).all()
        keys = defaultdict(set)
        for item_id, key in session.execute(select(ItemKey.item_id, ItemKey.key)):
            keys[item_id].add(key)
        return {item.external_id: row_of(item) | {"keys": keys[item.id]} for item in items}


def row_of(item):
    columns = [column.name for column in Item.__table__.columns if column.name not in OWN]
    return {
        **{name: getattr(item, name) for name in columns},
        "skills": [skill.slug for skill in item.skills],
        "roles": sorted(role.slug for role in item.roles),
    }


def titles(database, status="live"):
    """Return the titles of the items of this status."""
    with database.sessions() as session:
        found = select(Item.external_id, Item.title).where(Item.status == status)
        return dict(map(tuple, session.execute(found)))
