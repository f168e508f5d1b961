"""What curators say of links: look again, it is fine, take the new address."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.catalogue.service import queue_for_index
from app.errors import Conflict, Invalid, NotFound, Wording
from app.links.noting import ADDRESS, KEPT, past_check
from app.links.queries import link_with_item
from app.links.states import share_of
from app.models import LinkCheck, LinkState

MONTHS = (1, 3, 6, 12)
_MONTH = timedelta(days=30)


def check_soon(
    session: Session, item_id: int, *, tokens: Collection[str], now: datetime
) -> LinkCheck:
    """Let a link be checked with the next run, also one that was called fine."""
    row = _link(session, item_id, tokens, now)
    row.next_at, row.fine_until, row.fine_by_id = now, None, None
    session.flush()
    return row


def call_fine(
    session: Session,
    item_id: int,
    *,
    months: int,
    by: int,
    name: str,
    tokens: Collection[str],
    now: datetime,
) -> LinkCheck:
    """Take a link for live and leave it alone for so many months (of 30 days).

    `name` is the curator's, for the history. Raises Invalid for a number that is not offered.
    """
    if months not in MONTHS:
        raise Invalid({"months": Wording("Choose for how long.")})
    row = _link(session, item_id, tokens, now)
    was_gone = row.state == LinkState.GONE.value
    said = Wording("%(name)s opened it and found it fine.", name=name)
    if row.state != LinkState.LIVE.value:
        row.state, row.since = LinkState.LIVE.value, now
    row.strikes, row.struck_at, row.troubles, row.moved_to = 0, None, 0, ""
    row.fine_until, row.fine_by_id = (now + months * _MONTH).date(), by
    row.next_at = now + months * _MONTH + timedelta(days=share_of(item_id))
    _note(row, "fine", said, now)
    if was_gone:
        queue_for_index(session, [item_id], now=now)
    session.flush()
    return row


def take_address(
    session: Session, item_id: int, address: str, *, tokens: Collection[str], now: datetime
) -> LinkCheck:
    """Let an item lead to the address to which it has moved.

    Raises Conflict when that is no longer the address that was proposed.
    """
    row = _link(session, item_id, tokens, now)
    if not address or row.moved_to != address:
        raise Conflict("The address has changed meanwhile. Look at it again.")
    row.item.url, row.item.updated_at = address, now
    row.state, row.since, row.moved_to = LinkState.LIVE.value, now, ""
    row.next_at = now + timedelta(days=1)
    _note(row, "moved", Wording("A curator took the new address."), now)
    queue_for_index(session, [item_id], now=now)
    session.flush()
    return row


def _note(row: LinkCheck, found: str, said: Wording, now: datetime) -> None:
    row.detail = said
    row.history = [past_check(found, said, asked=ADDRESS, now=now), *row.history][:KEPT]


def _link(session: Session, item_id: int, tokens: Collection[str], now: datetime) -> LinkCheck:
    row = link_with_item(session, item_id, tokens=tokens, now=now)
    if row is None:
        raise NotFound("There is no such link for you.")
    session.add(row)
    return row
