"""What readers see of role pages: page and items each carry the audience in the statement."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.activity.cards import Card, card_of
from app.catalogue.queries import live_items
from app.models import (
    Item,
    ItemState,
    Pin,
    Role,
    RolePage,
    Section,
    Status,
    Tool,
    page_visible_to,
    pin_visible_to,
    visible_to,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A section with what its reader may see there."""

    id: int
    title: str
    intro: str
    cards: list[Card]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePins:
    """The first items of a role's page, for other pages to show."""

    page: RolePage
    cards: list[Card]


def page_to_read(session: Session, *, slug: str, tokens: Collection[str]) -> RolePage | None:
    """Return the role's page with role and curator loaded, if the reader may see it."""
    return session.scalar(_pages(tokens).where(Role.slug == slug))


def page_of_main_role(
    session: Session, *, roles: Sequence[str], tokens: Collection[str]
) -> RolePage | None:
    """Return the visible page of the first of these roles that has one."""
    found = {page.role.slug: page for page in session.scalars(_pages(tokens, roles))}
    return next((found[slug] for slug in roles if slug in found), None)


def pages_to_read(session: Session, *, tokens: Collection[str]) -> list[RolePage]:
    """Return every page that the reader may see, by the role's name."""
    return list(session.scalars(_pages(tokens).order_by(Role.name, Role.id)))


def shelves_of(
    session: Session,
    page_id: int,
    *,
    person_id: int | None,
    tokens: Collection[str],
    today: date,
    known_to: Collection[str] | None = None,
) -> list[Shelf]:
    """Return the page's sections in order, those without a visible item left out.

    With `known_to`, the items are only those that a holder of these tokens may see too; without a
    person, the cards say nothing of where anybody stands.
    """
    cards = _cards(
        session, page_id, person_id=person_id, tokens=tokens, today=today, known_to=known_to
    )
    sections = session.scalars(
        select(Section).where(Section.page_id == page_id).order_by(Section.position, Section.id)
    )
    return [
        Shelf(id=each.id, title=each.title, intro=each.intro, cards=cards[each.id])
        for each in sections
        if each.id in cards
    ]


def pinned_for_roles(
    session: Session,
    *,
    roles: Sequence[str],
    person_id: int,
    tokens: Collection[str],
    today: date,
    limit: int,
) -> RolePins | None:
    """Return the first items of the page of the reader's first role that has any for them.

    All of it comes in one statement, of which no more rows are read than there are cards.
    """
    if not roles:
        return None
    rows = session.execute(
        live_items(tokens)
        .join(Pin, Pin.item_id == Item.id)
        .join(Section, Section.id == Pin.section_id)
        .join(RolePage, RolePage.id == Section.page_id)
        .join(RolePage.role)
        .outerjoin(RolePage.curator)
        .join(Tool, Tool.id == Item.tool_id)
        .outerjoin(ItemState, and_(ItemState.item_id == Item.id, ItemState.person_id == person_id))
        .add_columns(Tool.name, ItemState, Pin.note, RolePage)
        .options(contains_eager(RolePage.role), contains_eager(RolePage.curator))
        .where(
            Role.slug.in_(list(roles)),
            page_visible_to(tokens),
            pin_visible_to(tokens),
            in_season(today),
        )
        .order_by(_first_of(roles), Section.position, Section.id, Pin.position, Pin.id)
        .limit(limit)
    ).all()
    if not rows:
        return None
    page = rows[0][-1]
    cards: dict[int, Card] = {}
    for item, tool_name, state, note, its_page in rows:
        if its_page.id == page.id:
            cards.setdefault(item.id, card_of(item, tool_name, state).noted(note))
    return RolePins(page=page, cards=[*cards.values()])


def _first_of(roles: Sequence[str]) -> ColumnElement[int]:
    """Return the place of a page's role among these."""
    return case({slug: place for place, slug in enumerate(roles)}, value=Role.slug)


def pinned_item_ids(
    session: Session, *, roles: Collection[str], tokens: Collection[str], today: date
) -> frozenset[int]:
    """Return the items pinned at present on the visible pages of these roles."""
    rows = session.scalars(
        select(Pin.item_id)
        .join(Section, Section.id == Pin.section_id)
        .join(RolePage, RolePage.id == Section.page_id)
        .join(Role, Role.id == RolePage.role_id)
        .where(
            Role.slug.in_(list(roles)),
            page_visible_to(tokens),
            pin_visible_to(tokens),
            in_season(today),
        )
    )
    return frozenset(rows)


def in_season(today: date) -> ColumnElement[bool]:
    """Return the condition under which a pin is shown on this day; its last day counts."""
    return and_(
        Pin.starts_on.is_(None) | (Pin.starts_on <= today),
        Pin.ends_on.is_(None) | (Pin.ends_on >= today),
    )


def _pages(tokens: Collection[str], roles: Collection[str] | None = None) -> Select[RolePage]:
    wanted = (
        select(RolePage)
        .join(RolePage.role)
        .where(page_visible_to(tokens))
        .options(contains_eager(RolePage.role), joinedload(RolePage.curator))
    )
    return wanted if roles is None else wanted.where(Role.slug.in_(list(roles)))


def hidden_count(
    session: Session,
    page_id: int,
    *,
    tokens: Collection[str],
    known_to: Collection[str],
    today: date,
) -> int:
    """Return how many items a holder of `tokens` sees on the page and one of `known_to` may not."""
    return (
        session.scalar(
            select(func.count(Pin.item_id.distinct()))
            .join(Section, Section.id == Pin.section_id)
            .join(Item, Item.id == Pin.item_id)
            .where(
                Section.page_id == page_id,
                Item.status == Status.LIVE.value,
                visible_to(Item.audience_id, tokens),
                ~visible_to(Item.audience_id, known_to),
                pin_visible_to(tokens),
                in_season(today),
            )
        )
        or 0
    )


def _cards(
    session: Session,
    page_id: int,
    *,
    person_id: int | None,
    tokens: Collection[str],
    today: date,
    known_to: Collection[str] | None = None,
) -> dict[int, list[Card]]:
    """Return the cards of each section in the page's order; an item stands on a page once."""
    known = true() if known_to is None else visible_to(Item.audience_id, known_to)
    rows = session.execute(
        live_items(tokens)
        .join(Pin, Pin.item_id == Item.id)
        .join(Section, Section.id == Pin.section_id)
        .join(Tool, Tool.id == Item.tool_id)
        .outerjoin(ItemState, and_(ItemState.item_id == Item.id, ItemState.person_id == person_id))
        .add_columns(Tool.name, ItemState, Pin.section_id, Pin.note)
        .where(Section.page_id == page_id, pin_visible_to(tokens), in_season(today), known)
        .order_by(Section.position, Section.id, Pin.position, Pin.id)
    )
    cards: dict[int, list[Card]] = defaultdict(list)
    seen: set[int] = set()
    for item, tool_name, state, section_id, note in rows:
        if item.id not in seen:
            cards[section_id].append(card_of(item, tool_name, state).noted(note))
            seen.add(item.id)
    return cards
