"""What could take the place of a pin that readers do not see any more: three items for each.

Candidates share a skill with the item that went. More skills in common come first, then the same
kind, the page's role, what more people have finished, and quality.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Subquery, case, func, select
from sqlalchemy.orm import Session, aliased

from app.curation.desk import is_troubled, reaches_the_page
from app.models import (
    Item,
    ItemRole,
    ItemSkill,
    ItemState,
    Pin,
    Role,
    RolePage,
    Section,
    Status,
    Tool,
    visible_to,
)

OFFERED = 3
MOST_PINS = 10
LOOKED_AT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An item that could take a pin's place."""

    item_id: int
    title: str
    kind: str
    tool_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A pin that readers do not see, and what could be there instead.

    `title` is empty where the curator may not know of the item.
    """

    pin_id: int
    title: str
    candidates: tuple[Candidate, ...]


def holes(session: Session, page: RolePage, *, tokens: Collection[str]) -> list[Hole]:
    """Return the first ten pins of a page that not all its readers see, with three items for each.

    `tokens` are the curator's with the page's role. Whatever is offered they may see, and so may
    everybody for whom the page is made; in place of what they may not see, nothing is. Two
    statements.
    """
    title = case((visible_to(Item.audience_id, tokens), Item.title), else_="")
    gone = session.execute(
        select(Pin.id, Item.id, Item.kind, title)
        .join(Section, Section.id == Pin.section_id)
        .join(RolePage, RolePage.id == Section.page_id)
        .join(Role, Role.id == RolePage.role_id)
        .join(Item, Item.id == Pin.item_id)
        .where(RolePage.id == page.id, is_troubled())
        .order_by(Section.position, Pin.position)
        .limit(MOST_PINS)
    ).all()
    # what is like an item would tell of one that the curator may not know of
    known = [item_id for _pin_id, item_id, _kind, name in gone if name]
    found = _candidates(session, page, known, tokens) if known else {}
    return [
        Hole(pin_id=pin_id, title=name, candidates=tuple(found.get(item_id, ())))
        for pin_id, item_id, _kind, name in gone
    ]


def _candidates(
    session: Session, page: RolePage, item_ids: Sequence[int], tokens: Collection[str]
) -> dict[int, list[Candidate]]:
    """Return the best three candidates of each item, best first."""
    likely = _likely(page, item_ids, tokens)
    done = (
        select(func.count())
        .where(ItemState.item_id == likely.c.item_id, ItemState.done_at.is_not(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(likely.c.gone_id, Item.id, Item.title, Item.kind, Tool.name)
        .join(Item, Item.id == likely.c.item_id)
        .join(Tool, Tool.id == Item.tool_id)
        .where(likely.c.place <= LOOKED_AT)
        .order_by(
            likely.c.gone_id,
            likely.c.skills.desc(),
            likely.c.same_kind.desc(),
            likely.c.of_role.desc(),
            done.desc(),
            Item.quality.desc(),
            Item.id,
        )
    )
    found: dict[int, list[Candidate]] = defaultdict(list)
    for gone_id, item_id, title, kind, tool_name in rows:
        if len(found[gone_id]) < OFFERED:
            found[gone_id].append(
                Candidate(item_id=item_id, title=title, kind=kind, tool_name=tool_name)
            )
    return found


def _likely(page: RolePage, item_ids: Sequence[int], tokens: Collection[str]) -> Subquery:
    """Return live items that share a skill with one that went, numbered by how much they share."""
    own, gone = aliased(ItemSkill), aliased(Item)
    skills = func.count(own.skill_id)
    same_kind = func.max(case((Item.kind == gone.kind, 1), else_=0))
    of_role = case(
        (
            Item.id.in_(select(ItemRole.item_id).where(ItemRole.role_id == page.role_id)),
            1,
        ),
        else_=0,
    )
    place = func.row_number().over(
        partition_by=own.item_id, order_by=(skills.desc(), same_kind.desc(), Item.id)
    )
    pinned = select(Pin.item_id).join(Section, Section.id == Pin.section_id)
    return (
        select(own.item_id.label("gone_id"), Item.id.label("item_id"))
        .add_columns(
            skills.label("skills"),
            same_kind.label("same_kind"),
            func.max(of_role).label("of_role"),
            place.label("place"),
        )
        .select_from(own)
        .join(gone, gone.id == own.item_id)
        .join(ItemSkill, ItemSkill.skill_id == own.skill_id)
        .join(Item, Item.id == ItemSkill.item_id)
        .join(RolePage, RolePage.id == page.id)
        .join(Role, Role.id == RolePage.role_id)
        .where(
            own.item_id.in_(list(item_ids)),
            Item.status == Status.LIVE.value,
            visible_to(Item.audience_id, tokens),
            Item.id.not_in(pinned.where(Section.page_id == page.id)),
            reaches_the_page(by_pin=False),
        )
        .group_by(own.item_id, Item.id)
        .subquery()
    )
