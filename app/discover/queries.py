"""Reads for the search page, and the outbox that the index follows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sqlalchemy import ColumnElement, case, delete, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from app.models import (
    IndexOutbox,
    Item,
    ItemRole,
    ItemSkill,
    ItemState,
    PersonRole,
    Pin,
    Role,
    RolePage,
    Section,
    Skill,
    Status,
    Tool,
    page_visible_to,
    pin_visible_to,
    visible_to,
)
from app.sums import FEWEST

CHUNK = 500
_NAMED: Mapping[str, type[Tool] | type[Role] | type[Skill]] = {
    "tool": Tool,
    "role": Role,
    "skill": Skill,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PinPlace:
    """A section to which a curator is adding, and all that is pinned on its page already."""

    section_id: int
    section: str
    role: str
    role_name: str
    pinned: frozenset[int]


def outbox_rows(session: Session) -> list[tuple[int, int]]:
    """Return (row id, item id) of everything that the index has still to follow."""
    rows = session.execute(select(IndexOutbox.id, IndexOutbox.item_id).order_by(IndexOutbox.id))
    return [(row_id, item_id) for row_id, item_id in rows]


def forget_outbox(session: Session, row_ids: Sequence[int]) -> None:
    """Delete exactly these rows; one that was added meanwhile for the same item stays."""
    for some in _chunks(row_ids):
        session.execute(delete(IndexOutbox).where(IndexOutbox.id.in_(some)))


def live_among(session: Session, ids: Sequence[int]) -> frozenset[int]:
    """Return those of these items that are there and live."""
    found: set[int] = set()
    for some in _chunks(ids):
        found.update(
            session.scalars(
                select(Item.id).where(Item.id.in_(some), Item.status == Status.LIVE.value)
            )
        )
    return frozenset(found)


def pinned_for(
    session: Session, *, roles: Collection[str], tokens: Collection[str], today: date
) -> frozenset[int]:
    """Return the items pinned today to the pages of these roles that a holder of `tokens` sees."""
    if not roles:
        return frozenset()
    rows = session.scalars(
        select(Pin.item_id)
        .join(Section, Section.id == Pin.section_id)
        .join(RolePage, RolePage.id == Section.page_id)
        .join(Role, Role.id == RolePage.role_id)
        .where(
            Role.slug.in_(list(roles)),
            page_visible_to(tokens),
            pin_visible_to(tokens),
            Pin.starts_on.is_(None) | (Pin.starts_on <= today),
            Pin.ends_on.is_(None) | (Pin.ends_on >= today),
        )
    )
    return frozenset(rows)


def most_finished(
    session: Session, *, roles: Collection[str], tokens: Collection[str], limit: int = 500
) -> tuple[int, ...]:
    """Return visible items by how many groups of people of these roles have finished them.

    Only where at least five people did, since fewer would tell what somebody does; behind them, by
    the same rule, what most people of the company have finished.
    """
    mine = select(PersonRole.person_id).join(Role, Role.id == PersonRole.role_id)
    mine = mine.where(Role.slug.in_(list(roles)))
    colleagues = func.count(case((ItemState.person_id.in_(mine), 1)))
    everybody = func.count(ItemState.person_id)
    enough = case((colleagues >= FEWEST, colleagues), else_=0)
    rows = session.scalars(
        select(ItemState.item_id)
        .join(Item, Item.id == ItemState.item_id)
        .where(
            ItemState.done_at.is_not(None),
            Item.status == Status.LIVE.value,
            visible_to(Item.audience_id, tokens),
        )
        .group_by(ItemState.item_id)
        .having(everybody >= FEWEST)
        .order_by((enough // FEWEST).desc(), (everybody // FEWEST).desc(), ItemState.item_id)
        .limit(limit)
    )
    return tuple(rows)


def facet_names(
    session: Session,
    seen: Mapping[str, Collection[str]],
    asked: Mapping[str, Collection[str]],
    *,
    tokens: Collection[str],
) -> dict[tuple[str, str], str]:
    """Return the names behind these slugs of tools, roles and skills, by (facet, slug).

    `seen` are slugs that stand on items in the results. What the reader only `asked` for is named
    if an item that they may see carries it: a name may tell what an item was to hide.
    """
    wanted = [
        select(literal(facet), table.slug, table.name).where(
            table.slug.in_(list(seen.get(facet, ())))
            | (table.slug.in_(list(asked.get(facet, ()))) & _on_visible_item(table, tokens))
        )
        for facet, table in _NAMED.items()
        if seen.get(facet) or asked.get(facet)
    ]
    if not wanted:
        return {}
    return {(facet, slug): name for facet, slug, name in session.execute(union_all(*wanted))}


def _on_visible_item(
    table: type[Tool] | type[Role] | type[Skill], tokens: Collection[str]
) -> ColumnElement[bool]:
    """Return the condition that an item which a holder of `tokens` may see carries the row."""
    items = select(Item.id).where(visible_to(Item.audience_id, tokens))
    if table is Tool:
        return items.where(Item.tool_id == Tool.id).exists()
    if table is Role:
        return items.where(ItemRole.item_id == Item.id, ItemRole.role_id == Role.id).exists()
    return items.where(ItemSkill.item_id == Item.id, ItemSkill.skill_id == Skill.id).exists()


def pin_place(session: Session, section_id: int) -> PinPlace | None:
    """Return the section with its page's role and pins, or None when it is not there.

    What is pinned is what the draft of the page has, where there is one: there a pin would go.
    """
    own, beside = aliased(RolePage), aliased(Section)
    rows = session.execute(
        select(Section.title, Role.slug, Role.name, RolePage.published, Pin.item_id)
        .join(own, own.id == Section.page_id)
        .join(Role, Role.id == own.role_id)
        .join(RolePage, RolePage.role_id == own.role_id)
        .outerjoin(beside, beside.page_id == RolePage.id)
        .outerjoin(Pin, Pin.section_id == beside.id)
        .where(Section.id == section_id)
    ).all()
    if not rows:
        return None
    title, slug, name, *_first = rows[0]
    has_draft = not all(row.published for row in rows)
    return PinPlace(
        section_id=section_id,
        section=title,
        role=slug,
        role_name=name,
        pinned=frozenset(
            row.item_id
            for row in rows
            if row.item_id is not None and row.published is not has_draft
        ),
    )


def pinned_on(
    session: Session, item_id: int, *, tokens: Collection[str], today: date
) -> list[tuple[str, str, str]]:
    """Return (role's name, role's slug, curator's note) of each visible page with this item."""
    rows = session.execute(
        select(Role.name, Role.slug, Pin.note)
        .join(RolePage, RolePage.role_id == Role.id)
        .join(Section, Section.page_id == RolePage.id)
        .join(Pin, Pin.section_id == Section.id)
        .where(
            Pin.item_id == item_id,
            page_visible_to(tokens),
            pin_visible_to(tokens),
            Pin.starts_on.is_(None) | (Pin.starts_on <= today),
            Pin.ends_on.is_(None) | (Pin.ends_on >= today),
        )
        .order_by(Role.name)
    )
    return [(name, slug, note) for name, slug, note in rows]


def _chunks(values: Sequence[int]) -> Iterator[list[int]]:
    left = iter(values)
    while some := list(islice(left, CHUNK)):
        yield some
