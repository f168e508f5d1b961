"""The review queue: what wants a look, why, and how urgently; one row for each item.

A page of it takes three statements, whatever there is. What a curator may not see is neither shown
nor counted; a duplicate is a reason only for who sees the other item too.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.care.reasons import FEWEST_RATERS, Reason, published
from app.models import (
    AudienceToken,
    ClusterMember,
    Item,
    ItemCare,
    ItemState,
    LinkCheck,
    Person,
    Pin,
    Playlist,
    PlaylistState,
    ProblemReport,
    RolePage,
    Section,
    Status,
    Step,
    Tool,
    visible_to,
)
from app.sums import AtLeast, told, told_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a curator looks through: of which tool (a slug), for which reason, only their own."""

    tool: str = ""
    reason: Reason | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An item that wants a look. `stars` is (average, raters) where a group rated it."""

    item_id: int
    title: str
    kind: str
    tool_name: str
    tool_slug: str
    owner_name: str
    reasons: tuple[Reason, ...]
    review_on: date | None
    sunset_on: date | None
    published_on: date
    link_state: str
    link_since: datetime | None
    pages: int
    playlists: int
    reports: int
    stars: tuple[float, AtLeast] | None

    @property
    def only_due(self) -> bool:
        """Tell whether nothing else is said of it than that it is time to look."""
        return self.reasons == (Reason.DUE,)


@dataclass(frozen=True, slots=True)
class Tallied:
    """How many items wait for the same reasons (as bits), of one tool; `own`: the curator's own."""

    bits: int
    own: bool
    number: int
    slug: str
    tool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many items wait: in all, the curator's own, by reason, and by tool (slug, name)."""

    total: int
    mine: int
    shown: int
    by_reason: Mapping[Reason, int]
    by_tool: Mapping[tuple[str, str], int]


def tally(
    session: Session, *, person_id: int, tokens: Collection[str], today: date
) -> list[Tallied]:
    """Return how many items wait, by reasons, owner and tool: all counts of a page at once."""
    why, own = _reasons_seen(tokens), func.coalesce(ItemCare.owner_id == person_id, False)
    grouped = (
        select(why.label("why"), own.label("own"), Item.tool_id, func.count().label("number"))
        .select_from(ItemCare)
        .join(Item, Item.id == ItemCare.item_id)
        .where(*_waits(today), Item.status == _LIVE, visible_to(Item.audience_id, tokens))
        .group_by("why", "own", Item.tool_id)
        .subquery()
    )
    rows = session.execute(
        select(grouped.c.why, grouped.c.own, grouped.c.number, Tool.slug, Tool.name)
        .join(Tool, Tool.id == grouped.c.tool_id)
        .where(grouped.c.why != 0)
        .order_by(Tool.name)
    )
    return [Tallied(*row) for row in rows]


def counts(rows: Iterable[Tallied], wanted: Wanted) -> Counts:
    """Return what stands beside the filters: each counts what the other filters leave."""
    totals, by_reason, by_tool = Counter[str](), Counter[Reason](), Counter[tuple[str, str]]()
    for row in rows:
        of_tool = wanted.tool in ("", row.slug)
        of_reason = wanted.reason is None or bool(row.bits & wanted.reason)
        of_owner = row.own or not wanted.mine
        totals["total"] += row.number if of_tool and of_reason else 0
        totals["mine"] += row.number if of_tool and of_reason and row.own else 0
        totals["shown"] += row.number if of_tool and of_reason and of_owner else 0
        by_tool[row.slug, row.tool] += row.number if of_reason and of_owner else 0
        for reason in Reason:
            by_reason[reason] += row.number if row.bits & reason and of_tool and of_owner else 0
    return Counts(
        total=totals["total"],
        mine=totals["mine"],
        shown=totals["shown"],
        by_reason=by_reason,
        by_tool=by_tool,
    )


def waiting(
    session: Session,
    wanted: Wanted,
    *,
    person_id: int,
    tokens: Collection[str],
    today: date,
    offset: int,
    limit: int,
    at_least: int = FEWEST_RATERS,
) -> list[Waiting]:
    """Return a part of the queue, the most urgent first, in two statements.

    Stars are told in groups of `at_least` people who gave them, their mean in halves.
    """
    why = _reasons_seen(tokens)
    statement = (
        select(Item, ItemCare, Tool.name, Tool.slug, Person.name, why, published())
        .add_columns(LinkCheck.state, LinkCheck.since)
        .select_from(ItemCare)
        .join(Item, Item.id == ItemCare.item_id)
        .join(Tool, Tool.id == Item.tool_id)
        .outerjoin(Person, Person.id == ItemCare.owner_id)
        .outerjoin(LinkCheck, LinkCheck.item_id == Item.id)
        .where(*_waits(today), *_in_order_of_urgency(tokens), why != 0)
        .order_by(ItemCare.urgency.desc(), ItemCare.item_id.desc())
        .offset(offset)
        .limit(limit)
    )
    rows = session.execute(_filtered(statement, wanted, why, person_id)).all()
    facts = _facts(session, [row[0].id for row in rows])
    return [_waiting(row, facts[row[0].id], at_least) for row in rows]


