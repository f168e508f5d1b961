"""Writes down what a check found, and lets follow what follows from it.

An address that has moved within its site is changed here at once, unless a curator has locked it;
one that leads to another site is proposed, since a site may have changed hands. Who answers for
what is pinned or in a playlist is told when its link is gone or hidden. Of a link that a curator
called fine meanwhile, and of an item that was retired, nothing is written.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import events
from app.catalogue.service import queue_for_index
from app.errors import Wording
from app.links import telling
from app.links.answers import Found, may_rewrite
from app.links.states import ALIVE, Finding, Known, after, until_next
from app.models import Item, LinkCheck, LinkState, Status
from app.models.sentence import parts_of

TOOL, ADDRESS = "tool", "address"
KEPT = 12
REWRITTEN_AGAIN = timedelta(days=1)
AWAY = frozenset({LinkState.GONE, LinkState.HIDDEN})


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of a link with a check: its state before and after."""

    before: LinkState
    after: LinkState


def note(
    session: Session,
    item_id: int,
    found: Found,
    *,
    asked: str,
    watched: bool,
    now: datetime,
    url: str = "",
) -> Noted | None:
    """Write down what was found, by asking the tool or the address (`asked`).

    `url` is the address that was asked for, empty where the tool answered; if the item has another
    one by now, nothing is written, nor where nothing is to be checked.
    """
    row = session.get(LinkCheck, item_id, with_for_update=True)
    item = session.get(Item, item_id)
    if row is None or item is None or item.status != Status.LIVE.value:
        return None
    if (row.fine_until and row.fine_until > now.date()) or (url and url != item.url):
        return None
    known = after(known_of(row), found.finding, now=now)
    rests = until_next(
        known, found.finding, item_id=item_id, watched=watched, asked_to_wait=found.wait
    )
    said, before = found.said, LinkState(row.state)
    if found.moved_to and _rewrites(item, found.moved_to):
        said = Wording(
            "It had moved to %(address)s. The address kept here was changed.",
            address=found.moved_to[:200],
        )
        _rewrite(session, item, found.moved_to, now=now)
        known, rests = after(known_of(row), Finding.LIVE, now=now), REWRITTEN_AGAIN
    _write(row, known, found, asked=asked, said=said, now=now)
    row.next_at = now + rests
    session.flush()
    _follow(session, item, row, before, now=now)
    return Noted(before, known.state)


def postpone(session: Session, item_ids: Collection[int], until: datetime) -> None:
    """Leave these links alone until then: nothing was learnt of them."""
    rows = session.scalars(select(LinkCheck).where(LinkCheck.item_id.in_(list(item_ids))))
    for row in rows:
        row.next_at = until
    session.flush()


def known_of(row: LinkCheck) -> Known:
    """Return what a row says is known of its link."""
    return Known(
        state=LinkState(row.state),
        since=row.since,
        strikes=row.strikes,
        struck_at=row.struck_at,
        troubles=row.troubles,
    )


def past_check(found: str, said: str, *, asked: str, now: datetime) -> Mapping[str, Any]:
    """Return a check as the history keeps it."""
    plain = json.loads(json.dumps(parts_of(said), default=str))
    return {"at": now.isoformat(), "found": found, "asked": asked, "said": plain}


def _write(
    row: LinkCheck, known: Known, found: Found, *, asked: str, said: Wording, now: datetime
) -> None:
    row.state, row.since = known.state.value, known.since
    row.strikes, row.struck_at, row.troubles = known.strikes, known.struck_at, known.troubles
    row.asked, row.checked_at, row.status_code, row.detail = asked, now, found.status, said
    if found.moved_to or found.finding in ALIVE:
        row.moved_to = found.moved_to
    if found.etag or found.finding is Finding.MISSING:
        row.etag = found.etag
    told = past_check(found.finding.value, said, asked=asked, now=now)
    row.history = [told, *row.history][:KEPT]


def _rewrites(item: Item, address: str) -> bool:
    return "url" not in item.locked and may_rewrite(item.url, address)


def _rewrite(session: Session, item: Item, address: str, *, now: datetime) -> None:
    item.url, item.updated_at = address, now
    queue_for_index(session, [item.id], now=now)


def _follow(
    session: Session, item: Item, row: LinkCheck, before: LinkState, *, now: datetime
) -> None:
    state = LinkState(row.state)
    if state is before:
        return
    if LinkState.GONE in {state, before}:
        queue_for_index(session, [item.id], now=now)
    if state in AWAY:
        telling.tell_of(session, item, row, now=now)
    if {state, before} & (AWAY | {LinkState.MOVED}):
        events.items_stirred.send(session, item_ids=[item.id], at=now)
