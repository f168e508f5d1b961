"""Tells curators that something they have put before readers cannot be opened any more."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from app.errors import Wording
from app.models import (
    Item,
    ItemCare,
    LinkCheck,
    LinkState,
    NoticeKind,
    PageCurator,
    Person,
    Pin,
    Playlist,
    PlaylistState,
    RolePage,
    Section,
    Step,
)
from app.notices.service import tell


def tell_of(session: Session, item: Item, row: LinkCheck, *, now: datetime) -> int:
    """Tell those who answer for this item that its link is gone or hidden; return how many."""
    gone = row.state == LinkState.GONE.value
    title = item.title[:200]
    said = (
        Wording("“%(title)s” cannot be found any more.", title=title)
        if gone
        else Wording("“%(title)s” is there, but readers may no longer open it.", title=title)
    )
    since = (row.since or now).date().isoformat()
    return tell(
        session,
        who_answers_for(session, item),
        NoticeKind.CONTENT,
        key=f"link:{item.id}:{row.state}:{since}",
        sentence=said,
        path=f"/curate/links/{item.id}",
        item_id=item.id,
        now=now,
    )


def who_answers_for(session: Session, item: Item) -> set[int]:
    """Return who curates the pages and playlists that have the item, and who looks after it.

    Of people whose help with a page has an end, those for whom it is still to come.
    """
    pages = (
        select(RolePage.id, RolePage.role_id, RolePage.curator_id)
        .join(Section, Section.page_id == RolePage.id)
        .join(Pin, Pin.section_id == Section.id)
        .where(Pin.item_id == item.id, RolePage.published)
        .subquery()
    )
    playlists = select(Playlist.owner_id).join(Step, Step.playlist_id == Playlist.id)
    found = union(
        select(pages.c.curator_id),
        select(PageCurator.person_id).join(pages, pages.c.role_id == PageCurator.role_id),
        playlists.where(Step.item_id == item.id, Playlist.state == PlaylistState.LIVE.value),
        select(ItemCare.owner_id).where(ItemCare.item_id == item.id),
        select(Item.curator_id).where(Item.id == item.id),
    )
    active = select(Person.id).where(Person.active, Person.id.in_(found))
    return set(session.scalars(active))


def watched_among(session: Session, item_ids: Collection[int]) -> set[int]:
    """Return which of these items are pinned to a published page or in a playlist given out."""
    ids = list(item_ids)
    pinned = (
        select(Pin.item_id)
        .join(Section, Section.id == Pin.section_id)
        .join(RolePage, RolePage.id == Section.page_id)
        .where(Pin.item_id.in_(ids), RolePage.published)
    )
    steps = (
        select(Step.item_id)
        .join(Playlist, Playlist.id == Step.playlist_id)
        .where(Step.item_id.in_(ids), Playlist.state == PlaylistState.LIVE.value)
    )
    found: Iterable[int | None] = session.scalars(union(pinned, steps))
    return {item_id for item_id in found if item_id is not None}
