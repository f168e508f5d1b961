"""A reader's recommendations as cards with sentences: what pages put on a shelf."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from app import clock
from app.access import Viewer
from app.activity.cards import Card, cards_by_id, cards_in_order
from app.foryou import sentences, service
from app.foryou.here import NOWHERE, Here
from app.foryou.room import Room
from app.foryou.service import Reader
from app.models import Kind
from app.web.i18n import language
from app.web.unit_of_work import config
from recommender.data import Recommendation

EXTENSION = "foyer-recommender"
_SPARE = 4
_ALIKE = 4


def room() -> Room:
    """Return the recommender's room of the current application."""
    found: Room = current_app.extensions[EXTENSION]
    return found


def reader(
    session: Session,
    viewer: Viewer,
    *,
    now: datetime,
    here: Here = NOWHERE,
    steps: Mapping[int, bool] | None = None,
) -> Reader:
    """Return the viewer as the recommender sees them now and `here`; `steps` if they are known."""
    return service.reader_of(
        session,
        room(),
        viewer,
        language=language(),
        now=now,
        here=here,
        fewest=config().min_group_size,
        steps=steps,
    )


def for_you(
    session: Session,
    viewer: Viewer,
    *,
    now: datetime,
    limit: int = 4,
    beside: Collection[int] = (),
) -> list[Card]:
    """Return recommended cards, best first, each carrying its reason as a sentence.

    What is shown `beside` them is not shown twice, in whichever tool. A few more than asked for
    are drawn, so that one that has gone meanwhile leaves no gap.
    """
    who = reader(session, viewer, now=now)
    slate = service.slate_for(room(), who, limit=limit + _SPARE, beside=beside).recommendations
    return _cards(session, viewer, who, slate)[:limit]


@dataclass(frozen=True, slots=True)
class About:
    """What recommendations say around one item: the item's card, why it may suit, what is alike.

    `others` are the further cards that were asked for, by id.
    """

    card: Card | None
    why: str
    similar: list[Card]
    others: dict[int, Card]


def about(
    session: Session,
    viewer: Viewer,
    item_id: int,
    *,
    now: datetime,
    others: Iterable[int] = (),
    limit: int = 4,
) -> About:
    """Return an item's card with its sentence and what is like it, all cards in one statement.

    What is among the `others` is not named as alike besides.
    """
    who = reader(session, viewer, now=now)
    reason = service.why(room(), who, item_id)
    others = [*others]
    found_alike = service.similar_to(room(), who, item_id, limit=limit + len(others))
    alike = [each for each in found_alike if each not in others][:limit]
    spoken = sentences.items_named([reason.reason] if reason else [])
    found = cards_for(session, viewer, [item_id, *alike, *spoken, *others])
    why = ""
    if reason:
        why = sentences.sentence(reason.reason, names_for(who, viewer, found))
    similar = cards_in_order(alike, found)
    return About(found.get(item_id), why, similar, {o: found[o] for o in others if o in found})


def alike(session: Session, viewer: Viewer, item_id: int) -> list[Card]:
    """Return the cards of what is most like an item that may no longer be live."""
    who = reader(session, viewer, now=clock.now())
    ids = service.similar_to_gone(session, room(), who, item_id, limit=_ALIKE)
    return cards_in_order(ids, cards_for(session, viewer, ids))


def _cards(
    session: Session, viewer: Viewer, who: Reader, slate: tuple[Recommendation, ...]
) -> list[Card]:
    reasons = {each.item: each.reason for each in slate}
    spoken = sentences.items_named(reasons.values())
    found = cards_for(session, viewer, [*reasons, *spoken])
    names = names_for(who, viewer, found)
    return [
        card.because(sentences.sentence(reasons[card.id], names))
        for card in cards_in_order(reasons, found)
    ]


def names_for(who: Reader, viewer: Viewer, found: dict[int, Card]) -> sentences.Names:
    """Return what sentences may name; the reader's own roles even if the catalogue has none."""
    own = zip((f"role:{slug}" for slug in viewer.roles), viewer.role_names, strict=True)
    titles = {item_id: card.title for item_id, card in found.items()}
    channels = [item_id for item_id, card in found.items() if card.kind == Kind.CHANNEL]
    fewest = config().min_group_size
    return sentences.Names(titles, who.offer.names | dict(own), channels, fewest)


def cards_for(session: Session, viewer: Viewer, ids: Iterable[int]) -> dict[int, Card]:
    """Return the cards of those of these items that the viewer may see, in one statement."""
    return cards_by_id(session, set(ids), person_id=viewer.id, tokens=viewer.tokens)
