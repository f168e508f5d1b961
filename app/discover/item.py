"""The item page: what it is, where it lives, why it may be for the reader, and what is like it."""

from dataclasses import dataclass

from flask import g, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.access import Viewer
from app.activity.cards import Card, card_of
from app.catalogue import queries as catalogue
from app.discover.views import bp
from app.errors import NotFound
from app.foryou import shelf
from app.models import Item, Pin, Role, RolePage, Section, Status, visible_to
from app.web.htmx import page
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """What the reader sees of one item."""

    item: Item
    card: Card
    retired: bool
    why: str
    similar: list[Card]
    channel: Card | None
    pinned_on: list[tuple[str, str, str]]
    share_url: str


@bp.get("/items/<int:item_id>")
def item(item_id: int) -> ResponseReturnValue:
    """Show one item that the reader may see."""
    g.nav = "discover"
    return page("discover/item.html", about=item_page(db_session(), viewer(), item_id))


def item_page(session: Session, reader: Viewer, item_id: int) -> ItemPage:
    """Gather the page; raise NotFound for an item that is not there for this reader."""
    found = catalogue.item_to_read(session, item_id, tokens=reader.tokens)
    if found is None:
        raise NotFound("There is no such item for you.")
    channels = [found.channel_id] if found.channel_id else []
    around = shelf.about(session, reader, item_id, now=clock.now(), others=channels)
    return ItemPage(
        item=found,
        card=around.card or card_of(found, found.tool.name, None),
        retired=found.status == Status.RETIRED.value,
        why=around.why,
        similar=around.similar,
        channel=around.others.get(found.channel_id or 0),
        pinned_on=pinned_on(session, item_id, tokens=reader.tokens),
        share_url=config().base_url + url_for("discover.item", item_id=item_id),
    )


def pinned_on(
    session: Session, item_id: int, *, tokens: frozenset[str]
) -> list[tuple[str, str, str]]:
    """Return (role's name, role's slug, curator's note) of each visible page with this item."""
    today = clock.now().date()
    rows = session.execute(
        select(Role.name, Role.slug, Pin.note)
        .join(RolePage, RolePage.role_id == Role.id)
        .join(Section, Section.page_id == RolePage.id)
        .join(Pin, Pin.section_id == Section.id)
        .where(
            Pin.item_id == item_id,
            visible_to(RolePage.audience_id, tokens),
            Pin.starts_on.is_(None) | (Pin.starts_on <= today),
            Pin.ends_on.is_(None) | (Pin.ends_on >= today),
        )
        .order_by(Role.name)
    )
    return [(name, slug, note) for name, slug, note in rows]
