"""How well items suit a reader, for pages that order by something else first, such as a search.

Working it out costs a slate, so what it said is kept for a minute: long enough for a reader who
searches and refines, short enough that what they do soon counts. Only ids and figures are kept, in
this process alone.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock

from flask import current_app
from sqlalchemy.orm import Session

from app import clock
from app.access import Viewer
from app.foryou import service
from app.foryou.shelf import reader, room

EXTENSION = "foyer-likings"
KEPT_SECONDS = 60.0
MOST_PEOPLE = 2_000
MOST_ITEMS = 200
Key = tuple[int, tuple[str, ...]]


class Likings:
    """What was worked out in the last minute, for the people who asked last."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """Keep nothing yet; `seconds` is a clock that only runs forward."""
        self._seconds = seconds
        self._lock = Lock()
        self._kept: OrderedDict[Key, tuple[float, Mapping[int, float]]] = OrderedDict()

    def of(self, key: Key, work_out: Callable[[], Mapping[int, float]]) -> Mapping[int, float]:
        """Return what is kept under this key, or work it out and keep it."""
        now = self._seconds()
        with self._lock:
            known = self._kept.get(key)
        if known is not None and now < known[0]:
            return known[1]
        found = work_out()
        with self._lock:
            self._kept[key] = (now + KEPT_SECONDS, found)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_PEOPLE:
                self._kept.popitem(last=False)
        return found

    def forget(self, person_id: int) -> None:
        """Forget what was worked out for this person, whatever their roles."""
        with self._lock:
            for key in [key for key in self._kept if key[0] == person_id]:
                del self._kept[key]


def liking(session: Session, viewer: Viewer) -> Mapping[int, float]:
    """Return how well items suit the viewer, from 0 to 1; what is not named suits as any other.

    The best of the slate has 1, the last next to nothing; of somebody who has done nothing yet,
    nothing is said. Once a minute this takes the statements of a slate, else none.
    """
    key = (viewer.id, tuple(viewer.roles))
    return _likings().of(key, lambda: _from_slate(session, viewer))


def forget_liking(person_id: int) -> None:
    """Forget what this process worked out for a person; others do within a minute."""
    _likings().forget(person_id)


def _likings() -> Likings:
    found: Likings = current_app.extensions.setdefault(EXTENSION, Likings())
    return found


def _from_slate(session: Session, viewer: Viewer) -> dict[int, float]:
    who = reader(session, viewer, now=clock.now())
    if not who.context.history:
        return {}
    slate = service.slate_for(room(), who, limit=MOST_ITEMS).recommendations
    return {each.item: 1 - place / MOST_ITEMS for place, each in enumerate(slate)}
