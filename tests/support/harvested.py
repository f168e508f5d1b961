"""What a harvest writes, and what it has left in the catalogue, to be compared with others."""

from collections import defaultdict
from contextlib import contextmanager

from sqlalchemy import event, select
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


@contextmanager
def writing(database):
    """Give a list that grows by every statement that changes rows, as (verb, table)."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        words = statement.replace('"', "").split()
        if words[0].upper() in {"INSERT", "DELETE"}:
            sent.append((words[0].upper(), words[2]))
        elif words[0].upper() == "UPDATE":
            sent.append(("UPDATE", words[1]))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
