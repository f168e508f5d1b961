"""Reads and writes of the care of one item: what is set by hand, and what the rules say of it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Access
from app.care import rules
from app.care.deeds import care_of
from app.care.queue import reasons_in
from app.care.reasons import Reason
from app.care.tending import tend
from app.errors import Invalid, Wording
from app.models import CareRule, Item, ItemCare, Person, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An item's care: who, when, by which rule. `by_hand` names what a curator has set.

    `curators` are (id, name) of who may look after items; `rules` the closest rule by field.
    """

    owner_id: int | None
    owner_name: str
    review_on: date | None
    sunset_on: date | None
    reviewed_on: date | None
    reviewed_by: str
    later_on: date | None
    by_hand: frozenset[str]
    rules: dict[str, CareRule | None]
    reasons: tuple[Reason, ...]
    curators: list[tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a curator sets by hand, of the fields that `by_hand` names; None is nobody, or never."""

    owner_id: int | None
    review_on: date | None
    sunset_on: date | None
    by_hand: frozenset[str]


def shown(session: Session, item: Item, *, now: datetime) -> Shown:
    """Return an item's care as its page shows it; nothing is written."""
    care = session.get(ItemCare, item.id) or ItemCare(item_id=item.id, by_hand=[], reasons=0)
    standing = rules.standing(session)
    curators = curators_of(session)
    names = dict(
        session.execute(
            select(Person.id, Person.name).where(
                Person.id.in_([one for one in (care.owner_id, care.reviewed_by_id) if one])
            )
        ).all()
    )
    if care.owner_id in names and care.owner_id not in dict(curators):
        curators.append((care.owner_id, names[care.owner_id]))
    return Shown(
        owner_id=care.owner_id,
        owner_name=names.get(care.owner_id or 0, ""),
        review_on=care.review_on,
        sunset_on=care.sunset_on,
        reviewed_on=care.reviewed_on,
        reviewed_by=names.get(care.reviewed_by_id or 0, ""),
        later_on=care.later_on if care.later_on and care.later_on > now.date() else None,
        by_hand=frozenset(care.by_hand),
        rules={
            field: rules.closest(standing, said, tool_id=item.tool_id, kind=item.kind)
            for field, said in _SAID_BY.items()
        },
        reasons=reasons_in(care.reasons),
        curators=curators,
    )


def curators_of(session: Session) -> list[tuple[int, str]]:
    """Return who may look after items: curators and administrators, by name."""
    rows = session.execute(
        select(Person.id, Person.name)
        .where(Person.active, Person.access.in_([Access.CURATOR.value, Access.ADMIN.value]))
        .order_by(Person.name, Person.id)
    )
    return [(person_id, name) for person_id, name in rows]


def wanted(*, owner: str, review_on: str, sunset_on: str, by_hand: frozenset[str]) -> Wanted:
    """Return what was typed; raise Invalid that names each field which cannot be read."""
    wrong: dict[str, str] = {}
    days: dict[str, date | None] = {}
    for name, text in (("review_on", review_on), ("sunset_on", sunset_on)):
        try:
            days[name] = date.fromisoformat(text) if text and name in by_hand else None
        except ValueError:
            wrong[name] = Wording("This is not a day.")
    if owner and not (owner.isascii() and owner.isdigit() and len(owner) < 10):
        wrong["owner"] = Wording("Choose somebody from the list.")
    if wrong:
        raise Invalid(wrong)
    return Wanted(owner_id=int(owner) if owner else None, by_hand=by_hand, **days)


def change(session: Session, item: Item, wish: Wanted, *, now: datetime) -> None:
    """Keep what is set by hand; the other fields follow the rules at once.

    Raises Invalid for an owner who may not curate, and for a day to leave that has passed.
    """
    care = care_of(session, item.id, now=now)
    if "owner_id" in wish.by_hand:
        known = {person_id for person_id, _ in curators_of(session)} | {None, care.owner_id}
        if wish.owner_id not in known:
            raise Invalid({"owner": Wording("Only curators can look after items.")})
    today, same = now.date(), care.sunset_on == wish.sunset_on
    if wish.sunset_on is not None and wish.sunset_on <= today and not same:
        raise Invalid({"sunset_on": Wording("This day has passed. To retire it now, choose so.")})
    for name in rules.FIELDS:
        if name in wish.by_hand:
            setattr(care, name, getattr(wish, name))
    care.by_hand = [name for name in rules.FIELDS if name in wish.by_hand]
    if item.status == Status.LIVE.value and care.review_on and care.review_on > today:
        care.later_on = None
    session.flush()
    tend(session, [item.id], now=now)


_SAID_BY = {
    "owner_id": "owner_id",
    "review_on": "review_months",
    "sunset_on": "sunset_months",
}
