"""What curators and administrators have set for the search: words that mean the same, and boosts.

Every search asks for it, so it is kept in the process. Once in two seconds one small statement
tells whether anybody, in whatever process, has changed it since; only then is it read again.
Whoever changes it calls `changed` and sees the change with the next search.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.models import RankingChoice, SynonymGroup
from search.synonyms import NO_SYNONYMS, Group, Synonyms

FRESH_SECONDS = 2.0
Stamp = tuple[int, datetime | None, int | None]


@dataclass(frozen=True, slots=True)
class Tuning:
    """All synonyms, and the shares of the boosts where they differ from `search.rank.BOOSTS`."""

    synonyms: Synonyms
    boosts: Mapping[str, float]


UNTUNED = Tuning(NO_SYNONYMS, {})


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read, the stamp that it had, and until when nobody looks whether it still has."""

    tuning: Tuning
    stamp: Stamp
    good_until: float


class Tunings:
    """The tuning of each database that this process works with, read again when it has changed."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """Keep nothing yet; `seconds` is a clock that only runs forward."""
        self._seconds = seconds
        self._lock = Lock()
        self._kept: WeakKeyDictionary[Any, _Kept] = WeakKeyDictionary()

    def current(self, session: Session) -> Tuning:
        """Return what is set, at most two seconds old: mostly without a statement, else by one."""
        key = session.get_bind()
        kept, now = self._kept.get(key), self._seconds()
        if kept is not None and now < kept.good_until:
            return kept.tuning
        stamp = _stamp(session)
        same = kept is not None and kept.stamp == stamp
        tuning = kept.tuning if kept is not None and same else _read(session)
        with self._lock:
            self._kept[key] = _Kept(tuning, stamp, now + FRESH_SECONDS)
        return tuning

    def changed(self, session: Session) -> None:
        """Say that this session changes it: when it commits, this process reads it again."""
        key = session.get_bind()
        event.listen(session, "after_commit", lambda _session: self._forget(key), once=True)

    def _forget(self, key: Any) -> None:
        with self._lock:
            self._kept.pop(key, None)


_TUNINGS = Tunings()


def current(session: Session) -> Tuning:
    """Return the synonyms and boosts that are set now, at most two seconds old."""
    return _TUNINGS.current(session)


def changed(session: Session) -> None:
    """Let this process read what is set again as soon as this session has committed."""
    _TUNINGS.changed(session)


def live_synonyms(session: Session) -> Synonyms:
    """Read all synonyms, in the order in which they were made."""
    rows = session.execute(
        select(SynonymGroup.words, SynonymGroup.becomes).order_by(SynonymGroup.id)
    )
    return Synonyms(Group(tuple(words), tuple(becomes)) for words, becomes in rows)


def live_boosts(session: Session) -> Mapping[str, float]:
    """Read the boosts that were chosen last; nothing if nobody has chosen any."""
    newest = select(RankingChoice.boosts).order_by(RankingChoice.id.desc()).limit(1)
    return dict(session.scalar(newest) or {})


def _read(session: Session) -> Tuning:
    return Tuning(live_synonyms(session), live_boosts(session))


def _stamp(session: Session) -> Stamp:
    """Read what no change leaves as it was, given that times of changes only grow."""
    row = session.execute(
        select(
            select(func.count(SynonymGroup.id)).scalar_subquery(),
            select(func.max(SynonymGroup.changed_at)).scalar_subquery(),
            select(func.max(RankingChoice.id)).scalar_subquery(),
        )
    ).one()
    return row[0], row[1], row[2]