def reasons_in(bits: int) -> tuple[Reason, ...]:
    """Return the single reasons in a number, the most pressing first."""
    return tuple(reason for reason in Reason if bits & reason)


def _audiences(tokens: Collection[str]) -> Select[int]:
    """Return the statement for the audiences that a holder of `tokens` belongs to."""
    return select(AudienceToken.audience_id).where(AudienceToken.token.in_(sorted(tokens)))


def _filtered(
    statement: Select[Any], wanted: Wanted, why: ColumnElement[int], person_id: int
) -> Select[Any]:
    if wanted.mine:
        statement = statement.where(ItemCare.owner_id == person_id)
    if wanted.tool:
        statement = statement.where(Tool.slug == wanted.tool)
    if wanted.reason is not None:
        statement = statement.where(why.bitwise_and(int(wanted.reason)) != 0)
    return statement


def _waits(today: date) -> tuple[ColumnElement[bool], ...]:
    return ItemCare.urgency > 0, func.coalesce(ItemCare.later_on <= today, True)


def _in_order_of_urgency(tokens: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """Return that an item is live and visible, so that no index of these columns is taken.

    Then the queue is walked in the order of its urgency and ends with the page: at 100,000 items
    on SQLite in 10 ms instead of 300 ms.
    """
    return Item.status + "" == _LIVE, (Item.audience_id + 0).in_(_audiences(tokens))


_LIVE = Status.LIVE.value


def _reasons_seen(tokens: Collection[str]) -> ColumnElement[int]:
    """Return the reasons without that of a duplicate whose other item the curator may not see."""
    mine, other, beside = aliased(ClusterMember), aliased(ClusterMember), aliased(Item)
    sees_the_other = (
        exists()
        .where(
            mine.item_id == ItemCare.item_id,
            other.cluster_id == mine.cluster_id,
            other.item_id != mine.item_id,
            beside.id == other.item_id,
            beside.status == Status.LIVE.value,
            visible_to(beside.audience_id, tokens),
        )
        .correlate(ItemCare)
    )
    duplicate = int(Reason.DUPLICATE)
    unseen = (ItemCare.reasons.bitwise_and(duplicate) != 0) & ~sees_the_other
    return case((unseen, ItemCare.reasons - duplicate), else_=ItemCare.reasons)


@dataclass(frozen=True, slots=True)
class _Facts:
    pages: int
    playlists: int
    reports: int
    raters: int
    average: float | None


def _facts(session: Session, ids: Sequence[int]) -> dict[int, _Facts]:
    """Return where these items stand and what is said of them, in one statement."""
    pages = (
        select(func.count(RolePage.id.distinct()))
        .join(Section, Section.page_id == RolePage.id)
        .join(Pin, Pin.section_id == Section.id)
        .where(Pin.item_id == Item.id, RolePage.published)
    )
    playlists = (
        select(func.count(Playlist.id.distinct()))
        .join(Step, Step.playlist_id == Playlist.id)
        .where(Step.item_id == Item.id, Playlist.state == PlaylistState.LIVE.value)
    )
    reports = select(func.count(ProblemReport.id)).where(
        ProblemReport.item_id == Item.id, ProblemReport.resolved_at.is_(None)
    )
    rated = ItemState.item_id == Item.id, ItemState.stars.is_not(None)
    asked = (
        pages,
        playlists,
        reports,
        select(func.count()).select_from(ItemState).where(*rated),
        select(func.avg(ItemState.stars)).where(*rated),
    )
    rows = session.execute(
        select(Item.id, *(each.correlate(Item).scalar_subquery() for each in asked)).where(
            Item.id.in_(ids)
        )
    )
    return {row[0]: _Facts(*row[1:]) for row in rows}


def _waiting(row: Any, facts: _Facts, at_least: int) -> Waiting:
    item, care, tool_name, tool_slug, owner, why, published_on, state, since = row
    mean = told_mean(float(facts.average or 0), facts.raters, fewest=at_least)
    return Waiting(
        item_id=item.id,
        title=item.title,
        kind=item.kind,
        tool_name=tool_name,
        tool_slug=tool_slug,
        owner_name=owner or "",
        reasons=reasons_in(why),
        review_on=care.review_on,
        sunset_on=care.sunset_on,
        published_on=published_on,
        link_state=state or "",
        link_since=since,
        pages=facts.pages,
        playlists=facts.playlists,
        reports=facts.reports,
        stars=None if mean is None else (mean, told(facts.raters, fewest=at_least)),
    )
