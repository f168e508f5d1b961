"""The judged queries, asked with the synonyms and boosts that are live or that are to be tried."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from app.discover import judging, quality
from app.discover.indexing import SearchIndex
from app.discover.quality import Change, Report
from app.discover.tuning import Tuning
from search.judged import BadLine, JudgedQuery

log = logging.getLogger(__name__)
SAME = 0.0005  # differences that no figure of two places shows


@dataclass(frozen=True, slots=True)
class JudgedFile:
    """What the file of judged queries holds; `trouble` says why it cannot be read."""

    queries: tuple[JudgedQuery, ...] = ()
    bad: tuple[BadLine, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to the judged queries: both reports, and the queries that it moves."""

    before: Report
    after: Report

    @property
    def changes(self) -> list[Change]:
        """Return the queries that fare differently, those that lose most first."""
        found = quality.changes(self.before, self.after)
        return [change for change in found if abs(change.gain) > SAME]

    @property
    def better(self) -> int:
        """Return how many queries are answered better."""
        return sum(change.gain > 0 for change in self.changes)

    @property
    def worse(self) -> int:
        """Return how many queries are answered worse."""
        return sum(change.gain < 0 for change in self.changes)


@dataclass(frozen=True, slots=True)
class Bench:
    """The judged queries of this portal and all that asking them takes."""

    session: Session
    index: SearchIndex
    judged: Sequence[JudgedQuery]
    today: date

    def report(self, tuning: Tuning, role: str = "") -> Report:
        """Ask every judged query; raise IndexMissing without an index."""
        return judging.measured(
            self.session, self.index, self.judged, tuning, today=self.today, role=role
        )

    def effect(self, before: Tuning, after: Tuning, role: str = "") -> Effect:
        """Ask every judged query with both tunings; raise IndexMissing without an index."""
        return Effect(self.report(before, role), self.report(after, role))


def judged_in(path: Path | None) -> JudgedFile:
    """Read the portal's judged queries; without a file there are none."""
    if path is None:
        return JudgedFile()
    try:
        reading = judging.read_file(path)
    except (OSError, ValueError) as error:
        log.warning("the judged queries cannot be read: %s", error)
        return JudgedFile(trouble=type(error).__name__)
    return JudgedFile(reading.queries, reading.bad)
