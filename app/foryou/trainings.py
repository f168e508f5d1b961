"""Trainings as rows: asked for, under way, ended; and the wish that one stops. None of it commits.

A row says how far its training is. That it is under way is proved by `seen_at`, which the training
moves every few seconds: one that is killed leaves a row that nobody moves any more.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound, Wording
from app.models import Experiment, Training, TrainingState

WAITING = "waiting"
SILENT_FOR = timedelta(minutes=2)
WAITS_FOR = timedelta(minutes=10)
INTERRUPTED = Wording("It was interrupted. A training that begins soon goes on where it stood.")
NOT_TAKEN_UP = Wording("No worker took it up.")
STOPPED = Wording("Somebody stopped it. A training that begins soon goes on where it stood.")


def under_way(session: Session) -> Training | None:
    """Return the training that waits or runs, as far as its row knows."""
    return session.scalar(
        select(Training)
        .where(Training.state == TrainingState.RUNNING.value)
        .order_by(Training.id.desc())
        .limit(1)
    )


def is_lost(training: Training, now: datetime) -> bool:
    """Tell whether nobody has moved the row for so long that nothing can be under way."""
    patience = WAITS_FOR if training.stage == WAITING else SILENT_FOR
    return training.state == TrainingState.RUNNING.value and training.seen_at < now - patience


def ask(session: Session, *, by: int | None, now: datetime) -> Training:
    """Note that a training is wanted, for the worker to take up.

    Raises Conflict while one waits or is under way.
    """
    _locked(session)
    present = under_way(session)
    if present is not None and not is_lost(present, now):
        raise Conflict(Wording("A training is under way already."))
    _end_lost(session, now)
    return _added(session, WAITING, by=by, engine="implicit", now=now)


def want_stop(session: Session, *, now: datetime) -> Training:
    """Let the training under way end at its next step; raise NotFound if there is none.

    One that nobody has taken up yet, or that is lost, ends at once.
    """
    training = under_way(session)
    if training is None:
        raise NotFound(Wording("No training is under way."))
    training.stop_asked_at = training.stop_asked_at or now
    if training.stage == WAITING or is_lost(training, now):
        _end(training, TrainingState.STOPPED, STOPPED, now)
    session.flush()
    return training


def begin(session: Session, *, engine: str, now: datetime) -> Training:
    """Take up the training that waits, or note one that nobody asked for; whoever calls trains.

    No other can be under way, since there is one lock for all: whatever says so was killed.
    """
    _locked(session)
    running = list(
        session.scalars(select(Training).where(Training.state == TrainingState.RUNNING.value))
    )
    waiting = [each for each in running if each.stage == WAITING]
    for each in running:
        if each not in waiting[-1:]:
            _end(each, TrainingState.FAILED, INTERRUPTED, now)
    if not waiting:
        return _added(session, "data", by=None, engine=engine, now=now)
    mine = waiting[-1]
    mine.stage, mine.engine, mine.started_at, mine.seen_at = "data", engine, now, now
    session.flush()
    return mine


def moved(session: Session, training_id: int, *, stage: str, share: float, now: datetime) -> bool:
    """Write how far a training is; tell whether somebody wants it to stop."""
    session.execute(
        update(Training)
        .where(Training.id == training_id, Training.state == TrainingState.RUNNING.value)
        .values(stage=stage, share=min(max(share, 0.0), 1.0), seen_at=now)
        .execution_options(synchronize_session=False)
    )
    asked = select(Training.stop_asked_at).where(Training.id == training_id)
    return session.scalar(asked) is not None


def end(
    session: Session,
    training_id: int,
    state: TrainingState,
    outcome: str,
    *,
    model: str = "",
    now: datetime,
) -> None:
    """Write how a training ended; `model` is the name by which its model is kept."""
    training = session.get(Training, training_id)
    if training is not None:
        _end(training, state, outcome, now)
        training.model = model
        session.flush()


def needed_models(session: Session) -> frozenset[str]:
    """Return the names of the models that experiments which run compare."""
    rows = session.execute(select(Experiment.a, Experiment.b).where(Experiment.ended_at.is_(None)))
    return frozenset(str(side.get("model", "")) for row in rows for side in row)


def _added(session: Session, stage: str, *, by: int | None, engine: str, now: datetime) -> Training:
    training = Training(
        state=TrainingState.RUNNING.value,
        engine=engine,
        asked_by_id=by,
        started_at=now,
        seen_at=now,
        stage=stage,
    )
    session.add(training)
    session.flush()
    return training


def _end_lost(session: Session, now: datetime) -> None:
    for each in session.scalars(
        select(Training).where(Training.state == TrainingState.RUNNING.value)
    ):
        never_begun = each.stage == WAITING
        _end(each, TrainingState.FAILED, NOT_TAKEN_UP if never_begun else INTERRUPTED, now)


def _end(training: Training, state: TrainingState, outcome: str, now: datetime) -> None:
    training.state, training.outcome = state.value, str(outcome)
    training.ended_at = training.seen_at = now


def _locked(session: Session) -> None:
    """Let nobody else ask or begin meanwhile: writing locks, on SQLite too."""
    session.execute(
        update(Training)
        .where(Training.state == TrainingState.RUNNING.value)
        .values(stage=Training.stage)
        .execution_options(synchronize_session=False, changes_nothing=True)
    )
