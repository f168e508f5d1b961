"""The queue in a file that carries jobs from any process to the worker, and the worker.

Each run of a job leaves a line in the log and a note of how it ended, for the overview.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, wraps
from typing import Any

from huey import SqliteHuey
from huey.api import TaskWrapper
from huey.consumer import Consumer
from huey.exceptions import TaskLockedException
from sqlalchemy.orm import Session

from app import clock
from app.config import Config
from app.connectors.base import Mode
from app.db import Database
from app.discover.indexing import SearchIndex
from app.harvest import reaching
from app.harvest.turns import Turns
from app.jobs.tasks import (
    ONE_AT_A_TIME,
    TASKS,
    TIMETABLE,
    Parts,
    check_links,
    count_expertise,
    find_duplicates,
    follow_index,
    harvest,
    tend_items,
    train,
)
from app.vault import Vault

THREADS = 7  # three for harvests, one for training, one for links, two for what is short
HARVESTS_AT_ONCE = 3
AGAIN_AFTER_SECONDS = 5
PATIENCE_AT_END = timedelta(seconds=10)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LastRun:
    """How a job's latest run ended. `error` is empty when it went well."""

    job: str
    ended_at: datetime
    took: timedelta
    error: str


class Worker(Consumer):
    """Works off the jobs; whichever signal ends it, what must end softly is told first."""

    def __init__(self, queue: SqliteHuey, at_end: Callable[[], None]) -> None:
        """Take the queue, and what to do before the threads end."""
        super().__init__(queue, workers=THREADS, initial_delay=0.1, max_delay=0.5, flush_locks=True)
        self._at_end = at_end

    def stop(self, graceful: bool = False) -> None:
        """Take no more jobs, and end."""
        self.stop_flag.set()
        self._at_end()
        super().stop(graceful=graceful)


class Jobs:
    """The job queue of one Foyer: put jobs in from anywhere, work them off in the worker."""

    def __init__(self, config: Config) -> None:
        """Use the queue in the data folder; nothing is opened yet."""
        self._config = config
        self._ending = threading.Event()
        self._turns = Turns(HARVESTS_AT_ONCE)

    def follow_index_soon(self) -> None:
        """Let the worker bring the search index up to date."""
        self._tasks[follow_index.__name__]()

    def train_soon(self) -> None:
        """Let the worker train the recommender."""
        self._tasks[train.__name__]()

    def check_links_soon(self) -> None:
        """Let the worker check the links that are due; while it does, nothing more happens."""
        self._tasks[check_links.__name__]()

    def harvest_soon(
        self,
        connection_id: int,
        mode: Mode | None = None,
        *,
        dry: bool = False,
        asked_by: str = "",
    ) -> None:
        """Let the worker read a tool; `asked_by` names who wants it, empty where it is due."""
        self._harvest_task(connection_id, mode.value if mode else None, dry, asked_by)

    def after_commit(self, session: Session) -> None:
        """Let the index follow a change of items, and items a change of rules."""
        if session.info.pop("index_outdated", False):
            self.follow_index_soon()
        if session.info.pop("care_outdated", False):
            self._tasks[tend_items.__name__]()

    def waiting(self) -> int:
        """Return how many jobs wait for the worker."""
        return int(self._huey.pending_count())

    def last_runs(self) -> list[LastRun]:
        """Return how each job that has run at all ended last, in the order of the list above."""
        names = [*(task.__name__ for task in TASKS), harvest.__name__]
        found = (self._huey.get(note_key(name), peek=True) for name in names)
        return [run for run in found if isinstance(run, LastRun)]

    def worker(self) -> Consumer:
        """Return the worker: `run` works until a signal ends it.

        Its threads are enough for the index to go on following while tools are read and a
        training lasts. At its end, harvests stop at their next step and go on after a new start.
        """
        logging.getLogger("huey").setLevel(logging.WARNING)
        _ = self._parts, self._harvest_task
        log.info("the worker knows %s, %s", ", ".join(self._tasks), harvest.__name__)
        for task, times in TIMETABLE:
            name = f"{task.__name__}_on_time"
            self._huey.periodic_task(times, name=name)(self._noted(task))
        self._tasks[find_duplicates.__name__]()  # what was imported before there were keys
        self._tasks[count_expertise.__name__]()  # what was finished before anybody counted
        return Worker(self._huey, self._end_harvests)

    def _end_harvests(self) -> None:
        self._ending.set()
        self._turns.wait_for_all(PATIENCE_AT_END)

    def close(self) -> None:
        """Give back what the worker has opened."""
        if "_parts" in vars(self):
            self._parts.database.close()
            self._parts.index.close()

    @cached_property
    def _huey(self) -> SqliteHuey:
        self._config.queue_path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("foyer", filename=str(self._config.queue_path), results=False)

    @cached_property
    def _tasks(self) -> dict[str, Callable[[], Any]]:
        return {
            task.__name__: self._huey.task(name=task.__name__)(self._noted(task)) for task in TASKS
        }

    @cached_property
    def _parts(self) -> Parts:
        config = self._config
        index = SearchIndex(config.index_dir, config.search_engine, config.semantic_dir)
        database = Database(config.database_url)
        vault = Vault(config.secret_key)
        harvesting = reaching.Parts(
            database, vault, after_commit=self.after_commit, ending=self._ending.is_set
        )
        return Parts(config, database, index, harvesting, self.harvest_soon)

    @cached_property
    def _harvest_task(self) -> TaskWrapper:
        def run(connection_id: int, mode: str | None, dry: bool, asked_by: str) -> None:
            with self._turns.one() as mine:
                if mine:
                    self._run(
                        harvest.__name__,
                        lambda: harvest(
                            self._parts, connection_id, mode, dry=dry, asked_by=asked_by
                        ),
                    )
            if not mine and asked_by:
                args = (connection_id, mode, dry, asked_by)
                self._harvest_task.schedule(args=args, delay=AGAIN_AFTER_SECONDS)

        return self._huey.task(name=harvest.__name__)(run)

    def _noted(self, task: Callable[[Parts], None]) -> Callable[[], None]:
        """Return the task so that each of its runs leaves a note, and some run one at a time."""
        name = task.__name__

        @wraps(task)
        def run() -> None:
            alone = self._huey.lock_task(name) if task in ONE_AT_A_TIME else nullcontext()
            with suppress(TaskLockedException), alone:
                self._run(name, lambda: task(self._parts))

        return run

    def _run(self, name: str, action: Callable[[], None]) -> None:
        """Do what a job does, and leave a note of how it ended."""
        began = time.monotonic()
        error = ""
        try:
            action()
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
            log.exception("the job failed", extra={"job": name})
        took = timedelta(seconds=time.monotonic() - began)
        self._note(LastRun(name, clock.now(), took, error))

    def _note(self, run: LastRun) -> None:
        facts = {"job": run.job, "ms": round(run.took.total_seconds() * 1000, 1)}
        log.info("job %(job)s ended after %(ms)s ms", facts, extra=facts)
        self._huey.put(note_key(run.job), run)


def note_key(name: str) -> str:
    """Return where the note of a job's latest run is kept."""
    return f"last-run-{name}"
