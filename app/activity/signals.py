"""A person's signals: what they did with items, as they may see, delete and take with them.

What is deleted is the signal. What lasts beside it stays: that an item is done, saved or not wanted
is the person's own list, and they take it back there. Likes and stars are nothing but signals, so
they go with theirs.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, select, update
from sqlalchemy.orm import Session

from app.activity.removals import remove
from app.models import Activity, Item, ItemState, Tool, Verb, visible_to

FOUND = "found"
KINDS = (
    Verb.COMPLETED.value,
    Verb.LIKED.value,
    Verb.RATED.value,
    FOUND,
    Verb.LAUNCHED.value,
    Verb.SPENT.value,
    Verb.SAVED.value,
    Verb.VIEWED.value,
    Verb.DISMISSED.value,
)
_AT_ONCE = 500
_TAKEN_WITH = {Verb.LIKED: ItemState.liked_at, Verb.RATED: ItemState.stars}
_WORDS = {Verb.RATED: {ItemState.why_stars: "", ItemState.why_answer: "", ItemState.rated_at: None}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One thing that a person did, as the person sees it.

    `kind` is one of `KINDS`. An item that they may not see any more has no `item_id`, and neither
    `title` nor `item_kind`. `told_by` is the tool that told of it, or empty where it happened in
    Foyer; `value` is as that of an activity.
    """

    id: int
    kind: str
    at: datetime
    item_id: int | None
    title: str
    item_kind: str
    told_by: str
    value: float | None
    via: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Total:
    """How many signals of one kind there are, and how many of them count."""

    kind: str
    number: int
    counting: int


def totals_of(session: Session, person_id: int) -> list[Total]:
    """Return how many signals of each kind a person has, in the order of `KINDS`."""
    kind = _kind()
    rows = session.execute(
        select(kind, func.count(), func.sum(case((Activity.counts, 1), else_=0)))
        .where(Activity.person_id == person_id)
        .group_by(kind)
    )
    found = {name: Total(name, number, counting) for name, number, counting in rows}
    return [found[name] for name in KINDS if name in found]


def signals_of(
    session: Session,
    person_id: int,
    *,
    tokens: Collection[str],
    kind: str = "",
    offset: int = 0,
    limit: int = 50,
) -> list[Signal]:
    """Return a person's signals, the latest first, of one kind or of all."""
    wanted = _signals(person_id, tokens).order_by(Activity.at.desc(), Activity.id.desc())
    if kind:
        wanted = wanted.where(_is_kind(kind))
    return [Signal(**row._mapping) for row in session.execute(wanted.offset(offset).limit(limit))]


def export(session: Session, person_id: int, *, tokens: Collection[str]) -> Iterator[Signal]:
    """Yield all of a person's signals, the oldest first, a few hundred rows at a time."""
    after = 0
    while True:
        wanted = _signals(person_id, tokens).where(Activity.id > after).order_by(Activity.id)
        rows = session.execute(wanted.limit(_AT_ONCE)).all()
        for row in rows:
            yield Signal(**row._mapping)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].id


def forget(
    session: Session,
    person_id: int,
    *,
    now: datetime,
    ids: Collection[int] | None = None,
    item_id: int | None = None,
    kind: str = "",
    before: datetime | None = None,
) -> int:
    """Delete this person's signals that meet all that is given, and return how many they were.

    With nothing given these are all. Ids of somebody else's signals are no ids of theirs.
    """
    meant = _meant(person_id, ids=ids, item_id=item_id, kind=kind, before=before)
    _take_opinions_back(session, person_id, and_(*meant))
    return remove(session, *meant, now=now)


def count_of(
    session: Session, person_id: int, *, kind: str = "", before: datetime | None = None
) -> int:
    """Return how many signals `forget` would delete."""
    meant = _meant(person_id, ids=None, item_id=None, kind=kind, before=before)
    return session.scalar(select(func.count(Activity.id)).where(*meant)) or 0


def _meant(
    person_id: int,
    *,
    ids: Collection[int] | None,
    item_id: int | None,
    kind: str,
    before: datetime | None,
) -> list[ColumnElement[bool]]:
    meant: list[ColumnElement[bool]] = [Activity.person_id == person_id]
    if ids is not None:
        meant.append(Activity.id.in_(list(ids)))
    if item_id is not None:
        meant.append(Activity.item_id == item_id)
    if kind:
        meant.append(_is_kind(kind))
    if before is not None:
        meant.append(Activity.at < before)
    return meant


def _take_opinions_back(session: Session, person_id: int, meant: ColumnElement[bool]) -> None:
    for verb, column in _TAKEN_WITH.items():
        items = select(Activity.item_id).where(meant, Activity.verb == verb.value)
        session.execute(
            update(ItemState)
            .where(ItemState.person_id == person_id, ItemState.item_id.in_(items))
            .values({column: None, **_WORDS.get(verb, {})})
            .execution_options(synchronize_session="fetch")
        )


def _signals(person_id: int, tokens: Collection[str]) -> Select[tuple[object, ...]]:
    seen = visible_to(Item.audience_id, tokens)
    return (
        select(
            Activity.id.label("id"),
            _kind().label("kind"),
            Activity.at.label("at"),
            case((seen, Item.id)).label("item_id"),
            case((seen, Item.title), else_="").label("title"),
            case((seen, Item.kind), else_="").label("item_kind"),
            case(
                (Activity.source == "foyer", ""), else_=func.coalesce(Tool.name, Activity.source)
            ).label("told_by"),
            Activity.value.label("value"),
            Activity.via.label("via"),
            Activity.counts.label("counts"),
        )
        .join(Item, Item.id == Activity.item_id)
        .outerjoin(Tool, Tool.slug == Activity.source)
        .where(Activity.person_id == person_id)
    )


def _found() -> ColumnElement[bool]:
    return and_(Activity.verb == Verb.LAUNCHED.value, Activity.via == "search")


def _kind() -> ColumnElement[str]:
    return case((_found(), FOUND), else_=Activity.verb)


def _is_kind(kind: str) -> ColumnElement[bool]:
    if kind == FOUND:
        return _found()
    if kind == Verb.LAUNCHED.value:
        return and_(Activity.verb == kind, Activity.via != "search")
    return Activity.verb == kind
