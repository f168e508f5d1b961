"""Retiring an item, with one that takes its place or without, and bringing it back. None commits.

All that pointed to the item follows to its successor at once: pins, steps, saved lists, search and
recommendations. No reading of the tool revives it, since its status is a curator's word.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.care import deeds, uses
from app.care.deeds import Deed
from app.care.tending import tend
from app.catalogue import service as catalogue
from app.catalogue.successors import line_of
from app.curation import replacing as pages
from app.errors import Conflict, Invalid, NotFound, Wording
from app.models import (
    CareDeed,
    Item,
    ItemState,
    NoticeKind,
    Pin,
    Playlist,
    Section,
    Status,
    Step,
    visible_to,
)
from app.notices.service import tell
from app.playlists import replacing as playlists

_STATUS = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """How many pins and steps lead to the successor now, and how many people were told."""

    pins: int
    steps: int
    people: int


def retire(
    session: Session,
    item_id: int,
    *,
    successor_id: int | None,
    by: int | None,
    tokens: Collection[str] | None,
    now: datetime,
) -> Followed:
    """Retire an item; what pointed to it follows to its successor, if there is one.

    A successor that is itself retired stands for the one at the end of its own line. `tokens` are
    those of the curator, None where the job retires. Raises NotFound for an item that is not there
    for them, Conflict for one that a curator has retired before, Invalid for a successor that is
    not live, or whose line leads back to the item.
    """
    item = _held(session, item_id, tokens)
    if item.status == Status.RETIRED.value and _STATUS in item.locked:
        raise Conflict(Wording("“%(title)s” has been retired before.", title=item.title))
    successor = None
    if successor_id is not None:
        successor = _successor(session, item, successor_id, tokens)
    before = _as_it_was(session, item)
    people = uses.people_with(session, item_id, now=now)
    catalogue.set_status(session, [item_id], Status.RETIRED, now=now)
    item.status, item.updated_at = Status.RETIRED.value, now
    item.locked = [*(name for name in item.locked if name != _STATUS), _STATUS]
    item.successor_id = successor.id if successor else None
    session.flush()
    pins = steps = 0
    if successor is not None:
        pins = pages.replace_everywhere(session, item_id, successor.id, now=now)
        steps = playlists.replace_everywhere(session, item_id, successor.id, now=now)
        before["saved"] = _saved_follow(session, item_id, successor.id)
        catalogue.queue_for_index(session, [successor.id], now=now)
    before["reports"] = deeds.open_report_ids(session, item_id)
    deeds.answer_reports(session, [item_id], accepted=True, by=by, now=now)
    deeds.remember(session, {item_id: before}, Deed.RETIRE, by=by, now=now)
    tend(session, [item_id], now=now)
    told = _tell(session, item, successor, people, now=now)
    return Followed(pins=pins, steps=steps, people=told)


def bring_back(
    session: Session, item_id: int, *, by: int, tokens: Collection[str], now: datetime
) -> Followed:
    """Offer a retired item again, and put back what had followed to its successor.

    What has been changed since stays as it is now: pins that gave way because the successor was on
    the page already, and steps that were merged. Raises NotFound for an item that is not there for
    this curator, Conflict for one that is live.
    """
    item = _held(session, item_id, tokens)
    if item.status == Status.LIVE.value:
        raise Conflict(Wording("“%(title)s” is not retired.", title=item.title))
    successor_id, deed = item.successor_id, session.get(CareDeed, item_id)
    before = deed.before if deed and deed.deed == Deed.RETIRE.value else {}
    locked = before.get("locked", [name for name in item.locked if name != _STATUS])
    catalogue.set_status(session, [item_id], Status.LIVE, now=now)
    item.status, item.updated_at = Status.LIVE.value, now
    item.locked, item.successor_id = locked, None
    session.flush()
    pins = steps = 0
    if successor_id is not None:
        pins = _pins_back(session, before.get("pins", []), successor_id, item_id, now=now)
        steps = _steps_back(session, before.get("steps", []), successor_id, item_id, now=now)
        _saved_back(session, item_id, successor_id, before.get("saved", []))
        catalogue.queue_for_index(session, [successor_id], now=now)
    deeds.open_reports_again(session, before.get("reports", []))
    care = deeds.care_of(session, item_id, now=now)
    if care.sunset_on is not None and care.sunset_on <= now.date():
        care.sunset_on = None
        care.by_hand = [name for name in care.by_hand if name != "sunset_on"]
    care.reviewed_on, care.reviewed_by_id = now.date(), by
    if deed is not None:
        session.delete(deed)
    session.flush()
    tend(session, [item_id], now=now)
    return Followed(pins=pins, steps=steps, people=0)


def choosable(
    session: Session, item: Item, successor_id: int, *, tokens: Collection[str]
) -> Item | None:
    """Return the live item that would take the item's place if this one were chosen, or None.

    It is not one that leads back to the item, nor one that the curator may not see.
    """
    line = [successor_id, *line_of(session, successor_id)]
    if item.id in line:
        return None
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


def _held(session: Session, item_id: int, tokens: Collection[str] | None) -> Item:
    """Return the item, its row held until the transaction ends."""
    session.execute(
        update(Item)
        .where(Item.id == item_id)
        .values(status=Item.status)
        .execution_options(synchronize_session=False, changes_nothing=True)
    )
    wanted = select(Item).where(Item.id == item_id).options(joinedload(Item.tool))
    if tokens is not None:
        wanted = wanted.where(visible_to(Item.audience_id, tokens))
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(Wording("There is no such item for you."))
    return found


def _successor(
    session: Session, item: Item, successor_id: int, tokens: Collection[str] | None
) -> Item:
    found = choosable(session, item, successor_id, tokens=tokens or ())
    if found is None:
        raise Invalid(
            {
                "successor": Wording(
                    "This item cannot take its place: it is retired, leads back here, or is not "
                    "there for you."
                )
            }
        )
    return found


def _as_it_was(session: Session, item: Item) -> dict[str, Any]:
    pins = session.execute(
        select(Section.page_id, Pin.id).join(Pin.section).where(Pin.item_id == item.id)
    )
    steps = session.execute(select(Step.playlist_id, Step.id).where(Step.item_id == item.id))
    return {
        "locked": list(item.locked),
        "pins": [list(row) for row in pins],
        "steps": [list(row) for row in steps],
    }


def _saved_follow(session: Session, item_id: int, successor_id: int) -> list[int]:
    """Put the successor into the lists of who has saved the item; return who had not before.

    The item stays in their lists too, unseen while it is retired.
    """
    have = select(ItemState.person_id).where(
        ItemState.item_id == successor_id, ItemState.saved_at.is_not(None)
    )
    moved = session.execute(
        select(ItemState.person_id, ItemState.saved_at).where(
            ItemState.item_id == item_id,
            ItemState.saved_at.is_not(None),
            ItemState.person_id.not_in(have),
        )
    ).all()
    known = {
        state.person_id: state
        for state in session.scalars(
            select(ItemState).where(
                ItemState.item_id == successor_id,
                ItemState.person_id.in_([row.person_id for row in moved]),
            )
        )
    }
    for person_id, saved_at in moved:
        state = known.get(person_id) or ItemState(person_id=person_id, item_id=successor_id)
        state.saved_at = saved_at
        session.add(state)
    session.flush()
    return [row.person_id for row in moved]


def _saved_back(session: Session, item_id: int, successor_id: int, people: Collection[int]) -> None:
    """Take the successor out of lists into which it came in the item's place."""
    saved = dict(
        session.execute(
            select(ItemState.person_id, ItemState.saved_at).where(
                ItemState.item_id == item_id, ItemState.person_id.in_(people)
            )
        ).all()
    )
    states = session.scalars(
        select(ItemState).where(
            ItemState.item_id == successor_id, ItemState.person_id.in_(list(saved))
        )
    )
    for state in states:
        if state.saved_at == saved[state.person_id]:
            state.saved_at = None
    session.flush()


