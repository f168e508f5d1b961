"""Counts, once a day, how many people used each tool: too much to be counted for a page."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from app.care.reasons import USE
from app.models import Activity, Item, ToolUse, Verb


def count_people(session: Session, *, now: datetime) -> bool:
    """Count who opened or finished something of a tool in the last 90 days, if not done today."""
    newest = session.scalar(select(func.max(ToolUse.counted_at)))
    if newest is not None and newest.date() == now.date():
        return False
    used = Activity.verb.in_([Verb.LAUNCHED.value, Verb.COMPLETED.value])
    rows = session.execute(
        select(Item.tool_id, func.count(Activity.person_id.distinct()))
        .join(Item, Item.id == Activity.item_id)
        .where(Activity.at > now - USE, Activity.at <= now, used)
        .group_by(Item.tool_id)
    ).all()
    session.execute(delete(ToolUse).execution_options(synchronize_session=False))
    if rows:
        session.execute(
            insert(ToolUse),
            [{"tool_id": tool, "people": people, "counted_at": now} for tool, people in rows],
        )
    return True
