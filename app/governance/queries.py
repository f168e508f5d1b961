"""Reads of what readers told curators: one queue, and each reader's own part of it.

A curator sees reports and reasons about items that they see, or are responsible for. Who gave a
reason for their stars is told only if they wanted it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import (
    Item,
    ItemState,
    Person,
    ProblemReport,
    Role,
    SearchWish,
    Suggestion,
    Tool,
    visible_to,
)


class Told(StrEnum):
    """The kinds of things that readers tell."""

    SUGGESTION = "suggestion"
    REPORT = "report"
    RATING = "rating"
    WANTED = "wanted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that a reader told, open or answered.

    `key` is the row's own: one id, or for a rating the person's and the item's. `who` is the name
    of the reader, empty where it is not told or they have left. `about` is what it concerns: an
    item's title, an address, the words of a search. `detail` is the kind of problem, the stars or
    the role it is for. `accepted` is None while nobody has decided.
    """

    kind: Told
    key: tuple[int, ...]
    at: datetime
    about: str
    text: str
    who: str = ""
    reader_id: int | None = None
    item_id: int | None = None
    tool_name: str = ""
    detail: str = ""
    accepted: bool | None = None
    answer: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """The oldest open entries, and how many of each kind there are."""

    entries: list[Entry]
    totals: dict[str, int]


def queue(
    session: Session, *, kind: Told | None, person_id: int, tokens: Collection[str], limit: int
) -> Queue:
    """Return what is open, the oldest first, in one statement for each kind and one that counts."""
    wanted = [kind] if kind else list(Told)
    found: list[Entry] = []
    if Told.REPORT in wanted:
        found += _reports(session, _open_reports(person_id, tokens), limit)
    if Told.RATING in wanted:
        found += _ratings(session, _open_ratings(person_id, tokens), limit)
    if Told.SUGGESTION in wanted:
        found += _suggestions(session, _open_suggestions(), limit)
    if Told.WANTED in wanted:
        found += _wishes(session, _open_wishes(), limit)
    found.sort(key=lambda entry: entry.at)
    return Queue(found[:limit], open_totals(session, person_id, tokens))


def entry_of(
    session: Session, kind: Told, key: tuple[int, ...], *, person_id: int, tokens: Collection[str]
) -> Entry | None:
    """Return one entry, open or not, that this curator may see."""
    if kind is Told.REPORT:
        mine = _for_curator(person_id, tokens)
        rows = _reports(session, _all_reports().where(mine, ProblemReport.id == key[0]), 1)
    elif kind is Told.RATING:
        of_pair = [ItemState.person_id == key[0], ItemState.item_id == key[-1]]
        mine = _for_curator(person_id, tokens)
        rows = _ratings(session, _all_ratings().where(mine, *of_pair), 1)
    elif kind is Told.SUGGESTION:
        rows = _suggestions(session, select(Suggestion).where(Suggestion.id == key[0]), 1)
    else:
        rows = _wishes(session, select(SearchWish).where(SearchWish.id == key[0]), 1)
    return rows[0] if rows else None


def told_by(
    session: Session, person_id: int, *, tokens: Collection[str], limit: int
) -> list[Entry]:
    """Return what a reader told themselves, the newest first; items that they may see."""
    seen = visible_to(Item.audience_id, tokens)
    reports = _all_reports().where(ProblemReport.reporter_id == person_id, seen)
    ratings = _all_ratings().where(ItemState.person_id == person_id, seen)
    suggestions = select(Suggestion).where(Suggestion.by_id == person_id)
    wishes = select(SearchWish).where(SearchWish.person_id == person_id)
    found = [
        *_reports(session, reports, limit, newest=True),
        *_ratings(session, ratings, limit, newest=True),
        *_suggestions(session, suggestions, limit, newest=True),
        *_wishes(session, wishes, limit, newest=True),
    ]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:limit]


def suggestion_of(session: Session, person_id: int, url: str) -> Suggestion | None:
    """Return this person's open suggestion of the same address."""
    return session.scalar(
        select(Suggestion)
        .where(Suggestion.by_id == person_id, Suggestion.url == url, Suggestion.accepted.is_(None))
        .limit(1)
    )


def open_suggestions(session: Session, person_id: int) -> int:
    """Return how many suggestions of this person nobody has answered."""
    mine = select(func.count(Suggestion.id)).where(
        Suggestion.by_id == person_id, Suggestion.accepted.is_(None)
    )
    return session.scalar(mine) or 0


def wish_of(session: Session, person_id: int, text: str) -> SearchWish | None:
    """Return what this person has already said of the same words, if nobody has answered it."""
    return session.scalar(
        select(SearchWish)
        .where(
            SearchWish.person_id == person_id,
            SearchWish.text == text,
            SearchWish.answered_at.is_(None),
        )
        .limit(1)
    )


def roles_to_name(session: Session) -> list[tuple[str, str]]:
    """Return (slug, name) of all job roles by name."""
    rows = session.execute(select(Role.slug, Role.name).order_by(Role.name, Role.id))
    return [(row[0], row[1]) for row in rows]


def curator_name(session: Session, item: Item) -> str | None:
    """Return the name of the item's curator, if it has one."""
    return session.scalar(select(Person.name).where(Person.id == item.curator_id))


