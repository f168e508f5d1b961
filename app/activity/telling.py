"""Whether a tool tells us who has finished an item: then nobody says so by hand.

A tool tells by its own connection, or through a record store (an LRS) that has told of completions
of its items before. A connection is believed while it is switched on, knows by what people are
named, and has answered within three days; without one that is believed, people say so themselves,
so that a broken connection keeps nobody waiting. Of channels no tool tells.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from app.connectors.registry import CONNECTORS
from app.models import Activity, Connection, Item, Kind, ReportedTool, Verb

OWN = "foyer"
_TELLING = tuple(each.spec.kind for each in CONNECTORS if each.spec.capabilities.activity)
_BELIEVED = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class ByHand:
    """What somebody may say of an item themselves: that it is done, and that it is not after all.

    Of what a tool tells they may take back only what they have said themselves.
    """

    may_say: bool = True
    may_take_back: bool = True


def is_told(today: date) -> ColumnElement[bool]:
    """Return the condition that on this day a tool tells who has finished an `Item`.

    The item's row is that of the statement in which the condition stands.
    """
    reports = exists().where(
        ReportedTool.connection_id == Connection.id, ReportedTool.tool_id == Item.tool_id
    )
    since = datetime.combine(today - _BELIEVED, time(), UTC)
    telling = exists().where(
        or_(Connection.tool_id == Item.tool_id, reports.correlate(Connection, Item)),
        Connection.enabled,
        Connection.kind.in_(_TELLING),
        Connection.people_by != "",
        Connection.last_ok_at >= since,
    )
    return and_(Item.kind != Kind.CHANNEL.value, telling.correlate(Item))


def is_kept_back(person_id: int, today: date) -> ColumnElement[bool]:
    """Return the condition that a tool alone says whether the person has done an `Item`.

    So it is of what a tool tells, but for what the person said themselves before it did.
    """
    return and_(is_told(today), ~is_said(person_id))


def is_said(person_id: int) -> ColumnElement[bool]:
    """Return the condition that the person has said themselves that an `Item` is done."""
    said = exists().where(
        Activity.person_id == person_id,
        Activity.item_id == Item.id,
        Activity.verb == Verb.COMPLETED.value,
        Activity.source == OWN,
    )
    return said.correlate(Item)


def by_hand(session: Session, person_id: int, item_id: int, *, today: date) -> ByHand:
    """Return what a person may say of an item on this day."""
    columns = select(is_told(today), is_kept_back(person_id, today))
    told, kept_back = session.execute(columns.where(Item.id == item_id)).one()
    return ByHand(may_say=not told, may_take_back=not kept_back)
