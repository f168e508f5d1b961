"""What is known of a link after one more check: pure, without a clock, a row or the network.

That something was not found once proves little, so a link is gone only after two checks at least
an hour apart that did not find it, with nothing between them that speaks for it. Trouble, whether
an answer of 5xx, a timeout or a refusal for asking too often, says nothing of the link itself.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.models import LinkState

APART = timedelta(hours=1)
STRIKES = 2
FLAKY_AFTER = 2  # troubles in a row; a single one is nothing to speak of
SOON = timedelta(minutes=70)
LIVE_AGAIN = timedelta(days=14)
WATCHED_AGAIN = timedelta(days=3)
GONE_AGAIN = timedelta(days=2)
OTHERWISE_AGAIN = timedelta(days=7)
_FIRST_REST = timedelta(minutes=30)
_LONGEST_REST = timedelta(days=1)
_SPREAD = 0.3  # of the time until the next check, so that not all are due on one day


class Finding(StrEnum):
    """What one check found.

    Hidden is what the tool itself says. An address that asks to sign in is closed: what is behind
    it may be there or hidden, and it is known there in any case.
    """

    LIVE = "live"
    MOVED = "moved"
    HIDDEN = "hidden"
    CLOSED = "closed"
    MISSING = "missing"
    TROUBLE = "trouble"
    UNCLEAR = "unclear"


_STATES = {
    Finding.LIVE: LinkState.LIVE,
    Finding.MOVED: LinkState.MOVED,
    Finding.HIDDEN: LinkState.HIDDEN,
    Finding.CLOSED: LinkState.UNKNOWN,
}
ALIVE = frozenset(_STATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a link: its state since when, and what the last checks in a row found.

    `strikes` counts the checks that did not find it, `struck_at` is the first of these;
    `troubles` counts those that got no answer.
    """

    state: LinkState = LinkState.UNKNOWN
    since: datetime | None = None
    strikes: int = 0
    struck_at: datetime | None = None
    troubles: int = 0


def after(known: Known, finding: Finding, *, now: datetime) -> Known:
    """Return what is known after a check at `now`."""
    if finding in ALIVE:
        return _in_state(Known(since=known.since, state=known.state), _STATES[finding], now)
    if finding is Finding.MISSING:
        return _missed(known, now)
    if finding is Finding.TROUBLE:
        troubled = replace(known, troubles=known.troubles + 1)
        keeps = known.state in {LinkState.GONE, LinkState.HIDDEN} or known.strikes
        if keeps or troubled.troubles < FLAKY_AFTER:
            return troubled
        return _in_state(troubled, LinkState.FLAKY, now)
    unclear = replace(known, troubles=0, since=known.since or now)
    return _in_state(unclear, LinkState.UNKNOWN, now) if known.state is LinkState.FLAKY else unclear


def until_next(
    known: Known,
    finding: Finding,
    *,
    item_id: int,
    watched: bool,
    asked_to_wait: timedelta | None = None,
) -> timedelta:
    """Return how long to leave a link alone after a check.

    `watched` are items that somebody pinned or put into a playlist. `asked_to_wait` is what the
    other side itself asked for. Long times are spread by the item's id.
    """
    if finding is Finding.TROUBLE:
        rest = _FIRST_REST * 2 ** min(known.troubles - 1, 10)
        return max(min(rest, _LONGEST_REST), asked_to_wait or timedelta())
    if finding is Finding.MISSING:
        return SOON if known.state is not LinkState.GONE else _spread(GONE_AGAIN, item_id)
    if finding is Finding.UNCLEAR:
        return _spread(SOON if known.strikes else OTHERWISE_AGAIN, item_id)
    usual = LIVE_AGAIN if finding is Finding.LIVE else OTHERWISE_AGAIN
    return _spread(min(usual, WATCHED_AGAIN) if watched else usual, item_id)


def share_of(item_id: int) -> float:
    """Return a number from 0 to 1 that always is the same for an item, and spread among many."""
    digest = hashlib.sha256(str(item_id).encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def _missed(known: Known, now: datetime) -> Known:
    struck = replace(known, strikes=known.strikes + 1, struck_at=known.struck_at or now, troubles=0)
    first = struck.struck_at or now
    if known.state is LinkState.GONE or (struck.strikes >= STRIKES and now - first >= APART):
        return _in_state(struck, LinkState.GONE, now)
    return _in_state(struck, LinkState.FLAKY, now)


def _in_state(known: Known, state: LinkState, now: datetime) -> Known:
    same = known.state is state and known.since is not None
    return replace(known, state=state, since=known.since if same else now)


def _spread(time: timedelta, item_id: int) -> timedelta:
    """Return the time, up to 15 % earlier or later."""
    return time * (1 + _SPREAD * (share_of(item_id) - 0.5))