def open_totals(session: Session, person_id: int, tokens: Collection[str]) -> dict[str, int]:
    """Return how much is open of each kind for this curator, in one statement."""
    counted = {
        Told.SUGGESTION: _open_suggestions(),
        Told.REPORT: _open_reports(person_id, tokens),
        Told.RATING: _open_ratings(person_id, tokens),
        Told.WANTED: _open_wishes(),
    }
    columns = (
        select(func.count()).select_from(wanted.subquery()).scalar_subquery().label(kind.value)
        for kind, wanted in counted.items()
    )
    return dict(session.execute(select(*columns)).one()._mapping)


def _for_curator(person_id: int, tokens: Collection[str]) -> ColumnElement[bool]:
    return or_(visible_to(Item.audience_id, tokens), Item.curator_id == person_id)


def _all_reports() -> Select[ProblemReport]:
    return select(ProblemReport).join(ProblemReport.item)


def _open_reports(person_id: int, tokens: Collection[str]) -> Select[ProblemReport]:
    return _all_reports().where(
        ProblemReport.resolved_at.is_(None), _for_curator(person_id, tokens)
    )


def _all_ratings() -> Select[ItemState]:
    return (
        select(ItemState).join(Item, Item.id == ItemState.item_id).where(ItemState.why_stars != "")
    )


def _open_ratings(person_id: int, tokens: Collection[str]) -> Select[ItemState]:
    return _all_ratings().where(
        ItemState.why_answered_at.is_(None), _for_curator(person_id, tokens)
    )


def _open_suggestions() -> Select[Suggestion]:
    return select(Suggestion).where(Suggestion.accepted.is_(None))


def _open_wishes() -> Select[SearchWish]:
    return select(SearchWish).where(SearchWish.answered_at.is_(None))


def _reports(
    session: Session, wanted: Select[ProblemReport], limit: int, *, newest: bool = False
) -> list[Entry]:
    order = ProblemReport.reported_at.desc() if newest else ProblemReport.reported_at
    rows = session.scalars(
        wanted.options(
            joinedload(ProblemReport.item).joinedload(Item.tool),
            joinedload(ProblemReport.reporter),
        )
        .order_by(order, ProblemReport.id)
        .limit(limit)
    )
    return [
        Entry(
            kind=Told.REPORT,
            key=(row.id,),
            at=row.reported_at,
            about=row.item.title,
            text=row.note,
            who=row.reporter.name if row.reporter else "",
            reader_id=row.reporter_id,
            item_id=row.item_id,
            tool_name=row.item.tool.name,
            detail=row.problem,
            accepted=row.accepted if row.resolved_at else None,
            answer=row.answer,
            answered_at=row.resolved_at,
        )
        for row in rows
    ]


def _ratings(
    session: Session, wanted: Select[ItemState], limit: int, *, newest: bool = False
) -> list[Entry]:
    order = ItemState.rated_at.desc() if newest else ItemState.rated_at
    rows = session.execute(
        wanted.join(Tool, Tool.id == Item.tool_id)
        .join(Person, Person.id == ItemState.person_id)
        .add_columns(Item.title, Tool.name, Person.name)
        .order_by(order, ItemState.item_id)
        .limit(limit)
    )
    return [
        Entry(
            kind=Told.RATING,
            key=(state.person_id, state.item_id),
            at=state.rated_at,
            about=title,
            text=state.why_stars,
            who=name if state.names_stars else "",
            reader_id=state.person_id,
            item_id=state.item_id,
            tool_name=tool_name,
            detail=str(state.stars or ""),
            accepted=None if state.why_answered_at is None else True,
            answer=state.why_answer,
            answered_at=state.why_answered_at,
        )
        for state, title, tool_name, name in rows
        if state.rated_at is not None
    ]


def _suggestions(
    session: Session, wanted: Select[Suggestion], limit: int, *, newest: bool = False
) -> list[Entry]:
    order = Suggestion.made_at.desc() if newest else Suggestion.made_at
    rows = session.execute(
        wanted.outerjoin(Role, Role.id == Suggestion.role_id)
        .add_columns(Role.name)
        .options(joinedload(Suggestion.by))
        .order_by(order, Suggestion.id)
        .limit(limit)
    )
    return [
        Entry(
            kind=Told.SUGGESTION,
            key=(row.id,),
            at=row.made_at,
            about=row.url,
            text=row.note,
            who=row.by.name if row.by else "",
            reader_id=row.by_id,
            item_id=row.item_id,
            detail=role or "",
            accepted=row.accepted,
            answer=row.answer,
            answered_at=row.answered_at,
        )
        for row, role in rows
    ]


def _wishes(
    session: Session, wanted: Select[SearchWish], limit: int, *, newest: bool = False
) -> list[Entry]:
    order = SearchWish.wished_at.desc() if newest else SearchWish.wished_at
    rows = session.scalars(
        wanted.options(joinedload(SearchWish.person)).order_by(order, SearchWish.id).limit(limit)
    )
    return [
        Entry(
            kind=Told.WANTED,
            key=(row.id,),
            at=row.wished_at,
            about=row.text,
            text=row.note,
            who=row.person.name if row.person else "",
            reader_id=row.person_id,
            accepted=None if row.answered_at is None else True,
            answer=row.answer,
            answered_at=row.answered_at,
        )
        for row in rows
    ]
