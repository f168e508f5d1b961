"""How soon a list knows of what happened: from the commit of an activity to the next list.

    python bench/recommender_freshness.py CATALOGUE_JSONL [--items 50000] [--rounds 200]

builds a portal with the sample company and the given catalogue (multiplied to `--items` when that
is more) and trains a model. Then sample people open an item that their own list offers; from the
commit on until the next list is there, the clock runs: in the process that wrote it, in another one
that shares only the database, and for somebody else. The floor is the same list asked again when
nothing has happened. Each list is checked: what was opened is gone from the own ones, and what
others did is counted. Own work is what the thread itself computed, SQLite's part included.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_WAIT_POLICY"] = "passive"
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from app.access import Viewer
from app.activity import service as activity
from app.auth import service as auth
from app.auth.login import lifetimes
from app.clock import now
from app.config import Config
from app.db import Database
from app.factory import create_app
from app.foryou import service
from app.foryou.room import Room
from app.models import Person, Verb
from bench.pages import _build
from recommender.data import Slate

LIMIT = 20
BUDGET_MS = 50.0
PEOPLE = 20
Taken = tuple[float, float]
"""Milliseconds of own work and by the clock."""


@dataclass(frozen=True, slots=True)
class Process:
    """What one process holds of the portal."""

    database: Database
    room: Room

    def slate(self, viewer: Viewer) -> Slate:
        """Return the list of a reader as of now."""
        with self.database.sessions() as session:
            reader = service.reader_of(session, self.room, viewer, language="en", now=now())
            return service.slate_for(self.room, reader, limit=LIMIT)

    def counted(self, viewer: Viewer, at: int) -> float:
        """Return what is counted of late on the item at a position of the model."""
        model = self.room.models.current()
        assert model is not None
        with self.database.sessions() as session:
            reader = service.reader_of(session, self.room, viewer, language="en", now=now())
            live = reader.live(model)
        assert live is not None
        return float(live.sums("day")[at])


def main() -> None:
    """Build the portal, measure, and print milliseconds."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        environ = {"FOYER_DATA_DIR": folder, "FOYER_DEMO": "1", "FOYER_LOG_LEVEL": "ERROR"}
        _build(options, Path(folder), environ)
        app = create_app(Config.from_env(environ))
        url = app.extensions["foyer"].database.engine.url.render_as_string(hide_password=False)
        writes, other = (Process(Database(url), Room(Path(folder) / "models")) for _ in range(2))
        with app.test_request_context():
            viewers = _viewers(writes.database)
        taken = measured(writes, other, viewers, options.rounds)
    heads = ("own p50", "own p95", "p50", "p95", "worst")
    print(f"{'milliseconds':<34}" + "".join(f"{head:>9}" for head in heads))
    for name, each in taken.items():
        own, clock = np.quantile(each, [0.5, 0.95, 1.0], axis=0).T
        print(f"{name:<34}" + "".join(f"{one:>9.1f}" for one in (*own[:2], *clock)))
    p95 = float(np.quantile(taken["the own next list"], 0.95, axis=0)[0])
    verdict = "reached" if p95 <= BUDGET_MS else "MISSED"
    print(f"{verdict:<8} p95 {p95:.0f} ms of {BUDGET_MS:.0f}, own work")


def measured(
    writes: Process, other: Process, viewers: list[Viewer], rounds: int
) -> Mapping[str, list[Taken]]:
    """Let people open items in turn; return what each list took after the commit."""
    names = ("the own next list", "the same in another process", "the list of somebody else")
    taken: dict[str, list[Taken]] = {name: [] for name in (*names, "nothing happened (floor)")}
    for viewer in viewers:
        writes.slate(viewer), other.slate(viewer)
    for n in range(rounds):
        viewer, neighbour = viewers[n % len(viewers)], viewers[(n + 1) % len(viewers)]
        before = writes.slate(viewer)
        opened = before.items[n % 5]
        with writes.database.transaction() as session:
            activity.record(session, viewer.id, opened, Verb.LAUNCHED, now=now())
        asked = (writes, viewer), (other, viewer), (writes, neighbour), (writes, neighbour)
        for name, (process, reader) in zip(taken, asked, strict=True):
            slate, took = _timed(lambda p=process, r=reader: p.slate(r))
            taken[name].append(took)
            assert reader is not viewer or opened not in slate.items
        _counts(writes, other, neighbour, opened)
    return taken


def _counts(writes: Process, other: Process, viewer: Viewer, item: int) -> None:
    """Check that both processes count the same on an item, and more than at the training."""
    model = writes.room.models.current()
    assert model is not None
    at = int(np.searchsorted(model.items, item))
    here, there = (process.counted(viewer, at) for process in (writes, other))
    assert here > model.counts.recent[0][at]
    assert np.isclose(here, there)


def _timed(ask: Callable[[], Slate]) -> tuple[Slate, Taken]:
    start, work = time.perf_counter(), time.thread_time()
    slate = ask()
    own, clock = time.thread_time() - work, time.perf_counter() - start
    return slate, (own * 1000, clock * 1000)


def _viewers(database: Database) -> list[Viewer]:
    """Return some of the sample people as they are when they are signed in."""
    found = []
    with database.transaction() as session:
        people = session.query(Person).filter(Person.access == "employee").limit(PEOPLE).all()
        for person in people:
            token = auth.start_session(
                session, person, method="bench", user_agent="", lifetimes=lifetimes(), now=now()
            )
            viewer = auth.viewer_of(session, token, now=now())
            assert viewer is not None
            found.append(viewer)
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("--items", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=200)
    return parser.parse_args()


if __name__ == "__main__":
    main()
