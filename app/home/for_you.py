"""What a reader sees on the page that is all recommendations."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.access import Viewer
from app.activity.cards import Card
from app.foryou.here import Here
from app.foryou.shelves import CardShelf, next_card, shelved
from app.home.around import Line, People, TimeChoice, begun_lines, people_around, time_choices
from recommender.shelves import ShelfKind

ON_A_SHELF = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ForYouPage:
    """All shelves in full. `has_items` is whether the catalogue holds anything for this reader.

    `minutes` is the time they say they have, `elsewhere` what stands on the page but on no shelf.
    """

    begun: list[Line]
    shelves: list[CardShelf]
    times: list[TimeChoice]
    minutes: int | None
    people: People | None
    has_items: bool
    elsewhere: list[int]


def for_you_page(session: Session, viewer: Viewer, *, here: Here, now: datetime) -> ForYouPage:
    """Gather the page of this reader at this moment."""
    found = shelved(session, viewer, here=here, now=now, most=ON_A_SHELF)
    return ForYouPage(
        begun=begun_lines(found),
        shelves=found.shelves,
        times=time_choices(here.minutes),
        minutes=here.minutes,
        people=people_around(session, viewer, found.reader),
        has_items=bool(found.reader.offer.items),
        elsewhere=[card.id for card, _at in found.begun],
    )


def card_instead(
    session: Session,
    viewer: Viewer,
    shelf: str,
    *,
    here: Here,
    now: datetime,
    shown: Collection[int],
    cause: int | None,
) -> Card | None:
    """Return the next card of the shelf that an address names; None if there is none or no more."""
    if shelf not in list(ShelfKind):
        return None
    kind = ShelfKind(shelf)
    return next_card(session, viewer, kind, here=here, now=now, shown=shown, cause=cause)
