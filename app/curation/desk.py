"""What curators see: the pages to tend, a page to edit, and what on it needs a look.

Every curator may look at any role's page, so pages are not filtered by audience here. Items are:
what a curator may see is what they see themselves, and what the holders of the page's role see.
Of a page that has a draft, the draft is looked at.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from app.models import (
    Audience,
    AudienceToken,
    Item,
    PageCurator,
    Pin,
    Role,
    RolePage,
    Section,
    Status,
    Tool,
)

REVIEW_EVERY = timedelta(days=90)


class Trouble(StrEnum):
    """Why a pin does not do what its curator meant."""

    RETIRED = "retired"
    LIMITED = "limited"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinToEdit:
    """A pin as its curator sees it. `title` is empty if this curator may not see the item."""

    id: int
    item_id: int
    section_id: int
    title: str
    kind: str
    tool_name: str
    note: str
    trouble: Trouble | None
    starts_on: date | None
    ends_on: date | None
    audience: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionToEdit:
    """A section with all its pins."""

    id: int
    key: str
    title: str
    intro: str
    pins: list[PinToEdit]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionToFill:
    """The section to which a search adds items, and which items its page has already."""

    id: int
    page_id: int
    title: str
    page_title: str
    role_slug: str
    role_name: str
    item_ids: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageToTend:
    """A role and the state of its page; `title` is None while the role has no page.

    `is_published` and `has_draft` say which of the two there are; sections and pins are those of
    the draft, where there is one. `is_mine` is whether the curator answers for it or was given it.
    """

    role_slug: str
    role_name: str
    title: str | None
    curator_name: str | None
    is_published: bool
    has_draft: bool
    is_mine: bool
    sections: int
    pins: int
    reviewed_on: date | None
    review_due: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubledPin:
    """A pin that needs a look, and where it stands."""

    pin: PinToEdit
    role_slug: str
    role_name: str
    section_title: str


def is_review_due(reviewed_on: date | None, *, today: date) -> bool:
    """Tell whether a page was never reviewed, or longer ago than `REVIEW_EVERY`."""
    return reviewed_on is None or today - reviewed_on > REVIEW_EVERY


def page_of_role(session: Session, slug: str) -> RolePage | None:
    """Return the draft of the page of the role with this slug, else the published page.

    Role and curator are loaded.
    """
    return _page(session, Role.slug == slug)


def published_page(session: Session, role_id: int) -> RolePage | None:
    """Return the published page of a role, its role and curator loaded."""
    return _page(session, and_(RolePage.role_id == role_id, RolePage.published))


def page_with_id(session: Session, page_id: int) -> RolePage | None:
    """Return the page with this id, its role and curator loaded."""
    return _page(session, RolePage.id == page_id)


def page_with_section(session: Session, section_id: int) -> RolePage | None:
    """Return the draft of the page on which this section stands, else the page itself."""
    return _page(session, _is_of_role(Section.id == section_id))


def page_with_pin(session: Session, pin_id: int) -> RolePage | None:
    """Return the draft of the page on which this pin stands, else the page itself."""
    section_id = select(Pin.section_id).where(Pin.id == pin_id).scalar_subquery()
    return _page(session, _is_of_role(Section.id == section_id))


def sections_to_edit(
    session: Session, page_id: int, *, tokens: Collection[str]
) -> list[SectionToEdit]:
    """Return the page's sections with all their pins, in one statement."""
    rows = session.execute(
        _pin_rows(tokens)
        .add_columns(Section)
        .select_from(Section)
        .join(RolePage, RolePage.id == Section.page_id)
        .join(Role, Role.id == RolePage.role_id)
        .outerjoin(Pin, Pin.section_id == Section.id)
        .outerjoin(Item, Item.id == Pin.item_id)
        .outerjoin(Tool, Tool.id == Item.tool_id)
        .outerjoin(Audience, Audience.id == Pin.audience_id)
        .where(Section.page_id == page_id)
        .order_by(Section.position, Section.id, Pin.position, Pin.id)
    )
    return _by_section(rows.all())


