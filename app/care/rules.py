"""Which rule of care counts for an item: in Python for one, as SQL for many; what a new one does.

Of owner, review and sunset each is taken from the closest rule that says something of it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from app.care.months import MonthsLater
from app.care.reasons import BEFORE_SUNSET, published
from app.models import CareRule, Item, ItemCare, Status, visible_to

FIELDS = ("owner_id", "review_on", "sunset_on")
MOST_MONTHS = 240


class Says(Protocol):
    """What of a rule decides whether it counts, and before which other."""

    id: int
    tool_id: int | None
    kind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What a rule would do to the items that a curator may see.

    `items` are of its tool and kind, of which `dated` get another date or owner by it; `due` would
    be due for review at once, `leaving` would leave within 30 days; `by_hand` keep what was set.
    """

    items: int
    changed: int
    due: int
    leaving: int
    by_hand: int


def fits(rule: Says, tool_id: int, kind: str) -> bool:
    """Tell whether a rule is for items of this tool and kind."""
    return rule.tool_id in (None, tool_id) and rule.kind in (None, kind)


def closeness(rule: Says) -> tuple[int, int]:
    """Return how close a rule is; of two alike the one that was made last counts."""
    return (2 if rule.tool_id is not None else 0) + (1 if rule.kind is not None else 0), rule.id


def closest(rules: Iterable[CareRule], field: str, *, tool_id: int, kind: str) -> CareRule | None:
    """Return the rule that counts for this field (`owner_id`, `review_months`, `sunset_months`)."""
    saying = (
        rule for rule in rules if fits(rule, tool_id, kind) and getattr(rule, field) is not None
    )
    return max(saying, key=closeness, default=None)


def standing(session: Session) -> list[CareRule]:
    """Return the rules that count, with tool and owner, the widest first."""
    rules = session.scalars(
        select(CareRule)
        .where(CareRule.removed_at.is_(None))
        .options(joinedload(CareRule.tool), joinedload(CareRule.owner))
    )
    return sorted(
        rules,
        key=lambda rule: (closeness(rule)[0], rule.tool.name if rule.tool else "", rule.kind or ""),
    )


def said(field: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """Return, as SQL beside `Item`, what the closest rule says of a field; NULL if none does."""
    closer = case((CareRule.tool_id.is_not(None), 2), else_=0) + case(
        (CareRule.kind.is_not(None), 1), else_=0
    )
    return (
        select(field)
        .where(
            CareRule.removed_at.is_(None),
            field.is_not(None),
            or_(CareRule.tool_id.is_(None), CareRule.tool_id == Item.tool_id),
            or_(CareRule.kind.is_(None), CareRule.kind == Item.kind),
        )
        .order_by(closer.desc(), CareRule.id.desc())
        .limit(1)
        .correlate(Item)
        .scalar_subquery()
    )


def by_hand(field: str) -> ColumnElement[bool]:
    """Tell, beside `ItemCare`, whether a curator has set this field."""
    return cast(ItemCare.by_hand, String).contains(f'"{field}"')


def counted_from() -> ColumnElement[date]:
    """Return the day from which months are counted: of publishing or of the last look."""
    looked_at = ItemCare.reviewed_on
    return case((looked_at > published(), looked_at), else_=published())


def review_on(months: ColumnElement[Any]) -> ColumnElement[date]:
    """Return when a rule with so many months wants the next look; 0 is never."""
    return MonthsLater(counted_from(), func.nullif(months, 0))


def sunset_on(months: ColumnElement[Any], *, today: date) -> ColumnElement[date]:
    """Return when an item leaves by a rule with so many months: in 30 days at the earliest.

    So nothing leaves by a new rule before its owner could be told. A day that has been set within
    these 30 days stays.
    """
    wanted = MonthsLater(counted_from(), func.nullif(months, 0))
    soonest = literal(today + BEFORE_SUNSET)
    announced = and_(ItemCare.sunset_on.is_not(None), ItemCare.sunset_on <= soonest)
    return case(
        (wanted.is_(None), None),
        (wanted >= soonest, wanted),
        (announced, ItemCare.sunset_on),
        else_=soonest,
    )


def preview(session: Session, rule: CareRule, *, tokens: Collection[str], today: date) -> Touched:
    """Return what a rule, which need not be kept, would do to the items that one may see."""
    closer = _closer_rules(session, rule)
    of_review = and_(literal(bool(rule.review_months)), _not_among(closer, "review_months"))
    of_sunset = and_(literal(bool(rule.sunset_months)), _not_among(closer, "sunset_months"))
    review = review_on(literal(rule.review_months or 0))
    sunset = MonthsLater(counted_from(), func.nullif(literal(rule.sunset_months or 0), 0))
    changes = or_(
        and_(literal(rule.owner_id is not None), _not_among(closer, "owner_id")),
        and_(literal(rule.review_months is not None), _not_among(closer, "review_months")),
        and_(literal(rule.sunset_months is not None), _not_among(closer, "sunset_months")),
    )
    held = or_(*(by_hand(field) for field in FIELDS))
    counted = (
        func.count(),
        _number(changes),
        _number(of_review, ~func.coalesce(by_hand("review_on"), False), review <= today),
        _number(
            of_sunset,
            ~func.coalesce(by_hand("sunset_on"), False),
            sunset <= today + timedelta(days=30),
        ),
        _number(func.coalesce(held, False)),
    )
    row = session.execute(
        select(*counted)
        .select_from(Item)
        .outerjoin(ItemCare, ItemCare.item_id == Item.id)
        .where(
            Item.status == Status.LIVE.value,
            visible_to(Item.audience_id, tokens),
            *([Item.tool_id == rule.tool_id] if rule.tool_id is not None else []),
            *([Item.kind == rule.kind] if rule.kind is not None else []),
        )
    ).one()
    items, *others = (number or 0 for number in row)
    changed, due, leaving, hand = others
    return Touched(items=items, changed=changed, due=due, leaving=leaving, by_hand=hand)


def _number(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((and_(*conditions), 1), else_=0))


def _closer_rules(session: Session, rule: CareRule) -> list[CareRule]:
    """Return the standing rules that count before this one for some of its items."""
    place = closeness(rule)[0] if rule.id is None else closeness(rule)
    rules = session.scalars(select(CareRule).where(CareRule.removed_at.is_(None)))
    return [
        other
        for other in rules
        if other.id != rule.id
        and (closeness(other)[0] > place if isinstance(place, int) else closeness(other) > place)
    ]


def _not_among(closer: Iterable[CareRule], field: str) -> ColumnElement[bool]:
    """Tell, beside `Item`, that none of these rules says anything of the field."""
    spoken = [
        and_(
            *([Item.tool_id == rule.tool_id] if rule.tool_id is not None else []),
            *([Item.kind == rule.kind] if rule.kind is not None else []),
        )
        for rule in closer
        if getattr(rule, field) is not None
    ]
    return ~or_(*spoken) if spoken else true()
