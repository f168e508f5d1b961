"""What people took of what they looked at: the honest part of learning from one's own slates.

Taken is what somebody opened, finished, saved or liked within a day after they looked at it. A take
counts for the last slate that showed the item before it, so that a page that was loaded again gives
no second take and no refusal.

Position bias: what stands low is looked at less, so that not taking it says little. Of a slate only
what stands down to the lowest item that was taken or dismissed counts as examined, which is the
cascade of Craswell, Zoeter, Taylor and Ramsey (2008) and the "skip above" of Joachims (2002). A
slate of which nothing was taken or dismissed teaches nothing. The places that are drawn by chance
would allow for weights instead (inverse propensities), but they are too few in one company.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.catalogue.stored import in_parts
from app.models import Activity, ShownItem, ShownSlate, Verb

WITHIN = timedelta(days=1)
TAKES = (Verb.LAUNCHED.value, Verb.COMPLETED.value, Verb.SAVED.value, Verb.LIKED.value)
_TELLING = (*TAKES, Verb.DISMISSED.value)


class Take(NamedTuple):
    """An item that somebody took, or dismissed, of a slate that they looked at."""

    slate_id: int
    person_id: int
    item_id: int
    shelf: str
    position: int
    team: str
    propensity: float | None
    dismissed: bool


@dataclass(frozen=True, slots=True)
class JudgedSlate:
    """A slate of which something was taken or dismissed; `shown` are its items in their order."""

    person_id: int
    shown_at: datetime
    shelf: str
    shown: tuple[int, ...]
    taken: frozenset[int]
    dismissed: frozenset[int]

    @property
    def examined(self) -> tuple[int, ...]:
        """Return the items down to the lowest one that was taken or dismissed."""
        told = self.taken | self.dismissed
        lowest = max((place for place, item in enumerate(self.shown) if item in told), default=-1)
        return self.shown[: lowest + 1]


def judged_slates(session: Session, since: datetime) -> list[JudgedSlate]:
    """Return the slates since then of which something was taken or dismissed, the oldest first.

    Whoever trains on them takes `examined` without `taken` as refused.
    """
    told: dict[int, list[Take]] = defaultdict(list)
    for take in takes_of(session, ShownSlate.shown_at >= since):
        told[take.slate_id].append(take)
    found = []
    for some in in_parts(sorted(told)):
        slates = session.execute(
            select(ShownSlate.id, ShownSlate.person_id, ShownSlate.shown_at, ShownSlate.shelf)
            .where(ShownSlate.id.in_(some))
            .order_by(ShownSlate.id)
        )
        items = _items_of(session, some)
        found += [_judged(row, items[row.id], told[row.id]) for row in slates]
    return sorted(found, key=lambda each: each.shown_at)


def takes_of(session: Session, *which: ColumnElement[bool]) -> list[Take]:
    """Return what was taken or dismissed of the slates that the conditions choose.

    Each item counts once for each slate. What was both taken and dismissed counts as dismissed.
    """
    last: dict[tuple[int, int, datetime, str], tuple[datetime, Take]] = {}
    for shown_at, at, verb, *facts in session.execute(_telling(*which)):
        if at - shown_at > WITHIN:
            continue
        take = Take._make((*facts, verb == Verb.DISMISSED.value))
        act = (take.person_id, take.item_id, at, verb)
        if act not in last or shown_at >= last[act][0]:
            last[act] = (shown_at, take)
    found: dict[tuple[int, int], Take] = {}
    for _shown_at, take in last.values():
        key = (take.slate_id, take.item_id)
        if key not in found or take.dismissed:
            found[key] = take
    return list(found.values())


def _telling(*which: ColumnElement[bool]) -> Select[Any]:
    slate, item = ShownSlate, ShownItem
    return (
        select(slate.shown_at, Activity.at, Activity.verb)
        .add_columns(slate.id, slate.person_id, item.item_id, slate.shelf)
        .add_columns(item.position, item.team, item.propensity)
        .join(item, item.slate_id == slate.id)
        .join(
            Activity,
            (Activity.item_id == item.item_id)
            & (Activity.person_id == slate.person_id)
            & (Activity.at >= slate.shown_at),
        )
        .where(Activity.verb.in_(_TELLING), Activity.counts, *which)
        .order_by(slate.id)
    )


def _items_of(session: Session, slate_ids: Sequence[int]) -> dict[int, list[int]]:
    rows = session.execute(
        select(ShownItem.slate_id, ShownItem.item_id)
        .where(ShownItem.slate_id.in_(slate_ids))
        .order_by(ShownItem.slate_id, ShownItem.position)
    )
    items: dict[int, list[int]] = defaultdict(list)
    for slate_id, item_id in rows:
        items[slate_id].append(item_id)
    return items


def _judged(row: Any, items: Sequence[int], told: Sequence[Take]) -> JudgedSlate:
    return JudgedSlate(
        person_id=row.person_id,
        shown_at=row.shown_at,
        shelf=row.shelf,
        shown=tuple(items),
        taken=frozenset(take.item_id for take in told if not take.dismissed),
        dismissed=frozenset(take.item_id for take in told if take.dismissed),
    )
