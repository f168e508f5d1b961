"""One training from beginning to end, in the process that calls: row, progress, stop, outcome.

How far it is, is written by a thread beside it in short transactions of its own, once a second at
most, so that a long step does not look like a dead one. A wish to stop, SIGTERM and Ctrl-C all end
it between two steps and leave nothing half-made: what was finished lies in the store's folder of
checkpoints, and a training that begins soon goes on from there.
"""

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.db import Database
from app.errors import Wording
from app.foryou import training, trainings
from app.foryou.training import Progress
from app.models import TrainingState
from recommender.history import Promotion
from recommender.model import TasteFit
from recommender.spark import EngineError
from recommender.store import ModelStore

EVERY_SECONDS = 1.0
log = logging.getLogger(__name__)


class Stopped(Exception):
    """Somebody wants the training to stop."""


class Reporter:
    """Takes how far a training is from the training, and writes it to its row now and then."""

    def __init__(
        self,
        database: Database,
        training_id: int,
        now: Callable[[], datetime] = clock.now,
        tell: Progress | None = None,
    ) -> None:
        """Report on this training to its row, and every step at once to `tell`."""
        self._database = database
        self._training_id = training_id
        self._now = now
        self._tell = tell
        self._at = ("data", 0.0)
        self._stop = threading.Event()
        self._over = threading.Event()

    def __call__(self, stage: str, share: float) -> None:
        """Note a step; raise Stopped if somebody wants the training to stop."""
        self._at = (stage, share)
        if self._tell:
            self._tell(stage, share)
        if self._stop.is_set():
            raise Stopped

    def write(self) -> None:
        """Write how far it is, and see whether it should stop; a busy database waits."""
        stage, share = self._at
        try:
            with self._database.transaction() as session:
                stop = trainings.moved(
                    session, self._training_id, stage=stage, share=share, now=self._now()
                )
        except SQLAlchemyError as error:
            log.warning("the progress cannot be written: %s", type(error).__name__)
            return
        if stop:
            self._stop.set()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write once a second for as long as the context lasts."""
        thread = threading.Thread(target=self._write_on, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _write_on(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            self.write()


@contextmanager
def ending_softly() -> Iterator[None]:
    """Let SIGTERM end this process as Ctrl-C does: by an exception, so that all is tidied up."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run(
    database: Database,
    store: ModelStore,
    *,
    force: bool = False,
    tell: Progress | None = None,
    engine: str = "implicit",
    taste: TasteFit | None = None,
    now: Callable[[], datetime] = clock.now,
) -> Promotion:
    """Train, publish, and write down what came of it.

    `taste` factorises for an `engine` other than implicit. Raises TrainingUnderWay while another
    process trains, Stopped if somebody stops it, and whatever goes wrong; the row says so too.
    """
    with store.training():
        with database.transaction() as session:
            training_id = trainings.begin(session, engine=engine, now=now()).id
        reporter = Reporter(database, training_id, now, tell)
        with _outcome_written(database, training_id, now):
            with reporter.writing():
                promotion = _trained(database, store, reporter, force, engine, taste, now)
            with database.transaction() as session:
                name = promotion.name if promotion.accepted else ""
                done, why = TrainingState.DONE, promotion.why
                trainings.end(session, training_id, done, why, model=name, now=now())
    return promotion


def _trained(
    database: Database,
    store: ModelStore,
    reporter: Reporter,
    force: bool,
    engine: str,
    taste: TasteFit | None,
    now: Callable[[], datetime],
) -> Promotion:
    with database.transaction() as session:
        work = training.prepare(session, store, now=now(), engine=engine)
    return training.train_prepared(
        work, store, progress=reporter, force=force, engine=engine, taste=taste, at=now()
    )


@contextmanager
def _outcome_written(
    database: Database, training_id: int, now: Callable[[], datetime]
) -> Iterator[None]:
    """Write why a training did not come to its end."""

    def ended(state: TrainingState, outcome: str) -> None:
        with database.transaction() as session:
            trainings.end(session, training_id, state, outcome, now=now())

    try:
        yield
    except Stopped:
        ended(TrainingState.STOPPED, trainings.STOPPED)
        raise
    except (KeyboardInterrupt, SystemExit):
        ended(TrainingState.FAILED, trainings.INTERRUPTED)
        raise
    except EngineError as error:
        ended(TrainingState.FAILED, Wording("Spark did not train. %(why)s", why=str(error)))
        raise
    except Exception as error:
        ended(TrainingState.FAILED, Wording("%(error)s ended it.", error=type(error).__name__))
        raise
