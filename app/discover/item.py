"""The item page: what it is, where it lives, why it may be for the reader, and what is like it."""

from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from app import clock
from app.access import Viewer
from app.activity import launches
from app.activity.cards import Card, card_of
from app.activity.opinions import Opinion, opinion_of
from app.activity.telling import ByHand, by_hand
from app.catalogue import queries as catalogue
from app.catalogue.duplicates import Twin, also_in
from app.catalogue.successors import replaced_by, successor_of
from app.discover import queries
from app.discover.experts import Expert, experts
from app.editing.queries import differing, size_of_picture
from app.errors import NotFound
from app.foryou import shelf
from app.links.queries import away_state
from app.models import Item, Status
from app.web.i18n import today
from app.web.unit_of_work import config

_MOST_PEOPLE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """What the reader sees of one item. `app_name` is an app that opens it too, or empty.

    `via` is the kind of page from which they came, `opinion` what they and others think of it,
    `by_hand` what they may say of it themselves.
    `also_in` is the same thing in other tools; `better` is the one of them that is preferred to it.
    `people` know about its skills and share it. `picture_size` is in pixels, None without one.
    `successor` takes the place of a retired item; `replaces` is the retired one in whose place the
    reader was led here. `away` is “gone” or “hidden” where its link does not open, else empty.
    """

    item: Item
    card: Card
    retired: bool
    app_name: str
    why: str
    similar: list[Card]
    channel: Card | None
    pinned_on: list[tuple[str, str, str]]
    share_url: str
    also_in: list[Twin]
    people: list[Expert]
    via: str
    opinion: Opinion
    by_hand: ByHand
    picture_size: tuple[int, int] | None
    away: str
    successor: Item | None
    replaces: Item | None

    @property
    def differs(self) -> bool:
        """Tell whether a curator has changed it to what its tool does not say."""
        return bool(differing(self.item))

    @property
    def better(self) -> Twin | None:
        """Return the edition that is preferred to this one, if there is one for this reader."""
        return next((twin for twin in self.also_in if twin.preferred), None)


def item_page(
    session: Session, reader: Viewer, item_id: int, *, via: str, instead_of: int | None = None
) -> ItemPage:
    """Gather the page; raise NotFound for an item that is not there for this reader.

    `instead_of` is the retired item from which they were led here.
    """
    found = catalogue.item_to_read(session, item_id, tokens=reader.tokens)
    if found is None:
        raise NotFound("There is no such item for you.")
    channels = [found.channel_id] if found.channel_id else []
    around = shelf.about(session, reader, item_id, now=clock.now(), others=channels)
    return ItemPage(
        item=found,
        card=around.card or card_of(found, found.tool.name, None),
        retired=found.status == Status.RETIRED.value,
        app_name=launches.app_of(found.app_url),
        why=around.why,
        similar=around.similar,
        channel=around.others.get(found.channel_id or 0),
        pinned_on=queries.pinned_on(session, item_id, tokens=reader.tokens, today=today()),
        share_url=config().base_url + url_for("discover.item", item_id=item_id),
        also_in=also_in(session, item_id, tokens=reader.tokens),
        people=experts(
            session,
            skills=[skill.slug for skill in found.skills],
            roles=(),
            but=reader.id,
            tokens=reader.tokens,
            limit=_MOST_PEOPLE,
        ),
        via=via,
        opinion=opinion_of(session, reader.id, item_id, at_least=config().min_group_size),
        by_hand=by_hand(session, reader.id, item_id, today=today()),
        picture_size=size_of_picture(session, found.picture),
        away=away_state(session, item_id),
        successor=successor_of(session, found, tokens=reader.tokens),
        replaces=replaced_by(session, instead_of, item_id, tokens=reader.tokens)
        if instead_of
        else None,
    )
