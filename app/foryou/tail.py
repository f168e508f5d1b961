"""Follows the activity of everybody in memory, so that a click counts for all a moment later.

Every process follows the one table of activity: a slate's statement says which row is the newest,
and only if that is new are the rows since then read. So any number of processes know the same, and
nothing has to be sent between them. What somebody deletes leaves a row in `removal`; then, and
when another model serves, what is remembered is built anew from the rows that are left.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from app.foryou import history, queries
from app.foryou.queries import Signs
from recommender.live import Live
from recommender.model import Model

REMEMBERED = timedelta(days=7)
OVERLAP = 500
MOST_MODELS = 3
Groups = dict[int, tuple[str, ...]]


@dataclass
class _Followed:
    """What one model has heard: up to which row, of which removals, and whom it knows."""

    live: Live
    removal: int
    groups: Groups
    newest: int = 0
    heard: deque[int] = field(default_factory=lambda: deque(maxlen=2 * OVERLAP))


class Tail:
    """The live sums of the models that serve in this process; safe to use from several threads."""

    def __init__(self) -> None:
        """Follow nothing yet."""
        self._lock = threading.Lock()
        self._followed: OrderedDict[int, _Followed] = OrderedDict()

    def live(self, session: Session, model: Model, signs: Signs) -> Live | None:
        """Return the sums of this model with everything that is committed by now.

        While one thread reads what is new, others are given what was known before it; None where
        there is nothing yet.
        """
        found = self._followed.get(id(model))
        if found and (found.newest, found.removal) == (signs.activity, signs.removal):
            return found.live
        if not self._lock.acquire(blocking=False):
            return found.live if found and found.removal == signs.removal else None
        try:
            return self._brought_up(session, model, signs).live
        finally:
            self._lock.release()

    def _brought_up(self, session: Session, model: Model, signs: Signs) -> _Followed:
        found = self._followed.get(id(model))
        if found is None or found.removal != signs.removal or found.newest > signs.activity:
            found = _begun(session, model, signs, found.groups if found else None)
        else:
            rows = history.events_after(session, activity_id=found.newest - OVERLAP)
            _hear(found, rows)
        found.newest = signs.activity
        self._followed[id(model)] = found
        while len(self._followed) > MOST_MODELS:
            self._followed.popitem(last=False)
        return found


def _begun(session: Session, model: Model, signs: Signs, groups: Groups | None) -> _Followed:
    """Read everything since the training, and a little before it for what people did last."""
    found = _Followed(Live(model), signs.removal, groups or _groups(session))
    since = datetime.fromtimestamp(model.trained_at, UTC) - REMEMBERED
    _hear(found, history.events_since(session, since=since))
    return found


def _groups(session: Session) -> Groups:
    """Return the roles and circles of everybody, which change too seldom to be followed."""
    roles, circles = queries.people_roles(session), queries.circles(session)
    return {one: roles.get(one, ()) + circles.get(one, ()) for one in {*roles, *circles}}


def _hear(found: _Followed, rows: Iterable[history.Told]) -> None:
    """Add what was not heard before. Rows may become visible out of order, hence the overlap."""
    before = frozenset(found.heard)
    new = [row for row in rows if row.activity_id not in before]
    found.live.observe([row.event for row in new], found.groups)
    found.heard.extend(sorted(row.activity_id for row in new)[-2 * OVERLAP :])
