"""Lets a completion count for every item that is the same thing in another tool."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import events
from app.activity.service import state_of
from app.catalogue import clusters
from app.models import Activity, Verb


def on_item_completed(session: Session, *, person_id: int, item_id: int, at: datetime) -> None:
    """Mark the item's duplicates done too, and tell of each, so that playlists follow."""
    for twin in sorted(clusters.members(session, item_id) - {item_id}):
        state = state_of(session, person_id, twin)
        if state.done_at is None:
            state.done_at, state.dismissed_at = at, None
            session.flush()
            events.item_completed.send(session, person_id=person_id, item_id=twin, at=at)


def on_item_reopened(session: Session, *, person_id: int, item_id: int) -> None:
    """Take the mark back from duplicates that nobody said were done themselves."""
    twins = clusters.members(session, item_id) - {item_id}
    if not twins:
        return
    said = select(Activity.item_id).where(
        Activity.person_id == person_id,
        Activity.item_id.in_(twins),
        Activity.verb == Verb.COMPLETED.value,
    )
    for twin in sorted(twins - set(session.scalars(said))):
        state = state_of(session, person_id, twin)
        if state.done_at is not None:
            state.done_at = None
            session.flush()
            events.item_reopened.send(session, person_id=person_id, item_id=twin)
