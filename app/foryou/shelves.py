"""A reader's shelves as cards: one slate and one statement of cards for all of them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from app.access import Viewer
from app.activity.cards import Card, cards_in_order
from app.foryou import sentences, service
from app.foryou.experiments import Running
from app.foryou.here import Here
from app.foryou.service import Reader
from app.foryou.shelf import cards_for, names_for, reader, room
from app.foryou.shown import sealed
from app.models import Kind
from app.web.unit_of_work import resources
from recommender.data import Recommendation
from recommender.shelves import Shelf, ShelfKind, ShelvesConfig, lay_out, next_on
from recommender.stock import Stock, taken_in_roles

FOR_EACH_CARD = 25  # recommendations to choose from, for each card that a shelf may hold
BEGUN_WITHIN = timedelta(days=14)
_ALIKE = 60
Seal = Callable[[ShelfKind, list[Recommendation]], str]
_OPENS = frozenset({"launched", "found"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShelf:
    """A shelf with its title and cards.

    `seen` is what the page sends back once it was looked at; `cause` the item that a "because"
    shelf follows from.
    """

    kind: ShelfKind
    title: str
    note: str
    cards: list[Card]
    seen: str
    cause: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """All that a page shows of the recommender.

    `begun` is what the reader opened and has not finished, latest first, with when they last did;
    `others` are the further cards that were asked for, by id.
    """

    reader: Reader
    begun: list[tuple[Card, datetime]]
    shelves: list[CardShelf]
    others: dict[int, Card]


def shelved(
    session: Session,
    viewer: Viewer,
    *,
    here: Here,
    now: datetime,
    most: int,
    beside: Iterable[int] = (),
    others: Iterable[int] = (),
    steps: Mapping[int, bool] | None = None,
) -> Shelved:
    """Return the reader's shelves of at most `most` cards each.

    What is shown `beside` them stands on none of them, in whichever tool, nor does anything twice.
    `steps` are the items of their playlists, with whether each is the next step of one, if known.
    """
    who = reader(session, viewer, now=now, here=here, steps=steps)
    opened, beside = _opened(who, now), frozenset(beside)
    config = ShelvesConfig(most=most)
    experiment = room().experiments.running(session)
    stock = _stock(who, beside, experiment, limit=FOR_EACH_CARD * most)
    laid = lay_out(stock, begun=opened, taken=beside, config=config)
    cards = cards_for(session, viewer, [*_needed(laid), *others])
    names = names_for(who, viewer, cards)
    seal = partial(_sealed, viewer, experiment=experiment, now=now)
    return Shelved(
        reader=who,
        begun=_begun(laid, cards, opened)[:most],
        shelves=[
            found
            for shelf in laid
            if shelf.picks and (found := _as_cards(shelf, cards, names, seal, here.minutes)).cards
        ],
        others={each: cards[each] for each in others if each in cards},
    )


def next_card(
    session: Session,
    viewer: Viewer,
    kind: ShelfKind,
    *,
    here: Here,
    now: datetime,
    shown: Collection[int],
    cause: int | None = None,
) -> Card | None:
    """Return the card that comes next on a shelf of this kind beside what is `shown`, or None."""
    who = reader(session, viewer, now=now, here=here)
    experiment = room().experiments.running(session)
    stock = _stock(who, shown, experiment, limit=FOR_EACH_CARD * ShelvesConfig.most)
    pick = next_on(stock, kind, taken=shown, cause=cause)
    if pick is None:
        return None
    named = sentences.items_named([pick.reason])
    cards = cards_for(session, viewer, [pick.item, *named])
    return _with_reasons([pick], cards, names_for(who, viewer, cards))[0]


def _stock(
    who: Reader, beside: Collection[int], experiment: Running | None, *, limit: int
) -> Stock:
    slate = service.slate_for(
        room(), who, limit=limit, beside=beside, experiment=experiment, explore=True
    ).recommendations
    chosen = [each.item for each in slate]
    counted = taken_in_roles(room().models.current(), who.context, chosen, who.offer.items)
    return Stock(
        slate,
        who.context,
        who.offer.items,
        who.offer.twins,
        counted,
        lambda item: service.similar_to(room(), who, item, limit=_ALIKE),
    )


def _opened(who: Reader, now: datetime) -> dict[int, datetime]:
    """Return what was opened in the last two weeks and is neither done nor dismissed, and when."""
    since = (now - BEGUN_WITHIN).timestamp()
    gone = who.offer.with_twins(who.walled_off)
    found: dict[int, datetime] = {}
    for event in reversed(who.context.history):
        if event.verb in _OPENS and event.at > since and event.item not in gone:
            found.setdefault(event.item, datetime.fromtimestamp(event.at, UTC))
    return found


def _needed(laid: Iterable[Shelf]) -> set[int]:
    """Return the items whose cards or titles the shelves need."""
    reasons = [each.reason for shelf in laid for each in shelf.picks]
    reasons += [shelf.cause for shelf in laid if shelf.cause]
    return {item for shelf in laid for item in shelf.items} | sentences.items_named(reasons)


def _begun(
    laid: Sequence[Shelf], cards: dict[int, Card], opened: dict[int, datetime]
) -> list[tuple[Card, datetime]]:
    """Return what was begun and can still be gone on with; a channel is never finished."""
    items = next((shelf.items for shelf in laid if shelf.kind is ShelfKind.CONTINUE), ())
    return [
        (card, opened[card.id])
        for card in cards_in_order(items, cards)
        if card.kind != Kind.CHANNEL.value
    ]


def _as_cards(
    shelf: Shelf, cards: dict[int, Card], names: sentences.Names, seal: Seal, asked: int | None
) -> CardShelf:
    """Return a shelf as it is shown; `asked` is the time that the reader said they have."""
    there = [pick for pick in shelf.picks if pick.item in cards]
    return CardShelf(
        kind=shelf.kind,
        title=_title(shelf, names, asked),
        note=_note(shelf, asked),
        cards=_with_reasons(there, cards, names),
        seen=seal(shelf.kind, there),
        cause=shelf.cause.item if shelf.cause else None,
    )


def _with_reasons(
    picks: Iterable[Recommendation], cards: dict[int, Card], names: sentences.Names
) -> list[Card]:
    return [
        cards[pick.item].because(sentences.sentence(pick.reason, names))
        for pick in picks
        if pick.item in cards
    ]


def _sealed(
    viewer: Viewer,
    kind: ShelfKind,
    picks: list[Recommendation],
    *,
    experiment: Running | None,
    now: datetime,
) -> str:
    """Return what the page sends back; of an experiment only For you is a part."""
    serving = room().models.serving()
    part = experiment if kind is ShelfKind.FOR_YOU else None
    return sealed(
        resources().vault,
        viewer.id,
        kind.value,
        picks,
        model=serving.name if serving else "",
        experiment_id=part.id if part else None,
        now=now,
    )


def _title(shelf: Shelf, names: sentences.Names, asked: int | None) -> str:
    if shelf.kind is ShelfKind.BECAUSE and shelf.cause:
        return sentences.sentence(shelf.cause, names) or gettext("More like what you did last")
    if shelf.kind is ShelfKind.SHORT and asked:
        return ngettext("Fits your %(num)s minute", "Fits your %(num)s minutes", asked)
    if shelf.kind is ShelfKind.SHORT:
        return gettext("Short ones for now")
    if shelf.kind is ShelfKind.NEW:
        return gettext("New for your role")
    if shelf.kind is ShelfKind.POPULAR:
        return gettext("Popular with your role")
    return gettext("For you")


def _note(shelf: Shelf, asked: int | None) -> str:
    if shelf.kind is ShelfKind.SHORT and shelf.minutes and not asked:
        return ngettext(
            "At most %(num)s minute each", "At most %(num)s minutes each", shelf.minutes
        )
    if shelf.kind is ShelfKind.NEW:
        return gettext("Published in the last 30 days")
    return ""