def pin_to_edit(session: Session, pin_id: int, *, tokens: Collection[str]) -> PinToEdit | None:
    """Return one pin as its curator sees it."""
    row = session.execute(
        _pin_rows(tokens)
        .select_from(Pin)
        .join(Section, Section.id == Pin.section_id)
        .join(RolePage, RolePage.id == Section.page_id)
        .join(Role, Role.id == RolePage.role_id)
        .join(Item, Item.id == Pin.item_id)
        .join(Tool, Tool.id == Item.tool_id)
        .outerjoin(Audience, Audience.id == Pin.audience_id)
        .where(Pin.id == pin_id)
    ).one_or_none()
    return _pin(row) if row else None


def section_to_fill(session: Session, section_id: int) -> SectionToFill | None:
    """Return the section that a search is to fill, or None if it is gone."""
    row = session.execute(
        select(Section.title, Section.page_id, RolePage.title, Role.slug, Role.name)
        .join(RolePage, RolePage.id == Section.page_id)
        .join(Role, Role.id == RolePage.role_id)
        .where(Section.id == section_id)
    ).one_or_none()
    if row is None:
        return None
    title, page_id, page_title, role_slug, role_name = row
    pinned = select(Pin.item_id).join(Section, Section.id == Pin.section_id)
    return SectionToFill(
        id=section_id,
        page_id=page_id,
        title=title,
        page_title=page_title,
        role_slug=role_slug,
        role_name=role_name,
        item_ids=frozenset(session.scalars(pinned.where(Section.page_id == page_id))),
    )


def pages_to_tend(session: Session, *, person_id: int, today: date) -> list[PageToTend]:
    """Return every job role by name with the state of its page, in one statement."""
    pins = (
        select(Section.page_id, func.count(Pin.id).label("pins"))
        .add_columns(func.count(Section.id.distinct()).label("sections"))
        .outerjoin(Pin, Pin.section_id == Section.id)
        .group_by(Section.page_id)
        .subquery()
    )
    given = exists().where(
        PageCurator.role_id == Role.id,
        PageCurator.person_id == person_id,
        or_(PageCurator.until.is_(None), PageCurator.until >= today),
    )
    rows = session.execute(
        select(Role, RolePage, func.coalesce(pins.c.sections, 0), func.coalesce(pins.c.pins, 0))
        .add_columns(or_(RolePage.curator_id == person_id, given))
        .outerjoin(RolePage, RolePage.role_id == Role.id)
        .outerjoin(pins, pins.c.page_id == RolePage.id)
        .options(joinedload(RolePage.curator))
        .order_by(Role.name, Role.id, RolePage.published)
    )
    by_role: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in rows:
        by_role.setdefault(row[0].id, []).append(row)
    return [_page_to_tend(found, today=today) for found in by_role.values()]


def troubled_pins(session: Session, *, tokens: Collection[str]) -> list[TroubledPin]:
    """Return the pins whose item is retired, or hidden from readers of the page it stands on."""
    rows = session.execute(
        _pin_rows(tokens)
        .add_columns(Role.slug, Role.name, Section.title)
        .select_from(Pin)
        .join(Section, Section.id == Pin.section_id)
        .join(RolePage, RolePage.id == Section.page_id)
        .join(Role, Role.id == RolePage.role_id)
        .join(Item, Item.id == Pin.item_id)
        .join(Tool, Tool.id == Item.tool_id)
        .outerjoin(Audience, Audience.id == Pin.audience_id)
        .where(is_looked_at(), is_troubled())
        .order_by(Role.name, Section.position, Pin.position, Pin.id)
    )
    return [
        TroubledPin(pin=_pin(row), role_slug=row[-3], role_name=row[-2], section_title=row[-1])
        for row in rows
    ]


def is_troubled() -> ColumnElement[bool]:
    """Return the condition under which readers of a page do not see a pin's item, or not all do.

    The statement joins Item, Pin, RolePage and Role.
    """
    return or_(Item.status != Status.LIVE.value, ~reaches_the_page())


def is_looked_at() -> ColumnElement[bool]:
    """Return the condition under which a page is a draft, or has none beside it."""
    beside = aliased(RolePage)
    has_draft = exists().where(beside.role_id == RolePage.role_id, ~beside.published)
    return or_(~RolePage.published, ~has_draft.correlate(RolePage))


