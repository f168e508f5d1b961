"""Suggestions beside the editor: what is popular and not pinned, never opened, or grown stale.

Where it is about what people do, nothing is said of fewer than five of them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, literal, not_, or_, select
from sqlalchemy.orm import Session

from app.curation.desk import reaches_the_page
from app.models import (
    Activity,
    Item,
    ItemCare,
    ItemState,
    LinkCheck,
    LinkState,
    Person,
    PersonRole,
    Pin,
    Role,
    RolePage,
    Section,
    Status,
    Tool,
    Verb,
    visible_to,
)
from app.sums import FEWEST, AtLeast, told

MOST = 5
UNOPENED_AFTER = timedelta(days=30)
POPULAR_WITHIN = timedelta(days=365)
OLD_AFTER = timedelta(days=3 * 365)
_OPENED = (Verb.LAUNCHED.value, Verb.COMPLETED.value, Verb.SPENT.value)


class Stale(StrEnum):
    """Why a pin has grown stale."""

    BROKEN = "broken"
    REVIEW_DUE = "review-due"
    LEAVING = "leaving"
    OLD = "old"


@dataclass(frozen=True, slots=True, kw_only=True)
class Popular:
    """An item that people of the role have finished, and how many, in whole groups."""

    item_id: int
    title: str
    kind: str
    tool_name: str
    people: AtLeast


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """A pin that wants a look; `stale` is None where nobody has opened it."""

    pin_id: int
    item_id: int
    title: str
    kind: str
    stale: Stale | None
    day: date | None


def popular(
    session: Session, page: RolePage, *, tokens: Collection[str], now: datetime
) -> list[Popular]:
    """Return what most people of the page's role have finished in a year and is not on the page.

    Only what at least five people finished, and what a holder of `tokens` and everybody for whom
    the page is made may see; in one statement.
    """
    people = func.count(ItemState.person_id)
    counted = (
        select(ItemState.item_id, people.label("people"))
        .join(PersonRole, PersonRole.person_id == ItemState.person_id)
        .join(Person, Person.id == ItemState.person_id)
        .where(
            PersonRole.role_id == page.role_id,
            Person.active,
            ItemState.done_at >= now - POPULAR_WITHIN,
        )
        .group_by(ItemState.item_id)
        .having(people >= FEWEST)
        .subquery()
    )
    pinned = select(Pin.item_id).join(Section, Section.id == Pin.section_id)
    rows = session.execute(
        select(Item.id, Item.title, Item.kind, Tool.name, counted.c.people)
        .join(counted, counted.c.item_id == Item.id)
        .join(Tool, Tool.id == Item.tool_id)
        .join(RolePage, RolePage.id == page.id)
        .join(Role, Role.id == RolePage.role_id)
        .where(
            Item.status == Status.LIVE.value,
            visible_to(Item.audience_id, tokens),
            Item.id.not_in(pinned.where(Section.page_id == page.id)),
            reaches_the_page(by_pin=False),
        )
        .order_by((counted.c.people // FEWEST).desc(), Item.id)
        .limit(MOST)
    )
    return [
        Popular(item_id=item_id, title=title, kind=kind, tool_name=tool, people=told(count))
        for item_id, title, kind, tool, count in rows
    ]


def never_opened(
    session: Session, page: RolePage, *, tokens: Collection[str], now: datetime
) -> list[Doubtful]:
    """Return the pins that nobody has opened since they were pinned 30 days ago or longer.

    Nothing where fewer than five people hold the role, since that would tell who did not.
    """
    holders = (
        select(func.count(PersonRole.person_id))
        .join(Person, Person.id == PersonRole.person_id)
        .where(PersonRole.role_id == page.role_id, Person.active)
        .scalar_subquery()
    )
    opened = (
        select(Activity.id)
        .where(
            Activity.item_id == Pin.item_id,
            Activity.at >= Pin.pinned_at,
            Activity.verb.in_(_OPENED),
        )
        .exists()
    )
    shown_since = or_(Pin.starts_on.is_(None), Pin.starts_on <= (now - UNOPENED_AFTER).date())
    return _doubtful(
        session,
        page,
        tokens,
        and_(
            Pin.pinned_at <= now - UNOPENED_AFTER,
            shown_since,
            not_(opened),
            holders >= FEWEST,
        ),
    )


def stale(
    session: Session, page: RolePage, *, tokens: Collection[str], today: date
) -> list[Doubtful]:
    """Return the pins whose link is broken, whose item is due for a review, leaves soon, or is old.

    Old is what was published more than three years ago and not reviewed since.
    """
    soon, old = today + UNOPENED_AFTER, today - OLD_AFTER
    seen_on = func.coalesce(ItemCare.reviewed_on, Item.published_on)
    why = case(
        (LinkCheck.state == LinkState.GONE.value, literal(Stale.BROKEN.value)),
        (ItemCare.review_on <= today, literal(Stale.REVIEW_DUE.value)),
        (ItemCare.sunset_on <= soon, literal(Stale.LEAVING.value)),
        (and_(Item.published_on <= old, seen_on <= old), literal(Stale.OLD.value)),
        else_=None,
    )
    day = case(
        (ItemCare.review_on <= today, ItemCare.review_on),
        (ItemCare.sunset_on <= soon, ItemCare.sunset_on),
        else_=Item.published_on,
    )
    return _doubtful(session, page, tokens, why.is_not(None), why=why, day=day)


def _doubtful(
    session: Session,
    page: RolePage,
    tokens: Collection[str],
    condition: ColumnElement[bool],
    *,
    why: ColumnElement[str] | None = None,
    day: ColumnElement[date] | None = None,
) -> list[Doubtful]:
    rows = session.execute(
        select(Pin.id, Item.id, Item.title, Item.kind)
        .add_columns(literal(None) if why is None else why, literal(None) if day is None else day)
        .join(Section, Section.id == Pin.section_id)
        .join(Item, Item.id == Pin.item_id)
        .outerjoin(ItemCare, ItemCare.item_id == Item.id)
        .outerjoin(LinkCheck, LinkCheck.item_id == Item.id)
        .where(
            Section.page_id == page.id,
            Item.status == Status.LIVE.value,
            visible_to(Item.audience_id, tokens),
            condition,
        )
        .order_by(Section.position, Pin.position)
        .limit(MOST)
    )
    return [
        Doubtful(
            pin_id=pin_id,
            item_id=item_id,
            title=title,
            kind=kind,
            stale=Stale(reason) if reason else None,
            day=date.fromisoformat(moment) if isinstance(moment, str) else moment,
        )
        for pin_id, item_id, title, kind, reason, moment in rows
    ]
