"""Writes of what people did: each is one activity row and, where it lasts, one state."""

from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app import events
from app.activity import pauses, removals
from app.activity.telling import OWN, by_hand
from app.db import insert_if_missing
from app.errors import Invalid, NotAllowed, Wording
from app.intake.text import keepable
from app.models import Activity, Item, ItemState, Verb

VIA = frozenset({"search", "home", "item", "role-page", "playlist", "library", "mail"})
MOST_STARS = 5
WHY = 500


def record(
    session: Session,
    person_id: int,
    item_id: int,
    verb: Verb,
    *,
    now: datetime,
    source: str = OWN,
    external_id: str | None = None,
    value: float | None = None,
    via: str = "",
) -> Activity:
    """Append one activity and return it; it does not count while the person pauses."""
    [counts] = pauses.counting(session, [(person_id, now)])
    row = Activity(
        person_id=person_id,
        item_id=item_id,
        verb=verb.value,
        at=now,
        source=source,
        external_id=external_id,
        value=value,
        via=via,
        counts=counts,
    )
    session.add(row)
    session.flush()
    return row


def launch(session: Session, person_id: int, item: Item, *, now: datetime, via: str = "") -> None:
    """Record that a person opens an item in its tool; `via` is the kind of page they come from.

    What is none of `VIA` is not kept.
    """
    known = via if via in VIA else ""
    record(session, person_id, item.id, Verb.LAUNCHED, now=now, via=known)
    events.item_launched.send(session, person_id=person_id, item_id=item.id, at=now)


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


def complete_by_hand(
    session: Session, person_id: int, item: Item, *, now: datetime, today: date
) -> None:
    """Mark an item done because the person says so.

    Raises NotAllowed where on this day a tool tells. The item's tool is loaded.
    """
    if not by_hand(session, person_id, item.id, today=today).may_say:
        raise NotAllowed(Wording("%(tool)s tells us when you are done.", tool=item.tool.name))
    complete(session, person_id, item.id, now=now)


def uncomplete_by_hand(
    session: Session, person_id: int, item: Item, *, now: datetime, today: date
) -> None:
    """Take back that an item is done because the person says so.

    Raises NotAllowed where a tool tells, and the person has not said themselves that it is done.
    The item's tool is loaded.
    """
    if not by_hand(session, person_id, item.id, today=today).may_take_back:
        raise NotAllowed(Wording("%(tool)s told us that this is done.", tool=item.tool.name))
    uncomplete(session, person_id, item.id, now=now)


def uncomplete(session: Session, person_id: int, item_id: int, *, now: datetime) -> None:
    """Take back that an item is done: its completions of Foyer's own leave the record too."""
    state = state_of(session, person_id, item_id)
    state.done_at = None
    _take_back(session, person_id, item_id, Verb.COMPLETED, now=now)
    events.item_reopened.send(session, person_id=person_id, item_id=item_id)


def dismiss(session: Session, person_id: int, item_id: int, *, now: datetime) -> None:
    """Never recommend this item to this person again; doing it twice changes nothing."""
    state = state_of(session, person_id, item_id)
    if state.dismissed_at is None:
        state.dismissed_at = now
        record(session, person_id, item_id, Verb.DISMISSED, now=now)


def undismiss(session: Session, person_id: int, item_id: int, *, now: datetime) -> None:
    """Take a dismissal back."""
    state_of(session, person_id, item_id).dismissed_at = None
    _take_back(session, person_id, item_id, Verb.DISMISSED, now=now)


def like(session: Session, person_id: int, item_id: int, *, now: datetime) -> None:
    """Say that an item was helpful; saying it twice changes nothing."""
    state = state_of(session, person_id, item_id)
    if state.liked_at is None:
        state.liked_at = now
        record(session, person_id, item_id, Verb.LIKED, now=now)


def unlike(session: Session, person_id: int, item_id: int, *, now: datetime) -> None:
    """Take back that an item was helpful."""
    state_of(session, person_id, item_id).liked_at = None
    _take_back(session, person_id, item_id, Verb.LIKED, now=now)


def rate(
    session: Session,
    person_id: int,
    item_id: int,
    *,
    stars: int,
    now: datetime,
    why: str = "",
    named: bool = False,
) -> None:
    """Give an item 1 to 5 stars, in place of any given before, and a reason for curators perhaps.

    They read the person's name beside it only if it is `named`. Another reason is open to be
    answered again. Raises Invalid for other numbers and for a reason of more than 500 characters.
    """
    if not 1 <= stars <= MOST_STARS:
        raise Invalid({"stars": Wording("Choose from 1 to 5 stars.")})
    why = keepable(" ".join(why.split()))
    if len(why) > WHY:
        raise Invalid({"why": Wording("At most %(most)d characters, please.", most=WHY)})
    state = state_of(session, person_id, item_id)
    if (state.why_stars, state.stars) != (why, stars):
        state.rated_at, state.why_answered_at, state.why_answer = now, None, ""
    state.why_stars, state.names_stars = why, named and bool(why)
    if state.stars == stars:
        session.flush()
        return
    forget_rating(session, person_id, item_id, now=now)
    state.stars = stars
    record(session, person_id, item_id, Verb.RATED, now=now, value=stars)


def unrate(session: Session, person_id: int, item_id: int, *, now: datetime) -> None:
    """Take the stars back, wherever they were given."""
    state = state_of(session, person_id, item_id)
    state.stars, state.rated_at = None, None
    state.why_stars, state.why_answer, state.why_answered_at = "", "", None
    state.names_stars = False
    forget_rating(session, person_id, item_id, now=now)


def forget_rating(session: Session, person_id: int, item_id: int, *, now: datetime) -> None:
    """Remove what is recorded of this person's stars for the item, a tool's word of it too."""
    removals.remove(session, *_about(person_id, item_id, Verb.RATED), now=now)
    session.flush()


def state_of(session: Session, person_id: int, item_id: int) -> ItemState:
    """Return the state to change; two requests at once end up with the same row, one by one."""
    key = (person_id, item_id)
    insert_if_missing(session, ItemState, person_id=person_id, item_id=item_id)
    return session.get_one(ItemState, key, with_for_update=True)


def _take_back(
    session: Session, person_id: int, item_id: int, verb: Verb, *, now: datetime
) -> None:
    """Remove what was recorded here of this; what tools told stays."""
    own = Activity.source == OWN
    removals.remove(session, *_about(person_id, item_id, verb), own, now=now)
    session.flush()


def _about(person_id: int, item_id: int, verb: Verb) -> tuple[ColumnElement[bool], ...]:
    return (
        Activity.person_id == person_id,
        Activity.item_id == item_id,
        Activity.verb == verb.value,
    )
