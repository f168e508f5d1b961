"""Why an item wants a curator's look, as bits of a number, and how urgently; as SQL over many.

The statements that use these expressions bring `ItemCare` and `Item` together, row by row.
"""

from datetime import date, datetime, timedelta
from enum import IntFlag
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    ScalarSelect,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.catalogue.clusters import SAME
from app.models import (
    Activity,
    ClusterDecision,
    ClusterMember,
    Item,
    ItemCare,
    ItemState,
    LinkCheck,
    LinkState,
    Pin,
    Playlist,
    PlaylistState,
    Problem,
    ProblemReport,
    RolePage,
    Section,
    Status,
    Step,
    Verb,
)


class Reason(IntFlag):
    """Why an item wants a look, the most pressing reason first."""

    LINK = 1
    REPORTED = 2
    RATED_BADLY = 4
    SUNSET = 8
    DUE = 16
    STALE = 32
    DUPLICATE = 64
    UNUSED = 128


WEIGHTS = {
    Reason.LINK: 40,
    Reason.REPORTED: 35,
    Reason.RATED_BADLY: 30,
    Reason.SUNSET: 28,
    Reason.DUE: 20,
    Reason.STALE: 10,
    Reason.DUPLICATE: 8,
    Reason.UNUSED: 5,
}
PINNED, IN_A_PLAYLIST, MOST_FOR_USE = 1000, 500, 100

USE = timedelta(days=90)
OLD_ENOUGH = timedelta(days=90)
UNCHANGED = timedelta(days=540)
QUIET = timedelta(days=180)  # after a look, what nobody has to act upon stays out of the queue
BEFORE_SUNSET = timedelta(days=30)
FEWEST_RATERS = 5
BADLY = 2.5
FEWEST_LAUNCHES = 5
_BROKEN = (LinkState.GONE.value, LinkState.MOVED.value, LinkState.HIDDEN.value)


def day_of(column: Any) -> ColumnElement[date]:
    """Return the day (UTC) of a moment."""
    return func.date(column, type_=Date())


def published() -> ColumnElement[date]:
    """Return the day on which an item was published; where that is not known, came to Foyer."""
    return func.coalesce(Item.published_on, day_of(Item.created_at))


def reasons_on(today: date) -> ColumnElement[int]:
    """Return all the reasons of an item for a look on this day."""
    looked_at = ItemCare.reviewed_on
    fresh = and_(looked_at.is_not(None), looked_at > today - QUIET)
    bits = {
        Reason.LINK: _link_is_broken(),
        Reason.REPORTED: open_reports(Item.id),
        Reason.RATED_BADLY: and_(~fresh, _is_rated_badly()),
        Reason.SUNSET: ItemCare.sunset_on <= today + BEFORE_SUNSET,
        Reason.DUE: ItemCare.review_on <= today,
        Reason.STALE: and_(~fresh, _is_stale(today)),
        Reason.DUPLICATE: and_(~fresh, _is_a_duplicate()),
        Reason.UNUSED: and_(~fresh, _is_unused(today)),
    }
    total: ColumnElement[int] = literal(0)
    for bit, holds in bits.items():
        total = total + case((holds, int(bit)), else_=0)
    return total


def urgency() -> ColumnElement[int]:
    """Return how urgent the reasons are that are kept: where it stands, its use, why; 0 without."""
    place = case((is_pinned(), PINNED), (is_in_a_playlist(), IN_A_PLAYLIST), else_=0)
    use = case((ItemCare.launches > MOST_FOR_USE, MOST_FOR_USE), else_=ItemCare.launches)
    weight: ColumnElement[int] = literal(1)
    for bit, points in WEIGHTS.items():
        weight = weight + case((ItemCare.reasons.bitwise_and(int(bit)) != 0, points), else_=0)
    return case((ItemCare.reasons == 0, 0), else_=place + use + weight)


def launches(since: datetime, until: datetime) -> ScalarSelect[int]:
    """Return how often an item was opened in a span of time."""
    return _counted(Verb.LAUNCHED, since, until)


def completions(since: datetime, until: datetime) -> ScalarSelect[int]:
    """Return how often an item was finished in a span of time."""
    return _counted(Verb.COMPLETED, since, until)