def _pins_back(
    session: Session, pins: list[list[int]], successor_id: int, item_id: int, *, now: datetime
) -> int:
    """Let the pins that had followed be the item's again, page by page."""
    still = session.execute(
        select(Section.page_id)
        .join(Pin, Pin.section_id == Section.id)
        .where(Pin.id.in_([pin_id for _, pin_id in pins]), Pin.item_id == successor_id)
        .distinct()
    )
    ids = [row.page_id for row in still]
    if not ids:
        return 0
    return pages.replace_everywhere(session, successor_id, item_id, now=now, only=ids)


def _steps_back(
    session: Session, steps: list[list[int]], successor_id: int, item_id: int, *, now: datetime
) -> int:
    still = session.execute(
        select(Step.playlist_id)
        .join(Playlist, Playlist.id == Step.playlist_id)
        .where(Step.id.in_([step_id for _, step_id in steps]), Step.item_id == successor_id)
        .distinct()
    )
    ids = [row.playlist_id for row in still]
    if not ids:
        return 0
    return playlists.replace_everywhere(session, successor_id, item_id, now=now, only=ids)


def _tell(
    session: Session, item: Item, successor: Item | None, people: Collection[int], *, now: datetime
) -> int:
    """Tell who has the item saved or is under way; the successor is named to who may see it."""
    sees = successor is not None and uses.everybody_sees(session, item, [successor])
    said = Wording("“%(title)s” has been retired.", title=item.title)
    about = item
    if successor is not None and sees:
        about = successor
        said = Wording(
            "“%(title)s” has been retired. “%(successor)s” takes its place.",
            title=item.title,
            successor=successor.title,
        )
    return tell(
        session,
        people,
        NoticeKind.CONTENT,
        key=f"retired:{item.id}:{now:%Y%m%d%H%M%S}",
        sentence=said,
        now=now,
        path=f"/items/{about.id}",
        item_id=about.id,
    )
