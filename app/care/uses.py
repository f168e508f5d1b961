"""Where an item is used: on which pages, in which playlists, by how many people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.care.reasons import USE
from app.models import (
    Activity,
    AudienceToken,
    Item,
    ItemSkill,
    ItemState,
    Pin,
    Playlist,
    PlaylistState,
    Role,
    RolePage,
    Section,
    Status,
    Step,
    Verb,
    visible_to,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """Where an item is used. `pages` and `playlists` are names with addresses' slugs.

    `people` is how many have saved it or are under way with it.
    """

    pages: list[tuple[str, str]]
    playlists: list[tuple[str, str]]
    people: int


def uses_of(session: Session, item_id: int, *, now: datetime) -> Uses:
    """Return where an item is used, in three statements. Curators may edit every page."""
    pages = session.execute(
        select(Role.name, Role.slug)
        .join(RolePage, RolePage.role_id == Role.id)
        .join(Section, Section.page_id == RolePage.id)
        .join(Pin, Pin.section_id == Section.id)
        .where(Pin.item_id == item_id)
        .distinct()
        .order_by(Role.name)
    )
    playlists = session.execute(
        select(Playlist.title, Playlist.slug)
        .join(Step, Step.playlist_id == Playlist.id)
        .where(Step.item_id == item_id, Playlist.state != PlaylistState.PAST.value)
        .distinct()
        .order_by(Playlist.title)
    )
    people = session.scalar(select(func.count()).select_from(_people(item_id, now).subquery()))
    return Uses(
        pages=[(name, slug) for name, slug in pages],
        playlists=list({slug: (title, slug) for title, slug in playlists}.values()),
        people=people or 0,
    )


def people_with(session: Session, item_id: int, *, now: datetime) -> list[int]:
    """Return who has saved an item or is under way with it, and has not finished it."""
    return list(session.scalars(_people(item_id, now)))


def suggested(
    session: Session, item: Item, *, tokens: Collection[str], limit: int = 5
) -> list[Item]:
    """Return what could take an item's place, tools loaded: the same skills first, then its kind.

    Only live items that the curator may see, with a skill of the item's, or of its kind and tool.
    """
    own = select(ItemSkill.skill_id).where(ItemSkill.item_id == item.id)
    shared = (
        select(ItemSkill.item_id, func.count().label("number"))
        .where(ItemSkill.skill_id.in_(own))
        .group_by(ItemSkill.item_id)
        .subquery()
    )
    same_kind, same_tool = Item.kind == item.kind, Item.tool_id == item.tool_id
    number = func.coalesce(shared.c.number, 0)
    return list(
        session.scalars(
            select(Item)
            .outerjoin(shared, shared.c.item_id == Item.id)
            .where(
                Item.id != item.id,
                Item.status == Status.LIVE.value,
                visible_to(Item.audience_id, tokens),
                or_(number > 0, and_(same_kind, same_tool)),
            )
            .options(joinedload(Item.tool))
            .order_by(number.desc(), same_kind.desc(), same_tool.desc(), Item.quality.desc())
            .order_by(Item.id)
            .limit(limit)
        )
    )


def everybody_sees(session: Session, item: Item, others: Collection[Item]) -> frozenset[int]:
    """Return those of the others that everybody sees who sees the item, in one statement."""
    rows = session.execute(
        select(AudienceToken.audience_id, AudienceToken.token).where(
            AudienceToken.audience_id.in_({item.audience_id, *(one.audience_id for one in others)})
        )
    ).all()
    held = {one.audience_id: set[str]() for one in (item, *others)}
    for audience_id, token in rows:
        held[audience_id].add(token)
    own = held[item.audience_id]
    return frozenset(
        one.id
        for one in others
        if "everyone" in held[one.audience_id] or own <= held[one.audience_id]
    )


def _people(item_id: int, now: datetime) -> Select[int]:
    lately = (
        exists()
        .where(
            Activity.item_id == item_id,
            Activity.person_id == ItemState.person_id,
            Activity.verb == Verb.LAUNCHED.value,
            Activity.at > now - USE,
        )
        .correlate(ItemState)
    )
    states = select(ItemState.person_id).where(
        ItemState.item_id == item_id,
        ItemState.done_at.is_(None),
        or_(ItemState.saved_at.is_not(None), ItemState.progress > 0, lately),
    )
    begun = select(Activity.person_id).where(
        Activity.item_id == item_id,
        Activity.verb == Verb.LAUNCHED.value,
        Activity.at > now - USE,
        ~exists().where(ItemState.item_id == item_id, ItemState.person_id == Activity.person_id),
    )
    return select(states.union(begun).subquery().c.person_id)