def last_opened() -> ScalarSelect[date]:
    """Return the day on which an item was opened or finished last."""
    used = Activity.verb.in_([Verb.LAUNCHED.value, Verb.COMPLETED.value])
    return (
        select(func.date(func.max(Activity.at), type_=Date()))
        .where(Activity.item_id == ItemCare.item_id, used)
        .correlate(ItemCare)
        .scalar_subquery()
    )


def is_pinned() -> ColumnElement[bool]:
    """Tell whether readers meet the item on a page."""
    return (
        exists()
        .where(
            Pin.item_id == ItemCare.item_id,
            Section.id == Pin.section_id,
            RolePage.id == Section.page_id,
            RolePage.published,
        )
        .correlate(ItemCare)
    )


def is_in_a_playlist() -> ColumnElement[bool]:
    """Tell whether the item is a step of a playlist that is given to people."""
    return (
        exists()
        .where(
            Step.item_id == ItemCare.item_id,
            Playlist.id == Step.playlist_id,
            Playlist.state == PlaylistState.LIVE.value,
        )
        .correlate(ItemCare)
    )


def open_reports(item_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Tell whether a reader has said that the item is out of date, and nobody has answered."""
    return (
        exists()
        .where(
            ProblemReport.item_id == item_id,
            ProblemReport.resolved_at.is_(None),
            ProblemReport.problem == Problem.OUTDATED.value,
        )
        .correlate(Item, ItemCare)
    )


def _counted(verb: Verb, since: datetime, until: datetime) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(Activity)
        .where(
            Activity.item_id == ItemCare.item_id,
            Activity.verb == verb.value,
            Activity.at > since,
            Activity.at <= until,
        )
        .correlate(ItemCare)
        .scalar_subquery()
    )


def _link_is_broken() -> ColumnElement[bool]:
    """Tell whether the link broke after the item was looked at last."""
    unseen = or_(ItemCare.reviewed_on.is_(None), day_of(LinkCheck.since) > ItemCare.reviewed_on)
    return (
        exists()
        .where(LinkCheck.item_id == ItemCare.item_id, LinkCheck.state.in_(_BROKEN), unseen)
        .correlate(ItemCare)
    )


def _is_rated_badly() -> ColumnElement[bool]:
    stars = (
        select(ItemState.item_id)
        .where(ItemState.item_id == ItemCare.item_id, ItemState.stars.is_not(None))
        .group_by(ItemState.item_id)
        .having(func.count() >= FEWEST_RATERS, func.avg(ItemState.stars) <= BADLY)
        .correlate(ItemCare)
    )
    return stars.exists()


def _is_stale(today: date) -> ColumnElement[bool]:
    """Not changed for long, and opened half as often as before or less."""
    changed = and_(Item.updated_at > Item.created_at, day_of(Item.updated_at) > today - UNCHANGED)
    less = and_(
        ItemCare.launches_before >= FEWEST_LAUNCHES,
        ItemCare.launches * 2 <= ItemCare.launches_before,
    )
    return and_(published() <= today - UNCHANGED, ~changed, less)


def _is_unused(today: date) -> ColumnElement[bool]:
    nobody = and_(ItemCare.launches == 0, ItemCare.completions == 0)
    return and_(nobody, day_of(Item.created_at) <= today - OLD_ENOUGH)


def _is_a_duplicate() -> ColumnElement[bool]:
    """Another live item stands for it, and no curator has said that they are the same."""
    mine, other, preferred = aliased(ClusterMember), aliased(ClusterMember), aliased(Item)
    confirmed = exists().where(
        ClusterDecision.verdict == SAME,
        or_(
            ClusterDecision.low_id == ItemCare.item_id, ClusterDecision.high_id == ItemCare.item_id
        ),
    )
    beside = exists().where(
        mine.item_id == ItemCare.item_id,
        ~mine.preferred,
        other.cluster_id == mine.cluster_id,
        other.preferred,
        preferred.id == other.item_id,
        preferred.status == Status.LIVE.value,
    )
    return and_(beside.correlate(ItemCare), ~confirmed.correlate(ItemCare))
