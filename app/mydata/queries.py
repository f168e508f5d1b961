"""Reads of My data: the connection of a tool, and what else is kept of a person."""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.stored import in_parts
from app.models import (
    Assignment,
    Connection,
    Item,
    ItemState,
    Playlist,
    ProblemReport,
    Progress,
    RecentSearch,
    SavedSearch,
    SearchWish,
    SignalPause,
    Step,
    StepDate,
    Suggestion,
    Tool,
    visible_to,
)


class KeptStep(NamedTuple):
    """What is kept of a step: when it was done, whether by hand, the day the person chose."""

    item_id: int | None
    title: str
    done_at: datetime | None
    by_hand: bool | None
    planned_on: date | None


def connection_named(session: Session, slug: str) -> Connection | None:
    """Return how the tool of this name is connected, with the tool."""
    return session.scalar(
        select(Connection).join(Tool).where(Tool.slug == slug).options(joinedload(Connection.tool))
    )


def connection(session: Session, connection_id: int) -> Connection | None:
    """Return a connection, with its tool."""
    return session.get(Connection, connection_id, options=[joinedload(Connection.tool)])


def titles(session: Session, ids: Collection[int], *, tokens: Collection[str]) -> dict[int, str]:
    """Return the titles of those of the items that a holder of `tokens` may see."""
    found: dict[int, str] = {}
    for part in in_parts(sorted(ids)):
        seen = visible_to(Item.audience_id, tokens)
        wanted = select(Item.id, Item.title).where(Item.id.in_(part), seen)
        found |= {row.id: row.title for row in session.execute(wanted)}
    return found


def states_of(
    session: Session, person_id: int, *, tokens: Collection[str]
) -> Iterator[tuple[ItemState, int | None, str]]:
    """Yield where each item stands for a person, with its id and title if they may see it."""
    seen = visible_to(Item.audience_id, tokens)
    rows = session.execute(
        select(ItemState, case((seen, Item.id)), case((seen, Item.title), else_=""))
        .join(Item, Item.id == ItemState.item_id)
        .where(ItemState.person_id == person_id)
        .order_by(ItemState.item_id)
        .execution_options(yield_per=500)
    )
    for row in rows:
        yield row[0], row[1], row[2]


def assignments_of(
    session: Session, person_id: int, *, tokens: Collection[str]
) -> list[tuple[Assignment, str]]:
    """Return the playlists that a person has, the first given first, titled if they may see it."""
    seen = visible_to(Playlist.audience_id, tokens)
    rows = session.execute(
        select(Assignment, case((seen, Playlist.title), else_=""))
        .join(Playlist, Playlist.id == Assignment.playlist_id)
        .where(Assignment.person_id == person_id)
        .order_by(Assignment.assigned_at, Assignment.id)
    )
    return [(row[0], row[1]) for row in rows]


def steps_of(session: Session, person_id: int, *, tokens: Collection[str]) -> list[KeptStep]:
    """Return what is kept of the steps of a person's playlists, with titles they may see."""
    shown = visible_to(Playlist.audience_id, tokens)
    item = and_(Item.id == Step.item_id, visible_to(Item.audience_id, tokens))
    done = and_(Progress.assignment_id == Assignment.id, Progress.step_id == Step.id)
    planned = and_(StepDate.assignment_id == Assignment.id, StepDate.step_id == Step.id)
    title = case((shown, func.coalesce(Item.title, Step.title)), else_="")
    rows = session.execute(
        select(Item.id, title, Progress.done_at, Progress.by_hand, StepDate.due_on)
        .select_from(Assignment)
        .join(Playlist, Playlist.id == Assignment.playlist_id)
        .join(Step, Step.playlist_id == Assignment.playlist_id)
        .outerjoin(Item, item)
        .outerjoin(Progress, done)
        .outerjoin(StepDate, planned)
        .where(
            Assignment.person_id == person_id,
            or_(Progress.done_at.is_not(None), StepDate.due_on.is_not(None)),
        )
        .order_by(Assignment.assigned_at, Assignment.id, Step.due_day, Step.id)
    )
    return [KeptStep(*row) for row in rows]


def recent_searches(session: Session, person_id: int) -> list[RecentSearch]:
    """Return what a person searched for last, the latest first."""
    wanted = select(RecentSearch).where(RecentSearch.person_id == person_id)
    return list(session.scalars(wanted.order_by(RecentSearch.searched_at.desc())))


def kept_searches(session: Session, person_id: int) -> list[SavedSearch]:
    """Return the searches that a person keeps, the oldest first."""
    wanted = select(SavedSearch).where(SavedSearch.person_id == person_id)
    return list(session.scalars(wanted.order_by(SavedSearch.saved_at, SavedSearch.id)))


def suggestions_of(session: Session, person_id: int) -> list[Suggestion]:
    """Return what a person suggested to the curators, the oldest first."""
    wanted = select(Suggestion).where(Suggestion.by_id == person_id)
    return list(session.scalars(wanted.order_by(Suggestion.made_at, Suggestion.id)))


def reports_of(
    session: Session, person_id: int, *, tokens: Collection[str]
) -> list[tuple[ProblemReport, int | None, str]]:
    """Return what a person reported, with the item's id and title if they may see it."""
    seen = visible_to(Item.audience_id, tokens)
    rows = session.execute(
        select(ProblemReport, case((seen, Item.id)), case((seen, Item.title), else_=""))
        .join(Item, Item.id == ProblemReport.item_id)
        .where(ProblemReport.reporter_id == person_id)
        .order_by(ProblemReport.reported_at, ProblemReport.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def wishes_of(session: Session, person_id: int) -> list[SearchWish]:
    """Return what a person told the curators they did not find, the oldest first."""
    wanted = select(SearchWish).where(SearchWish.person_id == person_id)
    return list(session.scalars(wanted.order_by(SearchWish.wished_at, SearchWish.id)))


def pauses_of(session: Session, person_id: int) -> list[SignalPause]:
    """Return the spans in which a person had their signals paused, the oldest first."""
    wanted = select(SignalPause).where(SignalPause.person_id == person_id)
    return list(session.scalars(wanted.order_by(SignalPause.since)))
