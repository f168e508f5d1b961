"""Writes of what people did: each is one activity row and, where it lasts, one state."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import events
from app.db import insert_if_missing
from app.models import Activity, Item, ItemState, Verb


def record(
    session: Session,
    person_id: int,
    item_id: int,
    verb: Verb,
    *,
    now: datetime,
    source: str = "foyer",
    external_id: str | None = None,
) -> Activity:
    """Append one activity and return it."""
    row = Activity(
        person_id=person_id,
        item_id=item_id,
        verb=verb.value,
        at=now,
        source=source,
        external_id=external_id,
    )
    session.add(row)
    session.flush()
    return row


def launch(session: Session, person_id: int, item: Item, *, now: datetime) -> None:
    """Record that a person opens an item in its tool."""
    record(session, person_id, item.id, Verb.LAUNCHED, now=now)


def save(session: Session, person_id: int, item_id: int, *, now: datetime) -> None:
    """Put an item into the person's library; saving twice changes nothing."""
    state = state_of(session, person_id, item_id)
    if state.saved_at is None:
        state.saved_at = now
        record(session, person_id, item_id, Verb.SAVED, now=now)


def unsave(session: Session, person_id: int, item_id: int) -> None:
    """Take an item out of the person's library."""
    state_of(session, person_id, item_id).saved_at = None
    session.flush()


def complete(session: Session, person_id: int, item_id: int, *, now: datetime) -> None:
    """Mark an item done and tell whoever follows completions; doing it twice changes nothing."""
    state = state_of(session, person_id, item_id)
    if state.done_at is not None:
        return
    state.done_at = now
    state.dismissed_at = None
    record(session, person_id, item_id, Verb.COMPLETED, now=now)
    events.item_completed.send(session, person_id=person_id, item_id=item_id, at=now)


def uncomplete(session: Session, person_id: int, item_id: int) -> None:
    """Take back that an item is done: its completions of Foyer's own leave the record too."""
    state = state_of(session, person_id, item_id)
    state.done_at = None
    _forget(session, person_id, item_id, Verb.COMPLETED)
    events.item_reopened.send(session, person_id=person_id, item_id=item_id)


def dismiss(session: Session, person_id: int, item_id: int, *, now: datetime) -> None:
    """Never recommend this item to this person again; doing it twice changes nothing."""
    state = state_of(session, person_id, item_id)
    if state.dismissed_at is None:
        state.dismissed_at = now
        record(session, person_id, item_id, Verb.DISMISSED, now=now)


def undismiss(session: Session, person_id: int, item_id: int) -> None:
    """Take a dismissal back."""
    state_of(session, person_id, item_id).dismissed_at = None
    _forget(session, person_id, item_id, Verb.DISMISSED)


def state_of(session: Session, person_id: int, item_id: int) -> ItemState:
    """Return the state to change; two requests at once end up with the same row, one by one."""
    key = (person_id, item_id)
    insert_if_missing(session, ItemState, person_id=person_id, item_id=item_id)
    return session.get_one(ItemState, key, with_for_update=True)


def _forget(session: Session, person_id: int, item_id: int, verb: Verb) -> None:
    session.query(Activity).filter_by(
        person_id=person_id, item_id=item_id, verb=verb.value, source="foyer"
    ).delete()
    session.flush()