def _page(session: Session, condition: ColumnElement[bool]) -> RolePage | None:
    """Return the page for which this holds; of a page and its draft, the draft."""
    return session.scalars(
        select(RolePage)
        .join(RolePage.role)
        .where(condition)
        .options(contains_eager(RolePage.role), joinedload(RolePage.curator))
        .order_by(RolePage.published)
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()


def _is_of_role(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    of_section = aliased(RolePage)
    wanted = select(of_section.role_id).join(Section, Section.page_id == of_section.id)
    return RolePage.role_id.in_(wanted.where(condition))


def _pin_rows(tokens: Collection[str]) -> Select[*tuple[Any, ...]]:
    """Return the columns of which `_pin` makes a row; the caller joins their tables."""
    trouble = case(
        (Item.status != Status.LIVE.value, literal(Trouble.RETIRED.value)),
        (~reaches_the_page(), literal(Trouble.LIMITED.value)),
        else_=None,
    )
    return select(Pin, Item.title, Item.kind, Tool.name, _seen_with(tokens), trouble, Audience.key)


def _pin(row: Row[*tuple[Any, ...]]) -> PinToEdit:
    pin, title, kind, tool_name, is_seen, trouble, audience = row[:7]
    return PinToEdit(
        id=pin.id,
        item_id=pin.item_id,
        section_id=pin.section_id,
        title=title if is_seen else "",
        kind=kind if is_seen else "",
        tool_name=tool_name if is_seen else "",
        note=pin.note,
        trouble=Trouble(trouble) if trouble else None,
        starts_on=pin.starts_on,
        ends_on=pin.ends_on,
        audience=tuple(audience.split(" ")) if audience else (),
    )


def _by_section(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[SectionToEdit]:
    found: dict[int, SectionToEdit] = {}
    for row in rows:
        section = row[-1]
        entry = found.setdefault(
            section.id,
            SectionToEdit(
                id=section.id,
                key=section.key,
                title=section.title,
                intro=section.intro,
                pins=[],
            ),
        )
        if row[0] is not None:
            entry.pins.append(_pin(row))
    return list(found.values())


def _page_to_tend(rows: list[Row[*tuple[Any, ...]]], *, today: date) -> PageToTend:
    """Return what there is to say of a role: its draft comes first, if it has one."""
    role, page, sections, pins, is_mine = rows[0]
    reviewed_on = page.reviewed_on if page else None
    pages = [row[1] for row in rows if row[1] is not None]
    return PageToTend(
        role_slug=role.slug,
        role_name=role.name,
        title=page.title if page else None,
        curator_name=page.curator.name if page and page.curator else None,
        is_published=any(one.published for one in pages),
        has_draft=any(not one.published for one in pages),
        is_mine=bool(is_mine),
        sections=sections,
        pins=pins,
        reviewed_on=reviewed_on,
        review_due=any(one.published for one in pages) and is_review_due(reviewed_on, today=today),
    )


def _seen_with(tokens: Collection[str]) -> ColumnElement[bool]:
    """Return whether a curator with these tokens may see the item of the page's pin."""
    return _item_admits(AudienceToken.token.in_([*sorted(tokens), "role:" + Role.slug]))


def reaches_the_page(*, by_pin: bool = True) -> ColumnElement[bool]:
    """Return whether everybody for whom a pin is meant sees its item.

    They all hold `everyone` and the page's role; else the item must admit whoever the page admits,
    or, where it stands there already, whoever its pin admits. The statement joins Item, RolePage
    and Role, and Pin unless `by_pin` is off.
    """
    by_role = _item_admits(AudienceToken.token.in_(["everyone", "role:" + Role.slug]))
    everybody = or_(by_role, ~_left_out(RolePage))
    if not by_pin:
        return everybody
    return or_(everybody, and_(Pin.audience_id.is_not(None), ~_left_out(Pin)))


def _left_out(of: type[Pin] | type[RolePage]) -> ColumnElement[bool]:
    """Return whether the audience of a page or pin has a token that the item does not admit."""
    wanted, of_item = aliased(AudienceToken), aliased(AudienceToken)
    admitted = select(of_item.token).where(of_item.audience_id == Item.audience_id)
    return (
        exists()
        .where(wanted.audience_id == of.audience_id, wanted.token.not_in(admitted.correlate(Item)))
        .correlate(Item, of)
    )


def _item_admits(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(and_(AudienceToken.audience_id == Item.audience_id, condition))
