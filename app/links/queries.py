"""Reads of what is known of links. A curator sees those of the items that they see.

The list counts no further than it can show, so that its time does not grow with the catalogue.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.catalogue.queries import visible_item
from app.models import (
    AudienceToken,
    Item,
    LinkCheck,
    LinkState,
    Person,
    Pin,
    RolePage,
    Section,
    Status,
    Tool,
    visible_to,
)
from app.models.sentence import whole

TO_LOOK_AT = (LinkState.GONE, LinkState.HIDDEN, LinkState.MOVED, LinkState.FLAKY)
AWAY = frozenset({LinkState.GONE.value, LinkState.HIDDEN.value})
WELL = frozenset({LinkState.LIVE.value, LinkState.UNKNOWN.value})
MOST_COUNTED = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """One page of links, how many there are (`more` than are counted), and counts by state."""

    links: list[LinkCheck]
    total: int
    more: bool
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class PastCheck:
    """One of the last checks: when, what it found, by asking whom, and a sentence."""

    at: datetime
    found: str
    asked: str
    said: str


def links_to_look_at(
    session: Session, *, tokens: Collection[str], state: str, tool: str, offset: int, limit: int
) -> LinkPage:
    """Return links of one state, or of all those that want a look; of one tool (its slug) or all.

    What has been so for the shortest time comes first; of what is well, what is checked next.
    """
    seen = _seen if state in WELL else _seen_of_few
    wanted = seen(tokens).where(_in_states(state))
    if tool:
        wanted = wanted.where(Tool.slug == tool)
    counted = wanted.with_only_columns(LinkCheck.item_id).limit(MOST_COUNTED + 1).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    rows = session.scalars(
        wanted.options(contains_eager(LinkCheck.item).contains_eager(Item.tool))
        .order_by(*_order(state), LinkCheck.item_id)
        .offset(offset)
        .limit(limit)
    )
    return LinkPage(
        links=list(rows),
        total=min(total, MOST_COUNTED),
        more=total > MOST_COUNTED,
        counts=_counts(session, tokens),
    )


def link_with_item(
    session: Session, item_id: int, *, tokens: Collection[str], now: datetime
) -> LinkCheck | None:
    """Return what is known of one visible item's link, with its tool and who called it fine.

    Of an item that was never looked at, a row is returned that is not kept.
    """
    wanted = (
        select(LinkCheck)
        .join(LinkCheck.item)
        .join(Item.tool)
        .where(LinkCheck.item_id == item_id, visible_to(Item.audience_id, tokens))
        .options(
            contains_eager(LinkCheck.item).contains_eager(Item.tool), joinedload(LinkCheck.fine_by)
        )
    )
    found = session.scalar(wanted)
    if found is not None:
        return found
    item = visible_item(session, item_id, tokens=tokens)
    return _never_checked(item, now) if item else None


def _never_checked(item: Item, now: datetime) -> LinkCheck:
    return LinkCheck(
        item_id=item.id,
        item=item,
        fine_by=None,
        state=LinkState.UNKNOWN.value,
        strikes=0,
        troubles=0,
        next_at=now,
        detail="",
        moved_to="",
        asked="",
        history=[],
    )


def away_state(session: Session, item_id: int) -> str:
    """Return “gone” or “hidden” for an item whose link does not open, else an empty text."""
    found = select(LinkCheck.state).where(LinkCheck.item_id == item_id, LinkCheck.state.in_(AWAY))
    return session.scalar(found) or ""


def open_links(session: Session, *, tokens: Collection[str]) -> int:
    """Return how many links are gone, hidden or moved, for a curator's first page."""
    return sum(_counts(session, tokens).values())


def pages_with(session: Session, item_id: int) -> list[RolePage]:
    """Return the published role pages that have the item pinned, with their roles."""
    return list(
        session.scalars(
            select(RolePage)
            .where(
                RolePage.published,
                RolePage.id.in_(
                    select(Section.page_id)
                    .join(Pin, Pin.section_id == Section.id)
                    .where(Pin.item_id == item_id)
                ),
            )
            .options(joinedload(RolePage.role))
            .order_by(RolePage.id)
        )
    )


def names_of(session: Session, people: Collection[int]) -> list[str]:
    """Return the names of these people, in order."""
    found = select(Person.name).where(Person.id.in_(list(people))).order_by(Person.name)
    return list(session.scalars(found))


def tools_with_links(session: Session, *, tokens: Collection[str]) -> list[Tool]:
    """Return the tools with links that want a look, by name."""
    ids = _seen_of_few(tokens).where(_in_states("")).with_only_columns(Item.tool_id)
    return list(session.scalars(select(Tool).where(Tool.id.in_(ids)).order_by(Tool.name)))


def history_of(row: LinkCheck) -> list[PastCheck]:
    """Return the last checks, the newest first."""
    return [_past(one) for one in row.history]


def _past(one: dict[str, Any]) -> PastCheck:
    at = datetime.fromisoformat(one["at"])
    return PastCheck(at, one["found"], one["asked"], whole(one["said"]))


def _seen(tokens: Collection[str]) -> Select[LinkCheck]:
    return (
        select(LinkCheck)
        .join(LinkCheck.item)
        .join(Item.tool)
        .where(Item.status == Status.LIVE.value, visible_to(Item.audience_id, tokens))
    )


def _seen_of_few(tokens: Collection[str]) -> Select[LinkCheck]:
    """Return the same for states that few links have, so that no index of items is taken.

    Then the statement begins at those few: at 100,000 items on SQLite in 20 ms instead of 300 ms.
    """
    admitted = select(AudienceToken.audience_id).where(AudienceToken.token.in_(sorted(tokens)))
    return (
        select(LinkCheck)
        .join(LinkCheck.item)
        .join(Item.tool)
        .where(Item.status + "" == Status.LIVE.value, (Item.audience_id + 0).in_(admitted))
    )


def _order(state: str) -> list[Any]:
    return [LinkCheck.next_at] if state in WELL else [LinkCheck.since.desc().nulls_last()]


def _in_states(state: str) -> Any:
    if state in set(LinkState):
        return LinkCheck.state == state
    return LinkCheck.state.in_([each.value for each in TO_LOOK_AT])


def _counts(session: Session, tokens: Collection[str]) -> dict[str, int]:
    """Return how many links are in each of the states that want a look."""
    rows = session.execute(
        _seen_of_few(tokens)
        .where(_in_states(""))
        .with_only_columns(LinkCheck.state, func.count())
        .group_by(LinkCheck.state)
    )
    return dict(rows.all())
